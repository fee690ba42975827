"""What belongs to one event loop: made when first asked for in it, closed before it ends.

`asyncio.run` makes a loop of its own each time. A client keeps its connections open, and they keep
the loop: without an end each run would leave its sockets behind.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Close = Callable[[T], Awaitable[None]]


class PerLoop(Generic[T]):
    """One value for each event loop; safe in several threads.

    Args:
        close: Called in the loop when it is about to end.

    Example:
        >>> locks = PerLoop[asyncio.Lock]()
        >>> async def same():
        ...     return locks.get(asyncio.Lock) is locks.get(asyncio.Lock)
        >>> asyncio.run(same())
        True
    """

    def __init__(self, close: Close[T] | None = None) -> None:
        self._close = close
        self._lock = threading.Lock()
        self._found: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[T, Any]] = (
            weakref.WeakKeyDictionary()
        )

    @property
    def values(self) -> list[T]:
        """The values of all loops."""
        with self._lock:
            return [value for value, _ in self._found.values()]

    def get(self, make: Callable[[], T]) -> T:
        """The value of the running loop, made where there is none yet."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if (known := self._found.get(loop)) is not None:
                return known[0]
            # A value may refer to its loop, and so keep it: those of loops that ended are dropped.
            for ended in [each for each in self._found if each.is_closed()]:
                del self._found[ended]
        value = make()
        with self._lock:
            self._found[loop] = value, self._kept(value, loop)
        return value

    def _kept(self, value: T, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[None] | None:
        """What closes `value` with its loop.

        Before a loop ends, it ends all asynchronous generators that were begun in it: so do
        `asyncio.run`, the runners of pytest-asyncio and uvicorn.
        """
        if self._close is None:
            return None
        keeper = _until_the_end(value, self._close, lambda: self._found.pop(loop, None))
        with suppress(StopIteration):
            # As far as its `yield`, without awaiting: the loop knows it from now on.
            keeper.asend(None).send(None)
        return keeper


async def _until_the_end(
    value: T, close: Close[T], forget: Callable[[], object]
) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        forget()
        with suppress(Exception):
            await close(value)


def of_another_loop(error: BaseException | None) -> bool:
    """Whether a call failed because its client has a connection of an event loop that is gone.

    Example:
        >>> of_another_loop(RuntimeError("Event loop is closed"))
        True
    """
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        said = str(error)
        if isinstance(error, RuntimeError) and any(words in said for words in _SAID):
            return True
        seen.append(error)
        error = error.__cause__ or error.__context__
    return False


_SAID = ("Event loop is closed", "different event loop", "attached to a different loop")
