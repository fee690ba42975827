"""Start one call at a time within an event loop.

The client libraries need about 2 ms of computation to set up a request. When many runs begin
together, these computations would form one block and delay events of the runs. Starting calls one
by one has no measurable cost for a single call.
"""

from __future__ import annotations

import asyncio

from .loops import PerLoop

_locks = PerLoop[asyncio.Lock]()


async def one_by_one() -> None:
    """Wait until this call may start; pending events are sent in between."""
    async with _locks.get(asyncio.Lock):
        await asyncio.sleep(0)
