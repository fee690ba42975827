"""A step: `async def name(state, run)`, from the state to an update of it.

`EnsembleGraph.add_step` makes a node of a step. A step does not depend on LangGraph's runtime, so
that a test can call it with a dict: `await make_judge(member)(state, Run(SmoaContext()))`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import ensure_config, set_config_context
from langgraph.runtime import Runtime, get_runtime
from pydantic import BaseModel

from ..models.journal import Journal
from .bridge import run_sync, works_of
from .defaults import resolve
from .savers import threaded

KnobsT = TypeVar("KnobsT", bound=BaseModel)


def _untold(_: Any) -> None:
    """Drop an event."""


@dataclass(frozen=True)
class Run(Generic[KnobsT]):
    """The second argument of a step, beside the state.

    Attributes:
        knobs: The knobs of this run.
        emit: Sends an event to the run's custom stream.
        superstep: The name that all branches of a superstep share, by which branches with a common
            quorum recognise each other. None if there are no others.
        journal: Where a step of several requests keeps those that have ended, if anywhere.

    Example:
        >>> from langgraph_ensemble.nodes.context import MoaContext
        >>> Run(MoaContext()).knobs.layers
        3
    """

    knobs: KnobsT
    emit: Callable[[Any], None] = _untold
    superstep: str | None = None
    journal: Journal | None = None

    @classmethod
    def of(cls, schema: type[KnobsT], runtime: Runtime[Any]) -> Run[KnobsT]:
        """Make a run from LangGraph's runtime, for a graph with the context `schema`."""
        about = runtime.execution_info
        # The checkpoint from which the superstep started, which exists without a checkpointer.
        start = about.checkpoint_id if about is not None else None
        task = about.task_id if about is not None else ""
        journal = Journal.of(ensure_config(), start, task)
        return cls(resolve(schema, runtime.context), runtime.stream_writer, start, journal)


Step = Callable[[Any, Run[Any]], Awaitable[dict[str, Any]]]


class StepNode(Runnable[Any, Any]):
    """A step as a node, for `invoke` and `ainvoke`.

    It is not a `RunnableLambda`, because LangGraph already traces each node, and a second trace per
    node takes longer than everything else between two calls.
    """

    def __init__(self, step: Step, schema: type[BaseModel]) -> None:
        self._step = step
        self._schema = schema
        self.name = getattr(step, "__name__", "step")

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        """Run the step in the background loop and wait."""
        with set_config_context(threaded(ensure_config(config))) as context:
            return context.run(run_sync, self._run(input, config), config)

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        """Run the step in the running loop."""
        return await self._run(input, config)

    async def _run(self, state: Any, config: RunnableConfig | None) -> dict[str, Any]:
        run = Run.of(self._schema, get_runtime())
        if (works := works_of(config)) is None:
            return await self._step(state, run)
        if run.superstep is not None:
            works.supersteps.add(run.superstep)
        try:
            return await self._step(state, run)
        except BaseException:
            works.broken = True
            raise
