"""Which system to use within a budget, from outcomes that are there.

A system is chosen for its mean on the questions that were seen, so its own mean there flatters it.
The expected accuracy is therefore cross-fitted: in each of ten folds the system that the others
choose is scored on the questions of the fold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError

Array = np.ndarray

FOLDS = 10
Z95 = 1.959964


@dataclass(frozen=True)
class Expected:
    """An expected mean with its 95% interval for the mean over so many further questions."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Candidate:
    """A system as it did on the questions that were seen.

    Attributes:
        name: Name of the system.
        accuracy: Mean score.
        cost_usd: Mean US dollars a question; None if a price is unknown.
        calls: Mean number of calls.
        seconds: Mean seconds a question, the slowest call of each step summed.
        fits: Whether it keeps the limits.
    """

    name: str
    accuracy: float
    cost_usd: float | None
    calls: float
    seconds: float
    fits: bool


@dataclass(frozen=True)
class Plan:
    """The system to use, and what to expect of it.

    Attributes:
        system: Its name.
        accuracy: The expected mean score.
        cost_usd: The expected US dollars a question; None if a price is unknown.
        seconds: The expected seconds a question.
        questions: Number of questions it is planned from, and of further ones that the intervals
            are for.
        candidates: All systems, best first.
    """

    system: str
    accuracy: Expected
    cost_usd: Expected | None
    seconds: Expected
    questions: int
    candidates: list[Candidate]


@dataclass(frozen=True)
class _Table:
    names: list[str]
    scores: Array
    costs: Array
    seconds: Array
    calls: Array


def plan(
    outcomes: Mapping[str, Sequence[Mapping[str, Any] | None]],
    *,
    budget_usd: float | None = None,
    accuracy: float | None = None,
    seconds: float | None = None,
) -> Plan:
    """The best system within limits, or the cheapest one that is accurate enough.

    Args:
        outcomes: The outcome of each system on each question (`evaluation.run`); questions that a
            system lacks are left out for all.
        budget_usd: Most US dollars a question, on average.
        accuracy: Least mean score; then the cheapest system with it is chosen, by cost where all
            prices are known, else by calls.
        seconds: Most seconds a question, on average.

    Raises:
        InputError: Fewer than 20 questions are answered by all systems, a budget is given and no
            price is known, or nothing keeps the limits.

    Example:
        >>> right = {"score": 1.0, "cost_usd": 0.01, "seconds": 1.0, "calls": 1}
        >>> dear = [{**right, "cost_usd": 1.0}] * 40
        >>> cheap = [right, {**right, "score": 0.0}] * 20
        >>> made = plan({"dear": dear, "cheap": cheap}, budget_usd=0.1)
        >>> made.system, made.accuracy.mean
        ('cheap', 0.5)
    """
    table = _table(outcomes)
    count = table.scores.shape[1]
    if count < 20:
        raise InputError(
            f"a plan needs at least 20 questions that all systems answered, not {count}"
        )
    if budget_usd is not None and np.isnan(table.costs).all():
        raise InputError(
            "no price is known: give the members of the pool a 'price', or leave --budget"
        )
    limits = {"budget_usd": budget_usd, "accuracy": accuracy, "seconds": seconds}
    rows = np.arange(count)
    chosen, fits = _choice(table, rows, **limits)
    if chosen is None:
        raise InputError(_nothing_fits(table, limits))
    picked = np.full(count, chosen)
    folds = np.random.default_rng(42).permutation(count) % FOLDS
    for fold in range(FOLDS):
        held = folds == fold
        other, _ = _choice(table, rows[~held], **limits)
        picked[held] = chosen if other is None else other
    costs = table.costs[picked, rows]
    return Plan(
        system=table.names[chosen],
        accuracy=_expected(table.scores[picked, rows], share=True),
        cost_usd=None if np.isnan(costs).any() else _expected(costs),
        seconds=_expected(table.seconds[picked, rows]),
        questions=count,
        candidates=_candidates(table, fits),
    )


def _choice(
    table: _Table,
    rows: Array,
    *,
    budget_usd: float | None,
    accuracy: float | None,
    seconds: float | None,
) -> tuple[int | None, Array]:
    """The best system on these questions, and which ones keep the limits."""
    scores, costs = table.scores[:, rows].mean(axis=1), table.costs[:, rows].mean(axis=1)
    calls, waits = table.calls[:, rows].mean(axis=1), table.seconds[:, rows].mean(axis=1)
    fits = np.ones(len(table.names), dtype=bool)
    if budget_usd is not None:
        # An unknown price may be any.
        fits &= np.nan_to_num(costs, nan=math.inf) <= budget_usd
    if seconds is not None:
        fits &= waits <= seconds
    if accuracy is not None:
        fits &= scores >= accuracy
    if not fits.any():
        return None, fits
    price = calls if np.isnan(costs).any() else costs
    first, second = (price, -scores) if accuracy is not None else (-scores, price)
    order = np.lexsort((np.round(second, 12), np.round(first, 12)))
    return next(int(place) for place in order if fits[place]), fits


def _table(outcomes: Mapping[str, Sequence[Mapping[str, Any] | None]]) -> _Table:
    names = list(outcomes)
    rows = [row for row in zip(*outcomes.values(), strict=True) if all(one for one in row)]

    def values(field: str) -> Array:
        each = [[_number(one, field) for one in row] for row in rows]
        return np.array(each, dtype=np.float64).reshape(len(rows), len(names)).T

    return _Table(names, values("score"), values("cost_usd"), values("seconds"), values("calls"))


def _number(outcome: Mapping[str, Any] | None, field: str) -> float:
    value = (outcome or {}).get(field)
    if value is None:
        # A run without an answer made calls that nobody knows; a price may be missing.
        return math.nan if field == "cost_usd" else 0.0
    return float(value)


def _expected(values: Array, *, share: bool = False) -> Expected:
    """The mean, and where that of as many further questions lies 19 times of 20.

    Both means vary, so the interval is the square root of two times as wide as that of the mean.
    """
    count, mean = len(values), float(values.mean())
    # One more right and one more wrong answer, so that a perfect half promises no perfection.
    variance = float(values.var(ddof=1))
    if share:
        smooth = (values.sum() + 1) / (count + 2)
        variance = max(variance, smooth * (1 - smooth) * (variance == 0))
    half = Z95 * math.sqrt(2 * variance / count)
    low, high = mean - half, mean + half
    return Expected(mean, max(0.0, low), min(1.0, high) if share else high)


def _candidates(table: _Table, fits: Array) -> list[Candidate]:
    made = []
    for place, name in enumerate(table.names):
        cost = float(table.costs[place].mean())
        made.append(
            Candidate(
                name,
                float(table.scores[place].mean()),
                None if math.isnan(cost) else cost,
                float(table.calls[place].mean()),
                float(table.seconds[place].mean()),
                bool(fits[place]),
            )
        )
    return sorted(made, key=lambda each: (not each.fits, -each.accuracy))


def _nothing_fits(table: _Table, limits: Mapping[str, float | None]) -> str:
    """One line with the nearest that there is."""
    said = ", ".join(f"{name} {value:g}" for name, value in limits.items() if value is not None)
    best = max(_candidates(table, np.ones(len(table.names), dtype=bool)), key=lambda c: c.accuracy)
    cost = "at an unknown cost" if best.cost_usd is None else f"for ${best.cost_usd:.6f} a question"
    return (
        f"nothing keeps the limits ({said}); the most accurate is {best.name} with "
        f"{100 * best.accuracy:.1f}% {cost}, {best.seconds:.1f} s"
    )
