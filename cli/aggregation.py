"""`ensemble evaluate --aggregation-test`: who finds the right draft among wrong ones."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from ..calibration.records import load_records
from ..errors import InputError
from ..evaluation.aggregators import Tested, UnfinishedError, aggregation_test
from ..evaluation.store import Store
from ..pool import Pool
from ..studio.defaults import load_pool
from .bench import Setting, list_missing, note
from .engine import engine_of
from .terminal import json_text, line


def choose_aggregator(setting: Setting, *, dry_run: bool, as_json: bool) -> None:
    """Test each member of the pool as the aggregator and print the best first.

    Raises:
        InputError: The data or the pool cannot be used, or the budget ended the test.
    """
    if setting.data is None:
        raise InputError(
            "--aggregation-test: name a file whose rows have 'query', 'answer' and members' "
            "'answers'"
        )
    rows = load_records(setting.data, skip_bad=setting.skip_bad).records[: setting.limit]
    pool = load_pool(setting.pool)
    with setting.opened(live=False) as store:
        tested = _tested(rows, pool, store, setting)
        list_missing(store)
    if dry_run:
        return
    if tested is None:
        with (
            setting.opened(live=True) as store,
            engine_of(setting.engine, pool, setting.pool, setting.workers),
        ):
            tested = _tested(rows, pool, store, setting)
            spent = store.budget.spent
        note(f"this run made {spent.calls} calls for ${spent.usd:.4f}")
    if tested is None:
        raise InputError(
            "the budget is used up before the test is done: raise --budget or --max-calls; the "
            "next run goes on where this one ended"
        )
    if as_json:
        sys.stdout.write(json_text([asdict(each) for each in tested]))
    else:
        _show(tested)


def _tested(rows: list[dict], pool: Pool, store: Store, setting: Setting) -> list[Tested] | None:
    """The members, best first; None if calls are missing."""
    try:
        return asyncio.run(
            aggregation_test(rows, pool, store, seed=setting.seed, concurrency=setting.concurrency)
        )
    except UnfinishedError:
        return None


def _show(tested: list[Tested]) -> None:
    count = tested[0].questions
    table = Table(caption=f"one right and two wrong drafts of {count} questions")
    table.add_column("aggregator")
    datasets = [name for name in tested[0].datasets if len(tested[0].datasets) > 1]
    for head in ("accuracy", *datasets):
        table.add_column(line(head or "unnamed"), justify="right")
    for each in tested:
        whole, low, high = (100 * value for value in (each.accuracy, each.low, each.high))
        parts = (f"{100 * each.datasets[name]:.1f}" for name in datasets)
        table.add_row(line(each.member), f"{whole:.1f} ({low:.1f} to {high:.1f})", *parts)
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
    console.print(table)
    console.print(line(f"In the pool file: aggregator: {tested[0].member}"))
