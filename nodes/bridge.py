"""Run asynchronous work from synchronous code.

A synchronous run passes each step's coroutine to one event loop in a background thread, so that all
branches share limits, quorums and connections, and timeouts can cancel.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


@cache
def background_loop() -> asyncio.AbstractEventLoop:
    """The event loop of the background thread, started at first use."""
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
