"""Do memory, files, tasks and threads stay flat? A soak of the graphs while members fail.

    python benchmarks/soak.py [--minutes 20] [--together 32] [--csv FILE]

So many questions at once go through MoA, SMoA, the Avengers and an MoA in an SMoA, each in one of
ten ways, drawn at random: awaited, with knobs that cap it, with a checkpointer (SQLite, four turns
on a thread), cancelled half-way, as a stream that is read, left early, or dropped without being
closed, in an event loop of its own, synchronously with SQLite, and as a new graph over a new pool.
10% of the requests end in HTTP 500, 3% of the streams break off, 0.3% hang until their timeout.

Every 10 seconds the process is measured. First, middle and last are medians over a tenth of the
time after the warm-up, which is a fifth of the run; the slope is that of Theil and Sen. It is flat
if an hour at this slope adds less than a tenth, or if the slope is less than its own uncertainty
(95%). `idle` is what is left when all is done.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gc
import os
import random
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from pathlib import Path
from statistics import median
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph_ensemble import (
    Member,
    NoUsableDraftError,
    Pool,
    create_avengers,
    create_moa,
    create_smoa,
)
from langgraph_ensemble.graphs import thread_turns
from langgraph_ensemble.models import quorum
from langgraph_ensemble.models.loops import PerLoop
from langgraph_ensemble.nodes import limits
from langgraph_ensemble.nodes.bridge import background_loop
from langgraph_ensemble.testing import Model, Provider, bank
from rich.console import Console
from rich.table import Table
from scipy.stats import theilslopes

NAMES = ("ann", "ben", "cat", "dan")
FAULTS = {"dead": 0.10, "half": 0.03, "hang": 0.003}
TURNS = 4
"""Turns on a thread before a new one begins."""
EVERY = 10.0
"""Seconds between two measurements."""


class Soak:
    """The graphs, the ways to run them, and what the runs came to."""

    def __init__(self, provider: Provider, folder: Path, saver: AsyncSqliteSaver) -> None:
        self._provider = provider
        self._draw = random.Random(7)
        self._graphs = self._made()
        self._plain = [graph.compile() for graph in self._graphs]
        self._saved = [graph.compile(checkpointer=saver) for graph in self._graphs]
        self._sync = SqliteSaver(sqlite3.connect(folder / "sync.sqlite", check_same_thread=False))
        self._turn = 0
        self.told: Counter[str] = Counter()
        self.ways: list[Callable[[], Awaitable[Any]]] = [
            self.awaited,
            self.capped,
            self.saved,
            self.cancelled,
            self.streamed,
            self.left,
            self.dropped,
            self.own_loop,
            self.synchronous,
            self.anew,
        ]

    def _made(self) -> list[Any]:
        """One graph of each kind, over a new pool."""
        usual: dict[str, Any] = {"base_url": self._provider.url, "size": 7.0, "timeout": 3.0}
        pool = Pool([Member(name=n, model=n, max_tokens=200, **usual) for n in NAMES])
        moa = create_moa(pool, layers=2)
        return [
            moa,
            create_smoa(pool, max_rounds=2),
            create_avengers(pool, None, samples=6),
            create_smoa([*pool, moa.compile()], max_rounds=1),
        ]

    def _asked(self) -> dict[str, Any]:
        return {"messages": self._draw.choice(bank()).text}

    def _config(self, name: str) -> Any:
        self._turn += 1
        return {"configurable": {"thread_id": f"{name} {self._turn // TURNS}"}}

    async def awaited(self) -> None:
        """Without a checkpointer."""
        await self._draw.choice(self._plain).ainvoke(self._asked())

    async def capped(self) -> None:
        """With knobs that limit it."""
        knobs = {"max_calls": self._draw.randint(2, 12), "quorum": 2}
        await self._draw.choice(self._plain).ainvoke(self._asked(), context=knobs)

    async def saved(self) -> None:
        """On a thread of a checkpointer."""
        graph = self._draw.choice(self._saved)
        await graph.ainvoke(self._asked(), self._config(graph.name))

    async def cancelled(self) -> None:
        """Given up half-way."""
        graph = self._draw.choice([*self._plain, *self._saved])
        run = asyncio.ensure_future(graph.ainvoke(self._asked(), self._config("cancelled")))
        await asyncio.wait({run}, timeout=self._draw.uniform(0.01, 0.5))
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)

    async def streamed(self, most: int = 10_000) -> None:
        """As a stream."""
        graph = self._draw.choice(self._plain)
        run = graph.astream(self._asked(), stream_mode=["messages", "custom"])
        async with aclosing(run):
            async for _ in run:
                most -= 1
                if most == 0:
                    return

    async def left(self) -> None:
        """A stream that is closed early."""
        await self.streamed(self._draw.randint(1, 12))

    async def dropped(self) -> None:
        """A stream that is left to the garbage collector."""
        most = self._draw.randint(1, 12)
        async for _ in self._draw.choice(self._plain).astream(self._asked(), stream_mode="custom"):
            most -= 1
            if most == 0:
                return

    async def own_loop(self) -> None:
        """In an event loop of its own."""
        graph, asked = self._draw.choice(self._plain), self._asked()
        await asyncio.to_thread(lambda: asyncio.run(graph.ainvoke(asked)))

    async def synchronous(self) -> None:
        """A synchronous run on a thread, in one of three cases left early."""
        graph = self._draw.choice(self._graphs).compile(checkpointer=self._sync)
        asked, config, most = self._asked(), self._config("sync"), self._draw.choice((3, 10_000))

        def read() -> None:
            with closing(graph.stream(asked, config, stream_mode="custom")) as run:
                for number, _ in enumerate(run):
                    if number == most:
                        return

        await asyncio.to_thread(read)

    async def anew(self) -> None:
        """A new graph over a new pool."""
        await self._draw.choice(self._made()).compile().ainvoke(self._asked())

    async def until(self, end: float) -> None:
        """One question after the other."""
        while time.monotonic() < end:
            way = self._draw.choice(self.ways)
            try:
                await way()
                self.told["ended"] += 1
            except NoUsableDraftError:
                self.told["no answer"] += 1
            except Exception as error:
                self.told[f"{way.__name__}: {type(error).__name__}: {error}"[:100]] += 1


def measured() -> dict[str, float]:
    """What this process holds now."""
    files = []
    for entry in os.scandir("/proc/self/fd"):
        try:
            files.append(os.readlink(entry.path))  # noqa: PTH115
        except OSError:
            continue
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    everything = gc.get_objects()
    values = [one for one in everything if isinstance(one, PerLoop)]
    found = {
        "memory, MB": pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        "objects": len(everything),
        "files": len(files),
        "sockets": sum(name.startswith("socket:") for name in files),
        "tasks": len(asyncio.all_tasks()) + len(asyncio.all_tasks(background_loop())),
        "threads": threading.active_count(),
        "budgets": len(limits._budgets),
        "gates": len(quorum._gates),
        "turns on threads": sum(map(len, thread_turns._queues.values())),
        "values of event loops": sum(len(one.values) for one in values),
    }
    del everything, values
    return found


async def soak(options: argparse.Namespace, provider: Provider) -> tuple[list[Any], Any, Any]:
    """The measurements, the last one when idle, and what the runs came to."""
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncSqliteSaver.from_conn_string(f"{folder}/async.sqlite") as saver:
            work = Soak(provider, Path(folder), saver)
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(options.together))
            began = time.monotonic()
            end = began + 60 * options.minutes
            workers = [asyncio.ensure_future(work.until(end)) for _ in range(options.together)]
            while (now := time.monotonic()) < end:
                await asyncio.wait(workers, timeout=min(EVERY, end - now))
                rows.append({"minute": (time.monotonic() - began) / 60, **measured()})
                await asyncio.to_thread(provider.reset)
                if options.csv:
                    keep(options.csv, rows)
            await asyncio.gather(*workers)
        for _ in range(5):
            await asyncio.sleep(1)
            gc.collect()
        idle = measured()
    return rows, idle, work.told


def keep(path: str, rows: list[dict[str, float]]) -> None:
    with Path(path).open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def table(rows: list[dict[str, float]], idle: dict[str, float]) -> Table:
    warm = rows[len(rows) // 5 :]
    found = Table(title=f"{len(rows)} measurements")
    for column in ("held", "first", "middle", "last", "per hour", "± (95%)", "verdict", "idle"):
        found.add_column(column, justify="left" if column in ("held", "verdict") else "right")
    hours = [row["minute"] / 60 for row in warm]
    few = max(1, len(warm) // 10)
    for name in list(rows[0])[1:]:
        each = [row[name] for row in warm]
        half = (len(each) - few) // 2
        parts = [median(each[:few]), median(each[half : half + few]), median(each[-few:])]
        fit: Any = theilslopes(each, hours)
        slope, _, low, high = fit
        flat = low <= 0 or slope < 0.1 * max(1.0, median(each))
        cells = [f"{part:,.0f}" for part in parts]
        cells += [f"{slope:+,.1f}", f"{(high - low) / 2:,.1f}"]
        found.add_row(name, *cells, "flat" if flat else "grows", f"{idle[name]:,.0f}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--together", type=int, default=32)
    parser.add_argument("--csv", help="write every measurement to this file")
    options = parser.parse_args()
    with Provider() as provider:
        more: dict[str, Any] = {"tokens": 20, "first_token_ms": 20.0, "token_ms": 2.0}
        provider.set(*(Model(name, faults=FAULTS, default_skill=0.5, **more) for name in NAMES))
        rows, idle, told = asyncio.run(soak(options, provider))
    console = Console(width=120)
    console.print(table(rows, idle))
    for said, count in told.most_common():
        console.print(f"{count:7,}  {said}", markup=False)


if __name__ == "__main__":
    main()
