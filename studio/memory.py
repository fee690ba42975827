"""The graphs' checkpoints on disk, read beside the writing.

With many runs at once writes queue up on SQLite's one writer. A run that begins only has to read its
thread; on a connection of its own it does not wait in that queue.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver


class Memory(AsyncSqliteSaver):
    """An `AsyncSqliteSaver` with a second connection for reading."""

    reader: AsyncSqliteSaver

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Memory]:
        """Open the file, made where there is none."""
        async with (
            AsyncSqliteSaver.from_conn_string(str(path)) as reader,
            cls.from_conn_string(str(path)) as memory,
        ):
            await memory.setup()
            # WAL survives the crash of a process without waiting for the disk at every step.
            await memory.conn.execute("PRAGMA synchronous = NORMAL")
            await reader.setup()
            memory.reader = reader  # pyright: ignore[reportAttributeAccessIssue]
            yield memory  # pyright: ignore[reportReturnType]

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The newest checkpoint, or the one that is named."""
        return await self.reader.aget_tuple(config)

    async def alist(self, config: Any, **options: Any) -> AsyncIterator[CheckpointTuple]:
        """The checkpoints of a thread, newest first."""
        async for found in self.reader.alist(config, **options):
            yield found
