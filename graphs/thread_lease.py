"""One run at a time on each thread of a database, among all processes that use it.

Without it two processes that resume the same thread both make and pay the calls that are left. The
second one waits here, and then resumes from the first one's last checkpoint.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import time
import weakref
from collections.abc import Coroutine, Iterable, Iterator
from typing import Any, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver

from ..errors import InputError
from .lease_file import FileLease
from .lease_postgres import AsyncPostgresLease, PostgresLease

FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.1
"""Seconds between two looks at a lease that another process has: twice as many each time."""


class _Taking(Protocol):
    """A lease that is taken without waiting: at once, or by a coroutine."""

    def take(self) -> Any:
        """Take the lease; False if another run has it."""
        ...

    def give_back(self) -> Any:
        """Free the thread."""
        ...


class Lease:
    """The lease on a thread for one run, for `with` and `async with`.

    There is none where no other process can have the thread, or where the kind of checkpointer is
    not known.

    Args:
        saver: The checkpointer.
        thread: The thread's name.
        seconds: How long to wait at most; None: without end.

    Raises:
        InputError: Another process has a run on the thread that has not ended by then.
    """

    def __init__(self, saver: BaseCheckpointSaver[Any], thread: str, seconds: float | None) -> None:
        self._saver = saver
        self._thread = thread
        self._seconds = seconds
        self._lease: _Taking | None = None

    async def __aenter__(self) -> None:
        """Wait without blocking the loop."""
        lease = await lease_of(self._saver, self._thread)
        if lease is not None:
            for pause in self._pauses():
                if await done(lease.take()):
                    break
                await asyncio.sleep(pause)
        self._lease = lease

    async def __aexit__(self, *_: object) -> None:
        """Free the thread, also where the run is cancelled."""
        lease, self._lease = self._lease, None
        if lease is not None:
            await asyncio.shield(asyncio.ensure_future(done(lease.give_back())))

    def __enter__(self) -> None:
        """Wait in this thread."""
        if _running() is getattr(self._saver, "loop", self):
            # Where its own loop runs it cannot be asked; LangGraph says so.
            return
        lease = self._here(lease_of(self._saver, self._thread))
        if lease is not None:
            for pause in self._pauses():
                if self._here(done(lease.take())):
                    break
                time.sleep(pause)
        self._lease = lease

    def __exit__(self, *_: object) -> None:
        """Free the thread."""
        lease, self._lease = self._lease, None
        if lease is not None:
            self._here(done(lease.give_back()))

    def _here(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The result of a coroutine, which runs in the checkpointer's own loop, if it has one."""
        if isinstance(loop := getattr(self._saver, "loop", None), asyncio.AbstractEventLoop):
            return asyncio.run_coroutine_threadsafe(work, loop).result()
        try:
            # With a synchronous checkpointer there is nothing that it could wait for.
            work.send(None)
        except StopIteration as end:
            return end.value
        raise RuntimeError("a synchronous checkpointer waited")

    def _pauses(self) -> Iterator[float]:
        """Seconds to wait after each look in vain.

        Raises:
            InputError: It has waited long enough.
        """
        ends = None if self._seconds is None else time.monotonic() + self._seconds
        pause = FIRST_PAUSE
        while ends is None or time.monotonic() < ends:
            yield pause
            pause = min(2 * pause, LONGEST_PAUSE)
        raise InputError(
            f"thread {self._thread!r} has a run under way in another process that did not end "
            f"within {self._seconds:g} s: wait for it, end that process, or use another thread"
        )


async def done(what: Any) -> Any:
    """The result of a method of a lease, which is a coroutine for some checkpointers."""
    return await what if inspect.isawaitable(what) else what


_databases: weakref.WeakKeyDictionary[BaseCheckpointSaver[Any], str] = weakref.WeakKeyDictionary()


async def lease_of(saver: Any, thread: str) -> _Taking | None:
    """The lease on a thread of a checkpointer; None where there is none."""
    if _is(saver, "langgraph.checkpoint.postgres.base", "BasePostgresSaver"):
        if not _is(saver.conn, "psycopg", "Connection", "AsyncConnection") and not _is(
            saver.conn, "psycopg_pool", "ConnectionPool", "AsyncConnectionPool"
        ):
            return None
        kind = AsyncPostgresLease if isinstance(saver.lock, asyncio.Lock) else PostgresLease
        return kind(saver, thread)
    if saver not in _databases:
        _databases[saver] = await _database_of(saver)
    return FileLease(_databases[saver], thread) if _databases[saver] else None


async def _database_of(saver: Any) -> str:
    """The file of a SQLite database; "" for one in memory, and for all other checkpointers."""
    if _is(saver, "langgraph.checkpoint.sqlite", "SqliteSaver"):
        with saver.cursor(transaction=False) as cursor:
            return _file(cursor.execute("PRAGMA database_list").fetchall())
    if _is(saver, "langgraph.checkpoint.sqlite.aio", "AsyncSqliteSaver"):
        await saver.setup()
        async with saver.lock, saver.conn.execute("PRAGMA database_list") as cursor:
            return _file(await cursor.fetchall())
    return ""


def _file(databases: Iterable[Any]) -> str:
    return next((row[2] or "" for row in databases if row[1] == "main"), "")


def _is(what: Any, module: str, *names: str) -> bool:
    """Whether `what` is of a class of a module that is optional, or slow to import."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(what, tuple(getattr(loaded, n) for n in names))


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
