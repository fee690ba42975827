"""Add, drop and rename members without changing the map."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InputError
from .capability import tally
from .table import Table, table
from .view import View

Array = np.ndarray
_BY_MEMBER = ("count", "score", "gain", "cost", "priced")


def appended(view: View, data: Table, vectors: Array, level: Array, weight: Array) -> View:
    """A view with one more member, recorded on the clusters of its questions.

    Args:
        view: The clustering and its records.
        data: The new member's scores, one column.
        vectors: Its embedded questions [n, d].
        weight: Weight of each question [n]; only ratios within a cluster matter.
        level: Difficulty of each question [n]; NaN takes the mean of its cluster.
    """
    labels = view.assign(vectors)
    own = view.record.level[labels]
    known = np.where(np.isnan(level), own, level)
    k = len(view.family)
    asked, weighed = np.bincount(labels, minlength=k), np.bincount(labels, weight, minlength=k)
    fair = (weight * (asked / np.maximum(weighed, 1e-12))[labels])[:, None]
    # Weighted sums with plain counts: 20 questions count as 20, whatever their weights.
    new = tally(data.scores, labels, k, known, data.costs)
    level_sum = tally(known[:, None] * fair, labels, k, np.zeros(len(known))).score
    score = tally(data.scores * fair, labels, k, np.zeros(len(known))).score
    new = replace(new, score=score, gain=score - level_sum)
    sums = {
        name: np.concatenate([getattr(view.record, name), getattr(new, name)], axis=1)
        for name in _BY_MEMBER
    }
    return replace(view, record=replace(view.record, **sums))


def scored(records: Iterable[Mapping[str, Any]], name: str) -> Table:
    """The records with a score of one member, as a table of one column.

    Raises:
        InputError: There is no such record.
    """
    data = table(records, [name])
    data = data.rows(np.flatnonzero(~np.isnan(data.scores[:, 0])))
    if not data.queries:
        raise InputError(f"no record holds a score of member '{name}'")
    return data
