"""The shape of a map, chosen by cross-validation inside the calibration data.

Routing accuracy decides. It is noisy, so shapes within one standard error of the best count as
equals, and among these the one whose records predict held-out scores best is taken (R^2 of the
gains over the questions' difficulty, a far steadier measure).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .capability import difficulty, posterior, tally
from .clustering import nested
from .crossval import folds, picked_scores

Array = np.ndarray

#: Tried by ``clusters="auto"``: families, clusters, and pseudo-questions a cluster is shrunk with.
FAMILIES = (1, 2, 4, 6, 8, 12)
CLUSTERS = (16, 32, 64)
SHRINKAGE = (100.0, 400.0, 1600.0)
#: The fewest questions a family and a cluster may have on average.
FAMILY_SIZE, CLUSTER_SIZE = 4, 3
#: Pseudo-questions at the root and the families: both hold many questions, so these hardly matter.
ROOT, FAMILY = 2.0, 20.0


@dataclass(frozen=True)
class Shape:
    """Families, clusters and shrinkage of a map."""

    families: int
    clusters: int
    kappa: float

    @property
    def shrinkage(self) -> tuple[float, float, float]:
        """Pseudo-questions at the root, the families and the clusters."""
        return ROOT, FAMILY, self.kappa


@dataclass(frozen=True)
class Trial:
    """How a shape did on held-out questions.

    Attributes:
        accuracy: Mean score of the picked members.
        error: Standard error of the difference to the best shape's accuracy.
        skill: R^2 of the predicted gains.
    """

    shape: Shape
    accuracy: float
    error: float
    skill: float


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
        kappa: Pseudo-questions a cluster is shrunk with, if they are given.
        method: The clustering.
        seed: Seeds clusters and folds.
        parts: Number of folds.

    Returns:
        The shape, and every trial in the order tried.
    """
    kappas = [kappa] if kappa else SHRINKAGE
    pairs = candidates(len(vectors), clusters, families)
    if len(pairs) * len(kappas) == 1 or len(scores) < 4:
        (top, k), strength = pairs[-1], kappas[len(kappas) // 2]
        return Shape(top, k, strength), []
    level = difficulty(scores)
    gains = scores - level[:, None]
    splits = list(folds(len(scores), parts if len(scores) >= 40 else len(scores), seed))
    shapes, found = [], []
    for top, k in pairs:
        _, _, family, labels = nested(vectors, k, top, method=method, seed=seed)
        used = [kappas[-1]] if k == top else kappas  # a family of one cluster is its own parent
        for strength in used:
            shapes.append(Shape(top, k, strength))
            means = _held_out(scores, level, labels, family, shapes[-1], splits)
            found.append((picked_scores(scores, means.argmax(axis=1)), _skill(gains, means)))
    return _best(shapes, found)


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
        found = posterior(record, family, shape.shrinkage)
        means[held] = (found.mean - record.level[:, None])[labels[held]]
    return means


def _skill(gains: Array, means: Array) -> float:
    seen = ~np.isnan(gains)
    total = float((gains[seen] ** 2).sum())
    return 1.0 - float(((gains - means)[seen] ** 2).sum()) / total if total else 0.0


def _best(shapes: list[Shape], found: list[tuple[Array, float]]) -> tuple[Shape, list[Trial]]:
    leader = max(range(len(found)), key=lambda i: (round(float(found[i][0].mean()), 9), -i))
    trials = []
    for shape, (scores, skill) in zip(shapes, found, strict=True):
        gap = found[leader][0] - scores
        error = float(gap.std() / np.sqrt(len(gap)))
        trials.append(Trial(shape, float(scores.mean()), error, skill))
    top = trials[leader].accuracy
    equals = [t for t in trials if top - t.accuracy <= t.error + 1e-12]
    return max(equals, key=lambda t: round(t.skill, 9)).shape, trials
