"""The graphs that the LangGraph server loads: one factory for each preset, and the calibration.

The server calls a factory for every run and every schema request, so pool, task map and graphs are
cached. They are compiled without a checkpointer, because the server has its own.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph

from ..graphs.calibration import create_calibration
from ..nodes.knob import check_knobs
from ..presets import PRESETS
from . import defaults
from .catalogue import Catalogue
from .forms import dressed
from .served import served
from .settings import Settings
from .ui.shown import shown

if TYPE_CHECKING:
    from langgraph_sdk.runtime import ServerRuntime

QUESTIONS = "ENSEMBLE_QUESTIONS"
_SERVERS = frozenset(
    {
        *("thread_id", "run_id", "graph_id", "assistant_id", "user_id", "cron_id"),
        *("checkpoint_id", "checkpoint_ns", "checkpoint_map"),
    }
)
"""Names that the server itself puts into a run's `configurable`."""

Graph = CompiledStateGraph[Any, Any, Any, Any]


@cache
def catalogue() -> Catalogue:
    """The models of the environment's pool and task map."""
    return Catalogue(*defaults.resources())


@cache
def graph(name: str) -> Graph:
    """The graph of a model, with its knobs described for Studio's forms."""
    builder = catalogue().builder(name)
    builder.context_schema = dressed(builder.context_schema, list(builder.nodes))  # pyright: ignore
    compiled = shown if Settings.read().show_team else served
    return compiled(builder, name, name=name)


def _factory(name: str) -> Callable[..., Awaitable[Graph]]:
    async def make(runtime: ServerRuntime | None = None) -> Graph:
        # Reading files would block the server's event loop.
        made = await asyncio.to_thread(graph, name)
        _check(made, runtime)
        return made

    make.__name__ = name.replace("-", "_")
    make.__doc__ = f"The {name} graph."
    return make


def _check(graph: Graph, runtime: Any) -> None:
    """Refuse a run whose context is not right, as the other endpoints do.

    The server drops the fields that the schema does not have before the graph sees the context.

    Raises:
        InputError: An unknown knob, or a value out of bounds.
    """
    given = getattr(runtime, "context", None)
    if not isinstance(given, Mapping):
        return
    # A run without a context gets its `configurable` as one, which also holds names of the server.
    knobs = {name: value for name, value in given.items() if not _is_servers(name)}
    check_knobs(graph.context_schema, knobs)  # pyright: ignore[reportArgumentType]


def _is_servers(name: str) -> bool:
    return name in _SERVERS or name.startswith(("__", "langgraph_", "x-"))


# The server looks the graphs up by name: `moa_lite` and so on, one for each record.
globals().update({each.variable: _factory(each.name) for each in PRESETS})


async def calibration(config: RunnableConfig, runtime: ServerRuntime) -> Graph:
    """The calibration graph; each thread has a folder of its own.

    A later run on a thread repeats no paid call of earlier runs.
    """
    thread = (config.get("configurable") or {}).get("thread_id")
    name = str(UUID(str(thread))) if thread else "new"
    made = await asyncio.to_thread(_calibration, name)
    _check(made, runtime)
    return made


def questions() -> Path:
    """The folder whose files runs may name: `ENSEMBLE_QUESTIONS`, or `questions` beside the data.

    Example:
        >>> questions().name
        'questions'
    """
    chosen = os.environ.get(QUESTIONS)
    return Path(chosen).expanduser() if chosen else defaults.data_file().parent / "questions"


@lru_cache(maxsize=64)
def _calibration(name: str) -> Graph:
    out = defaults.data_file().parent / "calibrations" / name
    builder = create_calibration(catalogue().pool, out=out, folder=questions())
    builder.context_schema = dressed(builder.context_schema, list(builder.nodes))  # pyright: ignore
    return served(builder, "calibration")
