"""Checkpoints: resume, fork, strict serialisation, SIGKILL, and no secret anywhere."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from helpers import CANARY, ask, member, profile, question, thread
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph_ensemble import NoUsableDraftError, Pool, create_avengers, create_moa, create_smoa
from langgraph_ensemble.testing import Model

Q = question()


async def test_interrupt_and_resume_repeat_no_call(pool, provider) -> None:
    graph = create_moa(pool).compile(checkpointer=InMemorySaver(), interrupt_before=["aggregate"])
    await graph.ainvoke(ask(Q.text), thread("t"))
    assert provider.calls() == 6
    state = await graph.ainvoke(None, thread("t"))
    assert provider.calls() == 7
    assert state["result"]["calls"] == 7


async def test_a_mended_failure_goes_on_from_before_the_layer(provider) -> None:
    provider.set(Model("ann", fault="dead"), Model("ben", fault="dead"))
    team = [member(provider, n) for n in ("ann", "ben")]
    graph = create_moa(team, layers=2).compile(checkpointer=InMemorySaver())
    with pytest.raises(NoUsableDraftError):
        await graph.ainvoke(ask(Q.text), thread("t"))
    provider.set(Model("ann"), Model("ben"))
    history = [s async for s in graph.aget_state_history(thread("t"))]
    before = [s for s in history if s.next == ("layer",)][-1]
    state = await graph.ainvoke(None, before.config)
    assert state["result"]["answer"]


async def test_time_travel_and_forks(pool, provider) -> None:
    graph = create_moa(pool, layers=2).compile(checkpointer=InMemorySaver())
    first = await graph.ainvoke(ask(Q.text), thread("t"))
    history = [s async for s in graph.aget_state_history(thread("t"))]
    before = next(s for s in history if s.next == ("aggregate",))
    provider.reset()
    again = await graph.ainvoke(None, before.config)
    assert provider.calls() == 1
    assert again["result"]["answer"] == first["result"]["answer"]
    drafts = before.values["drafts"][:1]
    from langgraph.types import Overwrite

    fork = await graph.aupdate_state(before.config, {"drafts": Overwrite(drafts)}, as_node="layer")
    forked = await graph.ainvoke(None, fork)
    assert len(forked["result"]["drafts"]) == 1


@pytest.mark.parametrize("name", ["moa", "smoa", "avengers"])
async def test_turns_of_a_thread_do_not_mix(pool, provider, name) -> None:
    task_map = profile(ann=["algebra"], ben=[], cat=[])
    graph = {
        "moa": create_moa(pool, layers=2),
        "smoa": create_smoa(pool, max_rounds=1),
        "avengers": create_avengers(pool, task_map, samples=3),
    }[name].compile(checkpointer=InMemorySaver())
    one = await graph.ainvoke(ask(question(number=0).text), thread("t"))
    two = await graph.ainvoke(ask(question(number=1).text), thread("t"))
    assert [m.type for m in two["messages"]] == ["human", "ai", "human", "ai"]
    assert len(two["result"]["drafts"]) == len(one["result"]["drafts"])
    assert two["result"]["calls"] == one["result"]["calls"]
    assert len(two["result"].get("rounds", [1])) == 1


KILLED = """
    import asyncio, json, os, sys
    sys.path.insert(0, sys.argv[1])
    from helpers import ask, member, profile, question
    from langgraph_ensemble.testing import Provider
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
    from langgraph_ensemble import create_avengers, create_moa, create_smoa

    url, database, name = sys.argv[2:5]
    provider = Provider([])
    provider.url = url

    async def main():
        slow = {"cat": {"native_n": False}}
        team = [member(provider, n, native_n=False) for n in ("ann", "ben", "cat")]
        graph = {
            "moa": lambda: create_moa(team),
            "smoa": lambda: create_smoa(team, agreement=1.0, moderator="ben"),
            "avengers": lambda: create_avengers(
                team, profile(ann=["algebra"], ben=[], cat=[]), samples=6, top_n=3
            ),
        }[name]()
        async with AsyncSqliteSaver.from_conn_string(database) as saver:
            compiled = graph.compile(checkpointer=saver)
            config = {"configurable": {"thread_id": "t"}}
            known = (await compiled.aget_state(config)).values
            begin = None if known else ask(question().text)
            state = await compiled.ainvoke(begin, config)
            print(json.dumps(state["result"]["calls"]))

    asyncio.run(main())
"""


@pytest.mark.parametrize("name", ["moa", "smoa", "avengers"])
def test_sigkill_in_the_middle_of_a_layer_repeats_no_finished_call(
    provider, tmp_path: Path, name
) -> None:
    provider.set(Model("ann"), Model("ben"), Model("cat", first_token_ms=3000))
    script = tmp_path / "run.py"
    script.write_text(textwrap.dedent(KILLED))
    tests = str(Path(__file__).parent.parent)
    command = [sys.executable, str(script), tests, provider.url, str(tmp_path / "db"), name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    finished = 0
    quick = {"moa": 2, "smoa": 2, "avengers": 4}[name]
    for _ in range(2400):
        log = provider.log()
        finished = sum(e["status"] == 200 for e in log)
        if finished == quick and any(e["model"] == "cat" for e in log):
            break
        time.sleep(0.05)
    assert finished == quick
    time.sleep(1.0)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    provider.set(Model("cat"))
    lost = [place for place, entry in enumerate(provider.log()) if entry["status"] == 0]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    calls = json.loads(output)
    assert provider.calls() == calls + len(lost)
    done = [entry for place, entry in enumerate(provider.log()) if place not in lost]
    what = {json.dumps([e["model"], e["seed"], e["messages"]]) for e in done}
    assert len(what) == len(done), "no finished call was repeated"


def test_strict_serialisation_loads_every_checkpoint(tmp_path, provider) -> None:
    """In a process of its own, because the switch is read on import."""
    script = tmp_path / "run.py"
    script.write_text(textwrap.dedent(KILLED))
    tests = str(Path(__file__).parent.parent)
    for name in ("moa", "smoa", "avengers"):
        command = [sys.executable, "-W", "error", str(script), tests, provider.url]
        command += [str(tmp_path / name), name]
        environment = {**os.environ, "LANGGRAPH_STRICT_MSGPACK": "true"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        assert "unregistered" not in done.stderr.lower()


async def test_no_key_in_checkpoints_results_or_errors(provider, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TEAM_KEY", CANARY)
    provider.set(Model("ann", key=CANARY), Model("ben", key="another"), Model("cat", key=CANARY))
    team = Pool([member(provider, n, api_key_env="TEAM_KEY") for n in ("ann", "ben", "cat")])
    database = tmp_path / "checkpoints.sqlite"
    seen: list[str] = []
    async with AsyncSqliteSaver.from_conn_string(str(database)) as saver:
        for graph in (create_moa(team), create_smoa(team)):
            compiled = graph.compile(checkpointer=saver)
            stream = compiled.astream(
                ask(Q.text), thread(graph.name), stream_mode=["values", "custom", "messages"]
            )
            seen.extend([str(event) async for event in stream])
        provider.set(Model("ann", key="x"), Model("cat", key="x"))
        with pytest.raises(NoUsableDraftError) as error:
            await create_moa(team).compile(checkpointer=saver).ainvoke(ask(Q.text), thread("dead"))
    assert "Incorrect API key provided: ***" in str(error.value)
    assert "Incorrect API key provided: ***" in "".join(seen)
    assert CANARY not in str(error.value) + "".join(seen) + repr(team) + str(team[0].model_dump())
    assert len(sqlite3.connect(database).execute("select * from checkpoints").fetchall()) > 5
    for file in tmp_path.iterdir():
        assert CANARY.encode() not in file.read_bytes()
