"""Routers that are learned on frozen embeddings, in the style of EmbedLLM and of RouterDC.

Sources: Zhuang et al., "EmbedLLM", arXiv 2410.02223; Chen et al., "RouterDC", arXiv 2409.19886.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from ..errors import InputError
from . import storage
from .checks import numbers
from .embedders import Embedder, make, restore
from .ranking import Choice, checked, columns
from .table import table
from .training import (
    STEPS,
    Weights,
    score_contrast,
    score_factors,
    train_contrast,
    train_factors,
)

Array = np.ndarray


@dataclass(frozen=True)
class LearnedRouter:
    """A router whose scores come from learned weights; see its subclasses.

    Attributes:
        members: Names, in the order that breaks ties.
        embedder: The model that turns a question into a vector.
        weights: The learned arrays.
    """

    members: list[str]
    embedder: Embedder
    weights: Weights

    kind: ClassVar[str] = ""
    train: ClassVar[Callable[..., Weights]]
    score: ClassVar[Callable[[Weights, Array], Array]]

    @classmethod
    def fit(
        cls,
        records: Iterable[Mapping[str, Any]],
        *,
        embedder: Any = "lexical",
        seed: int = 42,
        members: Sequence[str] | None = None,
        vectors: Array | None = None,
        steps: int = STEPS,
    ) -> Self:
        """Learn from recorded scores.

        Args:
            records: `{"query": str, "scores": {member: float in [0, 1]}}`; members may be missing.
            embedder: As for `Profile.fit`.
            seed: Fixes all random choices.
            members: Which members, and in which order; by default all, by name.
            vectors: The embedded queries [n, d], if they were embedded before with `embedder`.
            steps: Number of training steps.

        Raises:
            InputError: The records cannot be used.

        Example:
            >>> rows = [{"query": f"add {i} to 2", "scores": {"a": 1, "b": 0}} for i in range(8)]
            >>> FactorRouter.fit(rows, steps=50).route(["add 9 to 2"])[0][0].member
            'a'
        """
        data = table(records, members)
        if np.isnan(data.scores).all():
            raise InputError("no record holds a score: a router needs at least one scored member")
        made = make(embedder, data.queries, seed=seed)
        known = made.embed(data.queries) if vectors is None else vectors
        if len(known) != len(data.queries):
            raise InputError(f"{len(known)} vectors for {len(data.queries)} records")
        weights = cls.train(np.asarray(known, dtype=np.float64), data.scores, seed, steps)
        return cls(data.members, made, weights)

    def route(self, queries: Sequence[str], **options: Any) -> list[list[Choice]]:
        """Choose members for each question, best first; options as for `route_vectors`."""
        if isinstance(queries, str):
            raise InputError("route takes a list of questions: write route([question])")
        return self.route_vectors(self.embedder.embed(list(queries)), **options)

    def route_vectors(
        self, vectors: Array, *, top_n: int = 1, members: Sequence[str] | None = None
    ) -> list[list[Choice]]:
        """Choose members for each embedded question, as `routing.router.Router` describes.

        Raises:
            InputError: `top_n` is below 1, or a member is unknown.
        """
        if top_n < 1:
            raise InputError(f"top_n must be at least 1, not {top_n}")
        chosen = columns(self.members, members)
        vectors = checked(vectors, self.weights["w"].shape[0])
        scores = type(self).score(self.weights, vectors)[:, chosen]
        order = np.argsort(-scores, axis=1, kind="stable")[:, :top_n]
        names = [self.members[column] for column in chosen]
        return [
            [Choice(names[m], float(line[m]), 0) for m in best]
            for line, best in zip(scores, order.tolist(), strict=True)
        ]

    def save(self, path: str | Path) -> None:
        """Save as a folder of JSON and npz."""
        data, own = self.embedder.state()
        arrays = {f"embedder.{name}": array for name, array in own.items()}
        arrays |= {f"weights.{name}": array for name, array in self.weights.items()}
        named = {"router": self.kind, "members": self.members, "embedder": self.embedder.spec()}
        storage.write(path, {**named, "embedder_data": data}, arrays)

    @classmethod
    def load(cls, path: str | Path, embedder: Any = None) -> Self:
        """Load a saved router.

        Args:
            path: The folder.
            embedder: Needed only if the router was made with a LangChain object.

        Raises:
            InputError: The folder holds no such router, or it is damaged.
        """
        data, arrays = storage.read(path)
        if data.get("router") != cls.kind:
            raise InputError(f"{path} holds no {cls.__name__}: save one there, or load another")
        with storage.whole(path):
            own = {k[9:]: a for k, a in arrays.items() if k.startswith("embedder.")}
            made = restore(data["embedder"], data["embedder_data"], own, embedder)
            members = [str(name) for name in data["members"]]
            weights = {k[8:]: a for k, a in arrays.items() if k.startswith("weights.")}
            cls.check(weights, len(members))
        return cls(members, made, weights)

    @classmethod
    def check(cls, weights: Weights, members: int) -> None:
        """See that stored arrays fit each other.

        Raises:
            ValueError: One does not; the message names it.
        """
        raise NotImplementedError


class FactorRouter(LearnedRouter):
    """Matrix factorisation of right and wrong answers, in the style of EmbedLLM.

    Example:
        >>> rows = [{"query": f"add {i} to 2", "scores": {"a": 0.0, "b": 1.0}} for i in range(8)]
        >>> FactorRouter.fit(rows, steps=50).route(["add 9 to 2"])[0][0].member
        'b'
    """

    kind = "factors"
    train = staticmethod(train_factors)
    score = staticmethod(score_factors)

    @classmethod
    def check(cls, weights: Weights, members: int) -> None:
        """See `LearnedRouter.check`."""
        width = numbers(weights, "w", (None, None)).shape[1]
        numbers(weights, "p", (members, width))
        numbers(weights, "v", (width,))
        numbers(weights, "b", (members,))


class ContrastiveRouter(LearnedRouter):
    """Questions and members in one space, in the style of RouterDC.

    Example:
        >>> rows = [{"query": f"add {i} to 2", "scores": {"a": 0.0, "b": 1.0}} for i in range(8)]
        >>> ContrastiveRouter.fit(rows, steps=50).route(["add 9 to 2"])[0][0].member
        'b'
    """

    kind = "contrast"
    train = staticmethod(train_contrast)
    score = staticmethod(score_contrast)

    @classmethod
    def check(cls, weights: Weights, members: int) -> None:
        """See `LearnedRouter.check`."""
        width = numbers(weights, "w", (None, None)).shape[1]
        numbers(weights, "e", (members, width))
