"""The shape of a map, chosen by cross-validation inside the calibration data.

Two measures on held-out questions: routing accuracy, and how well the records predict the scores
(R^2 of the gains over the questions' difficulty, by far the steadier). Accuracy rules out what is
clearly worse than the best (by two standard errors of the difference), then the best predictor is
taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .capability import difficulty, posterior, tally
from .clustering import nested
from .crossval import folds, picked_scores
from .shrinkage import Shrinkage, estimated, fixed

Array = np.ndarray

#: Tried by ``clusters="auto"``: families, and clusters (the plateau of the paper is 14 to 140).
FAMILIES = (1, 2, 4, 6, 8, 12)
CLUSTERS = (14, 64, 140)
#: Clusterings a shape is tried with: one is a matter of luck, and a map averages several.
DRAWS = 3
#: The fewest questions a family and a cluster may have on average.
FAMILY_SIZE, CLUSTER_SIZE = 4, 3
#: Standard errors of the difference beyond which a trial is clearly worse than the most accurate.
SLACK = 2.0


@dataclass(frozen=True)
class Shape:
    """Families and clusters of a map, and what its records are shrunk with (None: estimated)."""

    families: int
    clusters: int
    kappa: float | None = None

    def shrinkage(self, gains: Array, labels: Array, family: Array) -> Shrinkage:
        """Pseudo-questions at the root, the families and the clusters, as told or from `gains`."""
        return fixed(self.kappa) if self.kappa else estimated(gains, labels, family)


@dataclass(frozen=True)
class Trial:
    """How a shape did on held-out questions.

    Attributes:
        accuracy: Mean score of the picked members.
        skill: R^2 of the predicted gains.
        equal: Whether it is not clearly less accurate than the best.
    """

    shape: Shape
    accuracy: float
    skill: float
    equal: bool = True


def candidates(n: int, clusters: int | None, families: int | None) -> list[tuple[int, int]]:
    """Pairs of families and clusters that ``n`` questions can fill."""
    tops = [families] if families else [f for f in FAMILIES if f == 1 or f * FAMILY_SIZE <= n]
    if not families and n >= 10 * FAMILIES[-1] * FAMILY_SIZE:
        tops = [f for f in tops if f >= 4]  # few families never win on much data: save the time
    pairs = []
    for top in tops:
        if clusters:
            wanted = [clusters]
        else:
            wanted = [top, *(k for k in CLUSTERS if k > top and k * CLUSTER_SIZE <= n)]
        pairs += [(min(top, k), k) for k in wanted]
    return sorted(set(pairs))


def choose(
    vectors: Array,
    scores: Array,
    *,
    clusters: int | None = None,
    families: int | None = None,
    kappa: float | None = None,
    method: str = "kmeans",
    seed: int = 42,
    parts: int = 5,
) -> tuple[Shape, list[Trial]]:
    """Choose what is not given.

    The clusters know all questions but no score; the records are held out in ``parts`` folds.

    Args:
        vectors: The questions, embedded [n, d].
        scores: float [n, M], NaN for holes, at least one score a question.
        clusters: K, if it is given.
        families: Their number, if it is given.
        kappa: Pseudo-questions a cluster is shrunk with; by default estimated, never tried.
        method: The clustering.
        seed: Seeds clusters and folds.
        parts: Number of folds.

    Returns:
        The shape, and every trial in the order tried.
    """
    pairs = candidates(len(vectors), clusters, families)
    if len(pairs) == 1 or len(scores) < 4:
        return Shape(*pairs[-1], kappa), []
    level = difficulty(scores)
    gains = scores - level[:, None]
    splits = list(folds(len(scores), parts if len(scores) >= 40 else len(scores), seed))
    trials, losses = [], []
    for top, k in pairs:
        shape, means = Shape(top, k, kappa), np.zeros(scores.shape)
        for number in range(DRAWS):
            _, _, family, labels = nested(vectors, k, top, method=method, seed=seed + number)
            means += _held_out(scores, level, labels, family, shape, splits) / DRAWS
        picked = picked_scores(scores, means.argmax(axis=1))
        trials.append(Trial(shape, float(picked.mean()), _skill(gains, means)))
        losses.append(-picked)
    trials = _equals(trials, losses)
    equals = [t for t in trials if t.equal]
    best = max(equals, key=lambda t: (round(t.skill, 9), -t.shape.clusters))
    return best.shape, trials


def _held_out(
    scores: Array,
    level: Array,
    labels: Array,
    family: Array,
    shape: Shape,
    splits: Sequence[tuple[Array, Array]],
) -> Array:
    """Predicted gains of every question by a record that has not seen it, [n, M]."""
    means = np.zeros(scores.shape)
    for fit, held in splits:
        record = tally(scores[fit], labels[fit], len(family), level[fit])
        gains = scores[fit] - level[fit][:, None]
        found = posterior(record, family, shape.shrinkage(gains, labels[fit], family))
        means[held] = (found.mean - record.level[:, None])[labels[held]]
    return means


def _skill(gains: Array, means: Array) -> float:
    """R^2 of the predicted gains."""
    lost = float(np.nansum((gains - means) ** 2))
    total = float(np.nansum(gains**2))
    return 1.0 - lost / total if total else 1.0


def _equals(trials: list[Trial], losses: list[Array]) -> list[Trial]:
    """Mark the trials that are not clearly less accurate than the best."""
    best = min(range(len(losses)), key=lambda i: (round(float(losses[i].sum()), 9), i))
    marked = []
    for trial, loss in zip(trials, losses, strict=True):
        gap = loss - losses[best]
        close = gap.sum() <= SLACK * gap.std() * np.sqrt(len(gap)) + 1e-12
        marked.append(replace(trial, equal=bool(close)))
    return marked
