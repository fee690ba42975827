"""The three ways to route from clusters to members, and the trade-off of quality and cost.

All functions take arrays of K clusters, M members and n questions.
"""

import numpy as np

from ..errors import InputError

Array = np.ndarray

MODES = ("published", "reference", "posterior")

#: The rank of a member without a record in a cluster (Avengers, rank_router.py).
UNRANKED = 1.0 / 999.0


def softmax(logits: Array) -> Array:
    """Softmax over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def reference_scores(
    vectors: Array, centroids: Array, value: Array, seen: Array, *, top_k: int, beta: float
) -> Array:
    """The published code's rule: `sum_c softmax(-beta d_c) / (rank_c(m) + 0.1)`, [n, M].

    `d_c = 1 - centroid_c . q` uses centroids that are not renormalised, the sum runs over the
    `top_k` nearest clusters, ranks start at 0, and ties keep the order of the members
    (ZhangYiqun018/Avengers, core/routing/rank_router.py).

    Args:
        vectors: Unit vectors of the questions [n, d].
        centroids: [K, d].
        value: Values by which members of a cluster are ranked [K, M]; larger is better.
        seen: Whether a member has a record in a cluster [K, M]; without one it has no rank there.
        top_k: Number of nearest clusters.
        beta: Sharpness of the softmax.
    """
    order = np.argsort(-np.where(seen, value, -np.inf), axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(value.shape[1])[None], axis=1)
    share = np.where(seen, 1.0 / (rank + 0.1), 0.0)
    far = 1.0 - vectors @ centroids.T
    near = np.argsort(far, axis=1, kind="stable")[:, : max(1, top_k)]
    weight = softmax(-beta * np.take_along_axis(far, near, axis=1))
    scores = np.einsum("nk,nkm->nm", weight, share[near])
    return np.where(scores > 0, scores, UNRANKED)


def dial(quality: Array, cost: Array, alpha: float) -> Array:
    """Avengers-Pro's balance: `alpha * p + (1 - alpha) * (1 - q)`.

    `p` is the quality scaled to [0, 1] over the members of a cluster (1 if all are equal), and `q`
    the cost divided by the largest cost (arXiv 2508.12631).

    Args:
        quality: Accuracies [..., M].
        cost: US dollars, [..., M], all known and non-negative.
        alpha: 1 for quality only, 0 for cost only.

    Example:
        >>> dial(np.array([0.9, 0.5]), np.array([2.0, 1.0]), 0.5).tolist()
        [0.5, 0.25]
    """
    low = quality.min(axis=-1, keepdims=True)
    span = quality.max(axis=-1, keepdims=True) - low
    p = np.where(span > 0, (quality - low) / np.where(span > 0, span, 1.0), 1.0)
    top = cost.max(axis=-1, keepdims=True)
    q = np.where(top > 0, cost / np.where(top > 0, top, 1.0), 0.0)
    return alpha * p + (1.0 - alpha) * (1.0 - q)


def check_alpha(alpha: float) -> float:
    """Refuse a value outside [0, 1]."""
    if not 0.0 <= float(alpha) <= 1.0:
        raise InputError(f"alpha must lie from 0 (cost only) to 1 (quality only), not {alpha}")
    return float(alpha)


def costs_of(
    members: list[str], prices: dict[str, float] | None, cost: Array, priced: Array
) -> Array:
    """The cost of each member in each cluster, [K, M]: given prices, or the measured means.

    Raises:
        InputError: A member has neither; an unknown price is not zero.
    """
    if prices is not None:
        given = [prices.get(m) for m in members]
        table = np.array([np.nan if p is None else float(p) for p in given])
        table = np.broadcast_to(table, cost.shape).copy()
    else:
        asked = priced.sum(0)
        overall = np.where(asked > 0, cost.sum(0) / np.maximum(asked, 1.0), np.nan)
        table = np.where(priced > 0, cost / np.maximum(priced, 1.0), overall[None])
    for column, member in enumerate(members):
        if not np.all(np.isfinite(table[:, column])) or table[:, column].min() < 0:
            raise InputError(f"member '{member}' has no price: give it one, or route with alpha=1")
    return table
