"""Capability: each member's accuracy in each cluster by the records, with its uncertainty.

A score is a question's difficulty plus the member's gain. Means of raw scores would favour members
that were asked only easy questions; gains over the difficulty do not, so records with missing
scores stay fair. A cluster's gain is shrunk towards that of its family, and a family's towards the
member's gain over all questions, so that small clusters borrow information.
"""

from dataclasses import dataclass, replace

import numpy as np

Array = np.ndarray

#: Half-width of a 95% interval in standard deviations.
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Tally:
    """Sums over the questions of a cluster, each [K, M], from which posteriors are computed.

    Attributes:
        count: Number of questions with a recorded score.
        score: Sum of the scores.
        gain: Sum of the scores minus the questions' difficulties.
        cost: Sum of the recorded costs in US dollars.
        priced: Number of questions with a recorded cost.
        level: Mean difficulty of the cluster's questions, [K].
        size: Number of questions in the cluster, recorded or not, [K].
    """

    count: Array
    score: Array
    gain: Array
    cost: Array
    priced: Array
    level: Array
    size: Array

    def only(self, columns: list[int]) -> "Tally":
        """Keep some members, in the given order."""
        fields = ("count", "score", "gain", "cost", "priced")
        return replace(self, **{f: getattr(self, f)[:, columns] for f in fields})


def difficulty(scores: Array, groups: Array | None = None, rounds: int = 20) -> Array:
    """The level of each question: the two-way additive fit `score ~ level_q + gain_m`, [n].

    Without missing scores it is the mean over members. Missing scores (NaN) are ignored; a question
    without any score has level 0.

    Args:
        scores: float [n, M], NaN for missing scores.
        groups: Kind of each question, int [n]; a member's gain differs between kinds.
        rounds: Number of alternations of the fit; few are needed.

    Example:
        >>> difficulty(np.array([[1.0, 0.0], [0.5, 0.25]])).tolist()
        [0.5, 0.375]
    """
    seen = ~np.isnan(scores)
    filled = np.where(seen, scores, 0.0)
    asked = np.maximum(seen.sum(1), 1)
    level = filled.sum(1) / asked
    if seen.all():
        return level
    kinds = np.zeros(len(scores), dtype=np.int64) if groups is None else groups
    count = _by_kind(seen.astype(float), kinds)
    known = count > 0
    for _ in range(rounds):
        gain = _by_kind(np.where(seen, scores - level[:, None], 0.0), kinds) / (count + 1.0)
        centre = (gain * known).sum(1) / np.maximum(known.sum(1), 1)
        gain = np.where(known, gain - centre[:, None], 0.0)
        level = np.where(seen, filled - gain[kinds], 0.0).sum(1) / asked
    return level


def _by_kind(values: Array, kinds: Array) -> Array:
    """Sum rows of the same kind."""
    out = np.zeros((int(kinds.max(initial=0)) + 1, values.shape[1]))
    np.add.at(out, kinds, values)
    return out


def tally(scores: Array, labels: Array, k: int, level: Array, costs: Array | None = None) -> Tally:
    """Sum the records by cluster.

    Args:
        scores: float [n, M], NaN for missing scores.
        labels: Cluster of each question, int [n].
        k: Number of clusters.
        level: Difficulty of each question, [n].
        costs: US dollars [n, M], NaN if unknown.
    """
    seen = ~np.isnan(scores)

    def add(values: Array) -> Array:
        out = np.zeros((k, values.shape[1]))
        np.add.at(out, labels, values)
        return out

    count = add(seen.astype(float))
    known = np.zeros_like(seen) if costs is None else ~np.isnan(costs)
    money = np.zeros(scores.shape) if costs is None else np.where(known, costs, 0.0)
    size = np.bincount(labels, minlength=k).astype(float)
    total_level = np.bincount(labels, weights=level, minlength=k)
    return Tally(
        count=count,
        score=add(np.where(seen, scores, 0.0)),
        gain=add(np.where(seen, scores - level[:, None], 0.0)),
        cost=add(money),
        priced=add(known.astype(float)),
        level=total_level / np.maximum(size, 1.0),
        size=size,
    )


@dataclass(frozen=True)
class Posterior:
    """Mean, standard deviation and 95% interval of the accuracies, each [K, M]."""

    mean: Array
    sd: Array
    low: Array
    high: Array


def posterior(record: Tally, family: Array, shrinkage: tuple[float, float, float]) -> Posterior:
    """Normal-normal empirical Bayes along the hierarchy all questions -> family -> cluster.

    At each level `mean = (sum of gains + kappa * parent) / (count + kappa)` and
    `var = s2 / (count + kappa) + (kappa / (count + kappa))^2 * var_parent` with `s2 = p(1-p)`,
    the largest variance of a score in [0, 1] with mean p (Gelman et al., Bayesian Data Analysis,
    chapter 5). Intervals are computed on the logit, so they stay inside (0, 1).

    Args:
        record: The sums by cluster.
        family: Family of each cluster, int [K].
        shrinkage: Pseudo-questions (kappa) at the root, the families and the clusters.
    """
    k = len(family)
    spots = (np.zeros(k, dtype=np.int64), np.asarray(family, dtype=np.int64), np.arange(k))
    members = record.count.shape[1]
    mean, var = np.zeros((k, members)), np.zeros((k, members))
    overall = float(record.score.sum() / max(record.count.sum(), 1.0))
    spread = overall * (1.0 - overall) + 1e-3
    for spot, kappa in zip(spots, shrinkage, strict=True):
        count, gain = np.zeros((k, members)), np.zeros((k, members))
        np.add.at(count, spot, record.count)
        np.add.at(gain, spot, record.gain)
        weight = kappa / (count[spot] + kappa)
        mean = (gain[spot] + kappa * mean) / (count[spot] + kappa)
        var = spread / (count[spot] + kappa) + weight**2 * var
    accuracy = np.clip(record.level[:, None] + mean, 1e-3, 1.0 - 1e-3)
    sd = np.sqrt(var)
    logit, reach = np.log(accuracy / (1 - accuracy)), Z95 * sd / (accuracy * (1 - accuracy))
    low, high = (
        1.0 / (1.0 + np.exp(-np.clip(logit + sign * reach, -50, 50))) for sign in (-1.0, 1.0)
    )
    return Posterior(mean=record.level[:, None] + mean, sd=sd, low=low, high=high)


def raw_accuracy(record: Tally) -> Array:
    """Plain accuracies [K, M]; missing ones are the member's accuracy over all its questions."""
    total = record.count.sum(0)
    overall = record.score.sum(0) / np.maximum(total, 1.0)
    mean = record.score / np.maximum(record.count, 1.0)
    return np.where(record.count > 0, mean, overall[None])
