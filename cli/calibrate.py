"""Calibrate from the command line, with progress on standard error and a summary at the end."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..calibration.ledger import Ledger
from ..calibration.records import BadRow, grouped, load_records
from ..errors import InputError
from ..graphs.calibration import create_calibration
from ..pool import Pool
from ..profiles import Profile
from ..records import printable
from ..studio.defaults import load_pool
from .engine import engine_of
from .setting import pool_path
from .summary import show
from .terminal import json_text

_REASONS = 20
"""Reasons for bad rows that are named."""

_STAGES = {
    "load": "reading",
    "embed": "embedding",
    "plan": "planning",
    "answer": "asking",
    "grade": "grading",
    "cluster": "clustering",
    "profile": "measuring",
}


def run(
    data: Path,
    pool: Path | None,
    out: Path,
    *,
    skip_bad: bool = False,
    as_json: bool = False,
    quiet: bool = False,
    engine: str = "local",
    workers: int | None = None,
    **settings: Any,
) -> None:
    """Calibrate, draw the map, and print a summary.

    Args:
        data: The questions, with answers or recorded scores.
        pool: The pool file; not needed if all scores are recorded.
        out: Folder of the profile, the picture and the ledger.
        skip_bad: Whether to leave out bad rows.
        as_json: Whether to print JSON instead of the summary.
        quiet: Whether to hide progress.
        engine: Who asks the models, "local" or "ray".
        workers: Number of Ray's workers.
        settings: Further arguments of `create_calibration`.

    Raises:
        InputError: There are bad rows without `skip_bad`, or the graph refuses its input.
    """
    models = Pool.from_file(pool) if pool is not None else None
    content = load_records(data, members=models.names if models else None, skip_bad=True)
    if models is None and any(map(_to_be_asked, content.records)):
        models = _default_pool()
        content = load_records(data, members=models.names, skip_bad=True)
    _list_bad(data, content.bad, skip_bad=skip_bad)
    settings |= {"skip_bad": skip_bad}
    graph = create_calibration(models, data=data, out=out, **settings).compile()
    with engine_of(engine, models, pool_path(pool), workers), _Bar(quiet=quiet) as bar:
        result = asyncio.run(_run(graph, bar))
    profile = Profile.load(out)
    pictures = _draw(profile, out)
    if as_json:
        told = {**result, "pictures": pictures, "map": profile.clusters}
        sys.stdout.write(json_text(told))
    else:
        show(profile, result, pictures)


async def _run(graph: Any, bar: _Bar) -> dict[str, Any]:
    result: dict[str, Any] = {}
    async for mode, event in graph.astream({"data": None}, stream_mode=["custom", "values"]):
        if mode == "custom":
            bar.tell(event)
        else:
            result = event.get("result") or result
    return result


def _to_be_asked(row: Mapping[str, Any]) -> bool:
    """Whether nothing is recorded of a question that can be graded."""
    return bool(row["answers"]) and not row["scores"] and not row["said"]


def _default_pool() -> Pool:
    file = pool_path(None)
    if file is None:
        sys.stderr.write("Using the bundled pocket models; name your own with --pool pool.yaml.\n")
    return load_pool(file)


def _list_bad(data: Path, bad: list[BadRow], *, skip_bad: bool) -> None:
    """List bad rows by reason, and refuse them unless they are to be skipped."""
    for group in grouped(bad, _REASONS):
        sys.stderr.write(f"{data}, {printable(group)}\n")
    if bad and not skip_bad:
        count = f"{len(bad)} bad row{'s' * (len(bad) != 1)}"
        raise InputError(f"{count} in {data}; correct them, or leave them out with --skip-bad")


def _draw(profile: Profile, out: Path) -> list[str]:
    """Draw the task map as a page, and as a PNG if matplotlib is installed."""
    from ..routing.picture import to_html

    with Ledger(out / "calibration.sqlite") as ledger:
        queries = [question.query for question in ledger.questions()]
    made = [to_html(profile, out / "map.html", queries)]
    if find_spec("matplotlib"):
        from ..routing.picture_png import to_png

        made.append(to_png(profile, out / "map.png", queries))
    return [str(path) for path in made]


class _Bar:
    """Progress, cost and remaining time on standard error; plain lines if it is not a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(stderr=True, quiet=quiet)
        self._bar = Progress(
            TextColumn("{task.description:>10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[money]}"),
            TextColumn("{task.fields[failed]}", style="red"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[str, Any] = {}
        self._told: dict[str, float] = {}

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def tell(self, event: dict[str, Any]) -> None:
        """Show one event of the run."""
        stage, done, total = event["stage"], event["done"], event["total"]
        if stage == "answer" and not total:
            return
        shown: dict[str, Any] = {"money": money(event), "failed": ""}
        if event["failed"]:
            shown["failed"] = f"{event['failed']} failed"
        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(_STAGES[stage], total=total, **shown)
        self._bar.update(self._tasks[stage], completed=done, total=total, **shown)
        if self._bar.disable:
            self._line(stage, done, total, shown)

    def _line(self, stage: str, done: int, total: int, shown: dict[str, Any]) -> None:
        """Print a line at each tenth."""
        tenth = int(10 * done / max(total, 1))
        if tenth > self._told.get(stage, -1):
            self._told[stage] = tenth
            rest = ", ".join(text for text in shown.values() if text)
            self._console.print(f"{_STAGES[stage]} {done}/{total}: {rest}", highlight=False)


def money(event: dict[str, Any]) -> str:
    """Calls and cost as a short text."""
    cost = event["cost_usd"]
    dollars = "cost unknown" if cost is None else f"${cost:.4f}"
    return f"{event['calls']:,} calls, {dollars}"
