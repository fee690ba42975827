"""Calibration by workers of Ray, some of which are killed: the calls, and the task map.

    python benchmarks/ray_workers.py [--questions 3000] [--members 10] [--workers 4] [--kills 2]

Every member answers every question once. Counted at the provider: calls, and calls that were made
twice. Workers are killed with SIGKILL while they have requests in flight. The task map is compared,
byte by byte, with the one that a single process makes without Ray.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from langgraph_ensemble import Pool
from langgraph_ensemble.graphs.calibration import create_calibration
from langgraph_ensemble.models.on_ray import Workers, on_ray
from langgraph_ensemble.testing import Model, Provider, bank
from langgraph_ensemble.testing.serving import write_pool
from rich.console import Console
from rich.table import Table


def questions(count: int, path: Path) -> Path:
    """Questions of the bank, repeated with a number each, so that no two are the same."""
    known = bank()
    rows = [
        {
            "query": f"{known[i % len(known)].text} (Question {i}.)",
            "dataset": known[i % len(known)].domain,
            "answer": known[i % len(known)].answer,
        }
        for i in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


async def killing(place: Workers, calls: int, kills: int) -> None:
    """Kill workers one after the other, evenly over the calls."""
    for number in range(kills):
        while place.replies < calls * (number + 1) / (kills + 1):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        os.kill(place.processes[number], signal.SIGKILL)


async def calibrate(graph: Any, kill: Any) -> None:
    """Run the calibration, and `kill` beside it."""
    beside = asyncio.ensure_future(kill)
    await graph.ainvoke({"data": None})
    await beside


@contextmanager
def members(count: int, folder: Path) -> Iterator[tuple[Provider, Path]]:
    """A provider with `count` models, and their pool file."""
    names = [f"model-{number}" for number in range(count)]
    models = [Model(n, default_skill=0.3 + 0.6 * i / count) for i, n in enumerate(names)]
    with Provider(models) as provider:
        yield provider, write_pool(folder, provider.url, names)


def main(options: Any) -> None:
    """Run the rows, and print the table."""
    table = Table(title=f"{options.questions} questions, {options.members} members")
    for head in ("engine", "kills", "seconds", "calls", "made twice", "task map"):
        table.add_column(head, justify="left" if head in ("engine", "task map") else "right")
    first: dict[str, bytes] | None = None
    folder = Path(tempfile.mkdtemp())
    with members(options.members, folder) as (provider, file):
        data = questions(options.questions, folder / "questions.jsonl")
        for engine, kills in (("one process", 0), ("Ray", 0), ("Ray", options.kills)):
            provider.reset()
            pool = Pool.from_file(file)
            out = folder / f"{engine} {kills}"
            graph = create_calibration(
                pool, data=data, out=out, samples=1, concurrency=options.concurrency
            ).compile()
            workers = options.workers
            ray = on_ray(pool, Pool.from_file, str(file), workers=workers)
            with ray if engine == "Ray" else nullcontext() as place:
                began = time.perf_counter()
                total = options.questions * options.members
                kill = killing(place, total, kills) if place else asyncio.sleep(0)
                asyncio.run(calibrate(graph, kill))
                took = time.perf_counter() - began
            made = Counter(
                (entry["model"], json.dumps(entry["messages"])) for entry in provider.log()
            )
            content = {p.name: p.read_bytes() for p in (out / "profile.json", out / "arrays.npz")}
            first = first or content
            table.add_row(
                engine if engine != "Ray" else f"Ray, {workers} workers",
                str(kills),
                f"{took:.0f}",
                f"{sum(made.values()):,}",
                str(sum(count - 1 for count in made.values())),
                "the same bytes" if content == first else "DIFFERS",
            )
    Console(width=100).print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=int, default=3000)
    parser.add_argument("--members", type=int, default=10)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--concurrency", type=int, default=64)
    main(parser.parse_args())
