"""Routers that look at no question, or at too much: the floor, the ceiling and the sanity check."""

import numpy as np

from .data import Split

Array = np.ndarray


class Router:
    """What every router offers: fit on train, then pick a member for each question.

    `fit` and `pick` get the questions with their frozen embeddings; a router may look at scores
    in `fit` alone.
    """

    name = "router"

    def fit(self, train: Split, vectors: Array, seed: int) -> None:
        """Learn from the calibration questions."""

    def pick(self, split: Split, vectors: Array) -> Array:
        """Numbers of the members picked, int [n]."""
        raise NotImplementedError


class Random(Router):
    """Any member."""

    name = "random"

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        self.rng = np.random.default_rng(seed)

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        return self.rng.integers(len(split.members), size=len(vectors))


class BestSingle(Router):
    """The one member that was best on train, the mean over data sets."""

    name = "best single (on train)"

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        every = range(len(train.members))
        n = len(train.queries)
        self.best = max(every, key=lambda m: train.macro(np.full(n, m))[0])

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        return np.full(len(vectors), self.best)


class DatasetBest(Router):
    """Told the data set of each question, the member that was best on it in train."""

    name = "per-dataset best (told the data set)"

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        names = dict.fromkeys(train.datasets.tolist())
        self.best = {d: int(train.scores[train.datasets == d].mean(0).argmax()) for d in names}

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        return np.array([self.best.get(d, -1) for d in split.datasets])


class Oracle(Router):
    """Told the scores: the best any router could do."""

    name = "oracle (told the scores)"

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        return np.nan_to_num(split.scores, nan=-1.0).argmax(1)
