"""Conversations on disk, as the page shows them: threads and their turns.

The graphs' checkpoints hold what a graph needs to go on; this holds what a person wants to see
again. Both are in one SQLite file.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import aiosqlite

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA busy_timeout = 10000;
CREATE TABLE IF NOT EXISTS ensemble_threads (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, updated REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS ensemble_turns (
    id TEXT PRIMARY KEY, thread TEXT NOT NULL, began REAL NOT NULL, seconds REAL,
    model TEXT NOT NULL, knobs TEXT NOT NULL, question TEXT NOT NULL, answer TEXT,
    status TEXT NOT NULL, error TEXT, events TEXT NOT NULL DEFAULT '[]', result TEXT
);
CREATE INDEX IF NOT EXISTS ensemble_turns_of ON ensemble_turns (thread, began);
UPDATE ensemble_turns SET status = 'interrupted' WHERE status = 'running';
"""
_JSON = ("knobs", "events", "result")


class Store:
    """The threads and turns of one file."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._db = connection
        self._db.row_factory = aiosqlite.Row

    @classmethod
    async def open(cls, path: Path) -> Store:
        """Open the file; turns that a crash broke off become `interrupted`."""
        store = cls(await aiosqlite.connect(path))
        await store._db.executescript(_TABLES)
        await store._db.commit()
        return store

    async def close(self) -> None:
        """Close the file."""
        await self._db.close()

    async def threads(self, limit: int = 200) -> list[dict[str, Any]]:
        """The newest threads, newest first."""
        query = "SELECT id, title, updated FROM ensemble_threads ORDER BY updated DESC LIMIT ?"
        return [dict(row) for row in await self._db.execute_fetchall(query, (limit,))]

    async def turns(self, thread: str) -> list[dict[str, Any]]:
        """The turns of a thread, oldest first."""
        query = "SELECT * FROM ensemble_turns WHERE thread = ? ORDER BY began"
        return [_turn(row) for row in await self._db.execute_fetchall(query, (thread,))]

    async def turn(self, name: str) -> dict[str, Any] | None:
        """One turn."""
        query = "SELECT * FROM ensemble_turns WHERE id = ?"
        rows = list(await self._db.execute_fetchall(query, (name,)))
        return _turn(rows[0]) if rows else None

    async def begin(self, turn: dict[str, Any]) -> None:
        """Write a turn that begins or goes on, and its thread where it is new."""
        now = time.time()
        title = " ".join(turn["question"].split())[:80]
        await self._db.execute(
            "INSERT INTO ensemble_threads VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET updated = excluded.updated",
            (turn["thread"], title, now),
        )
        await self._db.execute(
            "INSERT OR REPLACE INTO ensemble_turns "
            "(id, thread, began, model, knobs, question, status) "
            "VALUES (?, ?, ?, ?, ?, ?, 'running')",
            (
                turn["id"],
                turn["thread"],
                turn["began"],
                turn["model"],
                json.dumps(turn["knobs"]),
                turn["question"],
            ),
        )
        await self._db.commit()

    async def end(self, name: str, **found: Any) -> None:
        """Write how a turn ended: status, answer, error, events, result, seconds."""
        values = {key: json.dumps(v) if key in _JSON else v for key, v in found.items()}
        columns = ", ".join(f"{key} = ?" for key in values)
        statement = f"UPDATE ensemble_turns SET {columns} WHERE id = ?"  # noqa: S608 - our own names
        await self._db.execute(statement, (*values.values(), name))
        await self._db.commit()

    async def delete(self, thread: str) -> None:
        """Forget a thread and its turns."""
        await self._db.execute("DELETE FROM ensemble_turns WHERE thread = ?", (thread,))
        await self._db.execute("DELETE FROM ensemble_threads WHERE id = ?", (thread,))
        await self._db.commit()


def _turn(row: aiosqlite.Row) -> dict[str, Any]:
    found = dict(row)
    for key in _JSON:
        found[key] = json.loads(found[key]) if found[key] else None
    return found
