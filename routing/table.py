"""Records as arrays, with rows of questions, columns of members, and NaN for missing scores."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import InputError
from .row import row_problem

Array = np.ndarray


@dataclass(frozen=True)
class Table:
    """Recorded scores of n questions and M members.

    Attributes:
        queries: The questions as they are sent to the models.
        members: The members' names.
        scores: float64 [n, M] in [0, 1], NaN for missing scores.
        costs: float64 [n, M] in US dollars, NaN if unknown; None if no record has one.
        datasets: The data set of each question, "" if unnamed.
        weights: Weight of each question, float64 [n]; 1 by default.
        fingerprint: SHA-256 of questions and scores, independent of the order of the records.
    """

    queries: list[str]
    members: list[str]
    scores: Array
    costs: Array | None
    datasets: list[str]
    weights: Array
    fingerprint: str

    def rows(self, index: Sequence[int] | Array) -> "Table":
        """Keep some questions, in the given order."""
        picked = [int(i) for i in index]
        costs = None if self.costs is None else self.costs[picked]
        queries = [self.queries[i] for i in picked]
        datasets = [self.datasets[i] for i in picked]
        return replace(
            self,
            queries=queries,
            scores=self.scores[picked],
            costs=costs,
            datasets=datasets,
            weights=self.weights[picked],
        )


def table(records: Iterable[Mapping[str, Any]], members: Sequence[str] | None = None) -> Table:
    """Gather records `{"query": str, "scores": {member: float}, ...}` into arrays.

    Args:
        records: Any iterable; optional keys are `costs` ({member: usd}) and `dataset`.
        members: Members to keep, in this order; by default all that appear, sorted by name.

    Raises:
        InputError: A record has no question, or a score is not a number in [0, 1].

    Example:
        >>> table([{"query": "2+2?", "scores": {"a": 1.0, "b": 0.5}}]).scores.tolist()
        [[1.0, 0.5]]
    """
    if isinstance(records, Mapping | str):
        raise InputError("records must be a list of {'query': ..., 'scores': {...}}")
    rows = list(records)
    for number, row in enumerate(rows, start=1):
        if problem := row_problem(row):
            raise InputError(f"record {number}: {problem}")
    if not rows:
        raise InputError("no records: give at least one {'query': ..., 'scores': {...}}")
    names = list(members or sorted({m for row in rows for m in row["scores"]}))
    if not names:
        raise InputError("no record holds a score: a profile needs at least one scored member")
    column = {name: i for i, name in enumerate(names)}
    scores = np.full((len(rows), len(names)), np.nan)
    costs = np.full((len(rows), len(names)), np.nan)
    for i, row in enumerate(rows):
        _fill(scores[i], row["scores"], column)
        _fill(costs[i], row.get("costs") or {}, column)
    return Table(
        queries=[row["query"] for row in rows],
        members=names,
        scores=scores,
        costs=None if np.isnan(costs).all() else costs,
        datasets=[str(row.get("dataset") or "") for row in rows],
        weights=np.array([float(row.get("weight", 1.0)) for row in rows]),
        fingerprint=fingerprint(rows),
    )


def _fill(line: Array, values: Mapping[str, float | None], column: Mapping[str, int]) -> None:
    for member, value in values.items():
        if member in column and value is not None:
            line[column[member]] = float(value)


def fingerprint(rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of questions and scores, independent of the order of records and members."""
    lines = []
    for row in rows:
        scores = {m: float(s) for m, s in row["scores"].items() if s is not None}
        text = json.dumps([row["query"], scores], sort_keys=True, ensure_ascii=True)
        lines.append(hashlib.sha256(text.encode()).digest())
    return hashlib.sha256(b"".join(sorted(lines))).hexdigest()
