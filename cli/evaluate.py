"""Evaluate a task map on recorded scores: routed, best single member, oracle."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..calibration.records import load_records
from ..errors import InputError
from ..profiles import Profile
from ..routing.gain import compare
from ..routing.table import Table as Scores
from ..routing.table import table
from .summary import percent, points
from .terminal import json_text, line


def run(
    data: Path,
    folder: Path | None,
    *,
    mode: str = "posterior",
    alpha: float = 1.0,
    skip_bad: bool = False,
    as_json: bool = False,
) -> None:
    """Route the questions of a file and print the accuracy.

    Args:
        data: Recorded scores, preferably of questions that the map has not seen.
        folder: The profile.
        mode: How the map is read: posterior, published or reference.
        alpha: Quality (1) against cost (0).
        skip_bad: Whether to leave out bad rows.
        as_json: Whether to print JSON.

    Raises:
        InputError: There is no profile, a row is bad, or no score is of a member of the profile.
    """
    if folder is None:
        raise InputError("no profile: name its folder with --profile, or run 'ensemble calibrate'")
    profile = Profile.load(folder)
    result = evaluate(profile, _scored(data, skip_bad=skip_bad), mode=mode, alpha=alpha)
    if as_json:
        sys.stdout.write(json_text(result))
    else:
        _show(result)


def evaluate(
    profile: Profile, records: list[dict[str, Any]], *, mode: str = "posterior", alpha: float = 1.0
) -> dict[str, Any]:
    """Route recorded questions; results overall and by data set, as plain JSON.

    The best single member is chosen in hindsight, on the same questions.

    Args:
        profile: The task map.
        records: Recorded scores; scores of members that the profile does not know are ignored.
        mode: As for `Profile.route`.
        alpha: As for `Profile.route`.

    Raises:
        InputError: No record holds a score of a member of the profile.
    """
    data = table(records, profile.members)
    known = ~np.isnan(data.scores)
    data = data.rows(np.flatnonzero(known.any(axis=1)))
    seen = [data.members[int(m)] for m in np.flatnonzero(known.any(axis=0))]
    if not seen:
        raise InputError(
            f"no row holds a score of a member of the profile ({', '.join(profile.members)})"
        )
    data = table([r for r in records if set(r["scores"]) & set(seen)], seen)
    choices = profile.route(data.queries, members=seen, mode=mode, alpha=alpha)
    picks = np.array([seen.index(best[0].member) for best in choices])
    whole = compare(data.scores, picks, seen)
    best = whole["best_single"]["member"]
    parts = {name: _of(data, picks, name, best) for name in dict.fromkeys(data.datasets)}
    return {
        **whole,
        "members": seen,
        "unknown_members": sorted({m for r in records for m in r["scores"]} - set(profile.members)),
        "routed_to": {name: int((picks == i).sum()) for i, name in enumerate(seen)},
        "datasets": parts if len(parts) > 1 else {},
    }


def _scored(data: Path, *, skip_bad: bool) -> list[dict[str, Any]]:
    rows = load_records(data, skip_bad=skip_bad).records
    scored = [row for row in rows if row["scores"]]
    if not scored:
        raise InputError(
            f"{data}: no row holds a score; calibrate records them, evaluate reads them"
        )
    return scored


def _of(data: Scores, picks: np.ndarray, name: str, best: str) -> dict[str, Any]:
    index = np.array([i for i, dataset in enumerate(data.datasets) if dataset == name])
    return compare(data.scores[index], picks[index], data.members, best)


def _show(result: dict[str, Any]) -> None:
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
    shown = Table()
    shown.add_column("questions")
    for head in ("n", "routed", "best single", "oracle", "gain"):
        shown.add_column(head, justify="right")
    for name, part in {**result["datasets"], "all": result}.items():
        single = part["best_single"]
        shown.add_row(
            line(name or "unnamed"),
            str(part["questions"]),
            _brief(part["routed"]),
            line(f"{single['member']} ").append_text(_brief(single)),
            _brief(part["oracle"]),
            _brief(part["gain"], sign="+"),
        )
    console.print(shown)
    console.print(Text(f"routed: {percent(result['routed'])}"))
    console.print(Text(f"gain over the best single member: {points(result['gain'])}"))
    if result["unknown_members"]:
        names = ", ".join(result["unknown_members"])
        console.print(line(f"ignored, because the profile does not know them: {names}"))


def _brief(part: dict[str, Any], sign: str = "") -> Text:
    text = f"{100 * part['mean']:{sign}.1f}"
    if part["low"] is not None:
        text += f" ({100 * part['low']:{sign}.1f} to {100 * part['high']:{sign}.1f})"
    return Text(text)
