"""MMAU as SMoA uses it: plans, calls of tools, mathematics, contests (arXiv 2407.18961)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from ...prompts import render
from .. import graders
from ..graders.mathematics import gold, published_equal
from ..graders.tool_calls import targets_in
from .forms import tested
from .task import Form, Row, Source, Task

_SOURCE = "Yin et al. 2024, arXiv 2407.18961, huggingface.co/datasets/apple/mmau"
_METRICS = "apple/axlearn, axlearn/open_api"
SAMPLE = "SMoA asks 200 rows, drawn with Python's `random` and seed 42"
_task = partial(Task, used_by="SMoA", source=_SOURCE, licence="CC BY-SA 4.0")


def _file(name: str) -> tuple[Source, ...]:
    return (Source("apple/mmau", file=f"{name}_20240712.jsonl"),)


def conversation(messages: list[Mapping[str, Any]]) -> str:
    r"""Messages in OpenAI's form as a prompt; a single one of a user as it is.

    Example:
        >>> conversation([{"role": "user", "content": "Add 1 to 1."}])
        'Add 1 to 1.'
        >>> call = {"function": {"name": "add", "arguments": "{}"}}
        >>> asked = {"role": "user", "content": "Hi"}
        >>> conversation([asked, {"role": "assistant", "tool_calls": [call]}])
        'user: Hi\n\nassistant calls: [{"name": "add", "arguments": "{}"}]'
    """
    if not isinstance(messages, list) or not messages:
        raise TypeError("messages are a list")
    if len(messages) == 1 and messages[0]["role"] == "user":
        return str(messages[0]["content"])
    return "\n\n".join(map(_turn, messages))


def _turn(message: Mapping[str, Any]) -> str:
    role, said = message["role"], message.get("content")
    text = said if isinstance(said, str) else "" if said is None else json.dumps(said)
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    made = f"{role} calls: {json.dumps(calls, ensure_ascii=False)}" if calls else ""
    return "\n".join(filter(None, [f"{role}: {text}" if text or not calls else "", made]))


def _final(text: str) -> str:
    """What follows the last mark that the data set's prompt asks for; "" without one."""
    return text.rpartition("#ANSWER#")[2].strip(" \n:*") if "#ANSWER#" in text else ""


def _mathematics(row: Row, text: str) -> float:
    question, answer = str(row["raw_problem"]), row["gt_answer"]
    final = _final(text)
    said = f"Answer: {final}" if final and "\n" not in final else final or text
    return graders.mathematics(question, answer, said)


def _tools(row: Row) -> str:
    functions = [tool.get("function", tool) for tool in row["tools"]]
    tools = "\n".join(json.dumps(function, ensure_ascii=False) for function in functions)
    return render("task_tools", tools=tools, conversation=conversation(row["messages"]))


def _calls(row: Row, text: str, published: bool) -> float:
    grade = graders.published_tool_calls if published else graders.tool_calls
    return grade(row["target_message"], text, row.get("target_message_match_rules") or ())


def _accepted(row: Row) -> str:
    """The accepted calls as JSON, or the accepted words."""
    targets = targets_in(row["target_message"])
    shown = [{"name": name, "arguments": arguments} for name, arguments in targets]
    words = str(row["target_message"].get("content") or "")
    return json.dumps(shown, ensure_ascii=False) if shown else words


def _contest(row: Row, text: str, published: bool) -> float:
    parts = [row.get(f"{kind}_tests") or {} for kind in ("public", "private", "generated")]
    cases = [
        case
        for part in parts
        for case in zip(part.get("input", ()), part.get("output", ()), strict=True)
    ]
    return (graders.published_scripts if published else graders.scripts)(text, cases)


PLAN = _task(
    name="mmau_plan",
    title="MMAU, DAG QA: the plan that uses tools rightly",
    columns=("messages", "target_plan_number"),
    size=200,
    rule="the first 'Chosen Plan: N'",
    faults=(
        "a plan that the text takes back counts",
        "'Chosen Plan: **2**' is not read",
        SAMPLE,
    ),
    corrected="the last chosen plan, or the marked answer, in any notation",
    form=Form(
        ask=lambda row: conversation(row["messages"]),
        answer=lambda row: str(int(row["target_plan_number"])),
        grade=lambda row, text: graders.plan(int(row["target_plan_number"]), text),
        published=lambda row, text: graders.published_plan(int(row["target_plan_number"]), text),
    ),
    sources=_file("tool_use_plan_with_reasoning_all"),
    seen=f"{_METRICS}/eval_set/mmau.py, metrics/tool_use_plan.py; SMoA takes "
    "tool_use_plan_triple_with_reasoning_20240712.jsonl",
)
TOOLS = _task(
    name="mmau_tools",
    title="MMAU, calls of tools",
    used_by="MMAU; not in SMoA",
    columns=("messages", "tools", "target_message"),
    size=1000,
    rule="as many calls as accepted, each with its name and arguments: texts without spaces and "
    "without , . / - _ * ? + ^, or by the row's rules; words are those accepted to the letter",
    faults=(
        "-5 equals 5, and 1.5 equals 15, where they are texts; 5 and '5' differ",
        "each call takes the first target that it matches, so that right calls may be left over",
        "an answer in words is right only if it is the accepted one, letter by letter",
    ),
    corrected="words and numbers by value, calls assigned as a whole; where no call is accepted, "
    "making none is right. Calls are asked for as JSON in the text, not by an interface for tools",
    form=Form(
        ask=_tools,
        answer=_accepted,
        grade=lambda row, text: _calls(row, text, False),
        published=lambda row, text: _calls(row, text, True),
    ),
    sources=_file("tool_use_execution_all"),
    seen=f"{_METRICS}/eval_set/mmau.py, metrics/tool_use_execution.py",
)
MATHEMATICS = _task(
    name="mmau_math",
    title="MMAU, mathematics",
    columns=("messages", "raw_problem", "gt_answer"),
    size=200,
    rule="a text without '#ANSWER#' has no answer; otherwise GPT-4o compares the whole text with "
    "the accepted answer (here: equal as text or to sympy)",
    faults=(
        "a text without '#ANSWER#' is left out of the accuracy, so that a model that forgets it "
        "gains",
        "SMoA's scripts grade at most 115 answers (23 pieces of five) and divide by 200: no system "
        "can reach 58%",
        SAMPLE,
    ),
    corrected="any marked answer; equality by math-verify, numbers by value",
    form=Form(
        ask=lambda row: conversation(row["messages"]),
        answer=lambda row: gold(row["gt_answer"]),
        grade=_mathematics,
        published=lambda row, text: published_equal(_final(text), gold(row["gt_answer"])),
    ),
    sources=_file("math_standard"),
    seen=f"{_METRICS}/eval_set/mmau.py, metrics/math.py; SMoA takes math_understand_20240712.jsonl",
)
CODE_CONTESTS = _task(
    name="code_contests",
    title="MMAU, contests (CodeContests)",
    source=f"Li et al. 2022, arXiv 2203.07814; {_SOURCE}",
    columns=("description", "public_tests"),
    size=200,
    rule="the first block of Python passes all tests within 3 s; outputs are compared without "
    "spaces",
    faults=(
        "'1 2' equals '12'",
        "the tolerance for decimal numbers never applies: abs() of a text raises TypeError, which "
        "counts as unequal",
        "a first block that is a sketch hides the program after it",
        SAMPLE,
    ),
    corrected="the last program; words of the output compared, decimal numbers to 1e-4; all tests "
    "that a row holds, in the sandbox",
    form=tested(lambda row: render("task_program", question=row["description"]), _contest),
    sources=_file("code_contests_regular"),
    seen=f"{_METRICS}/eval_set/mmau.py, metrics/code_contests.py",
)

TASKS = (PLAN, TOOLS, MATHEMATICS, CODE_CONTESTS)
