"""Means and paired differences with bootstrap intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

Array = np.ndarray

RESAMPLES = 2000


class Estimate(NamedTuple):
    """A mean, its 95% interval, and for a difference the probability of one so large by chance."""

    mean: float
    low: float
    high: float
    p: float | None = None


def mean_of(values: Array, seed: int = 42) -> Estimate:
    """The mean of `values` and its bootstrap interval (percentile, 2,000 resamples).

    Args:
        values: One value for each question, float [n].
        seed: Seed of the resamples.

    Example:
        >>> mean_of(np.array([0.0, 1.0, 1.0, 0.0])).mean
        0.5
    """
    values = np.asarray(values, dtype=np.float64)
    if len(values) == 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    mean = float(values.mean())
    if np.ptp(values) == 0:
        return Estimate(mean, *_of_equal(values))
    found = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=200,
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    low, high = found.confidence_interval
    return Estimate(mean, float(low), float(high))


def difference(one: Array, other: Array, seed: int = 42) -> Estimate:
    """The mean of `one - other` on the same questions: paired interval and sign-flip test.

    The p-value is two-sided: how often the mean difference is as large if each question's
    difference had its sign by chance.

    Args:
        one: Values of a system, float [n].
        other: Values of another one on the same questions, float [n].
        seed: Seed of the resamples.

    Example:
        >>> difference(np.ones(20), np.zeros(20)).p < 0.01
        True
    """
    change = np.asarray(one, dtype=np.float64) - np.asarray(other, dtype=np.float64)
    if len(change) == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), None)
    if not change.any():
        return Estimate(0.0, 0.0, 0.0, 1.0)
    mean, low, high, _ = mean_of(change, seed)
    test = stats.permutation_test(
        (change,),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=200,
        rng=np.random.default_rng(seed),
    )
    return Estimate(mean, low, high, float(test.pvalue))


def _of_equal(values: Array) -> tuple[float, float]:
    """The interval of equal values: of shares, Wilson's; else the value itself."""
    mean = float(values[0])
    if mean not in (0.0, 1.0):
        return mean, mean
    interval = stats.binomtest(int(values.sum()), len(values)).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)
