"""Means and paired differences: numbers by hand, and the plain bootstrap beside them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from langgraph_ensemble.evaluation.statistics import difference, mean_of
from scipy import stats


def test_the_sign_test_of_three_equal_signs():
    """Of the eight ways to draw three signs two are as extreme."""
    assert difference(np.ones(3), np.zeros(3)).p == pytest.approx(0.25, abs=0.02)


def test_no_difference_is_within_chance():
    same = difference(np.array([1.0, 0.0] * 20), np.array([1.0, 0.0] * 20))
    assert (same.mean, same.p) == (0.0, 1.0)
    assert same.low == -same.high < 0, "40 questions without a difference do not exclude one"


def test_equal_scores_get_wilsons_interval():
    wilson = stats.binomtest(50, 50).proportion_ci(method="wilson")
    found = mean_of(np.ones(50))
    assert (found.low, found.high) == (pytest.approx(wilson.low), 1.0)


@pytest.mark.parametrize("accuracy", [0.5, 0.8])
def test_counts_give_the_same_interval_as_resampled_values(accuracy):
    rng = np.random.default_rng(1)
    scores = (rng.random(400) < accuracy).astype(float)
    drawn = rng.choice(scores, (4000, 400)).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    found = mean_of(scores)
    assert found.low == pytest.approx(low, abs=0.006)
    assert found.high == pytest.approx(high, abs=0.006)


def test_a_difference_turned_round_changes_its_sign():
    rng = np.random.default_rng(2)
    one, other = rng.random(100), rng.random(100)
    there, back = difference(one, other), difference(other, one)
    assert there.mean == pytest.approx(-back.mean)
    assert there.low == pytest.approx(-back.high, abs=0.01)
    assert there.p == pytest.approx(back.p, abs=0.03)


def test_nothing_has_no_mean():
    assert math.isnan(mean_of(np.array([])).mean)
    assert difference(np.array([]), np.array([])).p is None


def test_intervals_of_pairs_hold_the_truth():
    """A short form of `benchmarks/intervals.py`: 90% against 80%, correlated, 200 questions."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        hard = rng.standard_normal(200)
        one = hard < stats.norm.ppf(0.9)
        other = 0.8 * hard + 0.6 * rng.standard_normal(200) < stats.norm.ppf(0.8)
        found = difference(one.astype(float), other.astype(float))
        held += found.low <= 0.1 <= found.high
    assert 0.9 <= held / 200 <= 0.99
