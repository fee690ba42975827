"""Conversations of the page: threads and their turns.

The graphs' checkpoints hold what a graph needs to resume; the store holds what the page shows. Both
are in one database, which several servers may share: a turn belongs to the server that runs it, and
is interrupted once that server is gone.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from .branches import TABLES, Branches
from .presence import Presence

_TABLES = (
    """CREATE TABLE IF NOT EXISTS ensemble_threads (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, updated DOUBLE PRECISION NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS ensemble_turns (
        id TEXT PRIMARY KEY, thread TEXT NOT NULL, began DOUBLE PRECISION NOT NULL,
        seconds DOUBLE PRECISION, model TEXT NOT NULL, knobs TEXT NOT NULL,
        question TEXT NOT NULL, answer TEXT, status TEXT NOT NULL, error TEXT,
        events TEXT NOT NULL DEFAULT '[]', result TEXT
    )""",
    "CREATE INDEX IF NOT EXISTS ensemble_turns_of ON ensemble_turns (thread, began)",
    # Which server runs a turn: a table of its own, so that files of earlier versions fit.
    "CREATE TABLE IF NOT EXISTS ensemble_owners (turn TEXT PRIMARY KEY, server TEXT NOT NULL)",
)
_RUNNING = """
SELECT ensemble_turns.id AS turn, ensemble_owners.server AS server
FROM ensemble_turns LEFT JOIN ensemble_owners ON ensemble_owners.turn = ensemble_turns.id
WHERE ensemble_turns.status = 'running'
"""
_JSON = ("knobs", "events", "result")


class Database(Protocol):
    """What the store needs of a database: SQLite's `Memory`, or PostgreSQL's."""

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of a query with a `?` for each value, which are found by their keys."""
        ...

    async def search(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """The same for a query that looks at every row of a table."""
        ...

    async def run(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        """Run statements with a `?` for each value: all of them, or none."""
        ...

    async def create(self, *statements: str) -> None:
        """Create tables that are missing."""
        ...


class Store:
    """The threads and turns of one database."""

    def __init__(self, memory: Database, presence: Presence) -> None:
        self._memory = memory
        self._presence = presence
        self.branches = Branches(memory.rows, memory.search, memory.run)

    @classmethod
    @asynccontextmanager
    async def open(cls, memory: Any) -> AsyncIterator[Store]:
        """Create the tables; turns of servers that are gone become `interrupted`.

        At the end the database is left to the other servers.
        """
        store = cls(memory, Presence(memory))
        await store._presence.begin()
        try:
            await memory.create(*_TABLES, *TABLES)
            await store._interrupt(await memory.rows(_RUNNING))
            yield store
        finally:
            await store._presence.end()

    async def elsewhere(self, thread: str) -> bool:
        """Whether another server, which is alive, runs a turn of the thread."""
        running = await self._memory.rows(f"{_RUNNING} AND ensemble_turns.thread = ?", thread)
        left = await self._interrupt(running)
        return any(row["server"] != self._presence.name for row in left)

    async def _interrupt(self, running: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Mark the turns of servers that are gone; those that are left."""
        names = {row["server"] for row in running}
        # An earlier version named no server.
        alive = {name for name in names if name and await self._presence.alive(name)}
        gone = [row for row in running if row["server"] not in alive]
        if gone:
            query = "UPDATE ensemble_turns SET status = 'interrupted' WHERE id = ?"
            # A turn that was resumed meanwhile has another owner.
            query += (
                " AND status = 'running' AND NOT EXISTS (SELECT 1 FROM ensemble_owners"
                " WHERE turn = ensemble_turns.id AND server <> ?)"
            )
            await self._memory.run(*((query, (row["turn"], row["server"] or "")) for row in gone))
        return [row for row in running if row["server"] in alive]

    async def turns(self, thread: str) -> list[dict[str, Any]]:
        """The turns of a thread, oldest first."""
        query = "SELECT * FROM ensemble_turns WHERE thread = ? ORDER BY began"
        turns = [_turn(row) for row in await self._settled(query, thread)]
        return await self.branches.linked(turns)

    async def size(self, thread: str) -> int:
        """The characters of a thread's questions, answers and images, which are data URLs."""
        # Images without the brackets of their list.
        query = (
            "SELECT (SELECT COALESCE(SUM(LENGTH(question) + COALESCE(LENGTH(answer), 0)), 0) "
            "FROM ensemble_turns WHERE thread = ?) + (SELECT COALESCE(SUM(LENGTH(images) - 2), 0) "
            "FROM ensemble_branches WHERE thread = ?) AS size"
        )
        return int((await self._memory.rows(query, thread, thread))[0]["size"])

    async def turn(self, name: str) -> dict[str, Any] | None:
        """One turn."""
        query = "SELECT * FROM ensemble_turns WHERE id = ?"
        rows = await self._settled(query, name)
        return _turn(rows[0]) if rows else None

    async def _settled(self, query: str, value: str) -> list[dict[str, Any]]:
        """The turns of a query, read again if a server that ran one of them is gone."""
        rows = await self._memory.rows(query, value)
        running = {row["id"] for row in rows if row["status"] == "running"}
        if running:
            thread = f"{_RUNNING} AND ensemble_turns.thread = ?"
            known = await self._memory.rows(thread, rows[0]["thread"])
            left = {row["turn"] for row in await self._interrupt(known)}
            if running - left:
                return await self._memory.rows(query, value)
        return rows

    async def begin(self, turn: dict[str, Any]) -> None:
        """Write a turn that begins or resumes, and its thread if it is new."""
        now = time.time()
        title = " ".join(turn["question"].split())[:80]
        values = (json.dumps(turn["knobs"]), turn["question"])
        await self.branches.begin(turn)
        await self._memory.run(
            (
                "INSERT INTO ensemble_threads VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET updated = excluded.updated",
                (turn["thread"], title, now),
            ),
            (
                "INSERT INTO ensemble_turns "
                "(id, thread, began, model, knobs, question, status) "
                "VALUES (?, ?, ?, ?, ?, ?, 'running') "
                "ON CONFLICT (id) DO UPDATE SET model = excluded.model, knobs = excluded.knobs, "
                "status = excluded.status, seconds = NULL, answer = NULL, error = NULL, "
                "events = '[]', result = NULL",
                (turn["id"], turn["thread"], turn["began"], turn["model"], *values),
            ),
            (
                "INSERT INTO ensemble_owners VALUES (?, ?) "
                "ON CONFLICT (turn) DO UPDATE SET server = excluded.server",
                (turn["id"], self._presence.name),
            ),
        )

    async def end(self, name: str, **fields: Any) -> None:
        """Write the end of a turn: status, answer, error, events, result, seconds."""
        values = {key: json.dumps(v) if key in _JSON else v for key, v in fields.items()}
        columns = ", ".join(f"{key} = ?" for key in values)
        statement = f"UPDATE ensemble_turns SET {columns} WHERE id = ?"  # noqa: S608 - our own names
        await self._memory.run(
            (statement, (*values.values(), name)),
            ("DELETE FROM ensemble_owners WHERE turn = ?", (name,)),
        )

    async def delete(self, thread: str) -> None:
        """Delete a thread and its turns."""
        owners = "SELECT id FROM ensemble_turns WHERE thread = ?"
        await self._memory.run(
            (f"DELETE FROM ensemble_owners WHERE turn IN ({owners})", (thread,)),  # noqa: S608
            ("DELETE FROM ensemble_turns WHERE thread = ?", (thread,)),
            ("DELETE FROM ensemble_threads WHERE id = ?", (thread,)),
        )
        await self.branches.purge(thread)


def _turn(row: dict[str, Any]) -> dict[str, Any]:
    for key in _JSON:
        row[key] = json.loads(row[key]) if row[key] else None
    return row
