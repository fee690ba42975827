"""SIGKILL at random moments, and two processes on one thread: a few runs of `benchmarks/kills.py`.

PostgreSQL takes part where its binaries and its checkpointer are found.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import langgraph_ensemble
import pytest
from helpers import ask, thread
from langgraph_ensemble import InputError, create_moa
from langgraph_ensemble.graphs import lease_postgres
from langgraph_ensemble.testing import says
from services import postgres

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the runs are forked"),
]

BENCHMARKS = Path(str(langgraph_ensemble.__file__)).parent / "benchmarks"
T = thread("t")
SHORT: dict[str, Any] = {"max_seconds": 0.3}


@pytest.mark.timeout(300)
def test_kills_repeat_no_recorded_call_and_two_processes_pay_once() -> None:
    command = [sys.executable, str(BENCHMARKS / "kills.py"), "--json"]
    few = ["--only", "smoa", "--kills", "6", "--backend", "sqlite", "postgres", "--together", "1"]
    done = subprocess.run([*command, *few], capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    counts = rows.values()
    assert {"smoa, sqlite", "two of smoa, sqlite"} <= set(rows)
    assert sum(row["kills"] for row in counts) >= 6
    assert sum(row["ended"] for row in counts) > 0
    assert all(row["wrong"] == row["lost"] == row["doubled"] == 0 for row in counts), rows
    # A call that is made again was on its way or being written: not one of a second ago.
    assert all(age < 1000 for row in counts for age in row["ages"]), rows


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """The connection string of a PostgreSQL server with the checkpointer's tables."""
    with postgres() as found:
        from langgraph.checkpoint.postgres import PostgresSaver

        with PostgresSaver.from_conn_string(found) as saver:
            saver.setup()
        yield found


@pytest.fixture
def nothing_is_left() -> Iterator[None]:
    yield
    assert not lease_postgres._held
    assert not lease_postgres._lent


def moa() -> Any:
    return create_moa([says("ann", "Answer: 7"), says("ben", "Answer: 7")], layers=2)


async def held(place: str) -> int:
    """How many advisory locks there are, of all sessions."""
    import psycopg

    async with await psycopg.AsyncConnection.connect(place) as connection:
        found = await connection.execute(
            "select count(*) from pg_locks where locktype = 'advisory' and granted"
        )
        return (await found.fetchone() or (0,))[0]


@pytest.mark.usefixtures("nothing_is_left")
async def test_postgres_checkpointers_take_turns(place: str) -> None:
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg.rows import dict_row
    from psycopg_pool import AsyncConnectionPool

    kwargs = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}

    def pool(size: int) -> Any:
        return AsyncConnectionPool(place, min_size=1, max_size=size, kwargs=kwargs)

    async with (
        AsyncPostgresSaver.from_conn_string(place) as one,
        AsyncPostgresSaver.from_conn_string(place, pipeline=True) as piped,
        pool(2) as two,
        pool(1) as alone,
    ):
        # Two of them share a pool, and so a session of the server.
        pooled = [AsyncPostgresSaver(each) for each in (two, two, alone)]
        graphs = [moa().compile(checkpointer=saver) for saver in (one, piped, *pooled)]
        asked = [graphs[i % 5].ainvoke(ask(f"Question {i}?"), T) for i in range(10)]
        await asyncio.gather(*asked)
        kept = (await graphs[0].aget_state(T)).values["messages"]
        assert [message.type for message in kept] == ["human", "ai"] * 10
        async for _ in graphs[2].astream(ask("Left?"), T):
            assert await held(place) == 1
            with pytest.raises(InputError, match="in another process"):
                await graphs[0].ainvoke(ask("Why?"), T, context=SHORT)
            waiting = asyncio.create_task(graphs[3].ainvoke(ask("Why?"), T))
            await asyncio.sleep(0.2)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            break
        for _ in range(100):
            if not await held(place):
                break
            await asyncio.sleep(0.05)
        assert await held(place) == 0


@pytest.mark.usefixtures("nothing_is_left")
def test_synchronous_postgres_checkpointers_take_turns(place: str) -> None:
    from langgraph.checkpoint.postgres import PostgresSaver
    from psycopg.rows import dict_row
    from psycopg_pool import ConnectionPool

    kwargs = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    with (
        PostgresSaver.from_conn_string(place) as one,
        ConnectionPool(place, min_size=1, max_size=3, kwargs=kwargs) as pool,
    ):
        savers: list[Any] = [one, PostgresSaver(pool), PostgresSaver(pool)]  # pyright: ignore
        graphs = [moa().compile(checkpointer=saver) for saver in savers]
        mine = thread("sync")
        with ThreadPoolExecutor(6) as threads:
            list(threads.map(lambda i: graphs[i % 3].invoke(ask(f"{i}?"), mine), range(6)))
        kept = graphs[0].get_state(mine).values["messages"]
        assert [message.type for message in kept] == ["human", "ai"] * 6
        assert asyncio.run(held(place)) == 0
