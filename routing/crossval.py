"""Cross-validation inside the calibration data: how well would this map have routed?"""

from collections.abc import Iterator

import numpy as np

from .capability import difficulty, posterior, tally

Array = np.ndarray


def folds(n: int, k: int, seed: int, repeats: int = 1) -> Iterator[tuple[Array, Array]]:
    """Random folds: pairs of (questions to fit on, questions held out)."""
    k = max(2, min(k, n))
    for repeat in range(repeats):
        order = np.random.default_rng((seed, repeat)).permutation(n)
        for part in range(k):
            held = np.sort(order[part::k])
            yield np.setdiff1d(order, held), held


def picked_scores(scores: Array, picks: Array) -> Array:
    """The score of each question's picked member; a hole counts as the question's mean, [n]."""
    chosen = scores[np.arange(len(picks)), picks]
    return np.where(np.isnan(chosen), difficulty(scores), chosen)


def held_out_records(
    scores: Array,
    views: list[tuple[Array, Array]],
    shrinkage: tuple[float, float, float],
    *,
    seed: int,
    parts: int = 5,
) -> Array:
    """The expected accuracy of each member on each question, by records without it, [n, M].

    The clusters know the questions but no scores, so only the records are held out.

    Args:
        scores: float [n, M], NaN for holes.
        views: For each clustering its labels [n] and families [K].
        shrinkage: As for `posterior`.
        seed: Seeds the folds.
        parts: Number of folds.
    """
    expected = np.zeros(scores.shape)
    if len(scores) < 2:
        return expected
    level = difficulty(scores)
    for fit, held in folds(len(scores), parts, seed):
        for labels, family in views:
            record = tally(scores[fit], labels[fit], len(family), level[fit])
            expected[held] += posterior(record, family, shrinkage).mean[labels[held]] / len(views)
    return expected
