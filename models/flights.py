"""Calls in flight: who makes a call, and who waits for it.

Waiters may live in other event loops and threads than the call that they wait for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from .control import passes

Flights = dict[str, "Future[None]"]
"""The calls that are being made, by key."""


@contextmanager
def flight(flights: Flights, key: str) -> Iterator[None]:
    """Make the call inside, and tell those who wait how it ended.

    A failure is that of all who wait, too. If only the run that made the call was stopped, the
    others go on without it, and one of them makes the call.
    """
    failed: Exception | None = None
    try:
        yield
    except Exception as error:
        failed = None if passes(error) else error
        raise
    finally:
        ended = flights.pop(key)
        if failed is None:
            ended.set_result(None)
        else:
            ended.set_exception(failed)


async def landed(ended: Future[None]) -> None:
    """Wait until a call has ended.

    Raises:
        Exception: The call failed with it.
    """
    # A waiter that is cancelled must leave the others waiting.
    await asyncio.shield(asyncio.wrap_future(ended))
