"""A run in a process of its own, forked from one that has imported everything.

The parent has neither threads nor an event loop when it forks, so a child starts in milliseconds.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

SQLITE = ("sqlite", "sqlite, sync")
POSTGRES = ("postgres", "postgres, sync", "postgres, pool")


@dataclass(frozen=True)
class Job:
    """One run: the graph, where its checkpoints are, and what is asked."""

    build: Callable[[], Any]
    backend: str
    place: str
    thread: str
    input: Any
    durability: str | None = None

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of `invoke`."""
        return {"durability": self.durability} if self.durability else {}


@asynccontextmanager
async def _saver(job: Job) -> AsyncIterator[Any]:
    if job.backend == "sqlite":
        async with AsyncSqliteSaver.from_conn_string(job.place) as saver:
            yield saver
        return
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg.rows import dict_row
    from psycopg_pool import AsyncConnectionPool

    if job.backend == "postgres":
        async with AsyncPostgresSaver.from_conn_string(job.place) as saver:
            yield saver
        return
    kwargs = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    async with AsyncConnectionPool(job.place, min_size=1, max_size=4, kwargs=kwargs) as pool:
        yield AsyncPostgresSaver(pool)  # pyright: ignore[reportArgumentType]


@contextmanager
def _sync_saver(job: Job) -> Any:
    if job.backend == "sqlite, sync":
        with SqliteSaver.from_conn_string(job.place) as saver:
            yield saver
        return
    from langgraph.checkpoint.postgres import PostgresSaver

    with PostgresSaver.from_conn_string(job.place) as saver:
        yield saver


async def _run(job: Job) -> Any:
    config: Any = {"configurable": {"thread_id": job.thread}}
    async with _saver(job) as saver:
        graph = job.build().compile(checkpointer=saver)
        begun = (await graph.aget_state(config)).config["configurable"].get("checkpoint_id")
        return await graph.ainvoke(None if begun else job.input, config, **job.options)


def _run_sync(job: Job) -> Any:
    config: Any = {"configurable": {"thread_id": job.thread}}
    with _sync_saver(job) as saver:
        graph = job.build().compile(checkpointer=saver)
        begun = graph.get_state(config).config["configurable"].get("checkpoint_id")
        return graph.invoke(None if begun else job.input, config, **job.options)


def fork(work: Callable[[], Any], answer: Path) -> int:
    """Do `work` in a child process, which writes what it returns to `answer` as JSON."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    try:
        told: Any = {"state": work()}
    except BaseException:
        told = {"error": traceback.format_exc()}
    answer.write_text(json.dumps(told, default=str))
    os._exit(0)


def import_all(job: Job, answer: Path) -> None:
    """Import what a run imports; a child finds out, so that nothing is started here."""

    def scout() -> list[str]:
        run(job)
        return list(sys.modules)

    for name in wait(fork(scout, answer), answer):
        with suppress(ImportError):
            importlib.import_module(name)


def run(job: Job) -> Any:
    """The run's final state as far as it is compared, in this process."""
    state = _run_sync(job) if job.backend.endswith("sync") else asyncio.run(_run(job))
    result = state["result"]
    if "messages" not in state:
        told = ("strategy", "questions", "calls", "cost_usd", "members")
        return {key: result[key] for key in told if key in result}
    drafts = [[d["id"], d["member"], d["status"], d["text"]] for d in result["drafts"]]
    return {
        "messages": [message.text for message in state["messages"]],
        "drafts": sorted(drafts),
        **{key: result[key] for key in ("answer", "stopped", "calls", "usage", "cost_usd")},
    }


def kill_after(pid: int, seconds: float) -> float | None:
    """Kill a process after some seconds; when that was, or None if it had ended by then."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return None
        time.sleep(0.001)
    now = time.time()
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return now if os.WIFSIGNALED(status) else None


def wait(pid: int, answer: Path, seconds: float = 60.0) -> Any:
    """What a child returned.

    Raises:
        RuntimeError: It failed, or did not end.
    """
    if kill_after(pid, seconds) is not None:
        raise RuntimeError(f"a run did not end within {seconds:g} s")
    told = json.loads(answer.read_text())
    if "error" in told:
        raise RuntimeError(told["error"])
    return told["state"]
