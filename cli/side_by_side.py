"""`ensemble evaluate --systems` and `ensemble plan`: systems on the same questions."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ..errors import InputError
from ..evaluation import planning
from ..evaluation.comparison import Comparison, compare
from ..evaluation.judging import JudgedTask
from ..evaluation.report_html import html_report
from ..evaluation.report_markdown import markdown_report
from ..evaluation.report_words import p_value
from .bench import Bench, Outcomes, Setting, list_missing, note
from .engine import engine_of
from .terminal import json_text, line

_FORMS = {".html": html_report, ".md": markdown_report}


def compare_systems(
    setting: Setting, *, reports: Sequence[Path], dry_run: bool, as_json: bool
) -> None:
    """Run the systems, print the comparison and write the reports.

    Raises:
        InputError: An option, the data, the pool or the map cannot be used.
    """
    for report in reports:
        if report.suffix not in _FORMS:
            raise InputError(f"--report {report}: a report ends in .html or .md")
    bench = Bench.of(setting)
    if not setting.recorded:
        with setting.opened(live=False) as store:
            bench.run(store, told=False)
            list_missing(store)
    if dry_run:
        return
    asked = None if setting.recorded else bench.pool
    with (
        setting.opened(live=True) as store,
        engine_of(setting.engine, asked, setting.pool, setting.workers),
    ):
        outcomes = bench.run(store, told=True)
        totals = bench.totals(store, outcomes)
        spent = store.budget.spent
    _tell_unfinished(outcomes, bench.asked.judged)
    if not setting.recorded:
        note(f"this run made {spent.calls} calls for ${spent.usd:.4f}")
    compared = compare(outcomes, bench.questions, calibration=bench.calibration)
    name = setting.data.name if setting.data else setting.task or "the bundled questions"
    for report in reports:
        _write(report, _FORMS[report.suffix](compared, title=f"Systems on {name}"))
    if as_json:
        more = {"judged": totals} if totals else {}
        sys.stdout.write(json_text({**compared.to_dict(), **more}))
    else:
        _show(compared)
        _show_totals(totals)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"--report {path}: cannot be written ({error.strerror})") from None
    note(f"report: {path}")


def _tell_unfinished(outcomes: Outcomes, judged: JudgedTask | None) -> None:
    lacking = {name: sum(one is None for one in each) for name, each in outcomes.items()}
    if not any(lacking.values()):
        return
    reason = "the budget is used up"
    if judged is not None and judged.unread:
        reason = f"the judge gave {judged.unread} answers no verdict that can be read"
        if errors := [call["error"] for call in judged.judge.calls if call["error"]]:
            reason += f" ({errors[-1]})"
    listed = ", ".join(f"{name} {count}" for name, count in lacking.items() if count)
    note(f"{reason}; questions without an outcome: {listed}")


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
    bench = Bench.of(setting)
    with setting.opened(live=setting.recorded) as store:
        outcomes = bench.run(store, told=True)
    whole = {name: each for name, each in outcomes.items() if not any(o is None for o in each)}
    if absent := [name for name in outcomes if name not in whole]:
        note(f"not considered, because calls are not recorded: {', '.join(absent)}")
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


def _show(compared: Comparison) -> None:
    """The systems as a table, most accurate first."""
    count = compared.questions
    about = f"{count} questions; gain over the member that did best on them"
    table = Table(caption=about if compared.best else f"{count} questions")
    heads = ["system", "accuracy", "gain", "p", "calls", "tokens", "$ a question", "seconds"]
    declined = any(row["declined"] for row in compared.systems)
    if declined:
        heads[2:2] = ["declined", "wrong"]
    for head in heads:
        table.add_column(head, justify="left" if head == "system" else "right")
    for row in compared.systems:
        gain = None if row["best_single"] else row["gain"]
        table.add_row(
            line(row["system"] + (" (best member)" if row["best_single"] else "")),
            _interval(row["accuracy"]),
            *([f"{100 * row[part]:.1f}" for part in ("declined", "wrong")] if declined else []),
            "" if gain is None else _interval(gain, sign="+"),
            "" if gain is None else p_value(gain["p"]).replace(" ", ""),
            _number(row["calls"], 1),
            _number(row["tokens"], 0),
            _dollars(row["cost_usd"]),
            _number(row["seconds_p50"], 1),
        )
    if compared.oracle is not None:
        table.add_row("oracle", _interval(compared.oracle))
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160).print(table)


def _show_totals(totals: dict[str, dict[str, float]]) -> None:
    """A judge's numbers by system."""
    if not totals:
        return
    table = Table(caption="the judge's numbers, over the answers of each system")
    heads = list(dict.fromkeys(name for each in totals.values() for name in each))
    table.add_column("system")
    for head in heads:
        table.add_column(head, justify="right")
    for name, each in totals.items():
        table.add_row(line(name), *(f"{each[h]:.2f}" if h in each else "" for h in heads))
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160).print(table)


def _interval(estimate: dict[str, Any], sign: str = "") -> str:
    mean, low, high = (100 * estimate[part] for part in ("mean", "low", "high"))
    return f"{mean:{sign}.1f} ({low:{sign}.1f} to {high:{sign}.1f})"


def _number(value: float | None, digits: int) -> str:
    return "unknown" if value is None else f"{value:.{digits}f}"


def _dollars(cost: float | None) -> str:
    return "unknown" if cost is None else f"{cost:.6f}"
