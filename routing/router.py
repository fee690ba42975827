"""The interface of a router: from an embedded question to members, best first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from .embedders import Embedder
from .ranking import Choice


@runtime_checkable
class Router(Protocol):
    """Ranks members for questions; `Profile`, the task map, is one.

    `create_avengers(pool, None, router=…)` embeds the question in one step and calls
    `route_vectors` in the next, so that the vector is in the checkpoint between them.
    """

    @property
    def members(self) -> Sequence[str]:
        """Names of the members that it knows, in the order that breaks ties."""
        ...

    @property
    def embedder(self) -> Embedder:
        """The model that turns a question into a vector."""
        ...

    def route_vectors(
        self, vectors: np.ndarray, *, top_n: int = 1, members: Sequence[str] | None = None
    ) -> list[list[Choice]]:
        """The best members for each embedded question.

        Args:
            vectors: Embedded questions [n, d].
            top_n: Members per question; fewer if fewer are available.
            members: Those available; by default all.
        """
        ...
