"""Fit a map step by step: choose the shape, cluster, and record, with plain arrays."""

from dataclasses import asdict
from typing import Any

import numpy as np

from ..errors import InputError
from .capability import difficulty, tally
from .choose import Shape, choose
from .clustering import nearest, nested
from .table import Table
from .view import View

Array = np.ndarray

#: Number of clusterings whose records are averaged, because one K-means run has random results.
VIEWS = 9
#: Number of families of the views, relative to the chosen number, which is random as well. It is
#: never smaller: a family of mixed kinds misleads its clusters, but a split kind only shrinks less.
SPREAD = (1.0, 4 / 3, 5 / 3)


def build_views(
    data: Table,
    vectors: Array,
    *,
    clusters: int | str = "auto",
    families: int | None = None,
    kappa: float | None = None,
    method: str = "kmeans",
    views: int = VIEWS,
    seed: int = 42,
) -> tuple[list[View], View, dict[str, Any]]:
    """Cluster the questions and record the members on the clusters.

    Args:
        data: The recorded scores of n questions.
        vectors: The embedded questions [n, d].
        clusters: Number of clusters, or `"auto"`.
        families: Number of families, by default chosen by cross-validation.
        kappa: Pseudo-questions with which a cluster is shrunk, by default chosen as well.
        method: kmeans, minibatch, ward, gmm, spectral or birch.
        views: Number of clusterings to average over.
        seed: Seed of all random choices.

    Returns:
        The views (the first one is shown to people); its clusters without the hierarchy, for the
        published rules; and the choices as plain JSON.

    Raises:
        InputError: No score is recorded, or `clusters` is neither `"auto"` nor a number.
    """
    scored = np.asarray(~np.isnan(data.scores).all(axis=1))
    if not scored.any():
        raise InputError("no record holds a score: a profile needs at least one scored member")
    if clusters != "auto" and (not isinstance(clusters, int) or clusters < 1):
        raise InputError(f"clusters must be 'auto' or a whole number from 1 up, not {clusters!r}")
    shape, trials = choose(
        vectors[scored],
        data.scores[scored],
        clusters=clusters if isinstance(clusters, int) else None,
        families=families,
        kappa=kappa,
        method=method,
        seed=seed,
    )
    made = []
    for number in range(max(1, views)):
        # One family (the paper's flat map) is not multiplied.
        grown = round(shape.families * SPREAD[number % len(SPREAD)])
        tops = 1 if shape.families == 1 else grown
        tree = nested(vectors, shape.clusters, tops, method=method, seed=seed + number)
        roots, centroids, family, labels = tree
        level = levels(data.scores, family[labels])
        record = record_of(data, labels, len(centroids), level)
        made.append(View(centroids, family, record, shape.shrinkage, roots))
    flat = flatten(made[0], data, vectors)
    trace = [
        {
            **asdict(t.shape),
            "accuracy": round(t.accuracy, 6),
            "skill": round(t.skill, 6),
            "equal": t.equal,
        }
        for t in trials
    ]
    return made, flat, {"shape": asdict(shape), "cross_validated": trace}


def levels(scores: Array, groups: Array) -> Array:
    """Difficulty of each question [n], NaN without a score."""
    scored = ~np.isnan(scores).all(axis=1)
    level = np.full(len(scores), np.nan)
    level[scored] = difficulty(scores[scored], groups[scored])
    return level


def record_of(data: Table, labels: Array, k: int, level: Array) -> Any:
    """Sum the scored questions by cluster."""
    scored = ~np.isnan(level)
    costs = None if data.costs is None else data.costs[scored]
    return tally(data.scores[scored], labels[scored], k, level[scored], costs)


def flatten(view: View, data: Table, vectors: Array) -> View:
    """The clusters of a view without its hierarchy; each question counts for the nearest one."""
    labels = nearest(vectors, view.centroids)
    level = levels(data.scores, view.family[labels])
    record = record_of(data, labels, len(view.centroids), level)
    return View(view.centroids, view.family, record, view.shrinkage)


def default_shape(k: int) -> Shape:
    """The shape of a map without calibration questions."""
    return Shape(min(8, k), k, 400.0)
