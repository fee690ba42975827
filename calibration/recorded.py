"""Recorded answers from a folder, a file a member, as rows that `records` reads.

    questions.jsonl[.gz]         {"id", "query", "answer", "dataset"} a line
    answers/MEMBER.jsonl[.gz]    {"id", and what the member said} a line

What a member said is its `text`, else a `prediction` (the short answer alone), `result` (calls of
tools, `[{name: arguments}]` or `[{"name", "args"}]`, or a text), or `samples` (a list of texts).
`correct` (true, false, or a list beside `samples`) or `score` grades it; without them the accepted
answer does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError
from . import files

_ENDINGS = (".jsonl", ".jsonl.gz")


def is_folder_of_answers(path: Path) -> bool:
    """Whether a path is such a folder."""
    return path.is_dir() and (path / "answers").is_dir()


def rows(path: Path, members: Collection[str] | None = None) -> Iterator[tuple[int, Any]]:
    """The questions with what every member said: pairs of line number and row.

    Args:
        path: The folder.
        members: Whose answers are read; by default everybody's.

    Raises:
        InputError: There are no questions or no answers in it, or two questions of one id.

    Example:
        >>> import json, tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> (folder / "answers").mkdir()
        >>> asked = {"id": 1, "query": "2+2?", "answer": "4"}
        >>> _ = (folder / "questions.jsonl").write_text(json.dumps(asked))
        >>> _ = (folder / "answers" / "ann.jsonl").write_text('{"id": 1, "text": "Answer: 4"}')
        >>> [row["answers"] for _, row in rows(folder)]
        [{'ann': 'Answer: 4'}]
    """
    questions = _one(path, "questions")
    files_of = {_name(file): file for file in sorted((path / "answers").iterdir()) if _name(file)}
    if not files_of:
        raise InputError(f"{path / 'answers'}: no file NAME.jsonl or NAME.jsonl.gz, one a member")
    asked: dict[str, tuple[int, dict[str, Any]]] = {}
    unreadable: list[tuple[int, Any]] = []
    for line, row in files.rows(questions):
        if not isinstance(row, Mapping) or "id" not in row:
            unreadable.append((line, row if isinstance(row, files.Unreadable) else _NO_ID))
            continue
        if str(row["id"]) in asked:
            raise InputError(f"{questions}, line {line}: the id {row['id']!r} stands there twice")
        # A task whose text is not published is told apart by its id.
        query = row.get("query") or row.get("question") or f"task {row['id']}"
        kept = {**row, "query": query, "answers": {}, "scores": {}}
        asked[str(row["id"])] = line, kept
    for name, file in files_of.items():
        if members is not None and name not in members:
            continue
        for line, row in files.rows(file):
            if not isinstance(row, Mapping) or "id" not in row:
                reason = row.reason if isinstance(row, files.Unreadable) else _NO_ID.reason
                raise InputError(f"{file}, line {line}: {reason}")
            if str(row["id"]) in asked:
                _add(asked[str(row["id"])][1], name, row)
    yield from unreadable
    yield from ((line, row) for line, row in asked.values() if row["answers"])


_NO_ID = files.Unreadable("no 'id'")


def _one(folder: Path, stem: str) -> Path:
    for ending in _ENDINGS:
        if (folder / f"{stem}{ending}").is_file():
            return folder / f"{stem}{ending}"
    raise InputError(f"{folder}: no {stem}.jsonl or {stem}.jsonl.gz in it")


def _name(file: Path) -> str:
    """The member that a file is of; "" for any other file."""
    name = file.name.removesuffix(".gz")
    return name.removesuffix(".jsonl") if name.endswith(".jsonl") else ""


def _add(question: dict[str, Any], member: str, row: Mapping[str, Any]) -> None:
    question["answers"][member] = _said(row)
    score = row.get("score", row.get("correct"))
    if isinstance(score, list):
        score = sum(map(float, score)) / len(score) if score else None
    if score is not None:
        question["scores"][member] = float(score) if isinstance(score, bool) else score
    if row.get("cost_usd") is not None:
        question.setdefault("costs", {})[member] = row["cost_usd"]


def _said(row: Mapping[str, Any]) -> Any:
    if isinstance(row.get("samples"), list):
        return row["samples"]
    if row.get("text"):
        return row["text"]
    if row.get("prediction") is not None:
        return f"Answer: {row['prediction']}"
    if "text" in row or "prediction" in row:
        return ""
    result = row.get("result", "")
    if isinstance(result, list) and result and all(isinstance(each, Mapping) for each in result):
        return [call for each in result for call in _calls(each)]
    return result if isinstance(result, str) else str(result)


def _calls(each: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "name" in each:
        return [{"name": each["name"], "args": each.get("args", {})}]
    return [{"name": name, "args": args} for name, args in each.items()]
