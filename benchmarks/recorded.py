"""Graphs over members that answer from recorded texts, side by side, beside the offline votes.

    ENSEMBLE_RECORDED=FOLDER python benchmarks/recorded.py [--questions 1000] [--report FOLDER]

FOLDER holds folders of recorded answers (`docs/voting.md`). A task map is fitted on a random half
of the questions. The graphs answer questions of the other half, and recorded members answer their
calls. "Offline" is the same vote computed from the texts alone, without a graph: the numbers must
agree.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from langgraph_ensemble import Profile
from langgraph_ensemble.calibration import recorded, records
from langgraph_ensemble.calibration.grade import exact
from langgraph_ensemble.evaluation.comparison import Comparison, compare
from langgraph_ensemble.evaluation.recorded import pool_of
from langgraph_ensemble.evaluation.report_html import html_report
from langgraph_ensemble.evaluation.report_words import p_value
from langgraph_ensemble.evaluation.run import evaluate
from langgraph_ensemble.evaluation.store import Store
from langgraph_ensemble.evaluation.systems import systems_of
from langgraph_ensemble.voting import vote
from rich.console import Console
from rich.table import Table

POOLS = {
    "mmlu_pro": (
        "Meta-Llama-3_1-8B-Instruct",
        "mathstral-7B",
        "Phi-3-mini-4k-instruct",
        "Mixtral-8x7B-Instruct-v0.1",
        "gemma-7b",
    ),
    "gsm": None,
}
"""The members of each set; None takes all."""
SYSTEMS = ("singles", "routed", "majority", "team", "model-switch", "oracle")


def halves(folder: Path, names: list[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The questions of the map and the others, with every member's score."""
    rows = records.gather(recorded.rows(folder, names)).records
    rows = [row for row in rows if set(names) <= row["said"].keys()]
    for row in rows:
        row["scores"] = {
            name: exact(row["query"], row["answers"], str(row["said"][name])) for name in names
        }
    random.Random(0).shuffle(rows)
    return rows[: len(rows) // 2], rows[len(rows) // 2 :]


def offline(profile: Profile, rows: list[dict[str, Any]]) -> dict[str, float]:
    """The accuracy of votes over the recorded texts, without a graph."""
    picked = profile.route([row["query"] for row in rows])
    votes = profile.vote([row["query"] for row in rows], [row["said"] for row in rows])
    right: dict[str, list[float]] = {"routed": [], "majority": [], "learnt vote": []}
    for row, choices, learnt in zip(rows, picked, votes, strict=True):
        said, scores = row["said"], row["scores"]
        plain = vote({name: str(text) for name, text in said.items()}, question=row["query"])
        right["routed"].append(scores[choices[0].member])
        right["majority"].append(scores[plain.member] if plain.member else 0.0)
        right["learnt vote"].append(scores[learnt.member] if learnt.member else 0.0)
    return {name: float(np.mean(each)) for name, each in right.items()}


async def measure(name: str, options: argparse.Namespace) -> tuple[Comparison, dict[str, float]]:
    folder = Path(os.environ["ENSEMBLE_RECORDED"]) / name
    every = sorted(path.name.split(".jsonl")[0] for path in (folder / "answers").iterdir())
    names = list(POOLS[name] or every)
    train, test = halves(folder, names)
    test = test[: options.questions]
    profile = Profile.fit(
        [{**row, "answers": row["said"], "answer": row["answers"]} for row in train], seed=42
    )
    pool = pool_of(test, names)
    systems = systems_of(SYSTEMS, pool, profile)
    with tempfile.TemporaryDirectory() as place:
        store = Store(Path(place) / "store.sqlite")
        outcomes = await evaluate(systems, test, store, pool=pool, profile=profile)
        store.close()
    return compare(outcomes, test), offline(profile, test)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    if not os.environ.get("ENSEMBLE_RECORDED"):
        sys.exit("set ENSEMBLE_RECORDED to a folder with folders of recorded answers")
    for name in POOLS:
        began = time.perf_counter()
        compared, votes = asyncio.run(measure(name, options))
        table = Table(title=f"{name}: {compared.questions} questions")
        for head in ("system", "accuracy %", "gain over the best member", "p", "calls"):
            table.add_column(head, justify="left" if head == "system" else "right")
        for row in compared.systems:
            gain = row["gain"]
            table.add_row(
                row["system"],
                f"{100 * row['accuracy']['mean']:.1f}",
                ""
                if gain is None
                else f"{100 * gain['mean']:+.1f} "
                f"({100 * gain['low']:+.1f} to {100 * gain['high']:+.1f})",
                "" if gain is None else p_value(gain["p"]),
                f"{row['calls']:.1f}",
            )
        for label, accuracy in votes.items():
            table.add_row(f"offline: {label}", f"{100 * accuracy:.1f}")
        table.caption = f"{time.perf_counter() - began:.0f} s"
        Console(width=110).print(table)
        if options.report is not None:
            options.report.mkdir(parents=True, exist_ok=True)
            (options.report / f"{name}.html").write_text(html_report(compared, title=name))


if __name__ == "__main__":
    main()
