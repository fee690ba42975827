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

from langchain_core.runnables import RunnableLambda
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


def as_node(node: Node) -> RunnableLambda[Any, Any]:
    """`node(state, runtime)`, an async function, as something LangGraph can run either way."""

    async def run(state: Any) -> Any:
        return await node(state, get_runtime())

    def run_in_background(state: Any) -> Any:
        return run_sync(run(state))

    return RunnableLambda(run_in_background, afunc=run, name=getattr(node, "__name__", "node"))
