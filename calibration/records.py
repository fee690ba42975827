"""Recorded scores from JSONL, JSON, CSV and Parquet files, with every bad row named.

A row holds a question and each member's score on it, in one of two forms::

    {"query": "...", "scores": {"a": 1.0}, "dataset": "..."}
    {"query": "...", "models": {"a": {"score": 1.0, "cost_usd": 0.001}}}

Tables have a `query` column and either one column per member (with `cost:NAME` for its costs), or
the columns `member`, `score` and optionally `cost_usd`. An empty cell is an unknown score.

With an `answer` (text, a number, or a list of accepted ones) a calibration can ask and grade
members that have no score; then `scores` may be left out. `answers` holds the members' answers,
from which the vote is learnt: a text, tool calls, or a list of samples of either for each member.
Answers without a score are graded by `answer`::

    {"query": "...", "answer": "4", "answers": {"a": "Answer: 4", "b": ["Answer: 4", "5"]}}

If `metric` is `probability_of_correct`, a score is the probability that a member gave to a right
answer and 0 for a wrong one, so right means score > 0, as in published tables.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..routing.row import row_problem
from ..voting.calls import is_calls
from . import files, recorded

#: Number of reasons, and of lines for each reason, that one error names.
SHOWN = 5


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be used, with its line (or row) number from 1 and the reason."""

    line: int
    reason: str


@dataclass(frozen=True)
class Recorded:
    """The content of a file.

    Attributes:
        records: A list of `{"query", "scores", "costs", "dataset", "answers", "said", "line"}`;
            `answers` are the accepted answers, `said` the members' answers; both may be empty.
        bad: The rows that are left out.
        empty: Lines with a question but no score, which only help to build the map.
    """

    records: list[dict[str, Any]]
    bad: list[BadRow] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)


def load_records(
    path: str | Path, *, members: Sequence[str] | None = None, skip_bad: bool = False
) -> Recorded:
    r"""Load recorded scores.

    Args:
        path: A `.jsonl`, `.json`, `.csv` (each also `.gz`) or `.parquet` file, or a folder of
            recorded answers (`calibration.recorded`).
        members: The members that may appear, such as those of the pool; by default any.
        skip_bad: Whether to list bad rows and use the others, instead of refusing the file.

    Raises:
        InputError: The file cannot be read, or rows are bad and `skip_bad` is not set.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "scores.csv"
        >>> _ = file.write_text("query,a,b\n2+2?,1,0.5\n3+3?,1,\n")
        >>> [row["scores"] for row in load_records(file).records]
        [{'a': 1.0, 'b': 0.5}, {'a': 1.0}]
    """
    path = Path(path)
    folder = recorded.is_folder_of_answers(path)
    content = gather(recorded.rows(path) if folder else files.rows(path), members)
    if content.bad and not skip_bad:
        raise InputError(
            f"{path}: {summary(content.bad)}; correct them, or leave them out: skip_bad"
        )
    if not content.records:
        raise InputError(f"{path}: no usable rows; each needs a 'query' and 'scores' or 'answers'")
    return content


def summary(bad: Sequence[BadRow]) -> str:
    """Name bad rows in one line, those with the same reason together.

    Example:
        >>> summary([BadRow(3, "no question")])
        '1 bad row: line 3: no question'
        >>> summary([BadRow(n, "no question") for n in range(1, 48)] + [BadRow(50, "no scores")])
        '48 bad rows: lines 1, 2, 3, 4, 5 and 42 more: no question; line 50: no scores'
    """
    return f"{len(bad)} bad row{'s' * (len(bad) != 1)}: {'; '.join(grouped(bad))}"


def grouped(bad: Sequence[BadRow], most: int = SHOWN) -> list[str]:
    """Bad rows with the same reason together, in the order of the file.

    Args:
        bad: The rows.
        most: Number of reasons to name; the rows left over are counted in one more item.

    Example:
        >>> grouped([BadRow(3, "no question"), BadRow(4, "no scores"), BadRow(7, "no question")])
        ['lines 3 and 7: no question', 'line 4: no scores']
    """
    by_reason: dict[str, list[int]] = {}
    for row in bad:
        by_reason.setdefault(row.reason, []).append(row.line)
    groups = list(by_reason.items())
    left = sum(len(lines) for _, lines in groups[most:])
    named = [f"{_lines(lines)}: {reason}" for reason, lines in groups[:most]]
    return [*named, f"and {left} more for other reasons"] if left else named


def _lines(numbers: Sequence[int]) -> str:
    """The first line numbers, and how many others there are."""
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    shown = [str(number) for number in numbers[:SHOWN]]
    if left := len(numbers) - len(shown):
        return f"lines {', '.join(shown)} and {left} more"
    return f"lines {', '.join(shown[:-1])} and {shown[-1]}"


def gather(rows: Iterable[tuple[int, Any]], members: Sequence[str] | None = None) -> Recorded:
    """Check rows one by one; rows of the same question are joined.

    Args:
        rows: Pairs of line number and row, or `files.Unreadable` with the reason.
        members: The members that may appear.
    """
    known = None if members is None else set(members)
    by_query: dict[tuple[str, str], dict[str, Any]] = {}
    bad: list[BadRow] = []
    for line, row in rows:
        try:
            record = parse_row(row, known)
        except InputError as error:
            bad.append(BadRow(line, str(error)))
            continue
        record["line"] = line
        place = (record["query"], record["dataset"])
        first = by_query.setdefault(place, record)
        if first is not record and (problem := _join(first, record)):
            bad.append(BadRow(line, problem))
    records = list(by_query.values())
    return Recorded(records, bad, [r["line"] for r in records if not r["scores"]])


def parse_row(row: Any, known: set[str] | None = None) -> dict[str, Any]:
    """Read one row in either form.

    Args:
        row: A row of `files.rows`.
        known: The members that may appear; by default any.

    Raises:
        InputError: The row cannot be used; the message gives the reason.
    """
    if isinstance(row, files.Unreadable):
        raise InputError(row.reason)
    if not isinstance(row, Mapping):
        raise InputError("not an object with 'query' and 'scores'")
    answers, said = _answers(row.get("answer")), _said(row.get("answers"))
    scores, costs = _cells(row, scored=not answers and not said)
    if ungraded := [name for name in said if name not in scores and not answers]:
        raise InputError(
            f"'{ungraded[0]}' has an answer but no score, and there is no 'answer' to grade it by"
        )
    dataset = row.get("dataset")
    record = {
        "query": row.get("query", row.get("question")),
        "scores": scores,
        "costs": costs,
        "dataset": "" if dataset is None else str(dataset),
        "answers": answers,
        "said": said,
    }
    if problem := row_problem(record) or _encoding_problem(record):
        raise InputError(problem)
    if known is not None and (strangers := sorted({*scores, *said} - known)):
        raise InputError(f"unknown member {str(strangers[0])[:80]!r}")
    if row.get("metric") == "probability_of_correct":
        record["scores"] = {m: float(s > 0) for m, s in scores.items()}
    return record


def _answers(given: Any) -> list[str]:
    """The accepted answers as text."""
    many = given if isinstance(given, list) else [given]
    texts = [str(a) for a in many if isinstance(a, str | int) or _finite(a)]
    if given is not None and (len(texts) < len(many) or not texts):
        raise InputError("'answer' must be text, a number, or a list of them")
    return [text for text in texts if text.strip()]


def _said(given: Any) -> dict[str, Any]:
    """What members said; a hole is left out."""
    if given is None:
        return {}
    given = _mapping(given, "'answers' must map members to what they said")
    said = {name: each for name, each in given.items() if each is not None}
    for name, each in said.items():
        many = each if isinstance(each, list) and not is_calls(each) else [each]
        if not isinstance(name, str) or not all(isinstance(x, str) or is_calls(x) for x in many):
            raise InputError(
                f"answer of '{name}' must be a text, calls of tools, or a list of samples of either"
            )
    return said


def _finite(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _cells(row: Mapping[str, Any], *, scored: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Scores and costs of a row in either form, without the unknown ones."""
    cells = row.get("scores", row.get("models"))
    if cells is None and scored:
        raise InputError(
            "no scores: 'scores' must map members to numbers, or 'answer' say what is right"
        )
    cells = {} if cells is None else cells
    cells = _mapping(cells, "'scores' must map members to numbers")
    scores = {m: c.get("score") if isinstance(c, Mapping) else c for m, c in cells.items()}
    costs = _mapping(row.get("costs") or {}, "'costs' must map members to US dollars")
    costs |= {m: c.get("cost_usd") for m, c in cells.items() if isinstance(c, Mapping)}
    return _filled(scores), _filled(costs)


def _mapping(given: Any, problem: str) -> dict[Any, Any]:
    if not isinstance(given, Mapping | list):
        raise InputError(problem)
    try:  # a Parquet map is a list of pairs
        return dict(given)
    except (TypeError, ValueError):
        raise InputError(problem) from None


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Drop unknown values, and read numbers that are written as text."""
    out = {}
    for name, value in values.items():
        if isinstance(value, str):
            value = value.strip()
            try:
                value = float(value) if value else None
            except ValueError as error:
                raise InputError(
                    f"score of {str(name)[:80]!r} is {value[:80]!r}, not a number"
                ) from error
        if value is not None:
            out[name] = value
    return out


def _encoding_problem(record: Mapping[str, Any]) -> str | None:
    try:
        json.dumps(record, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return "broken encoding: not valid UTF-8"
    return None


def _join(first: dict[str, Any], other: dict[str, Any]) -> str | None:
    """Add another row's scores to the first row of its question, unless they contradict."""
    for member, score in other["scores"].items():
        known = first["scores"].get(member)
        if known is not None and known != score:
            return (
                f"duplicate of line {first['line']} with another score for '{member}' "
                f"({score:g}, there {known:g})"
            )
    if first["answers"] and other["answers"] and first["answers"] != other["answers"]:
        return f"duplicate of line {first['line']} with another answer"
    first["answers"] = first["answers"] or other["answers"]
    first["scores"] |= other["scores"]
    first["costs"] |= other["costs"]
    first["said"] |= other["said"]
    return None
