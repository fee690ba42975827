"""Which questions to ask a new member: about 20 a cluster, those that tell most.

A question on which members differ tells much about a new one; one that all pass, or all fail, tells
next to nothing. But a record made of telling questions alone would exaggerate every difference. So
questions are drawn with a probability in proportion to how much members differ on them (Neyman
1934, the allocation of least variance), spread evenly over easy and hard ones, and each carries the
weight that undoes the draw (Horvitz & Thompson 1952).

Measured by leaving each of seven members out of recorded data in turn (see benchmarks/README.md):
against as many random questions of each cluster the error of the new member's accuracy in a cluster
falls by a tenth; after shrinkage, and in routed accuracy, no difference is to be seen.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..routing.capability import difficulty
from ..routing.table import table

Array = np.ndarray

#: Spread of scores granted to a question on which all known members agree: some new members do not.
#: With 0.1 the few such questions drawn weigh so much that random questions do better.
FLOOR = 0.25


def spread(scores: Array) -> Array:
    """Standard deviation of each question's scores over members, at least `FLOOR`, [n]."""
    seen = np.maximum((~np.isnan(scores)).sum(1), 1)
    filled = np.where(np.isnan(scores), 0.0, scores)
    mean = filled.sum(1) / seen
    variance = (filled**2).sum(1) / seen - mean**2
    return np.maximum(np.sqrt(np.maximum(variance, 0.0)), FLOOR)


def draw(size: Array, count: int, start: float) -> tuple[Array, Array]:
    """Draw ``count`` items with probability in proportion to ``size``, evenly spaced.

    Args:
        size: Positive, [n], in the order along which the draw is spread.
        count: Items wanted.
        start: Where the first step falls, in [0, 1).

    Returns:
        Numbers of the items drawn, and the weight of each (their mean is about 1).

    Example:
        >>> draw(np.ones(4), 2, 0.5)[0].tolist()
        [1, 3]
    """
    if count >= len(size):
        return np.arange(len(size)), np.ones(len(size))
    chance = np.minimum(size * count / size.sum(), 1.0)
    steps = np.cumsum(chance) * count / chance.sum()
    chosen = np.unique(np.searchsorted(steps, start + np.arange(count), side="right"))
    chosen = chosen[chosen < len(size)]
    return chosen, (count / len(size)) / chance[chosen]


def probe_questions(
    profile: Any,
    records: Sequence[Mapping[str, Any]],
    *,
    per_cluster: int = 20,
    seed: int = 42,
) -> list[dict[str, Any]]:
    """Choose the questions a new member should answer.

    Args:
        profile: The `Profile` it is to join.
        records: The calibration records (or part of them).
        per_cluster: Questions a cluster of the profile's first view.
        seed: Seeds the draw.

    Returns:
        ``{"query", "cluster", "weight"}`` each. Answer and grade them, add
        ``"scores": {name: score}`` to each, and hand them to `Profile.with_member`.
    """
    data = table(records)
    vectors = profile.embed(data.queries)
    labels = profile.views[0].assign(vectors)
    level, size = difficulty(data.scores), spread(data.scores)
    starts = np.random.default_rng(seed).random(len(profile.cards))
    out: list[dict[str, Any]] = []
    for cluster in range(len(profile.cards)):
        index = np.flatnonzero(labels == cluster)
        index = index[np.argsort(level[index], kind="stable")]
        chosen, weights = draw(size[index], per_cluster, float(starts[cluster]))
        out += [
            {"query": data.queries[int(i)], "cluster": cluster, "weight": float(w)}
            for i, w in zip(index[chosen], weights, strict=True)
        ]
    return out
