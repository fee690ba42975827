"""Shared parts of the benchmarks on the simulated provider: models, a pool, a task map."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import HumanMessage
from langgraph_ensemble import Member, Pool, Profile
from langgraph_ensemble.models.ask import Ask, ask
from langgraph_ensemble.testing import DOMAINS, Model, Provider, Question, bank
from langgraph_ensemble.voting import read, same

__all__ = ["NAMES", "Provider", "bank", "calibrated", "models", "one_sample", "right", "team"]

NAMES = ("ann", "ben", "cat", "dan", "eva", "fay")
CALIBRATION, TEST = slice(0, 200), slice(200, 400)


def team(provider: Provider, names: Sequence[str] = NAMES, **more: Any) -> Pool:
    """A pool of members that the provider serves."""
    return Pool([Member(name=n, model=n, base_url=provider.url, retries=2, **more) for n in names])


def models(**more: Any) -> list[Model]:
    """Six models, independent of each other; four are strong in one domain each."""
    members = []
    for place, name in enumerate(NAMES):
        skill = {DOMAINS[place]: 0.97} if place < len(DOMAINS) else {}
        members.append(Model(name, skill=skill, default_skill=0.62 + 0.02 * place, **more))
    return members


def right(question: Question, text: str) -> bool:
    """Whether a text states the question's answer."""
    answer = read(text, question.text)
    return answer is not None and same(answer, question.answer)


async def one_sample(pool: Pool, questions: Sequence[Question]) -> dict[str, list[bool]]:
    """Whether each member's one sample of each question is right."""

    async def each(member: Member, question: Question) -> bool:
        what = Ask(member, [HumanMessage(question.text)], "propose", temperature=0.7, seed=42)
        return right(question, (await ask(what, _silent)).first.text)

    return {
        member.name: list(await asyncio.gather(*(each(member, q) for q in questions)))
        for member in pool
    }


async def calibrated(pool: Pool) -> Profile:
    """A task map from the members' real answers to the calibration half of the bank."""
    questions = bank()[CALIBRATION]
    scores = await one_sample(pool, questions)
    return Profile.fit(
        {
            "query": question.text,
            "scores": {name: float(hits[i]) for name, hits in scores.items()},
        }
        for i, question in enumerate(questions)
    )


def _silent(_: object) -> None:
    """Drop the event."""
