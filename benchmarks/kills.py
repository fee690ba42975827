"""SIGKILL at random moments: which calls are made again after the resume, and what is lost.

    python benchmarks/kills.py [--kills 240] [--only moa] [--backend sqlite] [--durability async]

A run is killed one to three times, resumed after each kill, then ended; the next run follows until
each row has its share of the kills. Counted at the provider: calls whose reply had ended when the
process was killed, those of them that were made again with the milliseconds from the end of the
reply to the kill, and calls made twice without a kill between. The final state is compared with
that of a run that nobody killed. PostgreSQL is started from its binaries where they are found.

In the last rows two processes resume a killed run at the same instant.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from typing import Any

from killing import postgres
from killing.cases import CALIBRATION, calibration, graphs, models, task_map
from killing.child import POSTGRES, SQLITE, Job, fork, import_all, kill_after, run, wait
from killing.count import SETTLED, Count
from langgraph_ensemble.testing import Provider, bank
from rich.console import Console
from rich.table import Table

COLUMNS = ("graph", "checkpointer", "runs", "kills", "wrong ends", "calls ended", "repeated")
MORE = ("oldest, ms", "paid twice", "lost or doubled")


Seconds = tuple[float, float]


class Killer:
    """Runs of graphs whose processes are killed."""

    def __init__(self, provider: Provider, places: dict[str, str], options: Any) -> None:
        self._provider = provider
        self._places = places
        self._options = options
        self._draw = random.Random(options.seed)
        self._profile = cache(task_map)
        self._builders = graphs(provider, self._profile)
        self._whole: dict[Any, tuple[Any, Seconds]] = {}
        self._number = 0
        self._folder = Path(places["folder"])
        self._answer = self._folder / "answer.json"
        graph, rows = next(iter(self._builders)), {name for name, _ in self.rows()}
        for name in {graph, CALIBRATION} & {graph, *rows}:
            import_all(self._job(name, "sqlite"), self._answer)

    def rows(self) -> list[tuple[str, str]]:
        """Every graph with every checkpointer that there is."""
        names = [name for name in (*self._builders, CALIBRATION) if self._options.only in name]
        backends = [b for b in (*SQLITE, *POSTGRES) if self._place(b)]
        if self._options.backend:
            backends = [b for b in backends if b in self._options.backend]
        return [(name, backend) for name in names for backend in backends]

    def row(self, name: str, backend: str, kills: int) -> Count:
        """Kill runs of one graph until there are so many kills."""
        count = Count()
        while count.kills < kills:
            job = self._job(name, backend)
            whole, seconds = self._unharmed(name, backend)
            self._provider.reset()
            struck = self._strike(job, seconds, self._draw.randint(1, 3))
            state = self._end(job)
            self._compare(count, state, whole)
            count.add(self._provider.log(), struck)
        return count

    def together(self, name: str, backend: str, times: int) -> Count:
        """Kill a run once, then let two processes resume it at the same instant."""
        count = Count()
        for _ in range(times):
            job = self._job(name, backend)
            whole, seconds = self._unharmed(name, backend)
            self._provider.reset()
            struck = self._strike(job, seconds, 1)
            for state in self._both(job):
                self._compare(count, state, whole)
            count.add(self._provider.log(), struck)
        return count

    def _place(self, backend: str) -> str | None:
        return self._places.get(backend.split(",")[0])

    def _job(self, name: str, backend: str, question: int | None = None) -> Job:
        self._number += 1
        number = self._draw.randrange(3) if question is None else question
        place, durability = str(self._place(backend)), self._options.durability
        thread = f"{name} {self._number}"
        self._question = number
        if name == CALIBRATION:
            folder = self._folder / f"profile{self._number}"
            build: Callable[[], Any] = partial(calibration, self._provider, folder)
            return Job(build, backend, place, thread, {"data": None}, durability)
        if name.startswith("avengers"):
            self._profile()  # Here, once, and not in each child.
        asked = {"messages": [{"role": "user", "content": bank()[50 + number].text}]}
        return Job(self._builders[name], backend, place, thread, asked, durability)

    def _unharmed(self, name: str, backend: str) -> tuple[Any, Seconds]:
        """The final state of a run that nobody kills, and when it makes calls; made once for all.

        The seconds are those from the start of its process to its first call and to its end.
        """
        key = (name, self._question)
        if key not in self._whole:
            self._provider.reset()
            began = time.time()
            job = self._job(name, backend, self._question)
            state = wait(fork(partial(run, job), self._answer), self._answer)
            first = min(entry["began"] for entry in self._provider.log())
            self._whole[key] = state, (first - began, time.time() - began)
        return self._whole[key]

    def _strike(self, job: Job, seconds: Seconds, times: int) -> list[float]:
        """Kill the run's process so many times at random moments, each time after a resume."""
        struck: list[float] = []
        for _ in range(times):
            pid = fork(partial(run, job), self._answer)
            at = kill_after(pid, self._draw.uniform(*seconds))
            if at is None:
                break
            struck.append(at)
            # What was in flight arrives at the provider, and ends for nobody.
            time.sleep(SETTLED)
        return struck

    def _end(self, job: Job) -> Any:
        return wait(fork(partial(run, job), self._answer), self._answer)

    def _both(self, job: Job) -> list[Any]:
        ready, go = os.pipe()

        def at_once() -> Any:
            os.close(go)
            os.read(ready, 1)
            return run(job)

        answers = [self._folder / f"answer{i}.json" for i in range(2)]
        pids = [fork(at_once, answer) for answer in answers]
        os.close(ready)
        os.close(go)
        return [wait(pid, answer) for pid, answer in zip(pids, answers, strict=True)]

    def _compare(self, count: Count, state: Any, whole: Any) -> None:
        count.lost += abs(state["calls"] - whole["calls"])
        if state != whole:
            count.wrong += 1
            if self._options.verbose:
                print(json.dumps([state, whole], indent=1), file=sys.stderr)


def _setup(place: str) -> None:
    from langgraph.checkpoint.postgres import PostgresSaver

    with PostgresSaver.from_conn_string(place) as saver:
        saver.setup()


def _cells(count: Count) -> list[str]:
    oldest = f"{max(count.ages):.0f}" if count.ages else "–"
    numbers = [count.runs, count.kills, count.wrong, count.ended, len(count.ages)]
    return [*map(str, numbers), oldest, str(count.doubled), str(count.lost)]


def measure(killer: Killer, options: Any) -> tuple[Table, dict[str, Count]]:
    """Kill until every row has its share."""
    table = Table(title=f"durability: {options.durability or 'as shipped'}")
    for column in (*COLUMNS, *MORE):
        table.add_column(column, justify="left" if column in COLUMNS[:2] else "right")
    rows = killer.rows()
    each = max(1, -(-options.kills // len(rows)))
    counts: dict[str, Count] = {}
    for name, backend in rows:
        print(name, backend, file=sys.stderr)
        counts[f"{name}, {backend}"] = count = killer.row(name, backend, each)
        table.add_row(name, backend, *_cells(count))
    for name, backend in rows:
        if options.together and name != CALIBRATION:
            count = killer.together(name, backend, options.together)
            counts[f"two of {name}, {backend}"] = count
            table.add_row(f"two of {name}", backend, *_cells(count))
    total = Count.of(counts.values())
    table.add_section()
    table.add_row("all", "", *_cells(total))
    return table, counts


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=240)
    parser.add_argument("--together", type=int, default=2, help="pairs of processes in each row")
    parser.add_argument("--only", default="", help="graphs whose name holds this text")
    parser.add_argument("--backend", nargs="+", choices=(*SQLITE, *POSTGRES))
    parser.add_argument("--durability", choices=("async", "sync", "exit"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="show wrong final states")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        places = {"folder": folder, "sqlite": f"{folder}/checkpoints.sqlite"}
        if why := postgres.missing():
            print(f"without PostgreSQL: {why}", file=sys.stderr)
        elif not options.backend or set(options.backend) & set(POSTGRES):
            places["postgres"] = stack.enter_context(postgres.postgres())
            pid = fork(partial(_setup, places["postgres"]), Path(folder) / "setup.json")
            wait(pid, Path(folder) / "setup.json")
        provider = stack.enter_context(Provider(models()))
        table, counts = measure(Killer(provider, places, options), options)
    if options.json:
        print(json.dumps({name: vars(count) for name, count in counts.items()}))
    else:
        Console(width=150).print(table)


if __name__ == "__main__":
    main()
