"""Choose the shape of a map by cross-validation inside the calibration data.

There are two measures on held-out questions: routing accuracy, and how well the records predict the
scores (R^2 of the gains over the questions' difficulty, which is much less noisy). Accuracy rules
out shapes that are clearly worse than the best (by two standard errors of the difference). The
others count as equal if they are within one standard error of the best predictor; of these, the
ones with the strongest shrinkage are kept (the one-standard-error rule of Breiman et al. 1984), and
the best predictor among them is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .capability import Tally, difficulty, posterior, tally
from .clustering import nested
from .crossval import folds, picked_scores

Array = np.ndarray

#: Values that `clusters="auto"` tries: families, clusters (the plateau of the paper is 14 to 140),
#: and pseudo-questions with which a cluster is shrunk.
#: The last correspond to members whose gains in the clusters of a family deviate by about 10, 2.5
#: and 1.25 points from their mean (kappa = variance of a score / variance of the gain).
FAMILIES = (1, 2, 4, 6, 8, 12)
CLUSTERS = (14, 64, 140)
SHRINKAGE = (25.0, 400.0, 1600.0)
#: The smallest average number of questions of a family and of a cluster.
FAMILY_SIZE, CLUSTER_SIZE = 4, 3
#: Pseudo-questions at the root and the families, which hardly matter because both are large.
ROOT, FAMILY = 2.0, 20.0
#: Standard errors within which trials count as equal: by accuracy, by predictive skill.
SLACK = (2.0, 1.0)


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
    """The result of a shape on held-out questions.

    Attributes:
        accuracy: Mean score of the picked members.
        skill: R^2 of the predicted gains.
        equal: Whether it is not clearly worse than the best shape by either measure.
    """

    shape: Shape
    accuracy: float
    skill: float
    equal: bool = True


def candidates(n: int, clusters: int | None, families: int | None) -> list[tuple[int, int]]:
    """Pairs of numbers of families and clusters that `n` questions can fill."""
    tops = [families] if families else [f for f in FAMILIES if f == 1 or f * FAMILY_SIZE <= n]
    if not families and n >= 10 * FAMILIES[-1] * FAMILY_SIZE:
        tops = [
            f for f in tops if f >= 4
        ]  # few families never win on much data, so they are not tried
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
    """Choose the parameters that are not given.

    The clusters are made from all questions without scores; the records are held out in `parts`
    folds.

    Args:
        vectors: The embedded questions [n, d].
        scores: float [n, M], NaN for missing scores, with at least one score per question.
        clusters: Number of clusters, if it is given.
        families: Number of families, if it is given.
        kappa: Pseudo-questions with which a cluster is shrunk, if they are given.
        method: The clustering.
        seed: Seed of clusters and folds.
        parts: Number of folds.

    Returns:
        The shape, and all trials in order.
    """
    kappas = [kappa] if kappa else SHRINKAGE
    pairs = candidates(len(vectors), clusters, families)
    if len(pairs) * len(kappas) == 1 or len(scores) < 4:
        (top, k), strength = pairs[-1], kappas[len(kappas) // 2]
        return Shape(top, k, strength), []
    splits = list(folds(len(scores), parts if len(scores) >= 40 else len(scores), seed))
    trials, errors = [], []
    for top, k in pairs:
        _, _, family, labels = nested(vectors, k, top, method=method, seed=seed)
        records = _records(scores, labels, family, splits)
        used = [kappas[-1]] if k == top else kappas  # a family of one cluster is its own parent
        for strength in used:
            shape = Shape(top, k, strength)
            means = _held_out(records, labels, family, shape, splits, scores.shape)
            loss = _losses(scores, means)
            picked = picked_scores(scores, means.argmax(axis=1))
            trials.append(Trial(shape, float(picked.mean()), 1.0 - float(loss.sum())))
            errors.append((-picked / len(picked), loss))
    trials = _equals(trials, errors)
    equals = [t for t in trials if t.equal]
    best = max(equals, key=lambda t: (t.shape.kappa, round(t.skill, 9), -t.shape.clusters))
    return best.shape, trials


def _records(
    scores: Array, labels: Array, family: Array, splits: Sequence[tuple[Array, Array]]
) -> list[Tally]:
    """The records of each fold's questions for fitting, with levels from these questions only."""
    records = []
    for fit, _ in splits:
        level = difficulty(scores[fit], family[labels[fit]])
        records.append(tally(scores[fit], labels[fit], len(family), level))
    return records


def _held_out(
    records: Sequence[Tally],
    labels: Array,
    family: Array,
    shape: Shape,
    splits: Sequence[tuple[Array, Array]],
    size: tuple[int, ...],
) -> Array:
    """Predicted gains of every question by records without it, [n, M]."""
    means = np.zeros(size)
    for record, (_, held) in zip(records, splits, strict=True):
        estimates = posterior(record, family, shape.shrinkage)
        means[held] = (estimates.mean - record.level[:, None])[labels[held]]
    return means


def _losses(scores: Array, means: Array) -> Array:
    """Each question's part of 1 - R^2, [n].

    It compares the recorded and the predicted differences between members. The question's level
    cancels out, so it need not be estimated from the few members that a probe asked.
    """
    error = _centred(scores - means)
    total = float((_centred(scores) ** 2).sum())
    return (error**2).sum(1) / total if total else np.zeros(len(scores))


def _centred(values: Array) -> Array:
    """Each row minus its mean over the known values; missing ones are 0."""
    seen = ~np.isnan(values)
    filled = np.where(seen, values, 0.0)
    mean = filled.sum(1) / np.maximum(seen.sum(1), 1)
    return np.where(seen, filled - mean[:, None], 0.0)


def _equals(trials: list[Trial], losses: list[tuple[Array, Array]]) -> list[Trial]:
    """The trials that are not clearly worse than the best by either measure."""
    equal = np.ones(len(trials), dtype=bool)
    for measure, errors in enumerate(SLACK):
        values = [pair[measure] for pair in losses]
        best = min(range(len(values)), key=lambda i: (round(float(values[i].sum()), 9), i))
        for number, value in enumerate(values):
            gap = value - values[best]
            equal[number] &= gap.sum() <= errors * gap.std() * np.sqrt(len(gap)) + 1e-12
    if not equal.any():  # no shape is good by both measures, so the less noisy one decides
        best = max(range(len(trials)), key=lambda i: trials[i].skill)
        equal[best] = True
    return [replace(t, equal=bool(e)) for t, e in zip(trials, equal, strict=True)]
