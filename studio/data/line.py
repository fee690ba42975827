"""One connection to PostgreSQL with a thread of its own, which does work in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, NamedTuple

import psycopg

from ...errors import InputError
from .memory_postgres import TAKE_TABLES, place, reason

PAUSE = 0.5
"""Seconds between two attempts to connect again."""
PATIENCE = 5.0
"""Seconds that `close` gives a database that is away."""
# PostgreSQL notices within half a minute that a machine is gone, and frees its locks.
_ALIVE = {"idle": 10, "interval": 5, "count": 3}
_OPTIONS = " ".join(f"-c tcp_keepalives_{name}={value}" for name, value in _ALIVE.items())

Connection = psycopg.Connection[Any]


class _Wanted(NamedTuple):
    """A piece of work, and the future of who waits for it."""

    work: Callable[[Connection], Any]
    done: Future[Any]


class Line:
    """Work on one connection, in order; it is connected again after a loss.

    Work that a lost connection broke off is done again, so it must be fit for that.

    Args:
        address: `postgresql://user:password@host:5432/database`.
        tables: Statements that create tables, which several servers may do at once.
        opened: What is done first on each new connection, such as taking a lock of the session.

    Raises:
        InputError: PostgreSQL does not answer there; the message does not hold the password.
    """

    def __init__(
        self, address: str, tables: tuple[Any, ...], opened: Callable[[Connection], Any]
    ) -> None:
        self._address = address
        self._opened = opened
        self._wanted: SimpleQueue[_Wanted | None] = SimpleQueue()
        self._ends: float | None = None
        try:
            self._connection: Connection | None = self._connected()
            _create(self._connection, tables)
        except psycopg.Error as error:
            raise InputError(f"{place(address)} cannot be reached: {reason(error)}") from None
        self._thread = threading.Thread(target=self._work, name="accounts", daemon=True)
        self._thread.start()

    def soon(self, work: Callable[[Connection], Any]) -> Future[Any]:
        """Do `work` after everything that is wanted already.

        While the database is away it waits; who waits for it may cancel the future.
        """
        wanted = _Wanted(work, Future())
        self._wanted.put(wanted)
        return wanted.done

    def close(self) -> None:
        """Do everything that is wanted, and disconnect."""
        self._ends = time.monotonic() + PATIENCE
        self._wanted.put(None)
        self._thread.join()
        if self._connection is not None:
            self._connection.close()

    def _work(self) -> None:
        while (wanted := self._wanted.get()) is not None:
            if wanted.done.set_running_or_notify_cancel():
                self._do(wanted)

    def _do(self, wanted: _Wanted) -> None:
        while True:
            try:
                if self._connection is None:
                    self._connection = self._connected()
                wanted.done.set_result(wanted.work(self._connection))
                return
            except psycopg.OperationalError as error:
                # The connection is lost, or two servers waited for each other.
                if self._connection is not None and self._connection.closed:
                    self._connection = None
                if self._ends is not None and time.monotonic() > self._ends:
                    wanted.done.set_exception(error)
                    return
                time.sleep(PAUSE if self._connection is None else 0.0)
            except Exception as error:
                wanted.done.set_exception(error)
                return

    def _connected(self) -> Connection:
        connection: Connection = psycopg.connect(
            self._address, autocommit=True, connect_timeout=10, options=_OPTIONS
        )
        try:
            self._opened(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _create(connection: Connection, tables: tuple[Any, ...]) -> None:
    """Create tables that are missing, while no other server does; see `PostgresMemory`."""
    while connection.execute(TAKE_TABLES).fetchone() != (True,):
        time.sleep(0.05)
    try:
        for statement in tables:
            connection.execute(statement)
    finally:
        connection.execute(TAKE_TABLES.replace("pg_try_advisory_lock", "pg_advisory_unlock"))
