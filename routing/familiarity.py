"""The familiarity of a question, a conformal p-value among the calibration questions.

A question's score is its cosine similarity to the nearest cluster. If the embedder has a
vocabulary, it is multiplied by the share of known n-grams, because a lexical vector ignores unknown
words. The p-value is `(1 + calibration questions with no larger score) / (1 + n)` (Vovk, Gammerman
and Shafer, Algorithmic Learning in a Random World, chapter 2).

The calibration questions are scored with themselves left out: their cluster's centroid without
them, and their rare n-grams as unknown. N-grams of at most 1% of the questions count as rare,
because most of them belong to one phrasing, which other questions do not share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .view import View

Array = np.ndarray

#: The largest share of the calibration questions that hold a rare n-gram.
RARE = 0.01
#: The largest number of saved scores; more precision of the p-value is not needed.
KEPT = 4_000


@dataclass(frozen=True)
class Usual:
    """The sorted scores of the calibration questions.

    Attributes:
        similar: Similarities to the nearest cluster, float32 [n].
        known: The similarities times the share of known n-grams, float32 [n]; None for an embedder
            without a vocabulary.
    """

    similar: Array
    known: Array | None = None

    @classmethod
    def of(
        cls, view: View, vectors: Array, embedder: Any, queries: Sequence[str], own: Array
    ) -> "Usual":
        """Score the calibration questions.

        Args:
            view: The clusters.
            vectors: The embedded questions [n, d].
            embedder: Their embedder.
            queries: The questions.
            own: Whether each question is part of its cluster's centroid, [n].
        """
        close = similarity(view.centroids, vectors)
        if own.any():
            labels = view.assign(vectors)
            close = np.where(own, _left_out(view, vectors, labels), close)
        share = shares(embedder, queries, rare=max(RARE, 3 / (1 + len(queries))))
        return cls(_kept(close), None if share is None else _kept(close * share))

    def p_values(self, close: Array, share: Array | None) -> Array:
        """The p-value of each question, [n].

        Args:
            close: Similarity to the nearest cluster.
            share: Share of known n-grams, if it should count.

        Example:
            >>> usual = Usual(np.array([0.2, 0.4, 0.6], dtype=np.float32))
            >>> usual.p_values(np.array([0.1, 0.5, 0.9]), None).tolist()
            [0.25, 0.75, 1.0]
        """
        scores, ordered = close, self.similar
        if share is not None and self.known is not None:
            scores, ordered = close * share, self.known
        below = np.searchsorted(ordered, scores.astype(np.float32), side="right")
        return (1.0 + below) / (1.0 + len(ordered))

    def arrays(self) -> dict[str, Array]:
        """The arrays to save, by name."""
        saved = {"usual.similar": self.similar}
        return saved if self.known is None else saved | {"usual.known": self.known}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> "Usual | None":
        """The inverse of `arrays`; None for a profile of an older version."""
        if "usual.similar" not in arrays:
            return None
        return cls(arrays["usual.similar"], arrays.get("usual.known"))


def familiarity(
    usual: Usual | None,
    view: View,
    vectors: Array,
    embedder: Any,
    queries: Sequence[str] | None = None,
) -> Array:
    """The familiarity of each embedded question, [n] in [0, 1]; see `Profile.familiarity`."""
    p_values = np.ones(len(vectors))
    share = None if queries is None else shares(embedder, queries)
    if usual is not None:
        p_values = usual.p_values(similarity(view.centroids, vectors), share)
    unknown = np.linalg.norm(vectors, axis=1) == 0
    if share is not None:
        unknown |= share == 0
    elif (
        hasattr(embedder, "known") and embedder.dim == vectors.shape[1] and len(view.centroids) > 1
    ):
        # Only the ends of the text are known, as for an empty text.
        unknown |= similarity(embedder.embed([""]), vectors) > 1 - 1e-5
    return np.where(unknown, 0.0, p_values)


def similarity(centroids: Array, vectors: Array) -> Array:
    """Cosine similarity of each vector to the nearest centroid, [n].

    Example:
        >>> similarity(np.array([[2.0, 0.0]]), np.array([[3.0, 4.0]])).round(6).tolist()
        [0.6]
    """
    return (_unit(vectors) @ _unit(centroids).T).max(axis=1)


def shares(embedder: Any, queries: Sequence[str], *, rare: float = 0.0) -> Array | None:
    """The share of known n-grams of each text; None if the embedder has no vocabulary.

    Args:
        embedder: The profile's embedder.
        queries: The texts.
        rare: N-grams of at most this share of the calibration questions count as unknown.
    """
    known = getattr(embedder, "known", None)
    return None if known is None else known(queries, rare=rare)


def _left_out(view: View, vectors: Array, labels: Array) -> Array:
    """Similarity to the nearest cluster, with each question left out of its own cluster."""
    vectors = _unit(vectors)
    every = vectors @ _unit(view.centroids).T
    size = np.bincount(labels, minlength=len(view.centroids))[labels][:, None]
    rest = (size * view.centroids[labels] - vectors) / np.maximum(size - 1, 1)
    own = np.where(size[:, 0] > 1, (vectors * _unit(rest)).sum(axis=1), -1.0)
    every[np.arange(len(vectors)), labels] = own
    return every.max(axis=1)


def _unit(vectors: Array) -> Array:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(norms, 1e-12)


def _kept(scores: Array) -> Array:
    ordered = np.sort(scores).astype(np.float32)
    if len(ordered) <= KEPT:
        return ordered
    return ordered[np.linspace(0, len(ordered) - 1, KEPT).round().astype(np.int64)]
