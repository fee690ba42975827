"""Calibration, step by step: cluster, score, choose. Each step is a function of arrays."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from .capability import difficulty, tally
from .clustering import cluster, families, sizes
from .crossval import held_out_picks, picked_scores
from .table import Table
from .view import View

Array = np.ndarray

#: Cluster numbers tried by ``clusters="auto"``; each leaves three questions a cluster or more.
CANDIDATES = (2, 4, 8, 12, 16, 24, 32, 64)
MIN_QUESTIONS = 3
#: Families: coarser clusters that a cluster's record is shrunk towards.
FAMILIES = 8
#: Pseudo-questions at the root, the families and the clusters (see capability.posterior).
SHRINKAGE = (2.0, 20.0, 400.0)
#: Clusterings whose records are averaged.
VIEWS = 4


def partition(
    vectors: Array, k: int, *, method: str, seed: int, families_wanted: int = FAMILIES
) -> tuple[Array, Array, Array]:
    """Cluster vectors and join the clusters into families.

    Returns:
        centroids float32 [K, d], family of each cluster int64 [K], cluster of each vector [n].
    """
    centroids, labels = cluster(vectors, k, method=method, seed=seed)
    family = families(centroids, sizes(labels, len(centroids)), families_wanted)
    return centroids, family, labels


def choose_k(
    vectors: Array,
    scores: Array,
    *,
    method: str = "kmeans",
    shrinkage: tuple[float, float, float] = SHRINKAGE,
    seed: int = 42,
    candidates: Sequence[int] = CANDIDATES,
) -> tuple[int, dict[int, float]]:
    """Choose K by cross-validated routing accuracy on the calibration data alone.

    Returns:
        The chosen K (the smallest of equals) and the accuracy of each candidate.
    """
    allowed = [k for k in candidates if k * MIN_QUESTIONS <= len(vectors)] or [1]
    found: dict[int, float] = {}
    for k in allowed:
        _, family, labels = partition(vectors, k, method=method, seed=seed)
        picks = held_out_picks(scores, [(labels, family)], shrinkage, seed=seed)
        found[k] = float(picked_scores(scores, picks).mean())
    return max(found, key=lambda k: (round(found[k], 9), -k)), found


def build_views(
    data: Table,
    vectors: Array,
    *,
    clusters: int | str,
    method: str,
    shrinkage: tuple[float, float, float],
    views: int,
    seed: int,
) -> tuple[list[View], dict[str, Any]]:
    """Cluster the questions and record the members on the clusters.

    Returns:
        The views, the first the one that people see, and the choices made on the way.
    """
    scored = np.asarray(~np.isnan(data.scores).all(axis=1))
    if not scored.any():
        raise InputError("no record holds a score: a profile needs at least one scored member")
    trace: dict[int, float] = {}
    if clusters == "auto":
        k, trace = choose_k(
            vectors[scored], data.scores[scored], method=method, shrinkage=shrinkage, seed=seed
        )
    elif isinstance(clusters, int) and clusters >= 1:
        k = clusters
    else:
        raise InputError(f"clusters must be 'auto' or a whole number from 1 up, not {clusters!r}")
    level = np.zeros(len(scored))
    level[scored] = difficulty(data.scores[scored])
    made = []
    for number in range(max(1, views)):
        centroids, family, labels = partition(vectors, k, method=method, seed=seed + number)
        costs = None if data.costs is None else data.costs[scored]
        record = tally(data.scores[scored], labels[scored], len(centroids), level[scored], costs)
        made.append(View(centroids, family, record, shrinkage))
    return made, {"k": k, "cross_validated": {str(n): round(v, 6) for n, v in trace.items()}}
