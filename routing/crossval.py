"""Cross-validation of a map's routing inside the calibration data."""

from collections.abc import Iterator

import numpy as np

from .capability import difficulty, posterior, tally

Array = np.ndarray


def folds(n: int, k: int, seed: int, repeats: int = 1) -> Iterator[tuple[Array, Array]]:
    """Random folds as pairs of (questions for fitting, held-out questions)."""
    k = max(2, min(k, n))
    for repeat in range(repeats):
        order = np.random.default_rng((seed, repeat)).permutation(n)
        for part in range(k):
            held = np.sort(order[part::k])
            yield np.setdiff1d(order, held), held


def picked_scores(scores: Array, picks: Array) -> Array:
    """The score of each question's picked member, [n]; missing ones are the question's mean."""
    chosen = scores[np.arange(len(picks)), picks]
    return np.where(np.isnan(chosen), difficulty(scores), chosen)


def held_out_picks(
    scores: Array,
    views: list[tuple[Array, Array]],
    shrinkage: tuple[float, float, float],
    *,
    seed: int,
    parts: int = 5,
) -> Array:
    """Route every question by records without it, int64 [n].

    The clusters are made from the questions without scores, so only the records are held out.

    Args:
        scores: float [n, M], NaN for missing scores.
        views: Labels [n] and families [K] of each clustering.
        shrinkage: As for `posterior`.
        seed: Seed of the folds.
        parts: Number of folds.
    """
    picks = np.zeros(len(scores), dtype=np.int64)
    if len(scores) < 2:
        return picks
    level = difficulty(scores)
    for fit, held in folds(len(scores), parts, seed):
        total = np.zeros((len(held), scores.shape[1]))
        for labels, family in views:
            record = tally(scores[fit], labels[fit], len(family), level[fit])
            total += posterior(record, family, shrinkage).mean[labels[held]]
        picks[held] = total.argmax(axis=1)
    return picks
