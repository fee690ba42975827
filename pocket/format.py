"""Extracts what the bundled models read from a graph's prompt: the question, or one draft with it.

The graphs send long English prompts, which models this small cannot follow. The prompts delimit the
relevant parts, so these pure functions find them and write the few tokens that the models were
trained on. The referee reads one draft at a time::

    <question>            What is 17 + 25?
    What is 17 + 25?      7+5+0=12;1+2+1=04;
    </question>      ->   Answer: 42
    <draft id="1">        Right?
    7+5+0=12;1+2+1=04;
    Answer: 42
    </draft>
    ...
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Role = Literal["aggregator", "judge"]

MAX_ANSWER, MAX_WORKING = 40, 64
"""Number of characters of an answer, and of the end of the working, that the referee reads."""

_QUESTION = re.compile(r"<\s*question\b[^>]*>(.*?)<\s*/\s*question\s*>", re.I | re.S)
_DRAFT = re.compile(r"<\s*draft\b([^>]*)>(.*?)(?=<\s*/\s*draft\s*>|<\s*draft\b|\Z)", re.I | re.S)
_NUMBER = re.compile(r"\d+")
_ANSWER = re.compile(r"Answer:\s*(.+)$", re.M)


def final_answer(text: str) -> str:
    r"""The answer of a draft: the text after its last `Answer:`, or its last non-empty line.

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
        text: The user message.

    Returns:
        The question (the whole text if none is delimited) and the (number, text) of each draft; a
        draft without a number is numbered by its position, from 1.
    """
    question = _QUESTION.search(text)
    rest = text[: question.start()] + text[question.end() :] if question else text
    drafts = []
    for place, match in enumerate(_DRAFT.finditer(rest), start=1):
        number = _NUMBER.search(match[1])
        drafts.append((int(number[0]) if number else place, match[2].strip()))
    return (question[1] if question else text).strip(), drafts


def answer_groups(answers: Sequence[str]) -> list[tuple[str, list[int]]]:
    """The distinct answers with their positions, the most frequent first, ties in order.

    Empty answers are left out, unless all are empty.

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


def check_prompt(question: str, draft: str) -> str:
    r"""The prompt with which the referee checks a draft.

    Args:
        question: The question without drafts.
        draft: The whole draft; a long one is cut to the end of its working and the start of its
            answer.

    Example:
        >>> check_prompt("What is 17 + 25?", "7+5+0=12;1+2+1=04;\nAnswer: 42")
        'What is 17 + 25?\n7+5+0=12;1+2+1=04;\nAnswer: 42\nRight?'
    """
    working, _, _ = draft.rpartition("Answer:")
    answer = " ".join(final_answer(draft).split())[:MAX_ANSWER]
    return f"{question}\n{working.strip()[-MAX_WORKING:]}\nAnswer: {answer}\nRight?"


def aggregator_prompt(question: str, candidates: Sequence[str]) -> str:
    """A user message with delimited drafts, as the graphs send it to an aggregator or a judge.

    Args:
        question: The question.
        candidates: The whole drafts, numbered from 1 in this order.

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
