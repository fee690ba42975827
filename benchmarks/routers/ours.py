"""The task map behind the interface of a router."""

from typing import Any

import numpy as np
from langgraph_ensemble import profiles

from .data import Split
from .simple import Router

Array = np.ndarray


class TaskMap(Router):
    """`Profile.fit` on train, `Profile.route_vectors` on the rest."""

    def __init__(
        self, name: str, embedder: Any, *, mode: str = "posterior", **options: Any
    ) -> None:
        self.name, self.embedder, self.mode, self.options = name, embedder, mode, options

    def fit(self, train: Split, vectors: Array, seed: int) -> None:  # noqa: D102
        self.profile = profiles.Profile.fit(
            train.records,
            embedder=self.embedder,
            vectors=vectors,
            seed=seed,
            members=train.members,
            **self.options,
        )

    def pick(self, split: Split, vectors: Array) -> Array:  # noqa: D102
        number = {m: i for i, m in enumerate(split.members)}
        chosen = self.profile.route_vectors(vectors, mode=self.mode)
        return np.array([number[line[0].member] for line in chosen])
