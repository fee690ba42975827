"""The options of an evaluation or a plan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..evaluation.store import Store
from ..models.budget import Budget


@dataclass(frozen=True)
class Setting:
    """What is evaluated, on what, and where it is kept; the fields are the options' own."""

    data: Path | None
    systems: str | None
    pool: Path | None
    profile: Path | None
    recorded: bool
    store: Path | None
    limit: int | None
    in_sample: bool
    skip_bad: bool
    seed: int
    task: str | None = None
    published: bool = False
    judge: str | None = None
    concurrency: int = 8
    budget: float | None = None
    max_calls: int | None = None
    engine: str = "local"
    workers: int | None = None
    calibration: Path | None = None

    @contextmanager
    def opened(self, *, live: bool) -> Iterator[Store]:
        """The store, closed at the end."""
        beside = self.data or Path(self.task or "evaluation")
        path = self.store or beside.with_name(f"{beside.name}.sqlite")
        budget = Budget(max_calls=self.max_calls, budget_usd=self.budget)
        store = Store(path, live=live, budget=budget)
        try:
            yield store
        finally:
            store.close()
