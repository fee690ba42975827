"""The recorded data of the benchmarks, as arrays."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from langgraph_ensemble.calibration.files import rows
from langgraph_ensemble.calibration.records import parse_row

Array = np.ndarray


@dataclass(frozen=True)
class Split:
    """Questions with recorded scores.

    Attributes:
        records: As `Profile.fit` takes them.
        queries: The questions.
        scores: float [n, M], NaN for holes.
        costs: US dollars [n, M], NaN where unknown.
        datasets: The data set of each question.
        members: The M models.
    """

    records: list[dict]
    queries: list[str]
    scores: Array
    costs: Array
    datasets: Array
    members: list[str]

    def macro(self, picks: Array) -> tuple[float, dict[str, float]]:
        """Accuracy of the picked members in percent: the mean over data sets, and each of them."""
        picked = self.scores[np.arange(len(picks)), picks]
        names = dict.fromkeys(self.datasets.tolist())
        by = {name: 100.0 * float(np.nanmean(picked[self.datasets == name])) for name in names}
        return float(np.mean(list(by.values()))), by

    def rows(self, index: Array) -> "Split":
        """Some of the questions."""
        records, queries = [self.records[i] for i in index], [self.queries[i] for i in index]
        cut = (self.scores[index], self.costs[index], self.datasets[index])
        return Split(records, queries, *cut, self.members)


def load(*files: Path, members: list[str] | None = None) -> Split:
    """Load recorded files, which hold one question per line."""
    records = [parse_row(row) for file in files for _, row in rows(file)]
    members = members or sorted({m for r in records for m in r["scores"]})
    scores, costs = (
        np.array([[r[kind].get(m, np.nan) for m in members] for r in records], dtype=float)
        for kind in ("scores", "costs")
    )
    datasets = np.array([r["dataset"] for r in records])
    return Split(records, [r["query"] for r in records], scores, costs, datasets, members)


def folder(given: str | None) -> Path | None:
    """The data folder: given, or named by ENSEMBLE_ROUTING_DATA, or beside the repository."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    path = Path(given or os.environ.get("ENSEMBLE_ROUTING_DATA") or beside)
    return path if (path / "routing_7b").is_dir() else None
