"""A router that reads what members can do, in the style of MODEL-SAT: a new one needs no training.

Source: Zhang et al., "Capability Instruction Tuning: A New Paradigm for Dynamic LLM Routing",
arXiv 2502.17282. There a sentence says how accurate a member is on each subject, an encoder and a
language model read it beside the question, and the probability of "Yes" ranks the members. Here the
accuracies themselves are read, by a small network on frozen embeddings, in numpy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np

from ..errors import InputError
from .checks import numbers
from .clustering import cluster, nearest
from .learned import LearnedRouter
from .table import table
from .training import BATCH, NOISE, RATE, STEPS, WIDTH, Adam, Weights

Array = np.ndarray

SUBJECTS, EACH = 24, 8
"""Most subjects, which are clusters of the questions, and questions that one needs at least."""
PRIOR = 4.0
"""Questions for which a member's accuracy over all subjects counts in each of them."""


class CapabilityRouter(LearnedRouter):
    """Members described by their accuracy on each subject, in the style of MODEL-SAT.

    No weight belongs to a member, so that `joined` adds one by a few scored questions alone.

    Example:
        >>> rows = [{"query": f"add {i} to 2", "scores": {"a": 0.0, "b": 1.0}} for i in range(8)]
        >>> router = CapabilityRouter.fit(rows, steps=50)
        >>> router.route(["add 9 to 2"])[0][0].member
        'b'
        >>> router.joined("c", [{"query": "add 3 to 2", "scores": {"c": 1.0}}] * 8).members
        ['a', 'b', 'c']
    """

    kind = "capability"

    @staticmethod
    def train(vectors: Array, scores: Array, seed: int = 42, steps: int = STEPS) -> Weights:
        """See `train_capability`."""
        return train_capability(vectors, scores, seed, steps)

    @staticmethod
    def score(weights: Weights, vectors: Array) -> Array:
        """See `score_capability`."""
        return score_capability(weights, vectors)

    def joined(self, name: str, records: Iterable[Mapping[str, Any]]) -> Self:
        """The router with a further member, which nothing is trained for.

        Args:
            name: The member.
            records: Questions with its score, as for `fit`; two or three dozen of each subject tell
                what it is good at.

        Raises:
            InputError: The member is there, or no record has its score.
        """
        if name in self.members:
            raise InputError(f"the router knows {name!r} already: fit it anew to change a member")
        data = table(records, [name])
        if np.isnan(data.scores).all():
            raise InputError(f"no record holds a score of {name!r}")
        vectors = np.asarray(self.embedder.embed(data.queries), dtype=np.float64)
        shown = capability(vectors, data.scores, self.weights["k"])
        weights = {**self.weights, "c": np.concatenate([self.weights["c"], shown])}
        return replace(self, members=[*self.members, name], weights=weights)

    @classmethod
    def check(cls, weights: Weights, members: int) -> None:
        """See `LearnedRouter.check`."""
        size, width = numbers(weights, "w", (None, None)).shape
        subjects = len(numbers(weights, "k", (None, size)))
        numbers(weights, "c", (members, subjects))
        numbers(weights, "u", (subjects, width))
        numbers(weights, "s", (1,))
        numbers(weights, "b", (1,))


def capability(vectors: Array, scores: Array, centroids: Array) -> Array:
    """Each member's accuracy on each subject minus one half, float [M, K].

    Few answers on a subject are shrunk towards the accuracy over all subjects.

    Args:
        vectors: Embedded questions [n, d].
        scores: [n, M] in [0, 1], NaN for missing ones.
        centroids: The subjects [K, d].

    Example:
        >>> capability(np.eye(2), np.array([[1.0], [0.0]]), np.eye(2)).round(2).tolist()
        [[0.1, -0.1]]
    """
    seen = ~np.isnan(scores)
    filled = np.where(seen, scores, 0.0)
    own = np.eye(len(centroids))[nearest(vectors, centroids)]
    overall = filled.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    right, asked = own.T @ filled, own.T @ seen
    return ((right + PRIOR * overall) / (asked + PRIOR)).T - 0.5


def train_capability(vectors: Array, scores: Array, seed: int = 42, steps: int = STEPS) -> Weights:
    """Learn `logit = (W q) . (U a_m) + s * mean(a_m) + b` by cross-entropy on right and wrong.

    `a_m` is the member's capability. Its accuracies are measured on the questions of the step's
    other half, as those of a new member are on other questions.

    Args:
        vectors: Embedded questions [n, d].
        scores: [n, M] in [0, 1], NaN for missing ones.
        seed: Seed of subjects, weights, batches and noise.
        steps: Number of steps.

    Example:
        >>> q, right = np.repeat(np.eye(2), 16, axis=0), np.repeat(np.eye(2), 16, axis=0)
        >>> score_capability(train_capability(q, right, steps=200), np.eye(2)).argmax(1).tolist()
        [0, 1]
    """
    rng = np.random.default_rng(seed)
    n, size = vectors.shape
    count = max(1, min(SUBJECTS, n // EACH))
    centroids, _ = cluster(vectors.astype(np.float32), count, seed=seed)
    k = centroids.astype(np.float64)
    half = rng.permutation(n) % 2 == 0 if n > 1 else np.ones(n, dtype=bool)
    # What is read was measured on the half that is not asked.
    turns = [
        (np.flatnonzero(part), capability(vectors[~part], scores[~part], k))
        for part in (half, ~half)
        if part.any() and (~part).any()
    ] or [(np.arange(n), capability(vectors, scores, k))]
    w = rng.normal(0, 1 / np.sqrt(size), (size, WIDTH))
    u = rng.normal(0, 1 / np.sqrt(len(k)), (len(k), WIDTH))
    s, b = np.ones(1), np.zeros(1)
    adam = Adam([w, u, s, b], RATE)
    for step in range(steps):
        asked, shown = turns[step % len(turns)]
        rows = asked[rng.integers(len(asked), size=BATCH)]
        q = vectors[rows] + rng.normal(0, NOISE, (BATCH, size))
        read, level = shown @ u, shown.mean(axis=1)
        logits = (q @ w) @ read.T + s * level + b
        # A missing score teaches nothing.
        error = np.nan_to_num(1 / (1 + np.exp(-logits)) - scores[rows]) / BATCH
        grads = [q.T @ (error @ read), shown.T @ (error.T @ (q @ w))]
        adam.update([*grads, np.array([(error * level).sum()]), np.array([error.sum()])])
    return {"w": w, "u": u, "s": s, "b": b, "k": k, "c": capability(vectors, scores, k)}


def score_capability(weights: Weights, vectors: Array) -> Array:
    """The logit that each member is right, [n, M].

    Example:
        >>> one = {"w": np.eye(2), "u": np.eye(2), "c": np.ones((1, 2)), "s": np.ones(1)}
        >>> score_capability({**one, "b": np.zeros(1)}, np.array([[0.5, 0.25]])).tolist()
        [[1.75]]
    """
    shown = weights["c"]
    read = shown @ weights["u"]
    return (vectors @ weights["w"]) @ read.T + weights["s"] * shown.mean(axis=1) + weights["b"]
