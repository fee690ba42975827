"""Test in which form a model can judge: by one letter, in JSON, or not at all.

A model below a billion parameters often cannot follow a judge's instructions. The test has three
questions with known answers, each with the right draft in two positions, in each form.
"""

from __future__ import annotations

from typing import Any

from langchain_core.messages import HumanMessage

from ..member import Member
from ..nodes.base import Run
from ..nodes.context import SmoaContext
from ..nodes.judge import judgement

EXAM = (
    ("What is 4 + 5?", "4 + 5 is 9.", "4 + 5 is 11.", "4 + 5 is 8."),
    ("Which animal barks?", "A dog barks.", "A fish barks.", "A snail barks."),
    ("What is the capital of France?", "It is Paris.", "It is Berlin.", "It is Madrid."),
)
"""A question, its right answer, and two wrong ones."""
FORMS = ("letter", "json_schema")
ENOUGH = 5
"""Number of right judgements, of six, from which on a form is usable."""


async def judging(member: Member) -> dict[str, int]:
    """The number of right judgements of a model, of six, in each form.

    Example:
        >>> import asyncio
        >>> judge = Member(name="judge", provider="pocket", model="judge")
        >>> asyncio.run(judging(judge))["letter"] <= 6
        True
    """
    counts = {}
    for form in FORMS:
        judge = member.model_copy(update={"structured": form})
        hits = [await _right(judge, item, place) for item in EXAM for place in (0, 2)]
        counts[form] = sum(hits)
    return counts


def advice(counts: dict[str, int]) -> str:
    """Advice for the pool file: the best form that is good enough.

    Example:
        >>> advice({"letter": 6, "json_schema": 2})
        'structured: letter'
        >>> advice({"letter": 3, "json_schema": 2})
        'name another judge'
    """
    best = max(FORMS[::-1], key=lambda form: counts[form])
    return f"structured: {best}" if counts[best] >= ENOUGH else "name another judge"


async def _right(judge: Member, item: tuple[str, ...], place: int) -> bool:
    """Whether the judge ranks the right draft first if it stands at position `place`."""
    question, right, *wrong = item
    texts = [*wrong[:place], right, *wrong[place:]]
    shown: list[Any] = [{"id": str(i), "text": text} for i, text in enumerate(texts)]
    state = {"messages": [HumanMessage(question)], "layer": 1, "calls": []}
    said = await judgement(judge, state, shown, Run(SmoaContext(k=1)))
    verdict = said["verdict"]
    return verdict is not None and verdict["chosen"][0] == place + 1
