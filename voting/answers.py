"""Answers of drafts, as the graphs keep them: read, grouped, and the one most others agree with."""

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
    """The drafts with the answer of each, read for this question; None where it has none.

    A text that only makes sense as a whole, such as an essay, is no answer to be counted.
    """
    kind = kind_of(question, [draft["text"] for draft in drafts])
    if kind == "text":
        kind = "classification"
    return [{**draft, "answer": read(draft["text"], question, kind)} for draft in drafts]


def ballots(drafts: Sequence[Draft], question: str = "") -> list[Ballot]:
    """Group drafts by equal answer, in the order in which the answers first appear.

    Args:
        drafts: With their `answer`; those without one abstain.
        question: What was asked: how answers are compared follows from it.
    """
    kind = kind_of(question, [draft["text"] for draft in drafts]) if question else "auto"
    if kind in ("text", "classification", "number"):
        kind = "auto"
    found: dict[str, Ballot] = {}
    for draft in drafts:
        answer = draft["answer"]
        if answer is not None:
            found.setdefault(key(answer, kind), Ballot(answer, [])).drafts.append(draft)
    return list(found.values())


def plurality(drafts: Sequence[Draft], question: str) -> Draft:
    """The draft that most others agree with; the first of them where several do."""
    groups = ballots(answered(drafts, question), question)
    if not groups:
        return most_alike(drafts)
    largest = max(groups, key=lambda ballot: len(ballot.drafts))
    return largest.drafts[0]


def most_alike(drafts: Sequence[Draft]) -> Draft:
    """The draft whose words the others share most: a consensus where nothing can be counted."""
    return drafts[most_alike_text([draft["text"] for draft in drafts])]
