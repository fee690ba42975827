"""The number of a plan that a text chooses (MMAU's DAG QA, arXiv 2407.18961)."""

from __future__ import annotations

import re

from ...voting.marked import marked
from ...voting.texts import prepared

_PUBLISHED = re.compile(r"\*{0,2}Chosen Plan:\*{0,2}\s+(\d+)")
_CHOSEN = re.compile(
    r"\bchosen\s{1,5}plan\b\W{0,12}(?:(?:is|number|no|plan)\b\W{0,6}){0,2}(\d{1,6})\b",
    re.IGNORECASE,
)
_PLAN = re.compile(r"\bplan\W{0,6}(?:(?:number|no)\b\W{0,6})?(\d{1,6})\b", re.IGNORECASE)
_ALONE = re.compile(r"\W{0,6}(?:plan\W{0,6})?(\d{1,6})\W{0,6}", re.IGNORECASE)
_NUMBER = re.compile(r"\W*(\d{1,6})\b")


def plan(answer: int, text: str) -> float:
    r"""1 if the last plan that a text calls chosen, or marks as its answer, is the right one.

    Example:
        >>> plan(2, "**Chosen Plan:** 1? No.\n\n**Chosen Plan: 2**"), plan(2, "Answer: Plan 2")
        (1.0, 1.0)
    """
    text = prepared(text)
    if found := _CHOSEN.findall(text):
        return float(int(found[-1]) == answer)
    mark = marked(text)
    said = _ALONE.fullmatch(text) if mark is None else _PLAN.search(mark) or _NUMBER.match(mark)
    return float(said is not None and int(said[1]) == answer)


def published_plan(answer: int, text: str) -> float:
    """The published rule: the first "Chosen Plan: N".

    Example:
        >>> published_plan(2, "Chosen Plan: 1? No. Chosen Plan: 2"), published_plan(2, "Plan 2")
        (0.0, 0.0)
    """
    found = _PUBLISHED.search(text)
    return float(found is not None and len(found[1]) < 10 and int(found[1]) == answer)
