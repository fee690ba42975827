"""The graphs' checkpoints in one SQLite file, without waiting for each other.

Every operation is one trip to a thread. LangGraph's `AsyncSqliteSaver` takes several trips under
one lock, and each waits for a pass of a busy event loop: with 100 runs at once the last one's first
word took 9 s, all of it waiting. Reading has a connection and threads of its own, so that a run
that begins does not wait behind the writing of others; writing has one thread, which keeps its
order.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.sqlite import SqliteSaver

T = TypeVar("T")


class Memory(SqliteSaver):
    """A `SqliteSaver` for asynchronous graphs."""

    def __init__(self, conn: sqlite3.Connection, reader: SqliteSaver) -> None:
        super().__init__(conn)
        self._reader = reader
        self._writing = ThreadPoolExecutor(1, "ensemble-write")
        self._reading = ThreadPoolExecutor(2, "ensemble-read")

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Memory]:
        """Open the file, made where there is none."""
        memory = await asyncio.to_thread(cls._opened, path)
        try:
            yield memory
        finally:
            await asyncio.to_thread(memory.close)

    @classmethod
    def _opened(cls, path: Path) -> Memory:
        path.parent.mkdir(parents=True, exist_ok=True)
        memory = cls(_connection(path), SqliteSaver(_connection(path)))
        memory.setup()
        memory._reader.setup()
        return memory

    def close(self) -> None:
        """Finish the writing and close the file."""
        self._writing.shutdown()
        self._reading.shutdown()
        self._reader.conn.close()
        self.conn.close()

    async def write(self, work: Callable[[sqlite3.Connection], Any]) -> None:
        """Do `work` with the writing connection and commit."""

        def committed() -> None:
            with self.cursor():
                work(self.conn)

        await self._in(self._writing, committed)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The result of `work` with the reading connection."""

        def locked() -> T:
            with self._reader.lock:
                return work(self._reader.conn)

        return await self._in(self._reading, locked)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The newest checkpoint of a thread, or the one that is named."""
        return await self._in(self._reading, self._reader.get_tuple, config)

    async def alist(
        self, config: RunnableConfig | None, **options: Any
    ) -> AsyncIterator[CheckpointTuple]:
        """The checkpoints of a thread, newest first."""
        found = await self._in(self._reading, lambda: list(self._reader.list(config, **options)))
        for each in found:
            yield each

    async def aput(
        self, config: RunnableConfig, checkpoint: Any, metadata: Any, new_versions: Any
    ) -> RunnableConfig:
        """Keep a checkpoint."""
        return await self._in(self._writing, self.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Keep what a task has written."""
        await self._in(self._writing, self.put_writes, config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """Forget a thread."""
        await self._in(self._writing, self.delete_thread, thread_id)

    async def _in(self, threads: ThreadPoolExecutor, work: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, work, *given)


def _connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA journal_mode = WAL")
    # Enough in WAL mode to survive the crash of a process.
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection
