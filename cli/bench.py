"""What `ensemble evaluate` and `ensemble plan` work on: questions, members, systems, the store."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from ..calibration.records import load_records
from ..errors import InputError
from ..evaluation.clusters import Calibration
from ..evaluation.recorded import pool_of
from ..evaluation.run import Progress, evaluate
from ..evaluation.store import Store
from ..evaluation.systems import System, systems_of
from ..models.budget import Budget
from ..models.recorder import recording
from ..pool import Pool
from ..profiles import Profile
from ..studio.defaults import load_pool, load_profile
from .grading import Questions, questions_of
from .terminal import line

Outcomes = dict[str, list[dict[str, Any] | None]]

BUNDLED = "singles,routed,avengers-balanced,moa-lite,smoa-cheap,oracle"
PLANNED = "singles,majority,self-consistency:5"
PLANNED_MAPPED = f"{PLANNED},routed,team,avengers-balanced"
"""The systems without `--systems`: of the bundled models, of a plan, of a plan with a task map."""


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


@dataclass
class Bench:
    """The questions, the members and the systems of an evaluation."""

    setting: Setting
    questions: list[dict[str, Any]]
    pool: Pool
    profile: Profile | None
    systems: list[System]
    asked: Questions
    calibration: Calibration

    @classmethod
    def of(cls, setting: Setting) -> Bench:
        """Load what a setting names.

        Raises:
            InputError: A part of it cannot be used.
        """
        pool = None if setting.recorded else load_pool(setting.pool)
        asked = questions_of(setting, pool)
        rows = asked.rows
        own = setting.recorded or setting.pool is not None
        profile = load_profile(setting.profile, own_pool=own)
        questions = _unseen(rows, profile, setting)[: setting.limit]
        pool = pool_of(rows) if pool is None else pool
        if setting.task is not None and setting.pool is None:
            note("no --pool: the bundled models are asked, which know no data set")
        usual = PLANNED if profile is None else PLANNED_MAPPED
        usual = BUNDLED if setting.data is None and setting.task is None else usual
        names = [name.strip() for name in (setting.systems or usual).split(",") if name.strip()]
        if not names:
            raise InputError("--systems names no system")
        systems = systems_of(names, pool, profile)
        known = _calibration(setting, profile, questions)
        return cls(setting, questions, pool, profile, systems, asked, known)

    def run(self, store: Store, *, told: bool) -> Outcomes:
        """The outcomes of all systems, with a bar if `told`."""
        with _bar(len(self.systems) * len(self.questions), shown=told) as tell:
            return asyncio.run(
                evaluate(
                    self.systems,
                    self.questions,
                    store,
                    pool=self.pool,
                    profile=self.profile,
                    grade=self.asked.grade,
                    grading=self.asked.grading,
                    grades_drafts=self.asked.judged is None,
                    seed=self.setting.seed,
                    concurrency=self.setting.concurrency,
                    tell=tell,
                )
            )

    def totals(self, store: Store, outcomes: Outcomes) -> dict[str, dict[str, float]]:
        """A judge's numbers for each system, over the questions that it has answers to."""
        judged = self.asked.judged
        if judged is None:
            return {}
        found = {}
        with recording(store):
            for name, each in outcomes.items():
                pairs = [
                    (record["row"], outcome["answer"] or "")
                    for record, outcome in zip(self.questions, each, strict=True)
                    if outcome is not None and not outcome["error"]
                ]
                if pairs:
                    found[name] = asyncio.run(judged.totals(*zip(*pairs, strict=True)))
        return found


def _calibration(
    setting: Setting, profile: Profile | None, questions: list[dict[str, Any]]
) -> Calibration:
    """What task maps of several sizes are fitted on."""
    embedder = "lexical" if profile is None else profile.embedder
    if setting.calibration is None:
        return Calibration(embedder)
    asked = {record["query"] for record in questions}
    rows = load_records(setting.calibration, skip_bad=setting.skip_bad).records
    records = [row for row in rows if row["query"] not in asked and row["scores"]]
    if not records:
        raise InputError(
            f"--calibration {setting.calibration}: no row has scores and is none of the questions"
        )
    return Calibration(embedder, records)


def _unseen(
    rows: list[dict[str, Any]], profile: Profile | None, setting: Setting
) -> list[dict[str, Any]]:
    """The questions that the task map was not calibrated on.

    Raises:
        InputError: There is no other.
    """
    if profile is None or setting.in_sample:
        return rows
    seen = ~np.isnan(profile.levels.find([row["query"] for row in rows]))
    if not seen.any():
        return rows
    if seen.all():
        raise InputError(
            f"{setting.data or setting.task}: the task map was calibrated on all {len(rows)} "
            "questions, so their scores would flatter it; evaluate on others, or say --in-sample"
        )
    note(
        f"{seen.sum()} of {len(rows)} questions are left out, because the task map was calibrated "
        "on them (--in-sample keeps them)"
    )
    return [row for row, known in zip(rows, seen, strict=True) if not known]


@contextmanager
def _bar(total: int, *, shown: bool) -> Iterator[Callable[[Progress], None]]:
    """A bar with the cost so far and the time left, on standard error."""
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[spent]}"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True, quiet=not (shown and sys.stderr.isatty()))
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total, spent="")

        def tell(progress: Progress) -> None:
            spent = f"{progress.spent.calls} calls, ${progress.spent.usd:.4f}"
            bar.update(task, completed=progress.done, spent=spent)

        yield tell


def list_missing(store: Store) -> None:
    """What has to be asked, as far as it is known before the first answers."""
    if not store.missing:
        note("every call is recorded: nobody is asked")
        return
    by_member = Counter(member for member, _ in store.missing.values())
    most = sum(spend.usd for _, spend in store.missing.values())
    listed = ", ".join(f"{name} {count}" for name, count in by_member.most_common())
    note(
        f"{len(store.missing)} calls are not recorded yet ({listed}), at most ${most:.4f}; later "
        "steps of a graph depend on them and come on top"
    )


def note(text: str) -> None:
    """Print a line on standard error."""
    Console(stderr=True).print(line(text))
