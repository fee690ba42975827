"""Which questions to ask a new member: about 20 a cluster, those that tell most.

A question tells much about a member if its difficulty is known well and if members differ on it;
one that all pass, or all fail, tells nothing. Within a cluster the choice is spread over its area,
so that no corner stands for all.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .clustering import distances
from .table import table

Array = np.ndarray


def telling(scores: Array) -> Array:
    """How much each question tells: the variance of its scores over members, [n].

    A question with fewer than two scores tells nothing known.
    """
    seen = (~np.isnan(scores)).sum(1)
    filled = np.where(np.isnan(scores), 0.0, scores)
    mean = filled.sum(1) / np.maximum(seen, 1)
    square = (filled**2).sum(1) / np.maximum(seen, 1)
    return np.where(seen >= 2, np.maximum(square - mean**2, 0.0), 0.0)


def pick(vectors: Array, value: Array, count: int) -> list[int]:
    """Choose questions of high value that lie apart: greedy, value x distance to the chosen.

    Args:
        vectors: Of one cluster's questions [n, d].
        value: What each tells [n].
        count: How many.
    """
    chosen: list[int] = []
    apart = np.ones(len(vectors))
    score = value + 1e-3
    while len(chosen) < min(count, len(vectors)):
        worth = np.where(np.isin(np.arange(len(vectors)), chosen), -1.0, score * np.sqrt(apart))
        best = int(worth.argmax())
        chosen.append(best)
        apart = np.minimum(apart, distances(vectors, vectors[best][None])[:, 0])
    return chosen


def probe_questions(
    profile: Any, records: Sequence[Mapping[str, Any]], *, per_cluster: int = 20
) -> list[dict[str, Any]]:
    """Choose the questions a new member should answer.

    Args:
        profile: The `Profile` it is to join.
        records: The calibration records (or part of them).
        per_cluster: Questions a cluster of the profile's first view.

    Returns:
        ``{"query", "cluster"}`` each, ready to be answered, graded and given to
        `Profile.with_member` as ``{"query", "scores": {name: score}}``.
    """
    data = table(records)
    vectors = profile.embed(data.queries)
    labels = profile.views[0].assign(vectors)
    value = telling(data.scores)
    out = []
    for cluster in range(len(profile.cards)):
        index = np.flatnonzero(labels == cluster)
        for i in pick(vectors[index], value[index], per_cluster):
            out.append({"query": data.queries[int(index[i])], "cluster": cluster})
    return out
