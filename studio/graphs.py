"""The graphs that the LangGraph server loads: one factory for each preset, and the calibration.

The server calls a factory for every run and every schema request, so pool, task map and graphs are
cached. They are compiled without a checkpointer, because the server has its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph

from ..graphs.calibration import create_calibration
from ..presets import PRESETS
from . import defaults
from .catalogue import Catalogue
from .forms import dressed
from .served import served

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
    return served(builder, name, name=name)


def _factory(name: str) -> Callable[[], Awaitable[Graph]]:
    async def make() -> Graph:
        # Reading files would block the server's event loop.
        return await asyncio.to_thread(graph, name)

    make.__name__ = name.replace("-", "_")
    make.__doc__ = f"The {name} graph."
    return make


# The server looks the graphs up by name: `moa_lite` and so on, one for each record.
globals().update({each.variable: _factory(each.name) for each in PRESETS})


async def calibration(config: RunnableConfig) -> Graph:
    """The calibration graph; each thread has a folder of its own.

    A later run on a thread repeats no paid call of earlier runs.
    """
    thread = (config.get("configurable") or {}).get("thread_id")
    name = str(UUID(str(thread))) if thread else "new"
    return await asyncio.to_thread(_calibration, name)


@lru_cache(maxsize=64)
def _calibration(name: str) -> Graph:
    out = defaults.data_file().parent / "calibrations" / name
    builder = create_calibration(catalogue().pool, out=out)
    builder.context_schema = dressed(builder.context_schema, list(builder.nodes))  # pyright: ignore
    return served(builder, "calibration")
