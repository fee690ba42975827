"""Our graphs under Aegra, which begins a run anew when its worker was killed.

One that has a checkpoint is resumed here instead, so that no call that has ended is repeated, and
calls are recorded side by side. Aegra loads this module as a file, outside of its package, so its
imports are absolute.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.types import Command
from langgraph_ensemble.presets import PRESETS
from langgraph_ensemble.studio import graphs
from langgraph_ensemble.studio.aegra.auth import asked_by
from langgraph_ensemble.studio.data.memory_postgres import PostgresMemory
from langgraph_ensemble.studio.telemetry.watch import HANDED_ON
from langgraph_ensemble.studio.ui.shown import Shown


class Resumed(Shown):
    """A graph that continues a run which another worker had begun."""

    def copy(self, update: dict[str, Any] | None = None) -> Any:
        """See `Pregel.copy`; Aegra gives each run a copy with its own checkpointer."""
        given = dict(update or {})
        if isinstance(saver := given.get("checkpointer"), AsyncPostgresSaver):
            given["checkpointer"] = _side_by_side(saver)
        return super().copy(given)

    async def astream(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, input: Any, config: RunnableConfig | None = None, **options: Any
    ) -> AsyncGenerator[Any]:
        """See `Shown.astream`."""
        if config is not None:
            if await self._begun(input, config):
                # It may have begun at an earlier checkpoint, and is further now.
                input = None
                config = _without(config, "checkpoint_id")
            config = _asked(config)
        async for item in super().astream(input, config, **options):
            yield item

    async def _begun(self, input: Any, config: RunnableConfig) -> bool:
        """Whether the newest checkpoint of the thread is one of this run."""
        inside = config.get("configurable") or {}
        run, thread = inside.get("run_id"), inside.get("thread_id")
        nested, saver = inside.get("checkpoint_ns"), self.checkpointer
        if isinstance(input, Command) or not run or not thread or nested or not saver:
            return False
        asked: RunnableConfig = {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
        found = await saver.aget_tuple(asked)  # pyright: ignore[reportAttributeAccessIssue]
        return found is not None and str(found.metadata.get("run_id")) == str(run)


_quick: WeakKeyDictionary[AsyncPostgresSaver, AsyncPostgresSaver] = WeakKeyDictionary()


def _side_by_side(saver: AsyncPostgresSaver) -> AsyncPostgresSaver:
    """The checkpointer of all runs of this worker, on the pool of Aegra's.

    Aegra's writes one record after the other, so that a reply which has ended waits for the records
    of all other runs, and is paid again if the worker is killed meanwhile.
    """
    if isinstance(saver, PostgresMemory) or not hasattr(saver.conn, "getconn"):
        return saver
    if saver not in _quick:
        _quick[saver] = PostgresMemory(saver.conn, serde=saver.serde)
    return _quick[saver]


def _asked(config: RunnableConfig) -> RunnableConfig:
    """The configuration with the names that our server gave the request, and no others.

    LangGraph's server takes them from headers that we have set. Here a client may have written
    them, to have its run charged to another key.
    """
    inside = config.get("configurable") or {}
    given = _without(config, *HANDED_ON)
    given["configurable"] = {**given.get("configurable", {}), **asked_by(inside)}
    return given


def _without(config: RunnableConfig, *names: str) -> RunnableConfig:
    """A copy of the configuration without some of its names."""
    inside = config.get("configurable") or {}
    given = config.copy()
    given["configurable"] = {k: v for k, v in inside.items() if k not in names}
    return given


def _factory(name: str) -> Callable[[], Awaitable[Any]]:
    async def make() -> Any:
        graph = await vars(graphs)[name]()
        return Resumed.of(graph.copy())

    make.__name__ = name
    make.__doc__ = f"The {name} graph."
    return make


# Aegra looks the graphs up by name, as LangGraph's server does in `graphs`.
globals().update({each.variable: _factory(each.variable) for each in PRESETS})
