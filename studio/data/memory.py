"""The graphs' checkpoints in one SQLite file, for many concurrent runs.

LangGraph's `AsyncSqliteSaver` calls a thread several times for every operation, under one lock, and
each call waits for a busy event loop: with 100 concurrent runs the last one's first word took 9 s,
all of it waiting. Here

- a run that begins reads its checkpoint and its conversation directly in the event loop: they are
  a few rows by their keys, and in SQLite's WAL mode no writer blocks them. A thread would cost
  more, and under load, where it waits for the interpreter at each row, up to a second;
- everything that is to be written in one round of the event loop becomes one transaction at its
  end, so that runs share commits under load. A commit is a write into the system's cache. What may
  take longer is done in a thread, while later writes queue: to wait for another process that
  writes, and to move the journal into the file.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.sqlite import SqliteSaver

from ...errors import InputError
from .file import prepare

T = TypeVar("T")


_JOURNALLED = 500
"""Writes after which the journal is moved into the file: about 4 MB."""


class _Wanted(NamedTuple):
    """A write operation, and the future of its caller."""

    work: Callable[[], Any]
    written: asyncio.Future[Any]


class _Done(NamedTuple):
    """The outcome of a write operation."""

    written: asyncio.Future[Any]
    result: Any
    error: BaseException | None


class Memory(SqliteSaver):
    """A `SqliteSaver` for asynchronous graphs of one event loop."""

    def __init__(self, path: Path) -> None:
        super().__init__(_connection(path))
        # One connection for each reading thread, so that none waits for another.
        self._at_once = SqliteSaver(_connection(path))
        self._reader = SqliteSaver(_connection(path))
        self._writing = ThreadPoolExecutor(1, "ensemble-write")
        self._reading = ThreadPoolExecutor(1, "ensemble-read")
        self._wanted: deque[_Wanted] = deque()
        self._awake = False
        self._journalled = 0
        self._watched = False

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Memory]:
        """Open the file, which is created if it is missing."""
        memory = await asyncio.to_thread(cls._opened, path)
        try:
            yield memory
        finally:
            await memory.write(lambda _: None)  # What is queued comes before it.
            await asyncio.to_thread(memory.close)

    @classmethod
    def _opened(cls, path: Path) -> Memory:
        prepare(path)
        try:
            memory = cls(path)
            for saver in (memory, memory._at_once, memory._reader):
                saver.setup()
            memory.conn.execute("PRAGMA wal_autocheckpoint = 0")
            memory._wait_for_others(0)
        except sqlite3.DatabaseError as error:
            raise InputError(f"{path} cannot be used: {error}; name another file") from None
        return memory

    def close(self) -> None:
        """Finish all writes and close the file."""
        self._writing.shutdown()
        self._reading.shutdown()
        for saver in (self._at_once, self._reader, self):
            saver.conn.close()

    @contextmanager
    def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
        """A cursor of the writing connection; `_write` commits its changes."""
        cursor = self.conn.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    async def write(self, work: Callable[[sqlite3.Connection], Any]) -> None:
        """Run `work` with the writing connection and commit it."""
        await self._soon(lambda: work(self.conn))

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of a query with a `?` for each value, which are found by their keys."""
        return await self._soonest(lambda saver: _rows(saver.conn, query, values))

    async def search(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of a query that looks at every row of a table."""
        return await self._in_thread(lambda: _rows(self._reader.conn, query, values))

    async def run(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        """Run statements with a `?` for each value: all of them, or none."""

        def execute(db: sqlite3.Connection) -> None:
            # Writes share commits, so what fails takes back no more than its own.
            db.execute("SAVEPOINT statements")
            try:
                for statement, values in statements:
                    db.execute(statement, values)
            except BaseException:
                db.execute("ROLLBACK TO statements")
                raise
            finally:
                db.execute("RELEASE statements")

        await self.write(execute)

    async def create(self, *statements: str) -> None:
        """Create tables that are missing."""
        await self.run(*((statement, ()) for statement in statements))

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The newest checkpoint of a thread, or the one that is named."""
        return await self._soonest(lambda saver: saver.get_tuple(config))

    async def alist(
        self, config: RunnableConfig | None, **options: Any
    ) -> AsyncIterator[CheckpointTuple]:
        """The checkpoints of a thread, newest first."""
        checkpoints = await self._in_thread(lambda: list(self._reader.list(config, **options)))
        for each in checkpoints:
            yield each

    async def aput(
        self, config: RunnableConfig, checkpoint: Any, metadata: Any, new_versions: Any
    ) -> RunnableConfig:
        """Store a checkpoint."""
        return await self._soon(lambda: self.put(config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Store the writes of a task."""
        await self._soon(lambda: self.put_writes(config, writes, task_id, task_path))

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a thread."""
        await self._soon(lambda: self.delete_thread(thread_id))

    async def _soonest(self, work: Callable[[SqliteSaver], T]) -> T:
        """The result of a short read, in the event loop where that is allowed."""
        if not self._watched:
            try:
                return work(self._at_once)
            except Exception as error:
                if not _is_forbidden(error):
                    raise
                self._watched = True
        return await self._in_thread(lambda: work(self._reader))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._reading, work)

    async def _soon(self, work: Callable[[], T]) -> T:
        """The result of `work` once it is on disk."""
        loop = asyncio.get_running_loop()
        wanted = _Wanted(work, loop.create_future())
        self._wanted.append(wanted)
        if not self._awake:
            self._awake = True
            loop.call_soon(self._write, loop)
        return await wanted.written

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write everything queued in one transaction, at once where that takes no time."""
        if self._watched or self._journalled >= _JOURNALLED or not self._begun():
            loop.run_in_executor(self._writing, self._write_in_thread, loop)
        else:
            self._tell(loop, self._commit())

    def _begun(self) -> bool:
        """Begin a transaction, unless another process is writing."""
        try:
            self.conn.execute("BEGIN IMMEDIATE")
        except sqlite3.Error:  # In the thread it waits, or fails for good.
            return False
        except Exception as error:
            self._watched = self._watched or _is_forbidden(error)
            if not self._watched:
                raise
            return False
        return True

    def _write_in_thread(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._wait_for_others(30)
            self.conn.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            done = [_Done(each.written, None, error) for each in self._queued()]
        else:
            done = self._commit()
            if self._journalled >= _JOURNALLED:
                self._empty_journal()
        self._wait_for_others(0)
        loop.call_soon_threadsafe(self._tell, loop, done)

    def _empty_journal(self) -> None:
        self._journalled = 0
        # What others still read stays in it until the next time.
        with suppress(sqlite3.Error):
            self.conn.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _wait_for_others(self, seconds: int) -> None:
        self.conn.execute(f"PRAGMA busy_timeout = {seconds * 1000}")

    def _queued(self) -> Iterator[_Wanted]:
        for _ in range(len(self._wanted)):
            yield self._wanted.popleft()

    def _commit(self) -> list[_Done]:
        """Do everything queued and commit it."""
        done: list[_Done] = []
        for work, written in self._queued():
            try:
                done.append(_Done(written, work(), None))
            except Exception as error:
                done.append(_Done(written, None, error))
        self._journalled += len(done)
        try:
            self.conn.commit()
        except sqlite3.Error as error:
            return [_Done(each.written, None, error) for each in done]
        return done

    def _tell(self, loop: asyncio.AbstractEventLoop, done: list[_Done]) -> None:
        """Resolve the callers' futures; what they write next is another round."""
        for written, result, error in done:
            if written.done():  # The caller was cancelled; its write is kept.
                continue
            if error is None:
                written.set_result(result)
            else:
                written.set_exception(error)
        self._awake = bool(self._wanted)
        if self._awake:
            loop.call_soon(self._write, loop)


def _rows(db: sqlite3.Connection, query: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
    cursor = db.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _is_forbidden(error: Exception) -> bool:
    """Whether it is `langgraph dev` that forbids reading files in its event loop."""
    return type(error).__name__ == "BlockingError"


def _connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA journal_mode = WAL")
    # Enough in WAL mode to survive the crash of a process.
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection
