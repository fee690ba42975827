"""`ensemble evaluate --systems` and `ensemble plan`: systems on the same questions."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from ..calibration.records import load_records
from ..errors import InputError
from ..evaluation import planning
from ..evaluation.recorded import pool_of
from ..evaluation.run import Progress, evaluate
from ..evaluation.statistics import difference, mean_of
from ..evaluation.store import Store
from ..evaluation.systems import System, systems_of
from ..models.budget import Budget
from ..pool import Pool
from ..profiles import Profile
from ..studio.defaults import load_pool
from .terminal import json_text, line

_PLANNED = "singles,majority,self-consistency:5"
_PLANNED_MAPPED = f"{_PLANNED},routed,team,avengers-balanced"


@dataclass(frozen=True)
class Setting:
    """What is evaluated, on what, and where it is kept; the fields are the options' own."""

    data: Path
    systems: str | None
    pool: Path | None
    profile: Path | None
    recorded: bool
    store: Path | None
    limit: int | None
    in_sample: bool
    skip_bad: bool
    seed: int
    concurrency: int = 8
    budget: float | None = None
    max_calls: int | None = None


@dataclass
class _Bench:
    """The questions, the members and the systems of an evaluation."""

    questions: list[dict[str, Any]]
    pool: Pool
    profile: Profile | None
    systems: list[System]
    names: list[str]

    @classmethod
    def of(cls, setting: Setting) -> _Bench:
        rows = load_records(setting.data, skip_bad=setting.skip_bad).records
        profile = None if setting.profile is None else Profile.load(setting.profile)
        questions = _unseen(rows, profile, setting)[: setting.limit]
        pool = pool_of(rows) if setting.recorded else load_pool(setting.pool)
        usual = _PLANNED if profile is None else _PLANNED_MAPPED
        names = [name.strip() for name in (setting.systems or usual).split(",") if name.strip()]
        if not names:
            raise InputError("--systems names no system")
        systems = systems_of(names, pool, profile)
        return cls(questions, pool, profile, systems, names)


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
            f"{setting.data}: the task map was calibrated on all {len(rows)} questions, so their "
            "scores would flatter it; evaluate on others, or say --in-sample"
        )
    _note(
        f"{seen.sum()} of {len(rows)} questions are left out, because the task map was calibrated "
        "on them (--in-sample keeps them)"
    )
    return [row for row, known in zip(rows, seen, strict=True) if not known]


def compare_systems(
    setting: Setting, *, reports: Sequence[Path], dry_run: bool, as_json: bool
) -> None:
    """Run the systems, print the comparison and write the reports.

    Raises:
        InputError: An option, the data, the pool or the map cannot be used.
    """
    for report in reports:
        if report.suffix not in (".html", ".md"):
            raise InputError(f"--report {report}: a report ends in .html or .md")
    bench = _Bench.of(setting)
    if not setting.recorded:
        with _open(setting, live=False) as store:
            _run(bench, store, setting, told=False)
            _list_missing(store)
    if dry_run:
        return
    with _open(setting, live=True) as store:
        outcomes = _run(bench, store, setting, told=True)
        spent = store.budget.spent
    if lacking := {n: sum(o is None for o in each) for n, each in outcomes.items()}:
        cut = {name: count for name, count in lacking.items() if count}
        if cut:
            listed = ", ".join(f"{name} {count}" for name, count in cut.items())
            _note(f"the budget is used up; questions without an outcome: {listed}")
    if not setting.recorded:
        _note(f"this run made {spent.calls} calls for ${spent.usd:.4f}")
    rows = _rows(outcomes)
    if as_json:
        sys.stdout.write(json_text({"systems": rows, "questions": len(bench.questions)}))
    else:
        _show(rows)


def make_plan(
    setting: Setting,
    *,
    budget_usd: float | None,
    accuracy: float | None,
    seconds: float | None,
    as_json: bool,
) -> None:
    """Print which system to use within the limits; nobody is asked.

    Raises:
        InputError: An option, the data, the pool or the map cannot be used, or nothing fits.
    """
    bench = _Bench.of(setting)
    with _open(setting, live=setting.recorded) as store:
        outcomes = _run(bench, store, setting, told=True)
    whole = {name: each for name, each in outcomes.items() if not any(o is None for o in each)}
    if absent := [name for name in outcomes if name not in whole]:
        _note(f"not considered, because calls are not recorded: {', '.join(absent)}")
    if not whole:
        raise InputError(
            "no system has all its calls recorded: run 'ensemble evaluate' with the same options"
        )
    made = planning.plan(whole, budget_usd=budget_usd, accuracy=accuracy, seconds=seconds)
    if as_json:
        sys.stdout.write(json_text(asdict(made)))
        return
    table = Table()
    for head in ("system", "accuracy", "calls", "$ a question", "seconds", ""):
        table.add_column(head, justify="left" if head in ("system", "") else "right")
    for each in made.candidates:
        table.add_row(
            line(each.name),
            f"{100 * each.accuracy:.1f}",
            f"{each.calls:.1f}",
            _dollars(each.cost_usd),
            f"{each.seconds:.1f}",
            "chosen" if each.name == made.system else "" if each.fits else "beyond the limits",
        )
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 120)
    console.print(table)
    cost = "" if made.cost_usd is None else f", ${made.cost_usd.mean:.6f} a question"
    console.print(
        line(
            f"Use {made.system}: {_span(made.accuracy)} right on {made.questions} further "
            f"questions like these{cost}, {made.seconds.mean:.1f} s a question."
        )
    )


def _span(expected: planning.Expected) -> str:
    low, high = 100 * expected.low, 100 * expected.high
    return f"{100 * expected.mean:.1f}% ({low:.1f} to {high:.1f})"


@contextmanager
def _open(setting: Setting, *, live: bool) -> Iterator[Store]:
    path = setting.store or setting.data.with_name(f"{setting.data.name}.sqlite")
    budget = Budget(max_calls=setting.max_calls, budget_usd=setting.budget)
    store = Store(path, live=live, budget=budget)
    try:
        yield store
    finally:
        store.close()


def _run(
    bench: _Bench, store: Store, setting: Setting, *, told: bool
) -> dict[str, list[dict[str, Any] | None]]:
    with _bar(len(bench.systems) * len(bench.questions), shown=told) as tell:
        return asyncio.run(
            evaluate(
                bench.systems,
                bench.questions,
                store,
                pool=bench.pool,
                profile=bench.profile,
                seed=setting.seed,
                concurrency=setting.concurrency,
                tell=tell,
            )
        )


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


def _list_missing(store: Store) -> None:
    """What has to be asked, as far as it is known before the first answers."""
    if not store.missing:
        _note("every call is recorded: nobody is asked")
        return
    by_member = Counter(member for member, _ in store.missing.values())
    most = sum(spend.usd for _, spend in store.missing.values())
    listed = ", ".join(f"{name} {count}" for name, count in by_member.most_common())
    _note(
        f"{len(store.missing)} calls are not recorded yet ({listed}), at most ${most:.4f}; later "
        "steps of a graph depend on them and come on top"
    )


def _rows(outcomes: Mapping[str, Sequence[Mapping[str, Any] | None]]) -> list[dict[str, Any]]:
    """One row for each system, over the questions that all have answered."""
    names = list(outcomes)
    whole = [row for row in zip(*outcomes.values(), strict=True) if all(one for one in row)]
    scores = np.array([[one["score"] for one in row if one] for row in whole], dtype=np.float64)
    scores = scores.reshape(len(whole), len(names))
    singles = [i for i, name in enumerate(names) if name.startswith("single:")]
    best = max(singles, key=lambda i: scores[:, i].mean(), default=None) if len(whole) else None
    rows: list[dict[str, Any]] = []
    for place, name in enumerate(names):
        each = [row[place] or {} for row in whole]
        costs = [one.get("cost_usd") for one in each]
        gain = None if best is None else difference(scores[:, place], scores[:, best])
        rows.append(
            {
                "system": name,
                "questions": len(whole),
                "accuracy": mean_of(scores[:, place])._asdict(),
                "gain": None if gain is None else gain._asdict(),
                "calls": _mean([one.get("calls") for one in each]),
                "tokens": _mean([(one.get("usage") or {}).get("total_tokens") for one in each]),
                "cost_usd": None if None in costs else _mean(costs),
                "seconds": _mean([one.get("seconds") for one in each]),
                "best_single": place == best,
            }
        )
    return sorted(rows, key=lambda row: -row["accuracy"]["mean"])


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _show(rows: Sequence[Mapping[str, Any]]) -> None:
    table = Table(
        caption=f"{rows[0]['questions']} questions; gain over the best member in hindsight"
    )
    for head in ("system", "accuracy", "gain", "p", "calls", "tokens", "$ a question", "seconds"):
        table.add_column(head, justify="left" if head == "system" else "right")
    for row in rows:
        gain = row["gain"]
        table.add_row(
            line(row["system"] + (" (best member)" if row["best_single"] else "")),
            _interval(row["accuracy"]),
            "" if gain is None or row["best_single"] else _interval(gain, sign="+"),
            "" if gain is None or row["best_single"] else f"{gain['p']:.3f}",
            "–" if row["calls"] is None else f"{row['calls']:.1f}",
            "–" if row["tokens"] is None else f"{row['tokens']:.0f}",
            _dollars(row["cost_usd"]),
            "–" if row["seconds"] is None else f"{row['seconds']:.1f}",
        )
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else 150).print(table)


def _interval(estimate: Mapping[str, Any], sign: str = "") -> str:
    mean, low, high = (100 * estimate[part] for part in ("mean", "low", "high"))
    return f"{mean:{sign}.1f} ({low:{sign}.1f} to {high:{sign}.1f})"


def _dollars(cost: float | None) -> str:
    return "unknown" if cost is None else f"{cost:.6f}"


def _note(text: str) -> None:
    Console(stderr=True).print(line(text))
