"""Bytes that a run leaves in a SQLite checkpointer: drafts are to be written once.

    python benchmarks/checkpoints.py

Members answer with texts of 2 kB. The texts of all drafts are what must be stored at least once;
the factor tells how many times as much is.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph_ensemble import Pool, create_avengers, create_moa, create_smoa
from langgraph_ensemble.testing import says
from rich.console import Console
from rich.table import Table

SIZE = 2048


def text(member: int, number: int) -> str:
    """A draft of 2 kB that no other one equals."""
    draw = random.Random(1000 * member + number)
    words = (
        "".join(draw.choices("abcdefghijklmnoprstuvw", k=draw.randint(2, 9))) for _ in range(400)
    )
    return (" ".join(words))[:SIZE] + f".\nAnswer: {member + 10 * number}"


def team(count: int, samples: int) -> Pool:
    members = [
        says(f"m{i}", *(text(i, n) for n in range(samples)), context=200_000) for i in range(count)
    ]
    judge = says("judge", '{"reason": "", "chosen": [1, 2], "stop": false}', context=200_000)
    last = says("last", "Answer: 4", context=200_000)
    proposers = [member.name for member in members]
    return Pool([*members, judge, last], proposers=proposers, aggregator="last", judge="judge")


async def run(graph: Any, turns: int = 1) -> tuple[int, int, int]:
    """Bytes of checkpoints, of writes, and of the drafts' texts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.sqlite"
        drafts = 0
        async with AsyncSqliteSaver.from_conn_string(str(path)) as saver:
            compiled = graph.compile(checkpointer=saver)
            config: Any = {"configurable": {"thread_id": "1"}, "recursion_limit": 500}
            for turn in range(turns):
                question = {"messages": [("user", f"Question {turn}: what is it?")]}
                state = await compiled.ainvoke(question, config)
                drafts += sum(len(draft["text"]) for draft in state["result"]["drafts"])
        with closing(sqlite3.connect(path)) as db, db:
            kept = db.execute("select sum(length(checkpoint) + length(metadata)) from checkpoints")
            written = db.execute("select sum(length(value)) from writes")
            return kept.fetchone()[0], written.fetchone()[0], drafts


def cases() -> Sequence[tuple[str, Any, int]]:
    return [
        ("MoA, 4 layers of 6", create_moa(team(6, 4), layers=4), 1),
        ("SMoA, 5 rounds of 6", create_smoa(team(6, 5), max_rounds=5), 1),
        ("SMoA, 10 rounds of 6", create_smoa(team(6, 10), max_rounds=10), 1),
        ("Avengers, 10 samples", create_avengers(team(5, 2), None, samples=10), 1),
        ("MoA, 2 layers of 3, 50 turns", create_moa(team(3, 100), layers=2), 50),
    ]


def main() -> None:
    table = Table(title="kB in the checkpointer")
    for column in ("run", "checkpoints", "writes", "together", "drafts' texts", "factor"):
        table.add_column(column, justify="left" if column == "run" else "right")
    for name, graph, turns in cases():
        kept, written, drafts = asyncio.run(run(graph, turns))
        both = kept + written
        cells = (kept, written, both, drafts)
        table.add_row(name, *(f"{n / 1000:,.0f}" for n in cells), f"{both / drafts:.1f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
