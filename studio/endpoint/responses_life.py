"""The end of stored responses: those that are too old are deleted while the server runs.

The ids of LangGraph's checkpoints begin with their time, so the database knows the age of a
response without a table of its own, also of those that earlier versions stored.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

DAY = 86_400.0
PREFIX = "response-"
"""Beginning of the thread that holds a response."""
EVERY = 3600.0
"""Seconds between two looks at all responses, or a tenth of their life if that is shorter."""

_PAGE, _PAUSE = 200, 0.05
"""Rows of one query, and seconds after it, in which the requests of others get their turn."""
_UNIX = 0x01B21DD213814000
"""The beginning of 1970 on the clock of UUIDs, which counts 100 ns."""
_QUERY = """
SELECT thread_id, checkpoint_id FROM checkpoints
WHERE thread_id > ? AND thread_id LIKE ? ORDER BY thread_id LIMIT ?
"""


def written_at(checkpoint: str) -> float:
    """When a checkpoint was written, in seconds since 1970, from its id, a UUID of version 6.

    Source: RFC 9562, section 5.6.

    Example:
        >>> from langgraph.checkpoint.base.id import uuid6
        >>> abs(written_at(str(uuid6())) - time.time()) < 60
        True
    """
    number = uuid.UUID(checkpoint).int
    ticks = (number >> 80) << 12 | (number >> 64) & 0xFFF
    return (ticks - _UNIX) / 1e7


async def forget(saver: Any, days: float) -> int:
    """Delete the responses that are older than `days`, with their checkpoints.

    It works in small pieces: no request waits for more than one of them.

    Args:
        saver: The database: SQLite's `Memory`, or PostgreSQL's.
        days: The life of a response.

    Returns:
        How many were deleted.
    """
    deleted, last = 0, PREFIX
    while rows := await saver.rows(_QUERY, last, f"{PREFIX}%", _PAGE):
        oldest = time.time() - days * DAY
        old = {row["thread_id"] for row in rows if written_at(row["checkpoint_id"]) < oldest}
        for name in sorted(old):
            await saver.adelete_thread(name)
        deleted, last = deleted + len(old), rows[-1]["thread_id"]
        await asyncio.sleep(_PAUSE)
    return deleted


@asynccontextmanager
async def forgetting(saver: Any, days: float) -> AsyncIterator[None]:
    """Delete old responses in the background until the block ends."""
    task = asyncio.create_task(_again_and_again(saver, days))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _again_and_again(saver: Any, days: float) -> None:
    while True:
        try:
            await forget(saver, days)
        except Exception as error:
            # The database may be away for a while, and the next turn does the work.
            logging.getLogger(__name__).warning("old responses are not deleted: %s", error)
        await asyncio.sleep(min(EVERY, days * DAY / 10))
