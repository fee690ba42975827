"""Calibrate from the command line: progress on standard error, the task map's summary after it."""

from __future__ import annotations

import asyncio
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..calibration.ledger import Ledger
from ..calibration.records import BadRow, load_records
from ..errors import InputError
from ..graphs.calibration import create_calibration
from ..pool import Pool
from ..profiles import Profile
from ..records import printable
from ..studio.defaults import load_pool
from .setting import pool_path
from .summary import show
from .terminal import json_text

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
    **settings: Any,
) -> None:
    """Calibrate, draw the map, and print what was found.

    Args:
        data: The questions, with answers or recorded scores.
        pool: Who is asked; not needed where all scores are recorded.
        out: Folder of the profile, the picture and the ledger.
        skip_bad: Use the good rows where there are bad ones.
        as_json: Print JSON instead of the summary.
        quiet: No progress.
        settings: Further arguments of `create_calibration`.

    Raises:
        InputError: Bad rows without `skip_bad`, or anything the graph refuses.
    """
    models = _models(data, pool)
    found = load_records(data, members=models.names if models else None, skip_bad=True)
    _list_bad(data, found.bad, skip_bad=skip_bad)
    settings |= {"skip_bad": skip_bad}
    graph = create_calibration(models, data=data, out=out, **settings).compile()
    with _Bar(quiet=quiet) as bar:
        result = asyncio.run(_run(graph, bar))
    profile = Profile.load(out)
    pictures = _draw(profile, out)
    if as_json:
        found = {**result, "pictures": pictures, "map": profile.clusters}
        sys.stdout.write(json_text(found))
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


def _models(data: Path, pool: Path | None) -> Pool | None:
    """The pool named, or the one in force where some question holds no score at all."""
    if pool is not None:
        return Pool.from_file(pool)
    rows = load_records(data, skip_bad=True).records
    if all(row["scores"] or not row["answers"] for row in rows):
        return None
    file = pool_path(None)
    if file is None:
        sys.stderr.write("Using the bundled pocket models; name your own with --pool pool.yaml.\n")
    return load_pool(file)


def _list_bad(data: Path, found: list[BadRow], *, skip_bad: bool) -> None:
    """Name bad rows by line, and say what to do unless they are to be skipped."""
    for row in found:
        sys.stderr.write(f"{data}, line {row.line}: {printable(row.reason)}\n")
    if found and not skip_bad:
        count = f"{len(found)} bad row{'s' * (len(found) != 1)}"
        raise InputError(f"{count} in {data}; correct them, or leave them out with --skip-bad")


def _draw(profile: Profile, out: Path) -> list[str]:
    """The task map as a page, and as a PNG where matplotlib is installed."""
    from ..routing.picture import to_html

    with Ledger(out / "calibration.sqlite") as ledger:
        queries = [question.query for question in ledger.questions()]
    made = [to_html(profile, out / "map.html", queries)]
    if find_spec("matplotlib"):
        from ..routing.picture_png import to_png

        made.append(to_png(profile, out / "map.png", queries))
    return [str(path) for path in made]


class _Bar:
    """Progress, cost so far and time left on standard error; lines where that is no terminal."""

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
        """A line at each tenth."""
        tenth = int(10 * done / max(total, 1))
        if tenth > self._told.get(stage, -1):
            self._told[stage] = tenth
            rest = ", ".join(text for text in shown.values() if text)
            self._console.print(f"{_STAGES[stage]} {done}/{total}: {rest}", highlight=False)


def money(event: dict[str, Any]) -> str:
    """Calls and cost in a few words."""
    cost = event["cost_usd"]
    dollars = "cost unknown" if cost is None else f"${cost:.4f}"
    return f"{event['calls']:,} calls, {dollars}"
