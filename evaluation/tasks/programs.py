"""Programs that tests judge: MBPP, HumanEval and StudentEval."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from ...prompts import render
from .. import graders
from .forms import tested
from .knowledge import AVENGERS, HARNESS
from .task import Row, Source, Task

RULE = (
    "of the first 100 lines the longest run that is Python; imports, classes, assignments and "
    "functions with 'return' are kept; all tests within 10 s; only the first sample"
)
FAULTS = (
    "a program after 100 lines of reasoning is lost",
    "a function without 'return' is dropped",
    "tests run in the process of the program, which can end it or patch it and pass",
    "there is no vote, though self-consistency is claimed for every set",
)
CORRECTED = (
    "the last block that defines what is asked for, wherever it stands; tests in a process of "
    "their own (the published rule here, too)"
)
_CALLED = re.compile(
    r"assert\s+(?:not\s+)?(?:\w+\.)*?\(*\s*(?:set|sorted|list|tuple|round|abs)?\(*(\w+)\("
)


def called(tests: list[str]) -> str:
    """The function that tests call; "" if they call none.

    Example:
        >>> called(["assert set(similar((3, 4), (5, 4))) == {4}"])
        'similar'
    """
    found = [match[1] for test in tests if (match := _CALLED.search(test))]
    return max(found, key=found.count) if found else ""


def _assertions(text_column: str) -> Any:
    def ask(row: Row) -> str:
        tests = "\n".join(row["test_list"])
        return render("task_function", question=row[text_column], tests=tests)

    def run(row: Row, text: str, published: bool) -> float:
        tests, setup = list(row["test_list"]), row.get("test_setup_code") or ""
        name = called(tests)
        return graders.functions(text, tests, name=name, setup=setup, published=published)

    return tested(ask, run)


def _humaneval(row: Row, text: str, published: bool) -> float:
    name, test = row["entry_point"], row["test"]
    return graders.functions(
        text, [f"{test}\ncheck({name})"], name=name, context=row["prompt"], published=published
    )


program_task = partial(Task, rule=RULE, faults=FAULTS, corrected=CORRECTED)
"""A task whose tests call functions, with what all of these have in common."""

MBPP = program_task(
    name="mbpp",
    title="MBPP",
    used_by="Avengers",
    source="Austin et al. 2021, arXiv 2108.07732, "
    "huggingface.co/datasets/google-research-datasets/mbpp",
    licence="CC BY 4.0",
    columns=("text", "test_list"),
    size=974,
    form=_assertions("text"),
    sources=tuple(
        Source("google-research-datasets/mbpp", "full", split)
        for split in ("train", "validation", "test", "prompt")
    ),
    seen=f"{HARNESS}/mbpp/mbpp.yaml",
)
HUMANEVAL = program_task(
    name="humaneval",
    title="HumanEval",
    used_by="Avengers",
    source="Chen et al. 2021, arXiv 2107.03374, huggingface.co/datasets/openai/openai_humaneval",
    licence="MIT",
    columns=("prompt", "test", "entry_point"),
    size=164,
    rule=f"{RULE}; then check(entry_point)",
    corrected=f"{CORRECTED}; a text that continues the prompt counts as well",
    form=tested(lambda row: render("task_complete", question=row["prompt"]), _humaneval),
    sources=(Source("openai/openai_humaneval"),),
    seen=f"{HARNESS}/humaneval/humaneval.yaml",
)
STUDENTEVAL = program_task(
    name="studenteval",
    title="StudentEval",
    used_by="Avengers, OOD",
    source="Babe et al. 2023, arXiv 2306.04556, "
    "huggingface.co/datasets/wellesley-easel/StudentEval",
    licence="not checked",
    columns=("text", "test_list"),
    size=0,
    form=_assertions("text"),
    seen=f"{AVENGERS}/StudentEval/studenteval.py; the set itself is gated, and has `prompt` and "
    "`assertions` (bigcode-evaluation-harness, bigcode_eval/tasks/studenteval.py)",
)

TASKS = (MBPP, HUMANEVAL, STUDENTEVAL)
