"""Rows of a file in any supported format, each with its line number."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import InputError

#: Columns of a table that are not members.
PLAIN = {"query", "question", "answer", "dataset", "metric", "id", "sample_id", "split", "line"}


LARGEST = 500_000_000
"""Bytes of a file, unpacked."""


@dataclass(frozen=True)
class Unreadable:
    """A row that could not be read, with the reason."""

    reason: str


def rows(path: Path, *, records: bool = True) -> Iterator[tuple[int, Any]]:
    """Read a file row by row, as pairs of number (from 1) and row.

    Args:
        path: The file.
        records: Whether the columns of a table are those of records: a column that is not
            `PLAIN` is a member's score.

    Raises:
        InputError: The file is missing, of an unknown format, or unreadable.
    """
    if not path.is_file():
        raise InputError(f"no file {path}: name a JSONL, JSON, CSV or Parquet file")
    name = path.name.lower().removesuffix(".gz")
    readers = {".jsonl": _jsonl, ".ndjson": _jsonl, ".json": _json, ".csv": _csv}
    suffix = Path(name).suffix
    if suffix == ".parquet":
        yield from _parquet(path, records=records)
        return
    if suffix not in readers:
        raise InputError(f"{path}: unknown format; use .jsonl, .json, .csv (or .gz), .parquet")
    try:
        content = _content(path)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read ({error}); is it complete?") from error
    if len(content) > LARGEST:
        raise InputError(f"{path}: more than {LARGEST:,} bytes; split it into several files")
    yield from readers[suffix](path, content.removeprefix(b"\xef\xbb\xbf"))


def _content(path: Path) -> bytes:
    """The bytes of a file, unpacked; one more than the most that is taken, where it is larger."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not packed:
            return file.read(LARGEST + 1)
        with gzip.GzipFile(fileobj=file) as unpacked:
            return unpacked.read(LARGEST + 1)


def _jsonl(path: Path, content: bytes) -> Iterator[tuple[int, Any]]:
    del path
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line.decode("utf-8"))
        except UnicodeDecodeError:
            yield number, Unreadable("broken encoding: not valid UTF-8")
        except ValueError:
            yield number, Unreadable("not valid JSON")
        except RecursionError:
            yield number, Unreadable("JSON that is nested too deeply")


def _json(path: Path, content: bytes) -> Iterator[tuple[int, Any]]:
    try:
        data = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: broken encoding: not valid UTF-8; save it as UTF-8") from error
    except ValueError as error:
        hint = "if it has one object per line, name it .jsonl"
        raise InputError(f"{path}: not valid JSON ({error}); {hint}") from error
    except RecursionError:
        raise InputError(f"{path}: JSON that is nested too deeply") from None
    if isinstance(data, dict):
        data = data.get("records")
    if not isinstance(data, list):
        raise InputError(f"{path}: holds no list of rows; write [{{...}}, ...]")
    yield from enumerate(data, start=1)


def _csv(path: Path, content: bytes) -> Iterator[tuple[int, Any]]:
    # Broken bytes become lone surrogates, which the check of each row detects.
    text = io.StringIO(content.decode("utf-8", "surrogateescape"), newline="")
    csv.field_size_limit(10_000_000)
    reader = csv.DictReader(text, strict=True)
    if not reader.fieldnames or not {"query", "question"} & set(reader.fieldnames):
        raise InputError(f"{path}: the first line must name the columns, 'query' among them")
    start = reader.line_num + 1
    try:
        for row in reader:
            yield start, _cells(row)
            start = reader.line_num + 1
    except csv.Error as error:
        yield start, Unreadable(f"not valid CSV ({error})")


def _cells(row: dict[Any, Any]) -> Any:
    """One row of a table in the form of a record."""
    if None in row:
        return Unreadable("more cells than columns")
    plain = {k: v for k, v in row.items() if k in PLAIN and v not in (None, "")}
    if "member" in row and "score" in row:
        member, cost = row["member"], row.get("cost_usd")
        return {**plain, "scores": {member: row["score"]}, "costs": {member: cost}}
    scores = {k: v for k, v in row.items() if k not in PLAIN and not k.startswith("cost:")}
    costs = {k.removeprefix("cost:"): v for k, v in row.items() if k.startswith("cost:")}
    return {**plain, "scores": scores, "costs": costs}


def _parquet(path: Path, *, records: bool) -> Iterator[tuple[int, Any]]:
    try:
        if find_spec("pyarrow"):
            from pyarrow import parquet  # pyright: ignore[reportMissingImports]

            table = parquet.read_table(path).to_pylist()
        elif find_spec("pandas") and find_spec("fastparquet"):
            from pandas import read_parquet  # pyright: ignore[reportMissingImports]

            table = read_parquet(path).to_dict("records")
        else:
            raise InputError(
                f"{path}: reading Parquet needs the parquet extra: "
                "pip install 'langgraph-ensemble[parquet]'"
            )
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: not a Parquet file that can be read") from error
    for number, row in enumerate(table, start=1):
        shaped = not records or "scores" in row or "models" in row
        yield number, row if shaped else _cells(row)
