"""What a server offers: each graph and each of its presets is a model with a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph
from pydantic import BaseModel, ValidationError

from ..errors import InputError
from ..graphs import avengers, moa, smoa
from ..hints import nearest
from ..pool import Pool
from ..profiles import Profile

ABOUT = {
    "avengers": "Routes the question on the task map, samples, votes.",
    "avengers-cheap": "One sample of a member that is good and cheap; streams at once.",
    "avengers-balanced": "Five samples of the best member, one vote.",
    "avengers-best": "The two best members; the second is asked when the first is not sure.",
    "moa": "Three layers: proposers read the layer before, one aggregator answers.",
    "moa-lite": "Two layers: proposers, then the aggregator.",
    "self-moa": "One model's six drafts, aggregated.",
    "smoa": "Role-playing proposers, a judge that keeps the best, early stopping.",
    "smoa-cheap": "One round, one kept draft.",
}
PRESETS = {**avengers.PRESETS, **moa.PRESETS, **smoa.PRESETS}
"""Builder arguments of every model, by name."""


class NoSuchModelError(InputError):
    """There is no model of that name."""


@dataclass
class Catalogue:
    """The graphs over one pool and one task map, built when first asked for.

    Attributes:
        pool: The members.
        profile: The task map; without one the Avengers ask the whole pool.
        checkpointer: Makes the graphs remember threads.
    """

    pool: Pool
    profile: Profile | None = None
    checkpointer: BaseCheckpointSaver[Any] | None = None
    _built: dict[tuple[str, bool], CompiledStateGraph[Any, Any, Any, Any]] = field(
        default_factory=dict
    )

    @property
    def names(self) -> list[str]:
        """The models on offer."""
        return list(PRESETS)

    def find(self, name: str) -> str:
        """The model's own name: `smoa/cheap` is `smoa-cheap`.

        Raises:
            NoSuchModelError: It is not on offer; the message says what is.
        """
        own = str(name).replace("/", "-")
        if own in self.names:
            return own
        hint = nearest(own, self.names, "there are")
        raise NoSuchModelError(f"there is no model {name!r}; {hint}")

    def builder(self, name: str) -> StateGraph[Any, Any, Any, Any]:
        """The uncompiled graph of a model."""
        own = self.find(name)
        options = {**PRESETS[own], "name": own}
        if method(own) != "avengers" and self._of_specialists:
            # Off its subject a specialist is of no use: those who know it draft, nobody else.
            options["profile"] = self.profile
        if method(own) == "moa":
            if own == "self-moa":
                options["proposers"] = self.pool.proposers[:1]
            return moa.create_moa(self.pool, **options)
        if method(own) == "smoa":
            return smoa.create_smoa(self.pool, **options)
        return avengers.create_avengers(self.pool, self.profile, **options)

    @property
    def _of_specialists(self) -> bool:
        """Whether there is a task map of a team with bundled specialists in it."""
        return self.profile is not None and any(m.provider == "pocket" for m in self.pool)

    def graph(
        self, name: str, *, remembers: bool = False
    ) -> CompiledStateGraph[Any, Any, Any, Any]:
        """The compiled graph of a model, with the checkpointer where it `remembers` threads."""
        key = (self.find(name), remembers)
        if key not in self._built:
            saver = self.checkpointer if remembers else None
            self._built[key] = self.builder(name).compile(checkpointer=saver)
        return self._built[key]

    def knobs(self, name: str) -> type[BaseModel]:
        """The context schema of a model."""
        return self.graph(name).context_schema  # pyright: ignore[reportReturnType]


def method(name: str) -> str:
    """Which method a model is a form of.

    Example:
        >>> method("self-moa"), method("smoa-cheap")
        ('moa', 'smoa')
    """
    if name in moa.PRESETS:
        return "moa"
    return "smoa" if name in smoa.PRESETS else "avengers"


def check_knobs(schema: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """The knobs of one run, checked before it begins.

    Raises:
        InputError: An unknown knob, with the nearest known one, or a value out of bounds.
    """
    known = schema.model_fields
    for name in given:
        if name not in known:
            raise InputError(f"unknown knob {name!r}; {nearest(name, known, 'known knobs:')}")
    try:
        schema(**given)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"knob {first['loc'][0]!r}: {first['msg'].lower()}") from None
    return dict(given)
