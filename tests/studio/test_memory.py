"""Checkpoints and conversations in one SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
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


async def test_writes_wait_in_a_thread_while_another_process_writes(tmp_path: Path):
    path = tmp_path / "file.sqlite"
    async with Memory.open(path) as memory:
        await memory.write(lambda db: db.execute("CREATE TABLE t (x INTEGER PRIMARY KEY)"))
        other = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _HOLDS_THE_FILE, str(path)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert other.stdin is not None
        assert other.stdout is not None
        assert await other.stdout.readline() == b"held\n"
        waiting = asyncio.gather(*(_insert(memory, x) for x in range(3)))
        # The loop goes on: these rounds would otherwise take until the other process commits.
        for _ in range(50):
            await asyncio.sleep(0.002)
        later = asyncio.gather(*(_insert(memory, x) for x in range(3, 6)))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        assert not later.done()
        assert await memory.rows("SELECT x FROM t") == []
        other.stdin.close()
        await asyncio.gather(waiting, later)
        assert await other.wait() == 0
        found = await memory.rows("SELECT x FROM t ORDER BY x")
        assert [row["x"] for row in found] == [*range(6), 100]


_HOLDS_THE_FILE = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
db.execute("INSERT INTO t VALUES (100)")
print("held", flush=True)
sys.stdin.read()
db.execute("COMMIT")
"""


def _insert(memory: Memory, x: int):
    return memory.write(lambda db: db.execute("INSERT INTO t VALUES (?)", (x,)))


async def test_the_journal_is_emptied_though_writes_never_pause(tmp_path: Path):
    path = tmp_path / "file.sqlite"
    async with Memory.open(path) as memory:
        await memory.write(lambda db: db.execute("CREATE TABLE t (x BLOB)"))

        async def fill() -> None:
            for _ in range(200):
                await memory.write(lambda db: db.execute("INSERT INTO t VALUES (randomblob(4096))"))

        await asyncio.gather(*(fill() for _ in range(20)))
        journal = path.with_name(path.name + "-wal").stat().st_size
        assert path.stat().st_size > 12_000_000
        assert journal < 8_000_000
    assert not path.with_name(path.name + "-wal").exists()


async def test_everything_begun_is_on_disk_when_it_is_closed(tmp_path: Path):
    path = tmp_path / "file.sqlite"
    async with Memory.open(path) as memory:
        await memory.write(lambda db: db.execute("CREATE TABLE t (x)"))
        begun = [asyncio.create_task(_insert(memory, x)) for x in range(5)]
        await asyncio.sleep(0)
    await asyncio.gather(*begun)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM t").fetchone() == (5,)


async def test_a_file_that_cannot_be_written_is_an_error_of_each_write(tmp_path: Path):
    path = tmp_path / "file.sqlite"
    async with Memory.open(path) as memory:
        await memory.write(lambda db: db.execute("CREATE TABLE t (x)"))
        memory.conn.execute("PRAGMA query_only = ON")
        outcomes = await asyncio.gather(
            *(_insert(memory, x) for x in range(3)), return_exceptions=True
        )
        assert {type(each) for each in outcomes} == {sqlite3.OperationalError}
        memory.conn.execute("PRAGMA query_only = OFF")
        await _insert(memory, 1)
        assert await memory.rows("SELECT x FROM t") == [{"x": 1}]
