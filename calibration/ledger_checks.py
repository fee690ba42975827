"""Whether a file is a ledger, and whether what is read from it can have been written by one."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ..errors import InputError

_Dollars = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
_Scores = TypeAdapter(list[Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]])


class Damaged(ValueError):  # noqa: N818 - it is a state of the file
    """What is wrong with a ledger, in a few words."""


class _Row(BaseModel):
    """What a request brought, as `ledger.Answered` has it."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True)

    first: Annotated[int, Field(ge=0)]
    texts: list[str]
    usage: dict[str, int | bool] | None
    cost_usd: _Dollars | None
    latency_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)]


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """While a ledger is used: what is wrong with it is told in one line that names the file.

    Raises:
        InputError: It is no ledger, or damaged.
    """
    try:
        yield
    except (sqlite3.DatabaseError, Damaged) as error:
        raise InputError(
            f"{path}: this ledger cannot be used ({error}); name another folder with --out, or "
            "move it away to ask everything anew"
        ) from None


def check_schema(db: sqlite3.Connection, schema: str) -> None:
    """See that a file that is there already is a ledger, before anything is written to it.

    Args:
        db: The open file.
        schema: The tables of a ledger.

    Raises:
        Damaged: It has other tables, or what runs by itself.
        sqlite3.DatabaseError: It is no SQLite file.
    """
    db.execute("pragma trusted_schema=off")
    found = db.execute("select type, name from sqlite_master").fetchall()
    with sqlite3.connect(":memory:") as fresh:
        fresh.executescript(schema)
        wanted = _tables(fresh)
    fresh.close()
    if any(kind in ("trigger", "view") for kind, _ in found):
        raise Damaged("it holds triggers or views")
    there = _tables(db)
    if there and not there.keys() & wanted.keys():
        raise Damaged("it is another program's file")
    for name, columns in wanted.items():
        if there.get(name, columns) != columns:
            raise Damaged(f"its table '{name}' has other columns than this version's")


def _tables(db: sqlite3.Connection) -> dict[str, list[tuple[str, str]]]:
    """The columns of each table: name and type."""
    rows = db.execute(
        "select m.name, p.name, p.type from sqlite_master m join pragma_table_info(m.name) p "
        "where m.type = 'table' and m.name not like 'sqlite_%' order by m.name, p.cid"
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in rows:
        found.setdefault(table, []).append((column, str(kind).lower()))
    return found


def answer_fields(first: Any, texts: Any, usage: Any, cost: Any, latency: Any) -> dict[str, Any]:
    """The fields of an `Answered` from a row of the table.

    Raises:
        Damaged: They cannot be those of an answer.
    """
    try:
        known = json.loads(usage) if usage else None
        row = _Row(
            first=first, texts=json.loads(texts), usage=known, cost_usd=cost, latency_ms=latency
        )
    except (ValidationError, ValueError, TypeError, RecursionError):
        raise Damaged("an answer in it is damaged") from None
    return row.model_dump()


def scores_in(text: Any) -> list[float]:
    """Grades from a row of the table.

    Raises:
        Damaged: They are no numbers from 0 to 1.
    """
    try:
        return _Scores.validate_python(json.loads(text))
    except (ValidationError, ValueError, TypeError, RecursionError):
        raise Damaged("a grade in it is no number from 0 to 1") from None


def vector_in(blob: Any, size: int | None) -> np.ndarray:
    """A vector from a row of the table.

    Args:
        blob: The row's.
        size: How many numbers others have; None for the first.

    Raises:
        Damaged: It is no vector, or of another size.
    """
    if not isinstance(blob, bytes) or not blob or len(blob) % 4:
        raise Damaged("a vector in it is damaged")
    vector = np.frombuffer(blob, dtype="<f4")
    if not np.all(np.abs(vector) <= 1e9) or size not in (None, len(vector)):
        raise Damaged("a vector in it is damaged, or of another size than others")
    return vector
