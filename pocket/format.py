"""What the bundled models read: the question alone, or the question and its numbered drafts.

The graphs send long English prompts, which models this small cannot follow. They delimit the
parts that matter, though, so these pure functions find them and write the few tokens that the
models were trained on::

    <question>            What is 17 + 25?
    What is 17 + 25?      1) 42
    </question>      ->   2) 41
    <draft id="1">        3) 42
    7+5+0=12;...          Best answer?
    Answer: 42
    </draft>
    ...
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Role = Literal["specialist", "generalist", "aggregator", "judge"]

MAX_DRAFTS = 6
"""How many drafts the aggregator and the judge were trained to read at most."""

MAX_ANSWER = 40
"""How many characters of a draft's final answer they read at most."""

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


def compact_prompt(
    question: str, answers: Sequence[str], role: Literal["aggregator", "judge"]
) -> str:
    r"""The tokens that the aggregator and the judge were trained on.

    Args:
        question: the question alone.
        answers: final answers of up to `MAX_DRAFTS` drafts; numbered from 1 in this order.
        role: whether to ask for the best answer or for the number of the best draft.

    Example:
        >>> compact_prompt("What is 17 + 25?", ["42", "41"], "judge")
        'What is 17 + 25?\n1) 42\n2) 41\nBest draft?'
    """
    lines = [
        f"{number}) {' '.join(answer.split())[:MAX_ANSWER] or '-'}"
        for number, answer in enumerate(answers[:MAX_DRAFTS], start=1)
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
