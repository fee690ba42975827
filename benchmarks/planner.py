"""Plans from one half of recorded answers, checked on the other half.

    ENSEMBLE_RECORDED=FOLDER python benchmarks/planner.py [--rounds 20]

FOLDER holds folders of recorded answers (`docs/voting.md`). For each, the singles, the majority and
votes of the first members are planned from a random half of the questions, without a limit and with
limits on accuracy. The other half tells the truth: how often the interval of the plan holds the
chosen system's accuracy there, and how far the expected accuracy is from it.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
from langgraph_ensemble.calibration import recorded, records
from langgraph_ensemble.calibration.grade import exact
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.evaluation.planning import plan
from langgraph_ensemble.voting import vote
from rich.console import Console
from rich.table import Table

SETS = ("gsm", "crux", "math_l5", "mmlu_pro")
MEMBERS, QUESTIONS = 6, 600


def outcomes(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The outcomes of single members and of votes of the first ones, without any call."""
    names = sorted(p.name.split(".jsonl")[0] for p in (folder / "answers").iterdir())
    rows = records.gather(recorded.rows(folder, names)).records
    known = [name for name in names if sum(name in row["said"] for row in rows) > 0.98 * len(rows)]
    chosen = known[:: max(1, len(known) // MEMBERS)][:MEMBERS]
    rows = [row for row in rows if all(name in row["said"] for name in chosen)]
    random.Random(0).shuffle(rows)
    made: dict[str, list[dict[str, Any]]] = {}
    for row in rows[:QUESTIONS]:
        said = {name: str(row["said"][name]) for name in chosen}
        score = {name: exact(row["query"], row["answers"], text) for name, text in said.items()}
        for name in chosen:
            made.setdefault(f"single:{name}", []).append(_outcome(score[name], 1))
        for count in range(3, len(chosen) + 1):
            first = {name: said[name] for name in chosen[:count]}
            won = vote(first, question=row["query"]).member
            made.setdefault(f"majority:{count}", []).append(
                _outcome(score[won] if won else 0.0, count)
            )
    return made


def _outcome(score: float, calls: int) -> dict[str, Any]:
    return {"score": score, "calls": calls, "cost_usd": 0.001 * calls, "seconds": 1.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    folder = os.environ.get("ENSEMBLE_RECORDED")
    if not folder:
        sys.exit("set ENSEMBLE_RECORDED to a folder with folders of recorded answers")
    table = Table(title=f"{options.rounds} random halves each")
    for head in ("set", "questions", "limit", "plans", "interval holds %", "expected − true"):
        table.add_column(head, justify="left" if head in ("set", "limit") else "right")
    every = [0, 0]
    for name in SETS:
        whole = outcomes(Path(folder) / name)
        count = len(next(iter(whole.values())))
        best = max(np.mean([o["score"] for o in each]) for each in whole.values())
        limits = {
            "none": {},
            "$0.002": {"budget_usd": 0.002},
            "near the best": {"accuracy": best - 0.03},
        }
        for label, limit in limits.items():
            held, errors = 0, []
            for seed in range(options.rounds):
                order = np.random.default_rng(seed).permutation(count)
                halves = [
                    {n: [each[i] for i in part] for n, each in whole.items()}
                    for part in (order[: count // 2], order[count // 2 :])
                ]
                try:
                    made = plan(halves[0], **limit)
                except InputError:
                    continue
                truth = float(np.mean([o["score"] for o in halves[1][made.system]]))
                held += made.accuracy.low <= truth <= made.accuracy.high
                errors.append(made.accuracy.mean - truth)
            every[0] += held
            every[1] += len(errors)
            table.add_row(
                name,
                str(count // 2),
                label,
                str(len(errors)),
                f"{100 * held / max(1, len(errors)):.0f}",
                f"{100 * np.mean(errors):+.1f}" if errors else "–",
            )
    table.caption = f"all: {every[0]} of {every[1]}"
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
