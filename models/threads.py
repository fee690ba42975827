"""Models that know synchronous calls alone, called in threads that nobody has to wait for.

asyncio's own threads are joined when its loop ends: a call that was given up would hold up the end
of `asyncio.run` until the model has answered.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import Any, TypeVar

from langchain_core.language_models import LLM, BaseChatModel, BaseLLM, SimpleChatModel
from langchain_core.runnables import Runnable, RunnableLambda

T = TypeVar("T")

MOST = 16
"""Threads of one member: calls that were given up hold theirs until the model answers."""


def blocks(model: Any) -> bool:
    """Whether the class of `model` has no asynchronous calls of its own.

    Example:
        >>> blocks(RunnableLambda(len))
        True
    """
    kind = type(model)
    if isinstance(model, BaseChatModel):
        if isinstance(inner := getattr(model, "llm", None), BaseLLM):
            # ChatHuggingFace: its calls are those of what it holds.
            return blocks(inner)
        ours = (BaseChatModel._agenerate, SimpleChatModel._agenerate)
        return kind._agenerate in ours and kind._astream is BaseChatModel._astream
    if isinstance(model, LLM):
        return kind._acall is LLM._acall
    if isinstance(model, BaseLLM):
        return kind._agenerate is BaseLLM._agenerate
    if isinstance(model, RunnableLambda):
        return not hasattr(model, "afunc")
    return isinstance(model, Runnable) and kind.ainvoke is Runnable.ainvoke


class Threads:
    """At most so many daemon threads; further work waits for one in order.

    Args:
        most: How many.

    Example:
        >>> asyncio.run(Threads(2).run(lambda: 4))
        4
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._running = 0
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._lock = threading.Lock()

    async def run(self, work: Callable[[], T]) -> T:
        """Await `work()` in a thread; who is cancelled does not wait for its end."""
        context = copy_context()
        done: Future[T] = Future()
        with self._lock:
            self._waiting.append((done, lambda: context.run(work)))
            begin = self._running < self._most
            self._running += begin
        if begin:
            threading.Thread(target=self._work, daemon=True, name="langgraph-ensemble").start()
        return await asyncio.wrap_future(done)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._running -= 1
                    return
                done, work = self._waiting.popleft()
            if not done.set_running_or_notify_cancel():
                continue
            try:
                done.set_result(work())
            except BaseException as error:
                done.set_exception(error)


class InThreads:
    """The asynchronous calls of a model that has none.

    Args:
        model: Called by its synchronous methods.
        threads: Where.
    """

    def __init__(self, model: Any, threads: Threads) -> None:
        self._model = model
        self._threads = threads

    async def ainvoke(self, *given: Any, **more: Any) -> Any:
        """`invoke` in a thread."""
        return await self._threads.run(lambda: self._model.invoke(*given, **more))

    async def agenerate(self, *given: Any, **more: Any) -> Any:
        """`generate` in a thread."""
        return await self._threads.run(lambda: self._model.generate(*given, **more))

    async def astream(self, *given: Any, **more: Any) -> AsyncIterator[Any]:
        """`stream` in a thread, which ends with the next item once nobody reads any more."""
        loop, left = asyncio.get_running_loop(), threading.Event()
        items: asyncio.Queue[Any] = asyncio.Queue()

        def tell(item: Any) -> None:
            if not left.is_set():
                loop.call_soon_threadsafe(items.put_nowait, item)

        def read() -> None:
            try:
                for item in self._model.stream(*given, **more):
                    tell(item)
                    if left.is_set():
                        return
            finally:
                tell(_END)

        reading = asyncio.ensure_future(self._threads.run(read))
        try:
            while (item := await items.get()) is not _END:
                yield item
            await reading
        finally:
            left.set()
            reading.cancel()


_END = object()
