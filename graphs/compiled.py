"""A compiled graph of ours: what holds for each of its runs, wherever the graph stands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from contextlib import aclosing, closing, contextmanager, nullcontext
from typing import Any

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import var_child_runnable_config
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.constants import CONFIG_KEY_CHECKPOINTER
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from ..errors import InputError
from ..nodes.bridge import Works
from ..nodes.context import resolve
from ..nodes.knob import check_knobs
from ..nodes.limits import forget
from .thread_turns import Turn

STEPS = 1000
"""Supersteps that a run may take: more than the knobs allow, which bound every loop."""


def _check_result(input: Any) -> None:
    """A parent's state comes as the input; what it holds as `result` must be an ensemble's."""
    if isinstance(input, Command):
        return
    found = input.get("result") if isinstance(input, Mapping) else getattr(input, "result", None)
    if not found or (isinstance(found, Mapping) and "strategy" in found):
        return
    raise InputError(
        f"the state has a 'result' of its own ({type(found).__name__}), which the ensemble's would "
        "replace: rename it, or call the ensemble in a function that is a node, with the messages "
        "alone, and return its result under another name"
    )


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
        self._check(input, config, options.get("context"))
        works = Works(config)
        run: Any = super().stream(input, works.put_into(self._with_steps(config)), **options)
        # To close LangGraph's run is to wait for its steps, so they end first; `yield from` would
        # close it at once.
        turn = self._turn(config, options.get("context"))
        with self._budgets_of(works, config), turn, closing(run), works:
            for item in run:  # noqa: UP028
                yield item

    async def astream(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, input: Any, config: RunnableConfig | None = None, **options: Any
    ) -> AsyncGenerator[Any]:
        """See `CompiledStateGraph.astream`."""
        self._check(input, config, options.get("context"))
        works = Works(config)
        run: Any = super().astream(input, works.put_into(self._with_steps(config)), **options)
        turn = self._turn(config, options.get("context"))
        with self._budgets_of(works, config):
            async with turn, aclosing(run):
                async for item in run:
                    yield item

    def _check(self, input: Any, config: RunnableConfig | None, context: Any) -> None:
        """Refuse what a run would misunderstand, before anything is asked.

        Raises:
            InputError: A knob that there is not, or a `result` that would be overwritten.
        """
        schema = self.context_schema
        if isinstance(context, Mapping) and schema is not None:
            # A server may hand on its `configurable` as the context.
            others = (config or {}).get("configurable") or {}
            given = {name: value for name, value in context.items() if name not in others}
            check_knobs(schema, given)  # pyright: ignore[reportArgumentType]
        if "result" in self.output_channels:
            _check_result(input)

    @contextmanager
    def _budgets_of(self, works: Works, config: RunnableConfig | None) -> Iterator[None]:
        """Drop the budgets of a run when it has ended, unless it was broken off and may go on."""
        around = (config, var_child_runnable_config.get())
        inside = [(each or {}).get("configurable") or {} for each in around]
        saved = self.checkpointer or any(each.get(CONFIG_KEY_CHECKPOINTER) for each in inside)
        try:
            yield
        except BaseException:
            works.broken = True
            raise
        finally:
            if not (works.broken and saved):
                forget(works)

    def _turn(self, config: RunnableConfig | None, context: Any) -> Any:
        """The turn of a run on its thread; nothing to wait for where it remembers none."""
        own, given = ((each or {}).get("configurable") or {} for each in (self.config, config))
        inside = {**own, **given}
        thread, saver = inside.get("thread_id"), self.checkpointer
        # A subgraph is given its parent's checkpointer, and a place of its own in the thread.
        nested = CONFIG_KEY_CHECKPOINTER in inside or inside.get("checkpoint_ns")
        if thread is None or nested or not isinstance(saver, BaseCheckpointSaver):
            return nullcontext()
        schema: Any = self.context_schema
        return Turn(saver, str(thread), getattr(resolve(schema, context), "max_seconds", None))

    def _with_steps(self, config: RunnableConfig | None) -> RunnableConfig | None:
        """The configuration with a limit that is no smaller than our graphs need."""
        around = (config, var_child_runnable_config.get(), self.config)
        limits = (each["recursion_limit"] for each in around if each and "recursion_limit" in each)
        if next(limits, STEPS) >= STEPS:
            return config
        return {**(config or {}), "recursion_limit": STEPS}
