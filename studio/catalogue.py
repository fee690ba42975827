"""The models of a server: each graph and each of its presets is a model with a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph
from pydantic import BaseModel

from ..errors import InputError
from ..graphs.from_preset import from_preset
from ..hints import nearest
from ..pool import Pool
from ..presets import PRESETS, Preset, preset
from ..profiles import Profile
from .served import served


class NoSuchModelError(InputError):
    """There is no model of that name."""


@dataclass
class Catalogue:
    """The graphs over one pool and one task map, built at first use.

    Attributes:
        pool: The members.
        profile: The task map; without it the Avengers ask the whole pool.
        checkpointer: Checkpointer of the graphs that remember threads.
    """

    pool: Pool
    profile: Profile | None = None
    checkpointer: BaseCheckpointSaver[Any] | None = None
    _built: dict[tuple[str, bool], CompiledStateGraph[Any, Any, Any, Any]] = field(
        default_factory=dict
    )

    @property
    def names(self) -> list[str]:
        """The names of the models."""
        return [each.name for each in PRESETS]

    def find(self, name: str) -> Preset:
        """The record of a model; `smoa/cheap` is `smoa-cheap`.

        Raises:
            NoSuchModelError: There is no such model; the message names the existing ones.
        """
        own = str(name).replace("/", "-")
        if own in self.names:
            return preset(own)
        hint = nearest(own, self.names, "there are")
        raise NoSuchModelError(f"there is no model {name!r}; {hint}")

    def builder(self, name: str) -> StateGraph[Any, Any, Any, Any]:
        """The uncompiled graph of a model."""
        return from_preset(self.find(name), self.pool, self.profile)

    def graph(
        self, name: str, *, remembers: bool = False
    ) -> CompiledStateGraph[Any, Any, Any, Any]:
        """The compiled graph of a model, with the checkpointer if it `remembers` threads."""
        key = (self.find(name).name, remembers)
        if key not in self._built:
            if remembers and self.checkpointer is not None:
                # A copy costs nothing against building the graph again.
                saver = {"checkpointer": self.checkpointer}
                self._built[key] = self.graph(name).copy(saver)
            else:
                self._built[key] = served(self.builder(name), key[0])
        return self._built[key]

    def knobs(self, name: str) -> type[BaseModel]:
        """The context schema of a model."""
        return self.graph(name).context_schema  # pyright: ignore[reportReturnType]
