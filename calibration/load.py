"""Load the calibration questions into the ledger, in the order of asking."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..nodes.base import Run, Step
from ..nodes.prepare import check_prices
from ..seeds import derive
from .context import CalibrationContext
from .grade import grade_recorded
from .ledger import Ledger
from .records import Recorded, gather, load_records, summary
from .resources import Resources


def make_load(resources: Resources) -> Step:
    """The node that starts a calibration: it checks rows, knobs and prices before any call."""

    async def load(state: Any, run: Run[CalibrationContext]) -> dict[str, Any]:
        knobs = run.knobs
        recorded = await asyncio.to_thread(read, resources, state.get("data"))
        if knobs.budget_usd is not None:
            check_prices(resources.members)
        # In this order a budget that runs out leaves an even sample, not only the first data set.
        rows = sorted(recorded.records, key=lambda r: (derive(knobs.seed, r["query"]), r["query"]))
        await grade_recorded(resources, rows)
        async with resources.ledger() as ledger:
            fresh = await asyncio.to_thread(_keep, ledger, rows)
        fresh |= {"bad": len(recorded.bad)}
        resources.memo.clear()
        resources.tell(run, fresh, "load", len(rows), len(rows))
        return fresh

    return load


def _keep(ledger: Ledger, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Write the questions, and start the state with the costs of earlier runs."""
    ledger.replace_questions(rows)
    calls, paid, cost = ledger.spent()
    counts = {"questions": len(rows), "cursor": 0, "graded": 0, "failures": {}}
    counts |= {"round": 0, "rounds": 1, "pairs": 0, "limit": 0, "run": ledger.contents()}
    counts |= {"calls": calls, "stopped": None, "result": {}}
    return {**counts, "paid_usd": paid, "cost_usd": cost}


def read(resources: Resources, given: Any) -> Recorded:
    """The rows of the file or records that the run names, or by default the builder.

    Raises:
        InputError: There are no data, a row is bad, or nothing can be scored.
    """
    data = resources.data if given is None else given
    known = resources.pool.names if resources.pool else None
    if data is None:
        raise InputError(
            "no data: give {'data': 'questions.jsonl'}, or data= to create_calibration"
        )
    if isinstance(data, str | Path):
        folder = None if given is None else resources.folder
        recorded = _of_file(folder, data, known, resources.skip_bad)
    elif isinstance(data, Mapping):
        raise InputError("data must be a file, or a list of {'query': ..., 'answer': ...}")
    else:
        recorded = gather(enumerate(data, 1), known)
        if recorded.bad and not resources.skip_bad:
            raise InputError(f"data: {summary(recorded.bad)}; correct them, or set skip_bad")
        if not recorded.records:
            raise InputError("data: no usable rows; each needs a 'query' and 'answer' or 'scores'")
    scored = any(r["scores"] or r["said"] for r in recorded.records)
    askable = resources.grader is not None or any(r["answers"] for r in recorded.records)
    if not scored and not (resources.pool and askable):
        missing = (
            "no row has an 'answer' to grade by" if resources.pool else "there is no pool to ask"
        )
        raise InputError(f"nothing to calibrate on: no row holds a score, and {missing}")
    return recorded


def _of_file(
    folder: Path | None, data: str | Path, known: Sequence[str] | None, skip_bad: bool
) -> Recorded:
    """The rows of a file, of the folder alone if there is one; errors then do not name its path."""
    if folder is None:
        return load_records(data, members=known, skip_bad=skip_bad)
    try:
        return load_records(inside(folder, data), members=known, skip_bad=skip_bad)
    except InputError as error:
        raise InputError(str(error).replace(f"{folder.resolve()}/", "")) from None


def inside(folder: Path, name: str | Path) -> Path:
    """The file of that name in a folder.

    Raises:
        InputError: It lies elsewhere; the same for a file that exists as for one that does not.

    Example:
        >>> inside(Path("/srv/questions"), "algebra.jsonl").name
        'algebra.jsonl'
    """
    try:
        path = (folder / name).resolve()
    except (ValueError, OSError, RuntimeError):
        path = None
    if path is None or not path.is_relative_to(folder.resolve()):
        raise InputError(
            "data: a run may name only a file in this server's folder of questions, by its path in "
            "it, such as algebra.jsonl, or give the rows themselves"
        )
    return path
