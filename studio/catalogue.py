"""The models of a server: each graph and each of its presets is a model with a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph
from pydantic import BaseModel

from ..errors import InputError
from ..graphs.avengers import create_avengers
from ..graphs.debate import create_debate
from ..graphs.moa import create_moa
from ..graphs.ranker import create_ranker
from ..graphs.smoa import create_smoa
from ..graphs.symbolic_moe import create_symbolic_moe
from ..hints import nearest
from ..models.provider import provider_of
from ..pool import Pool
from ..presets import PRESETS, Preset, preset
from ..profiles import Profile

BUILDERS: dict[str, Callable[..., StateGraph[Any, Any, Any, Any]]] = {
    "moa": create_moa,
    "smoa": create_smoa,
    "ranker": create_ranker,
    "debate": create_debate,
}
"""The builders that need nothing but a pool, by a preset's method."""
MAPPED: dict[str, Callable[..., StateGraph[Any, Any, Any, Any]]] = {
    "avengers": create_avengers,
    "symbolic_moe": create_symbolic_moe,
}
"""The builders whose second argument is a task map or None."""


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
        form = self.find(name)
        options: dict[str, Any] = {**form.arguments, "name": form.name}
        profile = self.profile if form.mapped else None
        if form.method in MAPPED:
            return MAPPED[form.method](self.pool, profile, **options)
        if profile is not None and (form.routed or self._of_specialists):
            options["profile"] = profile
        if profile is not None and self._of_specialists and form.method in ("moa", "smoa"):
            # A specialist is useless outside of its subject, so only those who know it draft.
            options["finish"] = "choose"
        return BUILDERS[form.method](self.pool, **options)

    @property
    def _of_specialists(self) -> bool:
        """Whether there is a task map, and the pool has bundled specialists."""
        return self.profile is not None and any(provider_of(m).specialists for m in self.pool)

    def graph(
        self, name: str, *, remembers: bool = False
    ) -> CompiledStateGraph[Any, Any, Any, Any]:
        """The compiled graph of a model, with the checkpointer if it `remembers` threads."""
        key = (self.find(name).name, remembers)
        if key not in self._built:
            saver = self.checkpointer if remembers else None
            self._built[key] = self.builder(name).compile(checkpointer=saver)
        return self._built[key]

    def knobs(self, name: str) -> type[BaseModel]:
        """The context schema of a model."""
        return self.graph(name).context_schema  # pyright: ignore[reportReturnType]
