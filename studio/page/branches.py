"""The page's threads beside their turns: branches, instructions, images, and the bin.

A question that is edited or asked again starts a branch: its turn has the same parent as the turn
that it replaces, so that no answer is lost. Turns of one `panel` answer a question side by side.
These are tables of their own, so that files of earlier versions fit.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

Rows = Callable[..., Awaitable[list[dict[str, Any]]]]
Run = Callable[..., Awaitable[None]]

KEPT = 60.0
"""Seconds for which a deleted thread can be restored."""

TABLES: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS ensemble_branches (
        turn TEXT PRIMARY KEY, thread TEXT NOT NULL, parent TEXT, panel TEXT,
        images TEXT NOT NULL DEFAULT '[]'
    )""",
    "CREATE INDEX IF NOT EXISTS ensemble_branches_of ON ensemble_branches (thread)",
    """CREATE TABLE IF NOT EXISTS ensemble_notes (
        thread TEXT PRIMARY KEY, system TEXT NOT NULL DEFAULT '', deleted DOUBLE PRECISION
    )""",
)
_LISTED = """
SELECT t.id AS id, t.title AS title, t.updated AS updated FROM ensemble_threads t
LEFT JOIN ensemble_notes n ON n.thread = t.id WHERE n.deleted IS NULL
"""
_FOUND = r"""
AND (LOWER(t.title) LIKE ? ESCAPE '\' OR EXISTS (
    SELECT 1 FROM ensemble_turns u WHERE u.thread = t.id
    AND (LOWER(u.question) LIKE ? ESCAPE '\' OR LOWER(u.answer) LIKE ? ESCAPE '\')
))
"""
_NOTED = (
    "INSERT INTO ensemble_notes (thread, {0}) VALUES (?, ?) "
    "ON CONFLICT (thread) DO UPDATE SET {0} = excluded.{0}"
)


class Branches:
    """Branches, instructions and deletions of the threads of one database.

    Args:
        rows: The rows of a query with a `?` for each value, which are found by their keys.
        search: The same for a query that looks at every row of a table.
        run: Runs statements, each with its values: all of them, or none.
    """

    def __init__(self, rows: Rows, search: Rows, run: Run) -> None:
        self._rows = rows
        self._search = search
        self._run = run

    async def threads(self, search: str = "", limit: int = 200) -> list[dict[str, Any]]:
        """The newest threads, newest first; with `search` those that contain it."""
        order = " ORDER BY t.updated DESC LIMIT ?"
        if not search:
            return await self._rows(_LISTED + order, limit)
        like = f"%{_literal(search.lower())}%"
        return await self._search(_LISTED + _FOUND + order, like, like, like, limit)

    async def about(self, thread: str) -> dict[str, Any] | None:
        """Title and instructions of a thread; None if there is none, or it is deleted."""
        query = _LISTED.replace("t.updated", "n.system AS system, t.updated") + " AND t.id = ?"
        rows = await self._rows(query, thread)
        return {**rows[0], "system": rows[0]["system"] or ""} if rows else None

    async def linked(self, turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The turns of one thread, oldest first, with `parent`, `panel` and `images`."""
        if not turns:
            return []
        query = "SELECT turn, parent, panel, images FROM ensemble_branches WHERE thread = ?"
        known = {row["turn"]: row for row in await self._rows(query, turns[0]["thread"])}
        before = None
        for turn in turns:
            # Turns of earlier versions follow one another.
            row = known.get(turn["id"]) or {"parent": before, "panel": None, "images": "[]"}
            turn |= {
                "parent": row["parent"],
                "panel": row["panel"],
                "images": json.loads(row["images"]),
            }
            before = turn["id"]
        return turns

    async def begin(self, about: dict[str, Any]) -> None:
        """Write where a turn belongs; a deleted thread that is used again is kept."""
        await self._run(
            (
                "INSERT INTO ensemble_branches VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    about["id"],
                    about["thread"],
                    about.get("parent"),
                    about.get("panel"),
                    json.dumps(about.get("images") or []),
                ),
            ),
            ("UPDATE ensemble_notes SET deleted = NULL WHERE thread = ?", (about["thread"],)),
        )

    async def rename(self, thread: str, title: str) -> None:
        """Give a thread another title."""
        await self._run(("UPDATE ensemble_threads SET title = ? WHERE id = ?", (title, thread)))

    async def instruct(self, thread: str, system: str) -> None:
        """Set a thread's instructions, the system message of its runs."""
        await self._run((_NOTED.format("system"), (thread, system)))

    async def discard(self, thread: str) -> None:
        """Put a thread into the bin."""
        await self._run((_NOTED.format("deleted"), (thread, time.time())))

    async def restore(self, thread: str) -> bool:
        """Take a thread out of the bin; False if it is not there any more."""
        found = await self._rows("SELECT id FROM ensemble_threads WHERE id = ?", thread)
        await self._run(("UPDATE ensemble_notes SET deleted = NULL WHERE thread = ?", (thread,)))
        return bool(found)

    async def expired(self) -> list[str]:
        """The threads that have been in the bin for longer than `KEPT`."""
        query = "SELECT thread FROM ensemble_notes WHERE deleted < ?"
        return [row["thread"] for row in await self._rows(query, time.time() - KEPT)]

    async def purge(self, thread: str) -> None:
        """Delete what is written here about a thread."""
        await self._run(
            ("DELETE FROM ensemble_branches WHERE thread = ?", (thread,)),
            ("DELETE FROM ensemble_notes WHERE thread = ?", (thread,)),
        )


def _literal(text: str) -> str:
    r"""A text as part of a LIKE pattern.

    Example:
        >>> _literal("100%")
        '100\\%'
    """
    for sign in "\\%_":
        text = text.replace(sign, f"\\{sign}")
    return text


def path_to(turns: list[dict[str, Any]], last: str | None) -> list[dict[str, Any]]:
    """The turns from the first to `last`, each the parent of the next.

    Example:
        >>> turns = [{"id": "a", "parent": None}, {"id": "b", "parent": "a"}]
        >>> [turn["id"] for turn in path_to(turns, "b")]
        ['a', 'b']
    """
    known = {turn["id"]: turn for turn in turns}
    path: list[dict[str, Any]] = []
    while last in known:
        turn = known.pop(last)
        path.insert(0, turn)
        last = turn["parent"]
    return path
