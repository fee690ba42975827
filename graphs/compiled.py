"""A compiled graph of ours: what holds for each of its runs, wherever the graph stands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing
from typing import Any

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import var_child_runnable_config
from langgraph.graph.state import CompiledStateGraph

STEPS = 1000
"""Supersteps that a run may take: more than the knobs allow, which bound every loop."""


class CompiledEnsemble(CompiledStateGraph[Any, Any, Any, Any]):
    """A `CompiledStateGraph` whose runs are not cut off by a recursion limit made for others.

    LangChain fills in a limit of 25 supersteps wherever a configuration is handed on, and a parent
    hands its own limit to a subgraph. SMoA takes six supersteps a round.
    """

    @classmethod
    def of(cls, compiled: CompiledStateGraph[Any, Any, Any, Any]) -> CompiledEnsemble:
        """The compiled graph itself, as one of ours."""
        # LangGraph's builder has no place to name the class of what it compiles.
        compiled.__class__ = cls
        assert isinstance(compiled, cls)  # noqa: S101
        return compiled

    def stream(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, input: Any, config: RunnableConfig | None = None, **options: Any
    ) -> Generator[Any]:
        """See `CompiledStateGraph.stream`."""
        yield from super().stream(input, self._with_steps(config), **options)

    async def astream(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, input: Any, config: RunnableConfig | None = None, **options: Any
    ) -> AsyncGenerator[Any]:
        """See `CompiledStateGraph.astream`."""
        run: Any = super().astream(input, self._with_steps(config), **options)
        async with aclosing(run):
            async for item in run:
                yield item

    def _with_steps(self, config: RunnableConfig | None) -> RunnableConfig | None:
        """The configuration with a limit that is no smaller than our graphs need."""
        around = (config, var_child_runnable_config.get(), self.config)
        limits = (each["recursion_limit"] for each in around if each and "recursion_limit" in each)
        if next(limits, STEPS) >= STEPS:
            return config
        return {**(config or {}), "recursion_limit": STEPS}
