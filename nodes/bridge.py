"""Run asynchronous work from synchronous code.

A synchronous run passes each step's coroutine to one event loop in a background thread, so that all
branches share limits, quorums and connections, and timeouts can cancel.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

from langchain_core.runnables.config import var_child_runnable_config
from langgraph.errors import GraphBubbleUp

T = TypeVar("T")

KEY = "__ensemble_works"
"""Where a configuration holds the `Works` of its run; LangGraph stores no name that begins so."""


@cache
def background_loop() -> asyncio.AbstractEventLoop:
    """The event loop of the background thread, started at first use."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="langgraph-ensemble", daemon=True).start()
    return loop


class Works:
    """The steps of one run: which they were and, if it is synchronous, which are under way.

    Those under way can be ended with the run. Who reads `stream` and leaves early closes a
    generator, and LangGraph then waits for the threads of its nodes: nothing tells a node that
    nobody waits for it any more. A `with` block of works that is left by an error, `GeneratorExit`
    among them, ends them.

    Args:
        config: The run's configuration; where it belongs to a run of ours already, that one ends
            these works as well.
    """

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self._around = works_of(config)
        self._lock = threading.Lock()
        self._futures: set[Future[Any]] = set()
        self._ended = False
        self.supersteps: set[str] = set()
        """The supersteps of the run so far."""
        self.broken = False
        """Whether a step has raised: the run failed, was cancelled, or waits for a person."""

    @property
    def ended(self) -> bool:
        """Whether the run, or one around it, was broken off."""
        return self._ended or (self._around is not None and self._around.ended)

    def put_into(self, config: Mapping[str, Any] | None) -> Any:
        """The configuration of a run whose steps are these works."""
        inside = {**((config or {}).get("configurable") or {}), KEY: self}
        return {**(config or {}), "configurable": inside}

    def __enter__(self) -> Works:
        """Begin the run."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End all steps under way, and each that is still to begin, where the run is broken off."""
        if kind is None:
            return
        with self._lock:
            self._ended = True
            futures = list(self._futures)
        for future in futures:
            future.cancel()

    @contextmanager
    def holding(self, future: Future[Any]) -> Iterator[None]:
        """Within the block `future` is a step of this run and of those around it."""
        with self._lock:
            self._futures.add(future)
            ended = self._ended
        if ended:
            future.cancel()
        try:
            if self._around is None:
                yield
            else:
                with self._around.holding(future):
                    yield
        finally:
            with self._lock:
                self._futures.discard(future)


def works_of(config: Mapping[str, Any] | None) -> Works | None:
    """The works of the run that a configuration belongs to, or that is around it."""
    for each in (config, var_child_runnable_config.get()):
        if each and isinstance(found := (each.get("configurable") or {}).get(KEY), Works):
            return found
    return None


def run_sync(work: Coroutine[Any, Any, T], config: Mapping[str, Any] | None = None) -> T:
    """Run a coroutine in the background loop and wait for it; an interruption cancels it."""
    future = asyncio.run_coroutine_threadsafe(work, background_loop())
    works = works_of(config) or Works()
    with works.holding(future):
        try:
            return future.result()
        except CancelledError:
            # LangGraph would store this as the step's error, for which its threads may be gone.
            if works.ended:
                raise GraphBubbleUp from None
            raise
        except BaseException:
            future.cancel()
            raise
