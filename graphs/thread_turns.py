"""One run at a time on each thread of a checkpointer.

LangGraph lets several runs on one thread begin at the same checkpoint. Each writes the next one,
the last to end wins, and what the others asked and answered is lost without a word. This holds
within one process and for one checkpointer object.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections import deque
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from ..errors import InputError

INSIDE_SECONDS = 5.0
"""How long a run waits for one that it may itself be part of. A stream that was left is closed by
then; a run that a step of the same thread's run begins would wait for ever."""


@dataclass
class _Queue:
    """The runs of one thread: who has its turn, and who waits."""

    holder: object = None
    waiting: deque[tuple[object, Future[None]]] = field(default_factory=deque)


_queues: weakref.WeakKeyDictionary[BaseCheckpointSaver[Any], dict[str, _Queue]] = (
    weakref.WeakKeyDictionary()
)
_lock = threading.Lock()
_held: ContextVar[frozenset[object]] = ContextVar("thread_turns", default=frozenset())
"""Turns that this code is within."""


class Turn:
    """The turn of one run, for `with` and `async with`: runs of one thread come in order.

    Args:
        saver: The checkpointer.
        thread: The thread's name.
        seconds: How long to wait at most; None: without end.

    Raises:
        InputError: The run before has not ended by then.
    """

    def __init__(self, saver: BaseCheckpointSaver[Any], thread: str, seconds: float | None) -> None:
        self._saver = saver
        self._thread = thread
        self._seconds = seconds

    async def __aenter__(self) -> None:
        """Wait without blocking the loop."""
        if (mine := self._line_up()) is not None:
            try:
                await asyncio.wait_for(asyncio.wrap_future(mine), self._seconds)
            except BaseException as error:
                self._give_up(mine, error)
        self._begin()

    async def __aexit__(self, *_: object) -> None:
        """Hand the turn on."""
        self._leave()

    def __enter__(self) -> None:
        """Wait in this thread."""
        if (mine := self._line_up()) is not None:
            try:
                mine.result(self._seconds)
            except BaseException as error:
                self._give_up(mine, error)
        self._begin()

    def __exit__(self, *_: object) -> None:
        """Hand the turn on."""
        self._leave()

    def _line_up(self) -> Future[None] | None:
        """Take the turn; where another run has it, what tells when that has ended."""
        with _lock:
            queue = _queues.setdefault(self._saver, {}).setdefault(self._thread, _Queue())
            if queue.holder is None:
                queue.holder = self
                return None
            if queue.holder in _held.get():
                self._seconds = INSIDE_SECONDS
            mine: Future[None] = Future()
            queue.waiting.append((self, mine))
            return mine

    def _begin(self) -> None:
        _held.set(_held.get() | {self})

    def _give_up(self, mine: Future[None], error: BaseException) -> None:
        if not mine.cancel():
            # It was handed on in the same moment.
            self._leave()
        if isinstance(error, TimeoutError):
            raise InputError(
                f"thread {self._thread!r} has a run under way that did not end within "
                f"{self._seconds:g} s: wait for it, close its stream, or use another thread"
            ) from None
        raise error

    def _leave(self) -> None:
        # A program that runs thousands of turns in one context must not remember them all.
        _held.set(_held.get() - {self})
        with _lock:
            queue = _queues[self._saver][self._thread]
            while queue.waiting:
                queue.holder, theirs = queue.waiting.popleft()
                if theirs.set_running_or_notify_cancel():
                    theirs.set_result(None)
                    return
            del _queues[self._saver][self._thread]
