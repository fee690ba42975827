"""Conversations of the page on disk: threads and their turns.

The graphs' checkpoints hold what a graph needs to resume; the store holds what the page shows. Both
are in one SQLite file.
"""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from .branches import Branches
from .memory import Memory

_TABLES = """
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

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.branches = Branches(self._read, self._write)

    @classmethod
    async def open(cls, memory: Memory) -> Store:
        """Create the tables; turns that a crash broke off become `interrupted`."""
        await memory.write(lambda db: db.executescript(_TABLES))
        store = cls(memory)
        await store.branches.create()
        return store

    async def _read(self, query: str, *values: Any) -> list[dict[str, Any]]:
        def rows(db: sqlite3.Connection) -> list[dict[str, Any]]:
            cursor = db.execute(query, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

        return await self._memory.read(rows)

    async def _write(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        def execute(db: sqlite3.Connection) -> None:
            for statement, values in statements:
                db.execute(statement, values)

        await self._memory.write(execute)

    async def turns(self, thread: str) -> list[dict[str, Any]]:
        """The turns of a thread, oldest first."""
        query = "SELECT * FROM ensemble_turns WHERE thread = ? ORDER BY began"
        turns = [_turn(row) for row in await self._read(query, thread)]
        return await self.branches.linked(turns)

    async def size(self, thread: str) -> int:
        """The characters of a thread's questions and answers."""
        query = (
            "SELECT COALESCE(SUM(LENGTH(question) + COALESCE(LENGTH(answer), 0)), 0) AS size "
            "FROM ensemble_turns WHERE thread = ?"
        )
        return int((await self._read(query, thread))[0]["size"])

    async def turn(self, name: str) -> dict[str, Any] | None:
        """One turn."""
        query = "SELECT * FROM ensemble_turns WHERE id = ?"
        rows = await self._read(query, name)
        return _turn(rows[0]) if rows else None

    async def begin(self, turn: dict[str, Any]) -> None:
        """Write a turn that begins or resumes, and its thread if it is new."""
        now = time.time()
        title = " ".join(turn["question"].split())[:80]
        values = (json.dumps(turn["knobs"]), turn["question"])
        await self.branches.begin(turn)
        await self._write(
            (
                "INSERT INTO ensemble_threads VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET updated = excluded.updated",
                (turn["thread"], title, now),
            ),
            (
                "INSERT OR REPLACE INTO ensemble_turns "
                "(id, thread, began, model, knobs, question, status) "
                "VALUES (?, ?, ?, ?, ?, ?, 'running')",
                (turn["id"], turn["thread"], turn["began"], turn["model"], *values),
            ),
        )

    async def end(self, name: str, **fields: Any) -> None:
        """Write the end of a turn: status, answer, error, events, result, seconds."""
        values = {key: json.dumps(v) if key in _JSON else v for key, v in fields.items()}
        columns = ", ".join(f"{key} = ?" for key in values)
        statement = f"UPDATE ensemble_turns SET {columns} WHERE id = ?"  # noqa: S608 - our own names
        await self._write((statement, (*values.values(), name)))

    async def delete(self, thread: str) -> None:
        """Delete a thread and its turns."""
        await self._write(
            ("DELETE FROM ensemble_turns WHERE thread = ?", (thread,)),
            ("DELETE FROM ensemble_threads WHERE id = ?", (thread,)),
        )
        await self.branches.purge(thread)


def _turn(row: dict[str, Any]) -> dict[str, Any]:
    for key in _JSON:
        row[key] = json.loads(row[key]) if row[key] else None
    return row
