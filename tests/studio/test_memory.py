"""Checkpoints and conversations in one SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph_ensemble.studio.data.memory import Memory
from typing_extensions import TypedDict


class Count(TypedDict):
    count: int


def counter(memory: Memory):
    async def add(state: Count) -> Count:
        return {"count": state["count"] + 1}

    graph = StateGraph(Count)
    graph.add_node("add", add)
    graph.add_edge(START, "add")
    graph.add_edge("add", END)
    return graph.compile(checkpointer=memory)


def thread(name: object):
    return {"configurable": {"thread_id": str(name)}}


async def test_many_runs_at_once_keep_every_thread(tmp_path: Path):
    path = tmp_path / "new" / "file.sqlite"
    async with Memory.open(path) as memory:
        graph = counter(memory)
        runs = [graph.ainvoke({"count": i}, thread(i)) for i in range(50)]
        assert [done["count"] for done in await asyncio.gather(*runs)] == list(range(1, 51))
        # A run that has ended finds its state immediately.
        assert [(await graph.aget_state(thread(i))).values["count"] for i in range(50)] == list(
            range(1, 51)
        )
        history = [state async for state in graph.aget_state_history(thread(7))]
        assert [state.next for state in history] == [(), ("add",), ("__start__",)]
    async with Memory.open(path) as memory:
        state = await counter(memory).aget_state(thread(7))
        assert state.values == {"count": 8}
        await memory.adelete_thread("7")
        assert not (await counter(memory).aget_state(thread(7))).values


async def test_writing_is_shared_in_commits_and_one_failure_is_its_own(tmp_path: Path):
    path = tmp_path / "file.sqlite"
    async with Memory.open(path) as memory:
        await memory.write(lambda db: db.execute("CREATE TABLE t (x INTEGER PRIMARY KEY)"))

        def insert(x: int):
            return memory.write(lambda db: db.execute("INSERT INTO t VALUES (?)", (x,)))

        commits: list[str] = []
        memory.conn.set_trace_callback(lambda sql: sql == "COMMIT" and commits.append(sql))
        numbers = [*range(100), 3]
        outcomes = await asyncio.gather(*map(insert, numbers), return_exceptions=True)
        assert [type(each) for each in outcomes if each] == [sqlite3.IntegrityError]
        assert len(commits) < 10
        # An awaited write is committed: another connection sees it.
        with closing(sqlite3.connect(path)) as other, other:
            assert other.execute("SELECT count(*) FROM t").fetchone() == (100,)
        other.close()
        rows = await memory.rows("SELECT x FROM t ORDER BY x")
        assert [row["x"] for row in rows] == list(range(100))


async def test_what_was_begun_is_written_though_nobody_waits(tmp_path: Path):
    async with Memory.open(tmp_path / "file.sqlite") as memory:
        await memory.write(lambda db: db.execute("CREATE TABLE t (x)"))
        writing = asyncio.create_task(
            memory.write(lambda db: db.execute("INSERT INTO t VALUES (1)"))
        )
        await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await memory.write(lambda db: None)
        assert await memory.search("SELECT x FROM t") == [{"x": 1}]


async def test_a_server_that_forbids_reading_files_in_its_loop_gets_a_thread(tmp_path: Path):
    watch = pytest.importorskip("blockbuster", reason="comes with langgraph-ensemble[studio]")
    async with Memory.open(tmp_path / "file.sqlite") as memory:
        graph = counter(memory)
        with watch.blockbuster_ctx():
            with pytest.raises(watch.BlockingError):
                memory.get_tuple(thread("a"))
            await graph.ainvoke({"count": 1}, thread("a"))
            assert (await graph.ainvoke({"count": 2}, thread("a")))["count"] == 3
            saved = await memory.aget_tuple(thread("a"))
        assert saved is not None
        assert saved.checkpoint["channel_values"]["count"] == 3
