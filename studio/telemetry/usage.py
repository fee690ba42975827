"""What each key has used, in a SQLite file that survives restarts.

Calls are added up by the hour, the key and the graph, and written by a thread a few times a second:
a process that is killed loses what its last half second used.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...records import Call
from .often import Often

NOBODY = "-"
"""The key of requests to a server without keys."""
EVERY = 0.5
"""Seconds between two writes."""
HOUR = 3600
SUMS = (
    *("runs", "calls", "failed", "input_tokens", "output_tokens"),
    *("cost_usd", "bound_usd", "unpriced"),
)
_TABLE = f"""
CREATE TABLE IF NOT EXISTS ensemble_usage (
    key TEXT NOT NULL, hour INTEGER NOT NULL, graph TEXT NOT NULL,
    {", ".join(f"{name} REAL NOT NULL DEFAULT 0" for name in SUMS)},
    PRIMARY KEY (key, hour, graph)
) WITHOUT ROWID;
"""
ADD = (
    f"INSERT INTO ensemble_usage (key, hour, graph, {', '.join(SUMS)}) "  # noqa: S608 - own names
    f"VALUES (?, ?, ?, {', '.join('?' * len(SUMS))}) ON CONFLICT (key, hour, graph) DO UPDATE SET "
    + ", ".join(f"{name} = ensemble_usage.{name} + excluded.{name}" for name in SUMS)
)


class Usage:
    """The usage of all keys in one file.

    Args:
        path: The file, which is created if it is missing.

    Example:
        >>> import tempfile
        >>> usage = Usage(Path(tempfile.mkdtemp()) / "usage.sqlite")
        >>> usage.add("ann", "moa", {"runs": 1, "calls": 3, "cost_usd": 0.25})
        >>> usage.total("ann")["calls"], usage.total("ben")["calls"]
        (3, 0)
        >>> usage.close()
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Only the user may read it.
        path.touch(mode=0o600, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False, timeout=30)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_TABLE)
        self._new: dict[tuple[str, int, str], dict[str, float]] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._writer = Often(self.write, EVERY, "usage")

    def add(self, key: str | None, graph: str, sums: Mapping[str, float]) -> None:
        """Add to what a key has used, in this hour and with this graph."""
        place = (key or NOBODY, int(time.time()) // HOUR, graph)
        with self._lock:
            held = self._new.setdefault(place, dict.fromkeys(SUMS, 0.0))
            for name, value in sums.items():
                held[name] += value

    def total(self, key: str | None, since: float = 0.0) -> dict[str, Any]:
        """What a key has used since a moment, in seconds since 1970, in whole hours."""
        self.write()
        query = f"SELECT {summed()} FROM ensemble_usage WHERE key = ? AND hour >= ?"  # noqa: S608
        (row,) = self._rows(query, key or NOBODY, int(since) // HOUR)
        return plain(row)

    def report(self, since: float = 0.0) -> list[dict[str, Any]]:
        """What each key has used with each graph since a moment."""
        self.write()
        query = (
            f"SELECT key, graph, {summed()} FROM ensemble_usage WHERE hour >= ? "  # noqa: S608
            "GROUP BY key, graph ORDER BY key, graph"
        )
        return [
            {"key": key, "graph": graph, **plain(row)}
            for key, graph, *row in self._rows(query, int(since) // HOUR)
        ]

    def write(self) -> None:
        """Write what was added."""
        with self._writing:
            with self._lock:
                new, self._new = self._new, {}
            if new:
                with self._db:
                    self._db.executemany(
                        ADD, [(*place, *(held[n] for n in SUMS)) for place, held in new.items()]
                    )

    def close(self) -> None:
        """Write everything and close the file."""
        self._writer.close()
        self._db.close()

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._writing:
            return self._db.execute(query, values).fetchall()


def gave_nothing(call: Call) -> bool:
    """Whether a call gave no usable text, and nobody had stopped it."""
    return call["status"] not in ("ok", "cut", "cancelled")


def of_call(call: Call) -> dict[str, float]:
    """The sums of one call.

    Example:
        >>> call = {"usage": None, "cost_usd": None, "bound_usd": 0.5, "requests": 1,
        ...         "status": "failed"}
        >>> of_call(call)["bound_usd"], of_call(call)["failed"]
        (0.5, 1)
    """
    usage = call["usage"]
    return {
        "calls": call["requests"],
        "failed": int(gave_nothing(call)),
        "input_tokens": usage["input_tokens"] if usage else 0,
        "output_tokens": usage["output_tokens"] if usage else 0,
        "cost_usd": call["cost_usd"] or 0.0,
        "bound_usd": call["bound_usd"],
        "unpriced": int(call["cost_usd"] is None),
    }


def summed() -> str:
    """The sums of rows, in SQL."""
    return ", ".join(f"COALESCE(SUM({name}), 0)" for name in SUMS)


def plain(row: Any) -> dict[str, Any]:
    """The sums of a row; all but the dollars are whole numbers."""
    return {
        name: round(value, 9) if name.endswith("usd") else int(value)
        for name, value in zip(SUMS, row, strict=True)
    }
