"""Who aggregates best: one right draft among wrong ones, as Symbolic-MoE tests for its aggregator.

Source: Chen et al., "Symbolic Mixture-of-Experts", arXiv 2503.05641: the aggregator of a task is
the model that finds the right answer most often among one right and two wrong drafts. The drafts
here are recorded answers, given to each candidate by the graph of MoA-Lite, with its prompt.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..calibration.ledger import content_key
from ..errors import InputError
from ..graphs.moa import create_moa
from ..member import Member
from ..pool import Pool
from ..price import Price
from .recorded import ChatRecorded
from .run import Grader, accepted, evaluate, grade_text
from .statistics import mean_of
from .store import Store
from .systems import System

WRONG = 2
"""Wrong drafts beside the right one, as published."""

Record = Mapping[str, Any]


class UnfinishedError(InputError):
    """A test lacks calls that the store's budget did not allow."""


@dataclass(frozen=True)
class Tested:
    """What a member found as the aggregator.

    Attributes:
        member: Its name.
        accuracy: Share of the questions on which it gave the right answer.
        low: Lower end of the 95% interval.
        high: Upper end.
        questions: Number of questions.
        datasets: The accuracy by data set.
    """

    member: str
    accuracy: float
    low: float
    high: float
    questions: int
    datasets: dict[str, float]


async def aggregation_test(
    records: Sequence[Record],
    pool: Pool | Iterable[Any],
    store: Store,
    *,
    members: Sequence[str] | None = None,
    grade: Grader = accepted,
    grading: str = "accepted",
    seed: int = 42,
    concurrency: int = 8,
) -> list[Tested]:
    """Test each member on one right and two wrong drafts of the same questions.

    Args:
        records: Rows with `said`, what members answered, and accepted `answers`
            (`calibration.records.load_records`). A question counts if there are a right and two
            different wrong texts.
        pool: The members.
        store: Keeps every call, so that a test goes on where it was stopped; its budget is a cap.
        members: Whom to test; by default all members of the pool.
        grade: Grades a text, also for telling right drafts from wrong ones.
        grading: Name of the grader.
        seed: Chooses the drafts and their order.
        concurrency: Number of questions under way.

    Returns:
        The best member first; of equal ones the pool's first.

    Raises:
        InputError: No question has such drafts.
        UnfinishedError: The store's budget ended the test, or the store is not live.

    Example:
        >>> import asyncio, tempfile
        >>> from pathlib import Path
        >>> from langgraph_ensemble.testing import says
        >>> said = {"a": "Answer: 4", "b": "Answer: 5", "c": "Answer: 6"}
        >>> rows = [{"query": "2 + 2?", "answers": ["4"], "said": said}]
        >>> store = Store(Path(tempfile.mkdtemp()) / "calls.sqlite")
        >>> pool = Pool([says("ann", "Answer: 5"), says("ben", "Answer: 4")])
        >>> tested = asyncio.run(aggregation_test(rows, pool, store))
        >>> [(each.member, each.accuracy) for each in tested]
        [('ben', 1.0), ('ann', 0.0)]
    """
    pool = Pool.of(pool)
    drawn = [(record, await _drafts(record, grade, seed)) for record in records]
    usable = [(record, texts) for record, texts in drawn if texts]
    if not usable:
        raise InputError(
            f"none of {len(drawn)} questions has recorded answers of which one is right and "
            f"{WRONG} different ones are wrong"
        )
    questions = [record for record, _ in usable]
    drafts = _drafting([(str(record["query"]), texts) for record, texts in usable])
    mark = content_key([texts for _, texts in usable])[:8]
    names = list(members) if members is not None else pool.names
    systems = {
        name: System(f"aggregation:{mark}:{name}", _graph(drafts, pool.member(name), seed))
        for name in names
    }
    outcomes = await evaluate(
        list(systems.values()), questions, store, pool=pool, grade=grade, grading=grading,
        seed=seed, concurrency=concurrency,
    )  # fmt: skip
    found = []
    for name, system in systems.items():
        each = [one for one in outcomes[system.name] if one is not None]
        if len(each) < len(questions):
            raise UnfinishedError(
                f"the test of {name!r} lacks {len(questions) - len(each)} calls: raise the budget "
                "of the store, and make it live"
            )
        found.append(_tested(name, [_score(one) for one in each], questions))
    return sorted(found, key=lambda each: -each.accuracy)


async def _drafts(record: Record, grade: Grader, seed: int) -> list[str]:
    """One right and two wrong texts in random order; none if there are too few."""
    texts: list[str] = []
    for said in (record.get("said") or {}).values():
        texts += [said] if isinstance(said, str) else [t for t in said if isinstance(t, str)]
    right, wrong = [], []
    for text in dict.fromkeys(filter(None, texts)):
        (right if await grade_text(grade, record, text) >= 0.5 else wrong).append(text)
    if not right or len(wrong) < WRONG:
        return []
    chance = random.Random(f"{seed} {record['query']}")
    chosen = [chance.choice(right), *chance.sample(wrong, WRONG)]
    chance.shuffle(chosen)
    return chosen


def _drafting(known: Sequence[tuple[str, list[str]]]) -> list[Member]:
    """Members that give the drafts of each question."""
    free = Price(input=0, output=0)
    return [
        Member(
            name=f"draft-{place + 1}",
            provider="langchain",
            price=free,
            model=ChatRecorded(name=f"draft-{place + 1}", answers={q: t[place] for q, t in known}),
        )
        for place in range(1 + WRONG)
    ]


def _graph(drafts: Sequence[Member], member: Member, seed: int) -> Any:
    return create_moa(list(drafts), layers=2, aggregator=member, finish="write", seed=seed)


def _score(outcome: Mapping[str, Any]) -> float:
    """What the member itself found: no answer of a substitute, and no draft in its place."""
    return 0.0 if outcome.get("error") or outcome["fell_back"] else float(outcome["score"])


def _tested(name: str, scores: list[float], questions: Sequence[Record]) -> Tested:
    by_set: dict[str, list[float]] = {}
    for record, score in zip(questions, scores, strict=True):
        by_set.setdefault(str(record.get("dataset") or ""), []).append(score)
    whole = mean_of(np.array(scores))
    means = {dataset: float(np.mean(each)) for dataset, each in by_set.items()}
    return Tested(name, whole.mean, whole.low, whole.high, len(scores), means)
