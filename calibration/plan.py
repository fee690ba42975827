"""Plan which members are asked which questions: all, or an adaptive choice in rounds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..nodes.base import Run, Step
from .context import CalibrationContext
from .embed import embedded
from .grade import pair_score
from .ledger import Ledger, Question, pages
from .probe import ROUNDS, Race
from .resources import Resources


def make_plan(resources: Resources) -> Step:
    """The node that plans the next round of calls; the ledger keeps the plan.

    Without `probe` one round asks for everything that is not recorded. With it every round asks the
    members that are still in the race (`calibration.probe.Race`), by the grades so far. A round is
    a function of the ledger, so a run that is resumed or restarted makes the same plan.
    """

    async def plan(state: Any, run: Run[CalibrationContext]) -> dict[str, Any]:
        knobs = run.knobs
        number = state["round"]
        async with resources.ledger(state) as ledger:
            if knobs.probe is None:
                pairs = await asyncio.to_thread(everything, resources, ledger, state["questions"])
                limit = len(pairs)
            else:
                _, vectors = await embedded(resources, ledger, knobs.seed, state["questions"])
                pairs, limit = await asyncio.to_thread(
                    next_round, resources, knobs, ledger, vectors, number
                )
            planned = await asyncio.to_thread(ledger.keep_round, number, pairs)
        counts = {"round": number + 1, "rounds": rounds(knobs.probe)}
        return {**counts, "pairs": planned, "limit": limit}

    return plan


def rounds(probe: float | None) -> int:
    """The largest number of rounds."""
    return 1 if probe is None else ROUNDS


def everything(resources: Resources, ledger: Ledger, total: int) -> list[tuple[int, str]]:
    """Every pair of place and member without a recorded score."""
    return [(q.place, m.name) for q in pages(ledger, total) for m in resources.asked(q)]


def next_round(
    resources: Resources,
    knobs: CalibrationContext,
    ledger: Ledger,
    vectors: np.ndarray,
    number: int,
) -> tuple[list[tuple[int, str]], int]:
    """The pairs of round `number` of a race, and the limit of pairs over all rounds."""
    questions = list(pages(ledger, len(vectors)))
    names = _names(resources, questions)
    column = {name: i for i, name in enumerate(names)}
    known = np.full((len(vectors), len(names)), np.nan)
    askable = np.zeros(known.shape, dtype=bool)
    for question in questions:
        for name, score in question.scores.items():
            known[question.place, column[name]] = score
        askable[question.place, [column[m.name] for m in resources.asked(question)]] = True
    race = Race(vectors, known, knobs.probe or 1.0, askable=askable, seed=knobs.seed)
    for past in range(number):
        pairs = race.next_pairs(ROUNDS - past)
        scores = [
            _score(resources, knobs, ledger, questions[place], names[m]) for place, m in pairs
        ]
        race.tell(pairs, scores)
    planned = [(place, names[m]) for place, m in race.next_pairs(ROUNDS - number)]
    return planned, race.limit


def _names(resources: Resources, questions: Sequence[Question]) -> list[str]:
    """The pool's members, followed by members with only recorded scores."""
    asked = [member.name for member in resources.members]
    recorded = {name for question in questions for name in question.scores}
    return asked + sorted(recorded - set(asked))


def _score(
    resources: Resources, knobs: CalibrationContext, ledger: Ledger, question: Question, name: str
) -> float:
    """The score of a pair, NaN if the call failed."""
    score, _ = pair_score(resources, knobs, ledger, question, resources.member(name))
    return float("nan") if score is None else score
