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
from ..models.journal import DURABILITY
from ..nodes.bridge import Works
from ..nodes.defaults import resolve
from ..nodes.knob import check_knobs
from ..nodes.limits import forget
from .thread_lease import Lease
from .thread_turns import Turn

WORKERS = 1000
"""Threads that a synchronous run may start: more than it has branches and records to write."""

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
        run: Any = super().stream(
            input,
            works.put_into(self._with_workers(self._with_steps(config))),
            **self._durable(config, options),
        )
        # To close LangGraph's run is to wait for its steps, so they end first; `yield from` would
        # close it at once.
        turn, lease = self._turn(config, options.get("context"))
        with self._budgets_of(works, config), turn, lease, closing(run), works:
            for item in run:  # noqa: UP028
                yield item

    async def astream(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, input: Any, config: RunnableConfig | None = None, **options: Any
    ) -> AsyncGenerator[Any]:
        """See `CompiledStateGraph.astream`."""
        self._check(input, config, options.get("context"))
        options = self._durable(config, options)
        works = Works(config)
        run: Any = super().astream(input, works.put_into(self._with_steps(config)), **options)
        turn, lease = self._turn(config, options.get("context"))
        with self._budgets_of(works, config):
            async with turn, lease, aclosing(run):
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

    def _inside(self, config: RunnableConfig | None) -> dict[str, Any]:
        """What a run's configuration holds, and this graph's own."""
        own, given = ((each or {}).get("configurable") or {} for each in (self.config, config))
        return {**own, **given}

    def _durable(self, config: RunnableConfig | None, options: dict[str, Any]) -> dict[str, Any]:
        """The options of a run, which records calls before the next ones are made.

        LangGraph's own default makes them meanwhile, and a killed process then repeats both.
        """
        inside = self._inside(config)
        saver = inside.get(CONFIG_KEY_CHECKPOINTER, self.checkpointer)
        said = options.get("durability") or "checkpoint_during" in options or DURABILITY in inside
        if said or not isinstance(saver, BaseCheckpointSaver) or self.checkpointer is False:
            return options
        return {**options, "durability": "sync"}

    def _turn(self, config: RunnableConfig | None, context: Any) -> tuple[Any, Any]:
        """The turn of a run on its thread in this process, and its lease among all processes.

        There is nothing to wait for where it remembers no thread.
        """
        inside = self._inside(config)
        thread, saver = inside.get("thread_id"), self.checkpointer
        # A subgraph is given its parent's checkpointer, and a place of its own in the thread.
        nested = CONFIG_KEY_CHECKPOINTER in inside or inside.get("checkpoint_ns")
        if thread is None or nested or not isinstance(saver, BaseCheckpointSaver):
            return nullcontext(), nullcontext()
        schema: Any = self.context_schema
        seconds = getattr(resolve(schema, context), "max_seconds", None)
        return Turn(saver, str(thread), seconds), Lease(saver, str(thread), seconds)

    def _with_steps(self, config: RunnableConfig | None) -> RunnableConfig | None:
        """The configuration with a limit that is no smaller than our graphs need."""
        around = (config, var_child_runnable_config.get(), self.config)
        limits = (each["recursion_limit"] for each in around if each and "recursion_limit" in each)
        if next(limits, STEPS) >= STEPS:
            return config
        return {**(config or {}), "recursion_limit": STEPS}

    def _with_workers(self, config: RunnableConfig | None) -> RunnableConfig:
        """The configuration with a thread for each branch, unless somebody limits them.

        By default a machine with two cores has six, and the record of a call that has ended waits
        until a thread is free: until other calls have ended as well.
        """
        around = (config, var_child_runnable_config.get(), self.config)
        if any(each and each.get("max_concurrency") for each in around):
            return config or {}
        return {**(config or {}), "max_concurrency": WORKERS}
