"""The accounts of keys in PostgreSQL, for all servers that use the database.

A call reserves its worst case in one statement before it is made, whichever server makes it, so
that all servers together spend no more than one would. A server's reservations name it, and it
holds a lock of its session while it runs: those of a server that was killed are settled by whoever
asks for the account next. Its calls count, because they were sent, and their dollars are given
back, because nobody knows what they cost.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

from ...models.budget import Budget, OverBudgetError, Settle, Spend
from ..data.line import Connection, Line
from ..telemetry.usage import HOUR, NOBODY, SUMS, plain
from . import accounts_sql as sql
from .accounts import MINUTE, is_over
from .keys import Key

ANSWERS_WITHIN = 10.0
"""Seconds after which a request is refused because the database is away."""


class SharedAccounts:
    """The accounts of all servers on one PostgreSQL database.

    Args:
        address: `postgresql://user:password@host:5432/database`.

    Raises:
        InputError: PostgreSQL does not answer there.
    """

    def __init__(self, address: str) -> None:
        self._server = uuid.uuid4().hex
        self._begun: set[tuple[str, int]] = set()
        self._new: dict[tuple[str, int, str], dict[str, float]] = {}
        self._lock = threading.Lock()
        self._line = Line(address, sql.TABLES, lambda c: c.execute(sql.PRESENT, [self._server]))

    def add(self, key: str | None, graph: str, sums: Mapping[str, float]) -> None:
        """See `Accounts`; it is written at once, without waiting for it."""
        place = (key or NOBODY, int(time.time()) // HOUR, graph)
        with self._lock:
            first = not self._new
            held = self._new.setdefault(place, dict.fromkeys(SUMS, 0.0))
            for name, value in sums.items():
                held[name] += value
        if first:
            self._line.soon(self._write)

    def total(self, key: str | None, since: float = 0.0) -> dict[str, Any]:
        """See `Accounts`."""
        (row,) = self._rows(sql.TOTAL, key or NOBODY, int(since) // HOUR)
        return plain(row)

    def report(self, since: float = 0.0) -> list[dict[str, Any]]:
        """See `Accounts`."""
        rows = self._rows(sql.REPORT, int(since) // HOUR)
        return [{"key": key, "graph": graph, **plain(row)} for key, graph, *row in rows]

    def budget(self, key: Key, graph: str) -> Budget:
        """See `Accounts`."""
        return _SharedBudget(self, key, graph)

    async def spent(self, key: Key) -> Spend:
        """See `Accounts`; a `TimeoutError` if PostgreSQL is away."""
        about = {"key": key.name, "since": int(key.begins(time.time()))}

        def read(connection: Connection) -> Spend:
            spent = self._spent(connection, about)
            if is_over(key, spent) and self._clear(connection):
                return self._spent(connection, about)
            return spent

        return await self._soon(read)

    async def start(self, key: Key) -> int:
        """See `Accounts`; a `TimeoutError` if PostgreSQL is away."""
        about = {"key": key.name, "most": key.runs_per_minute, "minute": MINUTE}

        def begin(connection: Connection) -> int:
            if connection.execute(sql.START, about).rowcount:
                return 0
            row = connection.execute(sql.FREE, about).fetchone()
            return max(1, math.ceil(row[0] if row and row[0] else 0))

        return await self._soon(begin)

    def close(self) -> None:
        """Write everything and disconnect."""
        self._line.close()

    async def take(self, key: Key, graph: str, most: Spend) -> Settle:
        """Reserve the worst case of a call.

        Raises:
            OverBudgetError: A cap forbids it.
        """
        about = {
            "id": uuid.uuid4().hex,
            "server": self._server,
            "key": key.name,
            "since": int(key.begins(time.time())),
            "graph": graph,
            "calls": most.calls,
            "usd": most.usd,
            "max_calls": key.max_calls,
            "budget": key.budget_usd,
        }
        taking = self._line.soon(lambda connection: self._taken(connection, about))
        settle = partial(self._settle, about, most)
        try:
            cap = await asyncio.wrap_future(taking)
        except asyncio.CancelledError:
            # It may be under way, and nobody would settle it.
            taking.add_done_callback(partial(_given_up, settle))
            raise
        if cap:
            raise OverBudgetError(cap)
        return settle

    def _taken(self, connection: Connection, about: dict[str, Any]) -> str | None:
        """Reserve; the name of the cap that forbids it, or None."""
        place = (about["key"], about["since"])
        if place not in self._begun:
            connection.execute(sql.FORGET, about)
            connection.execute(sql.BEGIN, about)
            self._begun.add(place)
        # A killed server's reservations may be in the way.
        if self._took(connection, about) or (
            self._clear(connection) and self._took(connection, about)
        ):
            return None
        most = about["max_calls"]
        over = most is not None and self._spent(connection, about).calls + about["calls"] > most
        return "max_calls" if over else "budget_usd"

    def _took(self, connection: Connection, about: dict[str, Any]) -> bool:
        if connection.execute(sql.TAKE, about).rowcount:
            return True
        # It was taken before the connection was lost.
        return connection.execute(sql.KNOWN, about).fetchone() is not None

    def _spent(self, connection: Connection, about: dict[str, Any]) -> Spend:
        row = connection.execute(sql.SPENT, about).fetchone()
        if row is None:
            connection.execute(sql.BEGIN, about)
            row = connection.execute(sql.SPENT, about).fetchone()
        calls, usd = row or (0, 0.0)
        return Spend(calls, 0, usd)

    def _settle(self, about: dict[str, Any], most: Spend, used: Spend) -> None:
        unused = most - used

        def give_back(connection: Connection) -> None:
            row = {**about, "calls": unused.calls, "usd": unused.usd}
            if not connection.execute(sql.SETTLE, row).rowcount:
                connection.execute(sql.LATE, {**about, "usd": used.usd})

        self._line.soon(give_back)

    def _clear(self, connection: Connection) -> bool:
        """Settle what servers that are gone had reserved; whether there was any."""
        others = [row[0] for row in connection.execute(sql.OTHERS, [self._server])]
        if not others:
            return False
        with connection.transaction():
            connection.execute(sql.ALONE, ["clear"])
            gone = [s for s in others if connection.execute(sql.GONE, [s]).fetchone() == (True,)]
            rows = connection.execute(sql.CLEAR, {"servers": gone}).fetchall() if gone else []
            for key, graph, calls in rows:
                lost = {"calls": float(calls), "failed": float(calls), "unpriced": float(calls)}
                place = (key, int(time.time()) // HOUR, graph)
                connection.execute(sql.ADD, (*place, *(lost.get(name, 0.0) for name in SUMS)))
        return bool(rows)

    def _write(self, connection: Connection) -> None:
        with self._lock:
            new, self._new = self._new, {}
        # In one order, because two servers that lock rows in two orders wait for each other.
        rows = [(*place, *(held[n] for n in SUMS)) for place, held in sorted(new.items())]
        try:
            with connection.transaction(), connection.cursor() as cursor:
                # Runs' records need the disk more; a crash of PostgreSQL may lose half a second.
                cursor.execute("SET LOCAL synchronous_commit TO off")
                cursor.executemany(sql.ADD, rows)
        except BaseException:
            with self._lock:
                for place, sums in new.items():
                    held = self._new.setdefault(place, dict.fromkeys(SUMS, 0.0))
                    self._new[place] = {name: held[name] + sums[name] for name in SUMS}
            raise

    def _rows(self, query: str, *values: Any) -> list[Any]:
        def read(connection: Connection) -> list[Any]:
            self._clear(connection)
            return connection.execute(query, values).fetchall()  # pyright: ignore[reportArgumentType]

        return self._line.soon(read).result(ANSWERS_WITHIN)

    async def _soon(self, work: Any) -> Any:
        async with asyncio.timeout(ANSWERS_WITHIN):
            return await asyncio.wrap_future(self._line.soon(work))


class _SharedBudget(Budget):
    """The budget of a key, for the calls of one graph."""

    def __init__(self, accounts: SharedAccounts, key: Key, graph: str) -> None:
        super().__init__(max_calls=key.max_calls, budget_usd=key.budget_usd)
        self._accounts = accounts
        self._key = key
        self._graph = graph

    async def hold(self, most: Spend, keep: float = 0.0) -> Settle:
        """See `Budget.hold`."""
        return await self._accounts.take(self._key, self._graph, most)


def _given_up(settle: Settle, taking: Future[str | None]) -> None:
    """Give back what was reserved for a call that is not made."""
    if not taking.cancelled() and not taking.exception() and taking.result() is None:
        settle(Spend())
