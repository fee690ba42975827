"""Two workers of `ensemble serve --engine aegra`, killed in turn under load.

    python benchmarks/aegra.py --kills 50

needs Python 3.12, `pip install 'langgraph-ensemble[scale,testing]'`, PostgreSQL and Redis. Runs of
MoA are begun as fast as they end, so that there are always as many. A call counts as repeated if
the provider had sent its whole reply and was asked the same again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from killing.postgres import missing as no_postgres
from killing.postgres import postgres
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import write_pool
from langgraph_sdk import get_client
from workers.redis import missing as no_redis
from workers.redis import redis
from workers.watch import Taken, holders, takeover
from workers.worker import Worker

NAMES = ("ann", "ben", "cat")
GRAPH, DRAFTS = "moa", 6
ENDED = ("success", "error", "interrupted", "timeout")


@dataclass
class Load:
    """Runs under way, and how those that have ended did so.

    Attributes:
        workers: The workers; requests go to one that lives.
        together: How many runs there are at each moment.
        ends: Status of each run that has ended, by its question.
        faults: What was wrong with its answer.
    """

    workers: list[Worker]
    together: int
    ends: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    clients: dict[str, Any] = field(default_factory=dict)
    at: int = 0
    over: bool = False

    async def run(self) -> None:
        """Begin runs until it is over, and wait for all of them."""
        numbers = count()
        await asyncio.gather(*(self._one_by_one(numbers) for _ in range(self.together)))
        for client in self.clients.values():
            await client.aclose()

    async def _one_by_one(self, numbers: Iterator[int]) -> None:
        while not self.over:
            question = f"What is the capital of country {next(numbers)}?"
            status, values = await self._asked(question)
            self.ends[question] = status
            drafts = (values.get("result") or {}).get("drafts") or []
            if status == "success" and [draft["status"] for draft in drafts] != ["ok"] * DRAFTS:
                told = [
                    f"{draft['member']}: {draft['status']} {draft['error']}" for draft in drafts
                ]
                self.faults.append(f"{question} {told}")

    async def _asked(self, question: str) -> tuple[str, dict[str, Any]]:
        """How a run ends, and its state then; requests are repeated while a worker is away."""
        thread = await self._tried(lambda c: c.threads.create())
        messages = {"messages": [{"role": "user", "content": question}]}
        name = thread["thread_id"]
        run = await self._begun(name, messages)
        while True:
            told = await self._tried(lambda c: c.runs.get(name, run))
            if told["status"] in ENDED:
                state = await self._tried(lambda c: c.threads.get_state(name))
                return told["status"], state["values"]
            await asyncio.sleep(0.5)

    async def _begun(self, thread: str, messages: Any) -> str:
        """The id of the thread's run, which is begun once though the reply may be lost."""

        async def begin(client: Any) -> str:
            for run in await client.runs.list(thread):
                return run["run_id"]
            return (await client.runs.create(thread, GRAPH, input=messages))["run_id"]

        return await self._tried(begin)

    async def _tried(self, what: Any) -> Any:
        for attempt in count():
            # LangGraph's client waits long for a server that is away, so all stay with one.
            worker = self.workers[self.at % len(self.workers)]
            try:
                if worker.url not in self.clients:
                    self.clients[worker.url] = get_client(url=worker.url)
                return await what(self.clients[worker.url])
            except Exception:
                if attempt > 200:
                    raise
                self.at = 1 - self.workers.index(worker)
                await asyncio.sleep(0.1)
        raise AssertionError


@contextmanager
def system(
    together: int, more: dict[str, str] | None = None
) -> Iterator[tuple[Provider, str, list[Worker]]]:
    """A provider, PostgreSQL's address, and two workers that answer; `more` are settings."""
    models = [Model(n, says="It is Paris.", first_token_ms=900, token_ms=20) for n in NAMES]
    folder = Path(tempfile.mkdtemp(prefix="aegra-"))
    with postgres() as database, redis() as queue, Provider(models) as provider:
        settings = {
            "ENSEMBLE_POOL": str(write_pool(folder, provider.url)),
            "ENSEMBLE_DATA": database,
            "REDIS_URL": queue,
            "XDG_DATA_HOME": str(folder),
            "N_JOBS_PER_WORKER": str(together),
            "WORKER_COUNT": "1",
            **(more or {}),
        }
        workers = [Worker(settings, name) for name in ("one", "two")]
        try:
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.ready()
            yield provider, database, workers
        finally:
            for worker in workers:
                worker.stop()


@asynccontextmanager
async def loaded(workers: list[Worker], together: int) -> AsyncIterator[Load]:
    """Runs under way while the block lasts; then all of them end."""
    load = Load(workers, together)
    running = asyncio.create_task(load.run())
    try:
        yield load
    finally:
        load.over = True
        await asyncio.wait_for(running, 180)


async def measured(kills: int, together: int, minutes: float) -> dict[str, Any]:
    """Kill workers until there were so many kills; the counts of one row."""
    found: list[Taken] = []
    times: list[float] = []
    with system(together) as (provider, database, workers):
        ends = time.time() + minutes * 60
        async with loaded(workers, together) as load:
            await asyncio.sleep(4)
            while len(times) < kills and time.time() < ends:
                place, held = await asyncio.to_thread(_victim, database, workers, len(times))
                worker = workers[place]
                pid = worker.pid
                # A proxy that asks for their health would send requests to the other one.
                load.at = 1 - place
                worker.kill()
                times.append(time.time())
                worker.start()
                found.append(await asyncio.to_thread(takeover, database, pid, held, times[-1]))
                print(f"kill {len(times)}: {found[-1]}", file=sys.stderr)
                await asyncio.to_thread(worker.ready)
                await asyncio.sleep(1 + len(times) % 3)
        for fault in load.faults:
            print(fault, file=sys.stderr)
        return row(provider, load, found, times)


def _victim(database: str, workers: list[Worker], number: int) -> tuple[int, dict[str, float]]:
    """The worker that has more runs, or each in turn; and its runs."""
    had = [holders(database, worker.pid) for worker in workers]
    even = len(had[0]) == len(had[1])
    place = number % 2 if even else int(len(had[1]) > len(had[0]))
    return place, had[place]


def row(provider: Provider, load: Load, found: list[Taken], kills: list[float]) -> dict[str, Any]:
    """The counts of all kills together."""
    waits = sorted(wait for taken in found for wait in taken.waits)
    since = sorted(each for taken in found for each in taken.since)
    ages = repeated(provider, kills)
    calls = [entry for entry in provider.log() if entry["status"] == 200]
    return {
        "kills": len(kills),
        "runs": len(load.ends),
        "ended well": sum(status == "success" for status in load.ends.values()),
        "hit": sum(len(taken.runs) for taken in found),
        "lost": sum(len(taken.lost) for taken in found),
        "wrong": len(load.faults),
        "calls": len(calls),
        "repeated": len(ages),
        "oldest ms": round(max(ages, default=0.0) * 1000),
        "after the lease, median s": round(median(waits), 1) if waits else None,
        "after the lease, longest s": round(waits[-1], 1) if waits else None,
        "after the kill, longest s": round(since[-1], 1) if since else None,
    }


def repeated(provider: Provider, kills: list[float]) -> list[float]:
    """For each call made again after its reply had ended: how long before a kill that was."""
    same: dict[str, list[Any]] = defaultdict(list)
    for entry in sorted(provider.log(), key=lambda e: e["began"]):
        if entry["status"] == 200:
            asked = (entry["model"], entry["messages"], entry["seed"], entry["temperature"])
            same[json.dumps(asked)].append(entry)
    ages = []
    for first, *again in same.values():
        for later in again:
            between = [k for k in kills if first["ended"] <= k <= later["began"]]
            ages.append(min(between) - first["ended"] if between else 0.0)
    return ages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--together", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=60, help="no kill is begun later")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if lacks := no_postgres() or no_redis():
        sys.exit(f"aegra.py: {lacks}")
    counts = asyncio.run(measured(given.kills, given.together, given.minutes))
    if given.json:
        print(json.dumps(counts))
        return
    print("| | |\n|---|---|")
    for name, value in counts.items():
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
