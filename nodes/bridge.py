"""One asynchronous node, usable by `invoke` and by `ainvoke`.

A synchronous run hands the node's coroutine to one event loop that lives in a background thread:
limits, quorums and connections are then shared by all branches, and timeouts still cancel.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from functools import cache
from typing import Any, TypeVar

from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.runtime import Runtime, get_runtime

T = TypeVar("T")
Node = Callable[[Any, Runtime[Any]], Awaitable[Any]]


@cache
def background_loop() -> asyncio.AbstractEventLoop:
    """The event loop of the background thread, started when first needed."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="langgraph-ensemble", daemon=True).start()
    return loop


def run_sync(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in the background loop and wait for it; an interruption cancels it."""
    future = asyncio.run_coroutine_threadsafe(work, background_loop())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


class BothWays(Runnable[Any, Any]):
    """An async function of state and runtime, as something LangGraph can run either way.

    A Runnable of its own, not a `RunnableLambda`: LangGraph traces each node already, and a second
    trace a node takes longer than all else we do between two calls.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self.name = getattr(node, "__name__", "node")

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        """Run the node in the background loop and wait."""
        return run_sync(self._run(input))

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        """Run the node in the running loop."""
        return await self._run(input)

    async def _run(self, state: Any) -> Any:
        return await self._node(state, get_runtime())


def as_node(node: Node) -> Runnable[Any, Any]:
    """`node(state, runtime)`, an async function, as a node of a graph."""
    return BothWays(node)
