"""Learned routers on frozen embeddings, as the package offers them, and a nearest-neighbour one.

They follow the published losses, not the published encoders: a linear head replaces the
278M-parameter model that RouterDC trains, so they show what the losses add over the same features.
"""

import numpy as np
from langgraph_ensemble.routing import instructed, training

from .data import Split
from .simple import Router

Array = np.ndarray


class Knn(Router):
    """Mean scores of the k nearest training questions by cosine (EmbedLLM's baseline, k = 131)."""

    name = "kNN, k=131 (our small version)"

    def __init__(self, k: int = 131) -> None:
        self.k = k

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        self.vectors, self.scores = vectors, train.scores

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        out = []
        for part in np.array_split(vectors, max(1, len(vectors) // 500)):
            near = np.argpartition(-(part @ self.vectors.T), self.k, axis=1)[:, : self.k]
            out.append(self.scores[near].mean(1).argmax(1))
        return np.concatenate(out)


class MatrixFactorisation(Router):
    """The factors of `FactorRouter`."""

    name = "EmbedLLM-style MF (our small version)"

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        self.weights = training.train_factors(vectors, train.scores, seed)

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        return training.score_factors(self.weights, vectors).argmax(1)


class Contrastive(Router):
    """The head of `ContrastiveRouter`."""

    name = "RouterDC-style contrastive head (our small version)"

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        self.weights = training.train_contrast(vectors, train.scores, seed)

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        return training.score_contrast(self.weights, vectors).argmax(1)


class Capability(Router):
    """The network of `CapabilityRouter`."""

    name = "MODEL-SAT-style capabilities (our small version)"

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        self.weights = instructed.train_capability(vectors, train.scores, seed)

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        return instructed.score_capability(self.weights, vectors).argmax(1)
