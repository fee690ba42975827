"""The ledger of a calibration: questions, recorded scores, answers and grades, in one SQLite file.

Every paid result is written when it arrives, keyed by its content, so that a kill repeats no call
and later runs reuse the results of earlier ones. The methods block; nodes call them in a thread.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .ledger_checks import Damaged, answer_fields, check_schema, scores_in, usable, vector_in

Array = np.ndarray

_SCHEMA = """
create table if not exists questions (
    place integer primary key, query text not null, dataset text not null, answer text
);
create table if not exists recorded (
    place integer, member text, score real, cost real, primary key (place, member)
) without rowid;
create table if not exists said (
    place integer, member text, said text not null, primary key (place, member)
) without rowid;
create table if not exists plan (
    number integer primary key, round integer not null, place integer not null, member text not null
);
create table if not exists answers (
    pair text, first integer, count integer not null, texts text not null, usage text,
    cost real, latency real, primary key (pair, first)
) without rowid;
create table if not exists grades (
    key text primary key, scores text not null
) without rowid;
create table if not exists vectors (
    key blob primary key, vector blob not null
) without rowid;
"""


def content_key(*parts: Any) -> str:
    """A hash of plain JSON: equal contents have equal keys.

    Example:
        >>> content_key("a", 1) == content_key("a", 1) != content_key("a", 2)
        True
    """
    text = json.dumps(parts, ensure_ascii=True, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Question:
    """A calibration question.

    Attributes:
        place: Its number in the order of asking.
        query: The text of the question.
        dataset: Name of its data set, "" if unnamed.
        answers: Accepted answers; without any, a grader is needed.
        scores: Recorded scores by member.
        costs: Recorded US dollars by member.
        said: Recorded answers by member: a text, calls of tools, or a list of samples.
    """

    place: int
    query: str
    dataset: str
    answers: list[str]
    scores: dict[str, float]
    costs: dict[str, float]
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """The result of one request.

    Attributes:
        first: Number of its first sample.
        texts: The samples; an empty text is an empty answer.
        cost_usd: Cost of all samples; None if unknown.
    """

    first: int
    texts: list[str]
    usage: dict[str, int] | None = None
    cost_usd: float | None = None
    latency_ms: float = 0.0


class Ledger:
    """An open ledger.

    Args:
        path: The file, which is created if it is missing.

    Raises:
        InputError: The file is no ledger; from the methods, something in it is damaged.

    Example:
        >>> import tempfile
        >>> with Ledger(Path(tempfile.mkdtemp()) / "ledger.sqlite") as ledger:
        ...     ledger.keep_answer("some pair", Answered(0, ["4"], cost_usd=0.5))
        ...     ledger.keep_answer("some pair", Answered(0, ["5"], cost_usd=0.5))
        ...     [a.texts for a in ledger.answers("some pair")], ledger.spent()
        ([['4']], (1, 0.5, 0.5))
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        with usable(path):
            self._db = sqlite3.connect(path, timeout=30, check_same_thread=False)
            try:
                check_schema(self._db, _SCHEMA)
                self._db.execute("pragma journal_mode=wal")
                # Safe if the process is killed; waiting for the disk takes seconds.
                self._db.execute("pragma synchronous=normal")
                self._db.executescript(_SCHEMA)
            except BaseException:
                self._db.close()
                raise

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file after all pending writes."""
        with self._lock:
            self._db.close()

    def replace_questions(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Replace the questions of an earlier run; its answers stay."""
        with self._lock, self._db as db:
            db.execute("delete from questions")
            db.execute("delete from recorded")
            db.execute("delete from said")
            db.execute("delete from plan")
            for place, row in enumerate(rows):
                gold = json.dumps(row["answers"]) if row.get("answers") else None
                values = (place, row["query"], row["dataset"], gold)
                db.execute("insert into questions values (?, ?, ?, ?)", values)
                costs = row["costs"]
                db.executemany(
                    "insert into recorded values (?, ?, ?, ?)",
                    [(place, m, float(s), costs.get(m)) for m, s in row["scores"].items()],
                )
                db.executemany(
                    "insert into said values (?, ?, ?)",
                    [(place, m, json.dumps(said)) for m, said in row.get("said", {}).items()],
                )

    def contents(self) -> str:
        """A hash of the questions, by which a run detects that another run replaced them."""
        with self._lock:
            rows = self._db.execute("select query, answer from questions order by place")
            digest = hashlib.blake2b(digest_size=16)
            for row in rows:
                digest.update(repr(row).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def questions(self, start: int = 0, stop: int | None = None) -> list[Question]:
        """The questions at the places in [`start`, `stop`)."""
        end = stop if stop is not None else 2**62
        with self._lock:
            rows = self._db.execute(
                "select * from questions where place >= ? and place < ? order by place",
                (start, end),
            ).fetchall()
            known = self._db.execute(
                "select * from recorded where place >= ? and place < ?", (start, end)
            ).fetchall()
            spoken = self._db.execute(
                "select * from said where place >= ? and place < ?", (start, end)
            ).fetchall()
        scores: dict[int, dict[str, float]] = {}
        costs: dict[int, dict[str, float]] = {}
        said: dict[int, dict[str, Any]] = {}
        for place, member, text in spoken:
            said.setdefault(place, {})[member] = json.loads(text)
        for place, member, score, cost in known:
            scores.setdefault(place, {})[member] = score
            if cost is not None:
                costs.setdefault(place, {})[member] = cost
        return [
            Question(
                place,
                query,
                dataset,
                json.loads(gold) if gold else [],
                scores.get(place, {}),
                costs.get(place, {}),
                said.get(place, {}),
            )
            for place, query, dataset, gold in rows
        ]

    def keep_round(self, number: int, pairs: Sequence[tuple[int, str]]) -> int:
        """Write the pairs of place and member of a round, and count the pairs of all rounds.

        A round that is already written does not change.
        """
        with self._lock, self._db as db:
            first = db.execute("select count(*) from plan").fetchone()[0]
            if db.execute("select 1 from plan where round = ?", (number,)).fetchone():
                return first
            rows = [(first + i, number, place, member) for i, (place, member) in enumerate(pairs)]
            db.executemany("insert into plan values (?, ?, ?, ?)", rows)
        return first + len(rows)

    def planned(self, start: int, stop: int) -> list[tuple[Question, str]]:
        """The planned pairs of question and member with numbers in [`start`, `stop`)."""
        with self._lock:
            rows = self._db.execute(
                "select place, member from plan where number >= ? and number < ? order by number",
                (start, stop),
            ).fetchall()
        asked = {p: self.questions(p, p + 1) for p in dict.fromkeys(place for place, _ in rows)}
        if not all(asked.values()):
            raise Damaged("a planned question is missing in it")
        return [(asked[place][0], member) for place, member in rows]

    def keep_answer(self, pair: str, answered: Answered) -> None:
        """Write the result of a request; existing results do not change."""
        usage = json.dumps(answered.usage) if answered.usage else None
        texts = json.dumps(answered.texts)
        values = (pair, answered.first, len(answered.texts), texts, usage)
        with self._lock, self._db as db:
            db.execute(
                "insert or ignore into answers values (?, ?, ?, ?, ?, ?, ?)",
                (*values, answered.cost_usd, answered.latency_ms),
            )

    def answers(self, pair: str) -> list[Answered]:
        """All results of a pair of question and member, by number of the first sample."""
        with self._lock:
            rows = self._db.execute(
                "select first, texts, usage, cost, latency from answers where pair = ? "
                "order by first",
                (pair,),
            ).fetchall()
        return [Answered(**answer_fields(*row)) for row in rows]

    def spent(self) -> tuple[int, float, float | None]:
        """Number of stored requests, their known costs, and their total cost or None if unknown."""
        with self._lock:
            calls, priced, total, wrong = self._db.execute(
                "select count(*), count(cost), total(cost), total(cost is not null and "
                "(typeof(cost) not in ('real', 'integer') or cost < 0 or cost > 1e9)) from answers"
            ).fetchone()
        if wrong:
            raise Damaged("a cost in it is no number of US dollars")
        return calls, total, total if calls == priced else None

    def keep_grades(self, key: str, scores: Sequence[float]) -> None:
        """Write the scores of one request's samples."""
        with self._lock, self._db as db:
            db.execute("insert or ignore into grades values (?, ?)", (key, json.dumps(scores)))

    def grades(self, key: str) -> list[float] | None:
        """The scores of one request's samples; None if they were not graded."""
        with self._lock:
            row = self._db.execute("select scores from grades where key = ?", (key,)).fetchone()
        return scores_in(row[0]) if row else None

    def keep_vectors(self, vectors: Mapping[bytes, Array]) -> None:
        """Write vectors by the hash of embedder and text."""
        rows = [(k, np.asarray(v, dtype="<f4").tobytes()) for k, v in vectors.items()]
        with self._lock, self._db as db:
            db.executemany("insert or ignore into vectors values (?, ?)", rows)

    def vectors(self, keys: Iterable[bytes]) -> dict[bytes, Array]:
        """The stored vectors of these keys."""
        known: dict[bytes, Array] = {}
        for key in keys:
            with self._lock:
                row = self._db.execute(
                    "select vector from vectors where key = ?", (key,)
                ).fetchone()
            if row:
                size = next(map(len, known.values()), None)
                known[key] = vector_in(row[0], size)
        return known


def pages(ledger: Ledger, total: int, size: int = 500) -> Iterator[Question]:
    """All questions, with one page in memory at a time."""
    for start in range(0, total, size):
        yield from ledger.questions(start, start + size)
