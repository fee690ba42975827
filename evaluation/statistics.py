"""Means and paired differences with bootstrap intervals.

Resamples are drawn as counts of the distinct values, which gives the same distribution as drawing
the values themselves, in a fraction of the time: scores have few distinct values.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

Array = np.ndarray

RESAMPLES = 10_000
_BATCH = 4_000_000
_ADDED = 0.25
"""Weight of each of the two observations that are added to the resampled ones. With none, the
intervals of few questions are too short; `benchmarks/intervals.py` measures the coverage."""
_Z2 = 1.959964**2


class Estimate(NamedTuple):
    """A mean, its 95% interval, and for a difference the probability of one so large by chance."""

    mean: float
    low: float
    high: float
    p: float | None = None


def mean_of(values: Array, seed: int = 42) -> Estimate:
    """The mean of scores from 0 to 1 and its bootstrap interval (percentile, 10,000 resamples).

    A quarter of a right and a quarter of a wrong question are added to the resampled ones. Equal
    scores get Wilson's interval, because resamples of them would say that they are certain.

    Args:
        values: One score for each question, from 0 to 1, float [n].
        seed: Seed of the resamples.

    Example:
        >>> mean_of(np.array([0.0, 1.0, 1.0, 0.0])).mean
        0.5
    """
    return _estimate(values, (0.0, 1.0), seed)


def difference(one: Array, other: Array, seed: int = 42) -> Estimate:
    """The mean of `one - other` on the same questions: paired interval and sign-flip test.

    The interval is that of `mean_of`, with a quarter of a question added that only `one` gets
    right, and of one that only `other` does (Agresti and Min 2005 add a half). The p-value is
    two-sided: how often the mean difference is as large if each question's difference had its sign
    by chance.

    Args:
        one: Scores of a system, float [n].
        other: Scores of another one on the same questions, float [n].
        seed: Seed of the resamples.

    Example:
        >>> difference(np.ones(20), np.zeros(20)).p < 0.01
        True
    """
    change = np.asarray(one, dtype=np.float64) - np.asarray(other, dtype=np.float64)
    if len(change) == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), None)
    mean, low, high, _ = _estimate(change, (-1.0, 1.0), seed)
    return Estimate(mean, low, high, _sign_flips(change, seed))


def _estimate(values: Array, added: tuple[float, float], seed: int) -> Estimate:
    values = np.asarray(values, dtype=np.float64)
    if len(values) == 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    if np.ptp(values) == 0:
        return _of_equal(float(values[0]), len(values), added)
    known = np.concatenate([values, added])
    weights = np.concatenate([np.ones(len(values)), np.full(len(added), _ADDED)])
    distinct, where = np.unique(known, return_inverse=True)
    shares = np.bincount(where, weights=weights) / weights.sum()
    rng = np.random.default_rng(seed)
    lap = max(1, _BATCH // len(distinct))
    laps = [min(lap, RESAMPLES - start) for start in range(0, RESAMPLES, lap)]
    means = np.concatenate(
        [rng.multinomial(len(values), shares, size=size) @ distinct for size in laps]
    )
    mean = float(values.mean())
    low, high = np.quantile(means / len(values), [0.025, 0.975])
    return Estimate(mean, min(float(low), mean), max(float(high), mean))


def _of_equal(value: float, n: int, bounds: tuple[float, float]) -> Estimate:
    """Wilson's interval of n equal observations: how far the mean of further ones may be."""
    share = _Z2 / (n + _Z2)
    low, high = bounds
    return Estimate(value, value - share * (value - low), value + share * (high - value))


def _sign_flips(change: Array, seed: int) -> float:
    """The two-sided p-value; the observed signs count as one of the draws, so it is never 0."""
    sizes, counts = np.unique(np.abs(change[change != 0]).round(12), return_counts=True)
    if not len(sizes):
        return 1.0
    rng = np.random.default_rng(seed)
    drawn = np.zeros(RESAMPLES)
    for size, count in zip(sizes, counts, strict=True):
        drawn += size * (2.0 * rng.binomial(count, 0.5, size=RESAMPLES) - count)
    extreme = int((np.abs(drawn) >= abs(change.sum()) - 1e-9).sum())
    return (1 + extreme) / (1 + RESAMPLES)
