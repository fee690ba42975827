"""Ask a chosen system everyday questions: right, declined, wrong, and the raw transcript.

    python benchmarks/everyday.py                         # SmolLM2, specialists, team, differences
    python benchmarks/everyday.py --system team --transcript out.jsonl
    python benchmarks/everyday.py FILE.jsonl --system moa

Each line of FILE holds `{"kind", "query", "answer": [accepted, …]}`. The default,
`questions/everyday.jsonl`, is a blind test: nothing was trained, calibrated or tuned on it.
Systems: `smollm2` and `team` (they need the `llamacpp` extra), `specialists` (the bundled pool's
Avengers), `moa`, `smoa` (the bundled pool). An answer is right if it holds an accepted one, and
declined if the run is `unsure` or the text says so (see `pocket/grading.py`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from langgraph_ensemble import Pool, Profile, create_avengers
from langgraph_ensemble.pocket import calibration
from langgraph_ensemble.pocket.grading import grade
from langgraph_ensemble.pocket.team import real_member, team_pool
from langgraph_ensemble.studio.catalogue import Catalogue
from rich.console import Console
from rich.table import Table

QUESTIONS = Path(__file__).parent / "questions" / "everyday.jsonl"
SYSTEMS = ("smollm2", "specialists", "team", "moa", "smoa")
COMPARED = SYSTEMS[:3]


def build(system: str) -> Any:
    """The compiled graph of a system."""
    if system == "smollm2":
        return create_avengers([real_member()], None, samples=1).compile()
    if system == "team":
        return Catalogue(team_pool(), Profile.load(calibration.PROFILE)).graph("avengers")
    bundled = Catalogue(Pool.pocket(), Profile.load(calibration.PROFILE))
    return bundled.graph("avengers" if system == "specialists" else system)


async def run(system: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ask every question; one record each with its grade, text, members and seconds."""
    graph, lines = build(system), []
    for row in rows:
        began = time.perf_counter()
        state = await graph.ainvoke({"messages": [{"role": "user", "content": row["query"]}]})
        text, result = state["messages"][-1].text, state["result"]
        lines.append(
            {
                "system": system,
                **row,
                "grade": grade(row["answer"], text, result),
                "text": text,
                "members": sorted({draft["member"] for draft in result["drafts"]}),
                "seconds": round(time.perf_counter() - began, 2),
            }
        )
    return lines


def table(lines: list[dict[str, Any]]) -> Table:
    """A table of right, declined and wrong answers by kind."""
    counted = Table("kind", "right", "declined", "wrong", title=lines[0]["system"], box=None)
    for kind in [*sorted({line["kind"] for line in lines}), "all"]:
        some = [line["grade"] for line in lines if kind in (line["kind"], "all")]
        counts = [str(some.count(name)) for name in ("right", "declined", "wrong")]
        counted.add_row(kind, *counts, style="bold" if kind == "all" else "")
    return counted


def difference(one: list[dict[str, Any]], other: list[dict[str, Any]], seed: int = 0) -> str:
    """The difference in right answers, with a paired bootstrap interval over the questions."""
    hits = [np.array([line["grade"] == "right" for line in lines]) for lines in (one, other)]
    gain = hits[0].astype(int) - hits[1].astype(int)
    drawn = np.random.default_rng(seed).choice(gain, (10_000, len(gain))).sum(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return (
        f"{one[0]['system']} − {other[0]['system']}: {gain.sum():+d} right of {len(gain)}, "
        f"95% interval {low:+.0f} to {high:+.0f}"
    )


def main() -> None:
    """Ask, grade, compare."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("file", nargs="?", type=Path, default=QUESTIONS)
    options.add_argument("--system", action="append", choices=SYSTEMS)
    options.add_argument("--transcript", type=Path, help="JSON lines; else standard output")
    given = options.parse_args()
    rows = [json.loads(line) for line in given.file.read_text(encoding="utf-8").splitlines()]
    chosen = given.system or COMPARED
    if {"smollm2", "team"} & set(chosen) and find_spec("xllamacpp") is None:
        sys.exit("skipped: pip install 'langgraph-ensemble[llamacpp]' for SmolLM2 and the team")
    runs = {system: asyncio.run(run(system, rows)) for system in chosen}
    out = given.transcript.open("w", encoding="utf-8") if given.transcript else sys.stdout
    for lines in runs.values():
        for line in lines:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    console = Console()
    for lines in runs.values():
        console.print(table(lines))
        seconds = float(np.median([line["seconds"] for line in lines]))
        console.print(f"median {seconds:.2f} s a question\n", highlight=False)
    for other in ("smollm2", "specialists"):
        if "team" in runs and other in runs:
            console.print(difference(runs["team"], runs[other]), highlight=False)


if __name__ == "__main__":
    main()
