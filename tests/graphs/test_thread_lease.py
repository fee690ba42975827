"""Runs of several processes on one thread come one after the other."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from helpers import ask, thread
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph_ensemble import InputError, create_moa
from langgraph_ensemble.graphs import lease_file
from langgraph_ensemble.graphs.lease_file import SUFFIX, place_of
from langgraph_ensemble.testing import says
from typing_extensions import TypedDict

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the other process uses fcntl")

T = thread("t")
SHORT: dict[str, Any] = {"max_seconds": 0.2}

HOLDER = """
import fcntl, sys, time
file = open(sys.argv[1], "a+")
fcntl.lockf(file, fcntl.LOCK_EX, 1, int(sys.argv[2]))
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Each lease is handed back, and its file closed, however a run ends."""
    yield
    assert not lease_file._open


@pytest.fixture
def database(tmp_path: Path) -> str:
    return str(tmp_path / "db")


@pytest.fixture
def other_process(database: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has the lease on thread `t` until it is killed."""
    command = [sys.executable, "-c", HOLDER, database + SUFFIX, str(place_of("t"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def open_files() -> list[Path]:
    return list(Path("/dev/fd").iterdir())


def moa() -> Any:
    return create_moa([says("ann", "Answer: 7"), says("ben", "Answer: 7")], layers=2)


async def test_a_run_waits_until_the_other_process_is_killed(database, other_process) -> None:
    async with AsyncSqliteSaver.from_conn_string(database) as saver:
        graph = moa().compile(checkpointer=saver)
        waiting = asyncio.create_task(graph.ainvoke(ask("Why?"), T))
        # Other threads go on meanwhile, in the same loop.
        await graph.ainvoke(ask("Why?"), thread("other"))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        other_process.kill()
        assert (await waiting)["messages"][-1].type == "ai"


def test_a_synchronous_run_waits_as_well(database, other_process) -> None:
    with SqliteSaver.from_conn_string(database) as saver:
        graph = moa().compile(checkpointer=saver)
        threading.Timer(0.3, other_process.kill).start()
        began = time.monotonic()
        assert graph.invoke(ask("Why?"), T)["messages"][-1].type == "ai"
        assert time.monotonic() - began > 0.25


async def test_who_waits_too_long_is_told(database, other_process) -> None:
    said = r"thread 't' has a run under way in another process .* within 0.2 s"
    async with AsyncSqliteSaver.from_conn_string(database) as saver:
        graph = moa().compile(checkpointer=saver)
        with pytest.raises(InputError, match=said):
            await graph.ainvoke(ask("Why?"), T, context=SHORT)
        with pytest.raises(InputError, match=said):
            await asyncio.to_thread(graph.invoke, ask("Why?"), T, context=SHORT)
        waiting = asyncio.create_task(graph.ainvoke(ask("Why?"), T))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        other_process.kill()
        assert (await graph.ainvoke(ask("Why?"), T))["messages"][-1].type == "ai"


async def test_two_checkpointers_over_one_database_lose_no_message(database) -> None:
    async with (
        AsyncSqliteSaver.from_conn_string(database) as one,
        AsyncSqliteSaver.from_conn_string(database) as two,
    ):
        graphs = [moa().compile(checkpointer=saver) for saver in (one, two)]
        await asyncio.gather(*(graphs[i % 2].ainvoke(ask(f"Question {i}?"), T) for i in range(4)))
        kept = (await graphs[0].aget_state(T)).values["messages"]
    assert [message.type for message in kept] == ["human", "ai"] * 4
    assert len({message.text for message in kept}) == 5


async def test_a_stream_that_was_left_frees_its_thread(database) -> None:
    async with AsyncSqliteSaver.from_conn_string(database) as saver:
        graph = moa().compile(checkpointer=saver)
        async for _ in graph.astream(ask("First?"), T):
            break
        await graph.ainvoke(ask("Second?"), T, context={"max_seconds": 5})
    with SqliteSaver.from_conn_string(database) as saver:
        graph = moa().compile(checkpointer=saver)
        for _ in graph.stream(ask("Third?"), T):
            break
        graph.invoke(ask("Fourth?"), T, context={"max_seconds": 5})


async def test_a_finished_run_is_given_again_and_not_paid_again(database) -> None:
    async with AsyncSqliteSaver.from_conn_string(database) as saver:
        first = await moa().compile(checkpointer=saver).ainvoke(ask("Why?"), T)
    async with AsyncSqliteSaver.from_conn_string(database) as saver:
        again = await moa().compile(checkpointer=saver).ainvoke(None, T)
    assert again["result"] == first["result"]
    assert again["messages"] == first["messages"]


async def test_a_subgraph_does_not_wait_for_itself(database) -> None:
    class State(TypedDict):
        messages: Annotated[list[Any], add_messages]

    inner = moa().compile()
    parent = StateGraph(State).add_node("inner", inner).add_edge(START, "inner")
    pool = [inner, says("cat", "Answer: 7")]
    async with AsyncSqliteSaver.from_conn_string(database) as saver:
        state = await parent.compile(checkpointer=saver).ainvoke(ask("Why?"), T)
        assert state["messages"][-1].type == "ai"
        nested = create_moa(pool, layers=2, aggregator="cat").compile(checkpointer=saver)
        state = await nested.ainvoke(ask("Why?"), thread("n"), context={"max_seconds": 5})
        assert [draft["status"] for draft in state["result"]["drafts"]] == ["ok", "ok"]


async def test_one_file_stands_beside_a_database_and_none_without_one(tmp_path) -> None:
    database = str(tmp_path / "db")
    async with AsyncSqliteSaver.from_conn_string(database) as saver:
        graph = moa().compile(checkpointer=saver)
        await graph.ainvoke(ask("Why?"), T)
        before = len(open_files())
        for number in range(5):
            await graph.ainvoke(ask("Why?"), thread(str(number)))
        assert len(open_files()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["db", "db" + SUFFIX]
    assert (tmp_path / ("db" + SUFFIX)).stat().st_size == 0
    async with AsyncSqliteSaver.from_conn_string(":memory:") as saver:
        await moa().compile(checkpointer=saver).ainvoke(ask("Why?"), T)
    await moa().compile(checkpointer=InMemorySaver()).ainvoke(ask("Why?"), T)
    assert len(list(tmp_path.iterdir())) == 2
