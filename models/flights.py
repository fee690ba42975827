"""Calls in flight: who makes a call, and who waits for it.

Waiters may live in other event loops and threads than the call that they wait for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager

from .control import passes

Flights = dict[str, "Future[None]"]
"""The calls that are being made, by key."""


@asynccontextmanager
async def alone(flights: Flights, key: str) -> AsyncIterator[None]:
    """Have a call for oneself: wait until the same call, if it is in flight, has ended.

    A failure is that of all who wait, too. If only the run that made the call was stopped, the
    others go on without it, and one of them makes the call.

    Raises:
        Exception: The call in flight failed with it.
    """
    own: Future[None] = Future()
    while (other := flights.setdefault(key, own)) is not own:
        # A waiter that is cancelled must leave the others waiting.
        await asyncio.shield(asyncio.wrap_future(other))
    failed: Exception | None = None
    try:
        yield
    except Exception as error:
        failed = None if passes(error) else error
        raise
    finally:
        del flights[key]
        if failed is None:
            own.set_result(None)
        else:
            own.set_exception(failed)
