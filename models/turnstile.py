"""One call begins at a time within an event loop.

To set up a request takes the client libraries about 2 ms of pure computation. When many runs begin
at once, those computations would come in one block, and what the runs have told already would wait
behind them. Passing one by one costs a lone call nothing that can be measured.
"""

from __future__ import annotations

import asyncio

from .loops import PerLoop

_locks = PerLoop[asyncio.Lock]()


async def one_by_one() -> None:
    """Wait for this call's turn to begin; what is ready to be told is told in between."""
    async with _locks.get(asyncio.Lock):
        await asyncio.sleep(0)
