"""What the bundled models read: the question alone, or the question and its drafts' answers.

The graphs send long English prompts, which models this small cannot follow. They delimit the
parts that matter, though, so these pure functions find them and write the few tokens that the
models were trained on: each different answer once, with how many drafts end in it::

    <question>            What is 17 + 25?
    What is 17 + 25?      1(2) 42
    </question>      ->   2(1) 41
    <draft id="1">        Best answer?
    7+5+0=12;...
    Answer: 42
    </draft>
    ...

The count is arithmetic, done here; the model finds out which kind of answer the question asks for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Role = Literal["specialist", "generalist", "aggregator", "judge"]

MAX_ANSWERS = 9
"""How many different answers the aggregator and the judge read at most, the most frequent first."""

MAX_LENGTH = 40
"""How many characters of an answer they read at most."""

_QUESTION = re.compile(r"<\s*question\b[^>]*>(.*?)<\s*/\s*question\s*>", re.I | re.S)
_DRAFT = re.compile(r"<\s*draft\b([^>]*)>(.*?)(?=<\s*/\s*draft\s*>|<\s*draft\b|\Z)", re.I | re.S)
_NUMBER = re.compile(r"\d+")
_ANSWER = re.compile(r"Answer:\s*(.+)$", re.M)
_ASK = {"aggregator": "Best answer?", "judge": "Best draft?"}


def final_answer(text: str) -> str:
    r"""The answer of a draft: after its last ``Answer:``, else its last line that is not empty.

    Example:
        >>> final_answer("7+5+0=12;\nAnswer: 42")
        '42'
    """
    if found := _ANSWER.findall(text):
        return str(found[-1]).strip()
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""


def parse_prompt(text: str) -> tuple[str, list[tuple[int, str]]]:
    """Find the question and the drafts of a graph's prompt.

    Args:
        text: the user message.

    Returns:
        The question (the whole text where none is delimited) and the (number, text) of each
        draft; a draft without a number is numbered by its place, from 1.
    """
    question = _QUESTION.search(text)
    rest = text[: question.start()] + text[question.end() :] if question else text
    drafts = []
    for place, match in enumerate(_DRAFT.finditer(rest), start=1):
        number = _NUMBER.search(match[1])
        drafts.append((int(number[0]) if number else place, match[2].strip()))
    return (question[1] if question else text).strip(), drafts


def answer_groups(answers: Sequence[str]) -> list[tuple[str, list[int]]]:
    """The different answers and the places of each, the most frequent first, ties as they came.

    Empty answers are left out, unless all are.

    Example:
        >>> answer_groups(["42", "41", "42"])
        [('42', [0, 2]), ('41', [1])]
    """
    places: dict[str, list[int]] = {}
    for i, answer in enumerate(answers):
        places.setdefault(" ".join(answer.split()), []).append(i)
    if len(places) > 1:
        places.pop("", None)
    return sorted(places.items(), key=lambda group: -len(group[1]))


def compact_prompt(
    question: str,
    answers: Sequence[str],
    role: Literal["aggregator", "judge"],
    most: int = MAX_ANSWERS,
) -> str:
    r"""The tokens that the aggregator and the judge were trained on.

    Args:
        question: the question alone.
        answers: the drafts' final answers.
        role: whether to ask for the best answer or for its number.
        most: how many different answers to show.

    Example:
        >>> compact_prompt("What is 17 + 25?", ["41", "42", "42"], "judge")
        'What is 17 + 25?\n1(2) 42\n2(1) 41\nBest draft?'
    """
    lines = [
        f"{number}({len(places)}) {answer[:MAX_LENGTH] or '-'}"
        for number, (answer, places) in enumerate(answer_groups(answers)[:most], start=1)
    ]
    return "\n".join([question, *lines, _ASK[role]])


def aggregator_prompt(question: str, candidates: Sequence[str]) -> str:
    """A user message with delimited drafts, as the graphs send it to an aggregator or a judge.

    Args:
        question: the question.
        candidates: the drafts, whole, numbered from 1 in this order.

    Example:
        >>> print(aggregator_prompt("1 + 1?", ["Answer: 2"]))
        <question>
        1 + 1?
        </question>
        <BLANKLINE>
        <draft id="1">
        Answer: 2
        </draft>
    """
    blocks = [f"<question>\n{question}\n</question>"]
    blocks += [
        f'<draft id="{number}">\n{draft}\n</draft>'
        for number, draft in enumerate(candidates, start=1)
    ]
    return "\n\n".join(blocks)


judge_prompt = aggregator_prompt
