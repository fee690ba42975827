"""The store of an evaluation: every call and every outcome, in one SQLite file.

Calls are keyed by their content (`models.recorder`), so that other systems, other numbers of
samples and other votes over the same calls cost nothing. An outcome is one system's answer to one
question, with its score.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..models.budget import Budget, Spend
from ..models.flights import Flights
from ..models.raw import Raw
from ..models.raw_json import raw_from_json, raw_to_json
from ..records import Usage

_SCHEMA = """
pragma journal_mode = wal;
pragma synchronous = normal;
create table if not exists calls (
    key text, n integer, member text not null, reply text not null, primary key (key, n)
) without rowid;
create table if not exists outcomes (
    system text, question text, outcome text not null, primary key (system, question)
) without rowid;
create table if not exists info (name text primary key, value text not null) without rowid;
pragma user_version = 1;
"""


@dataclass
class Store:
    """An open store, which is also a `Recorder`.

    Args:
        path: The file, which is created if it is missing.
        live: Whether calls that are missing are made.
        budget: What calls that are made may use.

    Raises:
        InputError: The file is no store.

    Example:
        >>> import tempfile
        >>> store = Store(Path(tempfile.mkdtemp()) / "answers.sqlite")
        >>> store.keep("key", 2, "ann", Raw(["one", "two"]))
        >>> store.find("key", 1).texts, store.find("other", 1)
        (['one'], None)
    """

    path: Path
    live: bool = True
    budget: Budget = field(default_factory=Budget)
    missing: dict[str, tuple[str, Spend]] = field(default_factory=dict)
    """Calls that were not there and not made: their member and their worst case, by key."""
    flying: Flights = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
            # Python 3.13 warns of a connection that is never closed.
            weakref.finalize(self, self._base.close)
            self._base.executescript(
                f"pragma journal_mode = wal; pragma synchronous = normal; {_SCHEMA}"
            )
            names = {row[0] for row in self._base.execute("select name from sqlite_master")}
        except (sqlite3.OperationalError, OSError) as error:
            raise InputError(
                f"{self.path}: cannot be written ({error}); name another file"
            ) from None
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.path}: no store of an evaluation ({error})") from None
        if "questions" in names:
            raise InputError(f"{self.path}: this is the ledger of a calibration; name another file")

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def find(self, key: str, n: int) -> Raw | None:
        """The recorded reply of `n` samples, cut from a reply of more, or one of fewer."""
        with self._lock:
            rows = self._base.execute(
                "select n, reply from calls where key = ? order by n", (key,)
            ).fetchall()
        enough = [row for row in rows if row[0] >= n]
        if not rows:
            return None
        count, text = enough[0] if enough else rows[-1]
        try:
            raw = raw_from_json(text)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(f"{self.path}: a recorded reply is damaged ({error})") from None
        return _cut(raw, n, count) if count > n else raw

    def keep(self, key: str, n: int, member: str, raw: Raw) -> None:
        """Record a reply at once, so that a kill loses nothing that was paid."""
        self._write(
            "insert or replace into calls values (?, ?, ?, ?)", key, n, member, raw_to_json(raw)
        )

    def miss(self, key: str, member: str, most: Spend) -> None:
        """Note a call that is missing."""
        self.missing[key] = member, most

    def outcome(self, system: str, question: str) -> dict[str, Any] | None:
        """One system's outcome on one question, if it is there."""
        with self._lock:
            row = self._base.execute(
                "select outcome from outcomes where system = ? and question = ?", (system, question)
            ).fetchone()
        return json.loads(row[0]) if row else None

    def keep_outcome(self, system: str, question: str, outcome: dict[str, Any]) -> None:
        """Record an outcome."""
        text = json.dumps(outcome, sort_keys=True)
        self._write("insert or replace into outcomes values (?, ?, ?)", system, question, text)

    def _write(self, statement: str, *values: Any) -> None:
        with self._lock:
            self._base.execute(statement, values)


def _cut(raw: Raw, n: int, count: int) -> Raw:
    """The first `n` of `count` samples, with their share of the written tokens."""
    usage: Usage | None = None
    if raw.usage is not None:
        written = round(raw.usage["output_tokens"] * n / count)
        read = raw.usage["input_tokens"]
        usage = {**raw.usage, "output_tokens": written, "total_tokens": read + written}
    return replace(
        raw, texts=raw.texts[:n], messages=raw.messages[:n], ended=raw.ended[:n], usage=usage
    )
