"""The lease on a thread of a PostgreSQL database: a session-level advisory lock.

The server frees it when its connection ends, so also when the process of the run is killed.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from .lease_file import place_of

TAKE, GIVE_BACK = "SELECT pg_try_advisory_lock(%s)", "SELECT pg_advisory_unlock(%s)"


@dataclass
class _Lent:
    """A connection of a pool that keeps the leases of all runs which use this pool."""

    connection: Any
    leases: int = 0

    def ended(self, pool: Any) -> bool:
        """Count one lease less; whether that was the last one, so that the pool gets it back."""
        self.leases -= 1
        if not self.leases and _lent.get(pool) is self:
            del _lent[pool]
        return not self.leases


_lent: weakref.WeakKeyDictionary[Any, _Lent] = weakref.WeakKeyDictionary()
_guard = threading.Lock()
_guards: weakref.WeakKeyDictionary[Any, asyncio.Lock] = weakref.WeakKeyDictionary()
_held: set[tuple[int, int]] = set()
"""What this process has or asks for: the server gives a session its own locks a second time."""


class _Lease:
    """What the two kinds of lease have in common."""

    def __init__(self, saver: Any, thread: str) -> None:
        self._saver = saver
        self._source = saver.conn
        self._key = place_of(thread)
        self._lent: _Lent | None = None

    def _alone(self) -> bool:
        """Whether no other run of this process has the lease; it is then this run's to ask for."""
        with _guard:
            mark = (id(self._source), self._key)
            free = mark not in _held
            _held.add(mark)
        return free

    def _unmark(self) -> None:
        _held.discard((id(self._source), self._key))

    @property
    def _pooled(self) -> bool:
        """Whether a connection can be taken out of the pool for as long as there are leases.

        A pool of one connection lends it for a moment: the lock stays with it in the pool.
        """
        return hasattr(self._source, "getconn") and self._source.max_size > 1

    def _known(self) -> _Lent | None:
        lent = _lent.get(self._source)
        return None if lent is None or lent.connection.closed else lent


class PostgresLease(_Lease):
    """The lease on one thread, through a `PostgresSaver`.

    Its own connection keeps the lock; from a pool, all runs together take one.

    Args:
        saver: The checkpointer.
        thread: The thread's name.
    """

    def take(self) -> bool:
        """Take the lease; False if another run has it."""
        if not self._alone():
            return False
        taken = False
        try:
            if self._pooled:
                with _guard:
                    lent = self._known() or _Lent(self._source.getconn())
                    lent.leases += 1
                    self._lent = _lent[self._source] = lent
            taken = self._ask(TAKE)
        except BaseException:
            with suppress(Exception):  # It may have been given in the same moment.
                self._ask(GIVE_BACK)
            raise
        finally:
            if not taken:
                self._end()
        return taken

    def give_back(self) -> None:
        """Free the thread for other runs."""
        try:
            self._ask(GIVE_BACK)
        finally:
            self._end()

    def _end(self) -> None:
        lent, self._lent = self._lent, None
        self._unmark()
        if lent is not None:
            with _guard:
                if lent.ended(self._source):
                    self._source.putconn(lent.connection)

    def _ask(self, statement: str) -> bool:
        with self._connection() as found:
            return _told(found.execute(statement, [self._key]).fetchone())

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        if self._lent is not None:
            yield self._lent.connection
        elif hasattr(self._source, "getconn"):
            with self._source.connection() as found:
                yield found
        else:
            with self._saver.lock:
                yield self._source


class AsyncPostgresLease(_Lease):
    """The lease on one thread, through an `AsyncPostgresSaver`; see `PostgresLease`.

    Args:
        saver: The checkpointer.
        thread: The thread's name.
    """

    async def take(self) -> bool:
        """Take the lease; False if another run has it."""
        if not self._alone():
            return False
        taken = False
        try:
            if self._pooled:
                async with _guards.setdefault(self._source, asyncio.Lock()):
                    lent = self._known() or _Lent(await self._source.getconn())
                    lent.leases += 1
                    self._lent = _lent[self._source] = lent
            taken = await self._ask(TAKE)
        except BaseException:
            with suppress(Exception):  # It may have been given in the same moment.
                await self._ask(GIVE_BACK)
            raise
        finally:
            if not taken:
                await self._end()
        return taken

    async def give_back(self) -> None:
        """Free the thread for other runs."""
        try:
            await self._ask(GIVE_BACK)
        finally:
            await self._end()

    async def _end(self) -> None:
        lent, self._lent = self._lent, None
        self._unmark()
        if lent is not None:
            async with _guards.setdefault(self._source, asyncio.Lock()):
                if lent.ended(self._source):
                    await self._source.putconn(lent.connection)

    async def _ask(self, statement: str) -> bool:
        async with self._connection() as found:
            cursor = await found.execute(statement, [self._key])
            return _told(await cursor.fetchone())

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        if self._lent is not None:
            yield self._lent.connection
        elif hasattr(self._source, "getconn"):
            async with self._source.connection() as found:
                yield found
        else:
            async with self._saver.lock:
                yield self._source


def _told(row: Any) -> bool:
    """The one value of a row, which is a mapping or a sequence as the connection has it."""
    return bool(next(iter(row.values() if hasattr(row, "values") else row)))
