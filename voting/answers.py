"""Answers of the graphs' drafts: read them, group them, and find the one with most agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..records import Draft
from .counting import most_alike as most_alike_text
from .kinds import kind_of
from .reading import abstains, key, read

__all__ = ["Ballot", "abstains", "answered", "ballots", "most_alike", "plurality"]


@dataclass
class Ballot:
    """One answer with the drafts that gave it."""

    answer: str
    drafts: list[Draft]


def answered(drafts: Sequence[Draft], question: str) -> list[Draft]:
    """The drafts with their answers to this question; None for drafts without one.

    A text that only makes sense as a whole, such as an essay, is not an answer that can be counted.
    """
    kind = kind_of(question, [draft["text"] for draft in drafts])
    if kind == "text":
        kind = "classification"
    return [{**draft, "answer": read(draft["text"], question, kind)} for draft in drafts]


def ballots(drafts: Sequence[Draft], question: str = "") -> list[Ballot]:
    """Group drafts by equal answer, in the order in which the answers first appear.

    Args:
        drafts: Drafts with `answer`; those without one abstain.
        question: The question, which decides how answers are compared.
    """
    kind = kind_of(question, [draft["text"] for draft in drafts]) if question else "auto"
    if kind in ("text", "classification", "number"):
        kind = "auto"
    groups: dict[str, Ballot] = {}
    for draft in drafts:
        answer = draft["answer"]
        if answer is not None:
            groups.setdefault(key(answer, kind), Ballot(answer, [])).drafts.append(draft)
    return list(groups.values())


def plurality(drafts: Sequence[Draft], question: str) -> Draft:
    """The draft with which most others agree; the first of them if there are several."""
    groups = ballots(answered(drafts, question), question)
    if not groups:
        return most_alike(drafts)
    largest = max(groups, key=lambda ballot: len(ballot.drafts))
    return largest.drafts[0]


def most_alike(drafts: Sequence[Draft]) -> Draft:
    """The draft that shares most words with the others, if answers cannot be counted."""
    return drafts[most_alike_text([draft["text"] for draft in drafts])]
