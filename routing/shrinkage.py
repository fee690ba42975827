"""How far a cluster's record is to be trusted: shrinkage estimated from the records themselves."""

import numpy as np

Array = np.ndarray

#: Pseudo-questions at the root, the families and, where nothing else is known, the clusters. Root
#: and families hold many questions, so theirs hardly matter; the last stands for members that
#: differ, from cluster to cluster of a family, by about 2.5 points from their mean.
ROOT, FAMILY, CLUSTER = 2.0, 20.0, 400.0
#: Pairs of question and member that `CLUSTER` counts as in the estimate: what few scores say of a
#: variance is mostly luck.
PRIOR = 500.0
#: Bounds of the estimate.
LEAST, MOST = 1.0, 6400.0

#: Pseudo-questions at the root, the families and the clusters: of all clusters [1], or by family.
Shrinkage = tuple[float, float, Array]


def fixed(kappa: float) -> Shrinkage:
    """The same number of pseudo-questions for every cluster."""
    return ROOT, FAMILY, np.array([kappa], dtype=np.float64)


def estimated(gains: Array, labels: Array, family: Array) -> Shrinkage:
    """Empirical Bayes: for each family the variance within its clusters over that between them.

    The analysis-of-variance estimate for random effects of unequal groups (DerSimonian & Laird
    1986), pooled over members: ``tau2 = sum(Q - (C - 1) s2) / sum(N - sum(n^2) / N)`` with Q the
    spread of C cluster means about their family's, s2 the variance within clusters, and
    ``kappa = s2 / tau2``. A family whose clusters are all alike lends them its own record; one
    whose clusters differ lets each speak for itself.

    Args:
        gains: Scores less the questions' difficulties [n, M], NaN for holes.
        labels: Cluster of each question, int [n].
        family: Family of each cluster, int [K].

    Example:
        >>> noise = np.random.default_rng(0).normal(size=(4000, 3))
        >>> labels = np.arange(4000) % 20
        >>> alike, unlike = noise, noise + np.where(labels < 10, 1.0, -1.0)[:, None]
        >>> family = np.zeros(20, dtype=int)
        >>> [bool(estimated(g, labels, family)[2][0] > 100) for g in (alike, unlike)]
        [True, False]
    """
    seen = ~np.isnan(gains)
    filled = np.where(seen, gains, 0.0)
    count, total, square = (_sums(v, labels, len(family)) for v in (seen, filled, filled**2))
    kappas = np.full(int(family.max(initial=0)) + 1, CLUSTER)
    for number in range(len(kappas)):
        own = family == number
        kappas[number] = _kappa(count[own], total[own], square[own])
    return ROOT, FAMILY, kappas


def _sums(values: Array, labels: Array, k: int) -> Array:
    out = np.zeros((k, values.shape[1]))
    np.add.at(out, labels, values.astype(np.float64))
    return out


def _kappa(count: Array, total: Array, square: Array) -> float:
    """One family's, from the sums of its clusters [C, M]."""
    means = total / np.maximum(count, 1.0)
    asked = np.maximum(count.sum(0), 1.0)
    groups = (count > 0).sum(0)
    inside = square.sum(0) - (count * means**2).sum(0)
    freedom = float(np.maximum(count.sum(0) - groups, 0.0).sum())
    variance = float(inside.sum()) / freedom if freedom else 0.0
    if variance <= 1e-12:
        return CLUSTER
    between = (count * (means - total.sum(0) / asked) ** 2).sum(0)
    excess = float((between - np.maximum(groups - 1, 0) * variance).sum()) / variance
    weight = float((count.sum(0) - (count**2).sum(0) / asked).sum())
    ratio = (excess + PRIOR / CLUSTER) / (weight + PRIOR)
    return float(np.clip(1.0 / max(ratio, 1.0 / MOST), LEAST, MOST))
