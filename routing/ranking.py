"""Rank members for many questions together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..errors import InputError
from .modes import MODES, check_alpha, costs_of, dial, reference_scores
from .view import View

Array = np.ndarray


class Choice(NamedTuple):
    """A member chosen for a question.

    Attributes:
        member: The member's name.
        score: The score by which it is ranked; in mode `posterior` with `alpha=1` the expected
            accuracy.
        cluster: The cluster of the question.
    """

    member: str
    score: float
    cluster: int


@dataclass(frozen=True)
class Rule:
    """A routing rule.

    Attributes:
        mode: published, reference or posterior.
        alpha: Trade-off of quality and cost, 1 for quality only.
        prices: US dollars by member; None takes the recorded costs.
        top_k: Number of nearest clusters in mode `reference`.
        beta: Sharpness of the softmax in mode `reference`.
    """

    mode: str = "posterior"
    alpha: float = 1.0
    prices: Mapping[str, float] | None = None
    top_k: int = 2
    beta: float = 6.0


def rank(
    views: Sequence[View],
    flat: View,
    vectors: Array,
    names: Sequence[str],
    columns: list[int],
    rule: Rule,
) -> tuple[Array, Array]:
    """Score the available members for each question.

    Args:
        views: The clusterings with their records.
        flat: The first view's clusters without the hierarchy.
        vectors: The embedded questions [n, d].
        names: Names of the available members.
        columns: Their columns in the records.
        rule: The routing rule.

    Returns:
        Scores [n, available members], larger is better, and the cluster of each question [n].

    Raises:
        InputError: The rule is out of range, or a price is missing that it needs.
    """
    alpha = check_alpha(rule.alpha)
    if rule.mode not in MODES:
        raise InputError(f"unknown mode '{rule.mode}': use one of {', '.join(MODES)}")
    posterior = rule.mode == "posterior"
    main = (views[0] if posterior else flat).only(columns)
    spots, record = main.assign(vectors), main.record
    cost = np.zeros(record.count.shape)
    if alpha < 1.0:
        given = None if rule.prices is None else dict(rule.prices)
        cost = costs_of(list(names), given, record.cost, record.priced)
    if posterior:
        quality = expected(views, vectors)[:, columns]
        return (quality if alpha == 1.0 else dial(quality, cost[spots], alpha)), spots
    value = main.accuracy if alpha == 1.0 else dial(main.accuracy, cost, alpha)
    if rule.mode == "published":
        return value[spots], spots
    seen = record.count > 0
    scores = reference_scores(
        vectors, main.centroids, value, seen, top_k=rule.top_k, beta=rule.beta
    )
    return scores, spots


def expected(views: Sequence[View], vectors: Array) -> Array:
    """Expected accuracy of every member on each question, the mean over views, [n, M]."""
    return np.mean([v.capability.mean[v.assign(vectors)] for v in views], axis=0)


def select(accuracy: Array, m: int) -> list[int]:
    """The best `m` members by the sum over clusters of 1/rank (Avengers, arXiv 2505.19797).

    Args:
        accuracy: [K, M].
        m: Number of members.

    Example:
        >>> select(np.array([[0.9, 0.5, 0.1], [0.2, 0.5, 0.4]]), 2)
        [1, 0]
    """
    order = np.argsort(-accuracy, axis=1, kind="stable")
    ranks = np.argsort(order, axis=1, kind="stable") + 1
    total = (1.0 / ranks).sum(axis=0)
    return np.argsort(-total, kind="stable")[: max(1, m)].tolist()


def columns(known: Sequence[str], members: Sequence[str] | None) -> list[int]:
    """The columns of the given members in the records; None means all members.

    Raises:
        InputError: A member has no record, or no member is given.
    """
    if members is None:
        return list(range(len(known)))
    places = {name: i for i, name in enumerate(known)}
    for name in members:
        if name not in places:
            raise InputError(
                f"the profile has no record of member '{name}': add one with "
                "profile.with_member(name, records), or leave the member out"
            )
    if not members:
        raise InputError("no members to route to: name at least one")
    return sorted({places[name] for name in members})


def checked(vectors: Array, size: int) -> Array:
    """Embedded questions as float32 [n, size].

    Raises:
        InputError: The vectors have another shape.
    """
    vectors = np.asarray(vectors, dtype=np.float32)
    if len(vectors) == 0:
        return np.zeros((0, size), dtype=np.float32)
    if vectors.ndim != 2 or vectors.shape[1] != size:
        raise InputError(
            f"vectors have shape {vectors.shape}, the profile needs [n, {size}]: embed with "
            "profile.embed"
        )
    return vectors
