"""Simple routers: the floor, the ceiling and a sanity check."""

import numpy as np

from .data import Split

Array = np.ndarray


class Router:
    """Base class of the routers: fit on train, then pick a member for each question.

    `fit` and `pick` get the questions with their frozen embeddings; a router may read the scores
    only in `fit`.
    """

    name = "router"

    def fit(self, train: Split, vectors: Array, seed: int) -> None:
        """Learn from the calibration questions."""

    def pick(self, split: Split, vectors: Array) -> Array:
        """Indices of the picked members, int [n]."""
        raise NotImplementedError


class Random(Router):
    """Picks a member at random."""

    name = "random"

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        self.rng = np.random.default_rng(seed)

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        return self.rng.integers(len(split.members), size=len(vectors))


class BestSingle(Router):
    """Picks the member that was best on train, by the mean over data sets."""

    name = "best single (on train)"

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        every = range(len(train.members))
        n = len(train.queries)
        self.best = max(every, key=lambda m: train.macro(np.full(n, m))[0])

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        return np.full(len(vectors), self.best)


class DatasetBest(Router):
    """Knows the data set of each question and picks the member that was best on it in train."""

    name = "per-dataset best (told the data set)"

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        names = dict.fromkeys(train.datasets.tolist())
        self.best = {d: int(train.scores[train.datasets == d].mean(0).argmax()) for d in names}

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        return np.array([self.best.get(d, -1) for d in split.datasets])


class Oracle(Router):
    """Knows the scores: the best that any router could do."""

    name = "oracle (told the scores)"

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        return np.nan_to_num(split.scores, nan=-1.0).argmax(1)
