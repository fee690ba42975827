"""Choose the questions for a new member: about 20 per cluster, the most informative ones.

A question on which members differ is informative about a new member; one that all members pass, or
all fail, is not. A record of only such questions would exaggerate every difference. So questions
are drawn with a probability in proportion to the spread of the members' scores (Neyman 1934, the
allocation of least variance), evenly over easy and hard ones, and each has the inverse weight
(Horvitz & Thompson 1952).

Measured by leaving each of seven members out of recorded data in turn (see benchmarks/README.md):
compared with the same number of random questions of each cluster, the error of the new member's
accuracy in a cluster falls by a tenth; after shrinkage, and in routed accuracy, there is no
measurable difference.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..routing.capability import difficulty
from ..routing.table import table

Array = np.ndarray

#: Minimum spread of a question's scores, because new members may differ where all known ones agree.
#: With 0.1 the few such questions have weights so large that random questions are better.
FLOOR = 0.25


def spread(scores: Array) -> Array:
    """Standard deviation of each question's scores over members, at least `FLOOR`, [n]."""
    seen = np.maximum((~np.isnan(scores)).sum(1), 1)
    filled = np.where(np.isnan(scores), 0.0, scores)
    mean = filled.sum(1) / seen
    variance = (filled**2).sum(1) / seen - mean**2
    return np.maximum(np.sqrt(np.maximum(variance, 0.0)), FLOOR)


def draw(size: Array, count: int, start: float) -> tuple[Array, Array]:
    """Draw `count` items with probability in proportion to `size`, evenly spaced.

    Args:
        size: Positive, [n], in the order along which the draw is spread.
        count: Number of items.
        start: Position of the first step, in [0, 1).

    Returns:
        Indices of the drawn items, and their weights (with a mean of about 1).

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
    """Choose the questions that a new member should answer.

    Args:
        profile: The `Profile` that the member will join.
        records: The calibration records, or a part of them.
        per_cluster: Number of questions for each cluster of the profile's first view.
        seed: Seed of the draw.

    Returns:
        A list of `{"query", "cluster", "weight"}`. Answer and grade the questions, add
        `"scores": {name: score}` to each, and pass them to `Profile.with_member`.
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
