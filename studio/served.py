"""Graphs as a server runs them: watched, and within the budget of the key that asks."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig, ensure_config
from langgraph.graph import StateGraph

from ..graphs.compiled import CompiledEnsemble
from ..models.budget import within
from ..models.observers import observed
from .telemetry.watch import Run, current

_RUN = "__ensemble_run"
"""Where a configuration holds its `Run`; LangGraph stores no name that begins so."""


def served(builder: StateGraph[Any, Any, Any, Any], model: str, **options: Any) -> CompiledEnsemble:
    """Compile a graph for a server.

    Args:
        builder: The graph; its nodes are changed.
        model: Its name in metrics, logs and traces.
        **options: As for `StateGraph.compile`.
    """
    for node in builder.nodes.values():
        node.runnable = _Metered(node.runnable)  # pyright: ignore[reportAttributeAccessIssue]
    builder.served_as = model  # pyright: ignore[reportAttributeAccessIssue]
    return Served.of(builder.compile(**options))


class Served(CompiledEnsemble):
    """A graph whose runs are told to the server's `Watch`."""

    async def astream(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, input: Any, config: RunnableConfig | None = None, **options: Any
    ) -> AsyncGenerator[Any]:
        """See `CompiledStateGraph.astream`.

        Raises:
            InputError: The server has keys, and the run belongs to none of them: a scheduled run,
                or one of a key that is gone.
        """
        watch = current()
        inside = dict((config or {}).get("configurable") or {})
        # A client may send this name with a value of JSON, which is no run.
        if watch is None or isinstance(inside.get(_RUN), Run):
            async with aclosing(super().astream(input, config, **options)) as stream:
                async for item in stream:
                    yield item
            return
        run = watch.begin(self.builder.served_as, inside)  # pyright: ignore
        told: Any = {**(config or {}), "configurable": {**inside, _RUN: run}}
        if watch.texts:
            run.question = _texts(input)
        try:
            async with aclosing(super().astream(input, told, **options)) as stream:
                async for item in stream:
                    if watch.texts:
                        run.answer = _answer(item) or run.answer
                    yield item
        except BaseException as error:
            run.end(error)
            raise
        run.end()


class Wrapped(Runnable[Any, Any]):
    """A node of a served graph with something around it, which `ainvoke` of a subclass does.

    Args:
        node: The node.
    """

    def __init__(self, node: Any) -> None:
        self._node = node
        self.name = getattr(node, "name", None)

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        """Run the node; the server itself never does so synchronously."""
        return self._node.invoke(input, config, **kwargs)


class _Metered(Wrapped):
    """A node whose calls are told to its run, and fit into the budget of the run's key."""

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        """Run the node."""
        run: Any = (ensure_config(config).get("configurable") or {}).get(_RUN)
        if not isinstance(run, Run):
            return await self._node.ainvoke(input, config, **kwargs)
        budget = run.budget
        with ExitStack() as inside:
            inside.enter_context(observed(run))
            if budget is not None:
                inside.enter_context(within([budget]))
            return await self._node.ainvoke(input, config, **kwargs)


def _texts(input: Any) -> Any:
    """The messages of an input, as the conventions of traces write them."""
    messages = input.get("messages") if isinstance(input, dict) else None
    return [_message(each) for each in messages or ()] if isinstance(messages, list) else None


def _message(message: Any) -> dict[str, Any]:
    if isinstance(message, BaseMessage):
        return {"role": message.type, "content": str(message.text)}
    if isinstance(message, dict):
        return {"role": message.get("role") or message.get("type"), "content": message["content"]}
    return {"role": "user", "content": str(message)}


def _answer(item: Any) -> str | None:
    """The answer in an item of a stream, in whatever form it was asked for."""
    parts = item if isinstance(item, tuple) else (item,)
    state = parts[-1]
    if not isinstance(state, dict) or not state.get("result"):
        return None
    messages = state.get("messages") or [None]
    last = messages[-1]
    return str(last.text) if isinstance(last, BaseMessage) else None
