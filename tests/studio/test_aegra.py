"""`ensemble serve --engine aegra`: a run that loses its worker, and what is refused at the start.

The first tests need no Aegra. The others run under Python 3.12 with the extra `scale`, PostgreSQL
and Redis: `make test-scale`.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import langgraph_ensemble
import pytest
from helpers import ask
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_ensemble import InputError, Pool, create_moa
from langgraph_ensemble.studio.access.keys import digest
from langgraph_ensemble.studio.aegra import engine
from langgraph_ensemble.studio.aegra.auth import ASKED
from langgraph_ensemble.testing import Provider
from langgraph_ensemble.testing.serving import free_port

GUS, ROOT = (f"ens-{name}-0123456789abcdef" for name in ("gus", "root"))
BENCHMARKS = Path(str(langgraph_ensemble.__file__)).parent / "benchmarks"


def resumed(pool: Pool) -> Any:
    """MoA as Aegra has it: with its checkpointer."""
    from langgraph_ensemble.studio.aegra.graphs import Resumed
    from langgraph_ensemble.studio.served import served

    graph = Resumed.of(served(create_moa(pool, layers=2), "moa"))
    return graph.copy(update={"checkpointer": InMemorySaver()})


def config(run: str) -> Any:
    return {"configurable": {"thread_id": "t", "run_id": run}}


async def states(graph: Any, run: str) -> list[Any]:
    return [each async for each in graph.astream(ask("?"), config(run), stream_mode="values")]


async def test_a_run_that_had_ended_is_not_made_again(pool: Pool, provider: Provider) -> None:
    graph = resumed(pool)
    first = await states(graph, "one")
    calls = provider.calls()
    assert calls > 3
    # Its worker was killed before Aegra had noted the end.
    assert (await states(graph, "one"))[-1]["result"] == first[-1]["result"]
    assert provider.calls() == calls
    # The next run of the thread is another one.
    assert len((await states(graph, "two"))[-1]["messages"]) > len(first[-1]["messages"])
    assert provider.calls() == 2 * calls


async def broken_off(run: Any) -> None:
    """Leave a run of updates after its first three drafts."""
    drafts = 0
    async for update in run:
        drafts += sum(node.startswith("propose") for node in update)
        if drafts == 3:
            break
    await run.aclose()


async def test_a_run_that_was_broken_off_goes_on(pool: Pool, provider: Provider) -> None:
    graph = resumed(pool)
    run = graph.astream(ask("?"), config("one"), stream_mode="updates", durability="sync")
    await broken_off(run)
    asked = provider.calls()
    (*_, last) = await states(graph, "one")
    assert [draft["status"] for draft in last["result"]["drafts"]] == ["ok"] * 3
    # Three drafts and the answer: the drafts are not made again.
    assert (asked, provider.calls()) == (3, 4)


async def test_the_team_of_a_run_that_is_resumed(pool: Pool, provider: Provider) -> None:
    from langgraph_ensemble.studio.aegra.graphs import Resumed
    from langgraph_ensemble.studio.ui.shown import shown

    graph: Any = Resumed.of(shown(create_moa(pool, layers=2), "moa"))
    graph = graph.copy(update={"checkpointer": InMemorySaver()})
    modes = ["values", "messages", "custom"]
    run = graph.astream(ask("?"), config("one"), stream_mode=modes, durability="sync")
    async for mode, data in run:
        if mode == "custom" and data["type"] == "done":
            break
    await run.aclose()
    items: list[Any] = []
    for _ in range(2):
        # The second time all had ended.
        items = [item async for item in graph.astream(ask("?"), config("one"), stream_mode=modes)]
        last = [data for mode, data in items if mode == "values"][-1]
        assert [message.type for message in last["messages"]] == ["human", "ai"]
        assert last["messages"][-1].id == "answer-one"
        assert last["ui"][-1]["props"]["outcome"] == "given"
    assert not [data for mode, data in items if mode == "messages"]


async def test_a_run_from_an_earlier_checkpoint_goes_on(pool: Pool, provider: Provider) -> None:
    graph = resumed(pool)
    await states(graph, "one")
    *_, first = [each async for each in graph.aget_state_history(config("one"))]
    given = config("two")
    given["configurable"]["checkpoint_id"] = first.config["configurable"]["checkpoint_id"]
    provider.reset()
    run = graph.astream(None, given, stream_mode="updates", durability="sync")
    await broken_off(run)
    asked = provider.calls()
    # Aegra begins it again with the same checkpoint.
    last = [each async for each in graph.astream(None, given, stream_mode="values")][-1]
    assert [draft["status"] for draft in last["result"]["drafts"]] == ["ok"] * 3
    assert (asked, provider.calls()) == (3, 4)


async def test_a_client_cannot_have_a_run_charged_to_another_key(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langgraph_ensemble.studio.telemetry import watch

    charged: list[Any] = []
    begin = watch.Watch.begin

    def seen(self: watch.Watch, graph: str, configurable: Any) -> watch.Run:
        charged.append(configurable.get(watch.KEY_HEADER))
        return begin(self, graph, configurable)

    monkeypatch.setattr(watch.Watch, "begin", seen)
    monkeypatch.setattr(watch, "CURRENT", [watch.Watch()])
    graph = resumed(pool)
    for user in ({}, {"langgraph_auth_user": {ASKED: {watch.KEY_HEADER: "ann"}}}):
        given = config("one")
        given["configurable"] |= {watch.KEY_HEADER: "boss", **user}
        async for _ in graph.astream(ask("?"), given):
            pass
    # Aegra's user is what our layers in front have said.
    assert charged == [None, "ann"]


@pytest.mark.parametrize(
    ("data", "redis", "says"),
    [
        ("chat.sqlite", "redis://localhost", "--engine aegra keeps everything in PostgreSQL"),
        ("postgresql://localhost/a", "", "--engine aegra needs Redis: set REDIS_URL"),
    ],
)
def test_what_a_worker_needs(monkeypatch, data: str, redis: str, says: str) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda name: name)
    with pytest.raises(InputError, match=says):
        engine.check({"ENSEMBLE_DATA": data, "REDIS_URL": redis})


def test_without_aegra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"langgraph-ensemble\[scale\].*Python 3.12"):
        engine.check({})


def test_an_unknown_engine_is_one_line() -> None:
    command = [sys.executable, "-m", "langgraph_ensemble.cli.main", "serve", "--engine", "steam"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "ensemble: --engine 'steam': there are own and aegra\n"


@pytest.fixture(scope="module")
def kills() -> ModuleType:
    """The benchmark's parts; skips where Aegra, PostgreSQL or Redis is missing."""
    pytest.importorskip(
        "aegra_api", reason="Python 3.12 and pip install 'langgraph-ensemble[scale]'"
    )
    spec = importlib.util.spec_from_file_location("kills_aegra", BENCHMARKS / "aegra.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    if lacks := module.no_postgres() or module.no_redis():
        pytest.skip(lacks)
    return module


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_another_worker_resumes_a_run_and_its_watchers_see_the_end(kills: Any) -> None:
    from langgraph_sdk import get_client

    with kills.system(4) as (provider, database, workers):
        clients = [get_client(url=worker.url) for worker in workers]
        thread = (await clients[0].threads.create())["thread_id"]
        given = {"messages": [{"role": "user", "content": "What is the capital of France?"}]}
        run = (await clients[0].runs.create(thread, "moa", input=given))["run_id"]
        await until(lambda: [w for w in workers if run in kills.holders(database, w.pid)])
        holding = [w for w in workers if run in kills.holders(database, w.pid)]
        victim = workers.index(holding[0])
        other = clients[1 - victim]
        watching = asyncio.create_task(collect(other.runs.join_stream(thread, run)))
        cut = asyncio.create_task(collect(clients[victim].runs.join_stream(thread, run)))
        await until(lambda: provider.calls() >= 4)  # A layer has ended, the next one begins.
        await asyncio.sleep(0.4)
        workers[victim].kill()
        killed = time.time()
        # Whoever was connected to the dead worker comes back at another one, while it goes on.
        back = asyncio.create_task(collect(other.runs.join_stream(thread, run)))
        await other.runs.join(thread, run)
        with pytest.raises(Exception):  # noqa: B017, PT011 - as the client's library has it
            await asyncio.wait_for(cut, 30)
        assert (await other.runs.get(thread, run))["status"] == "success"
        state = await other.threads.get_state(thread)
        assert [d["status"] for d in state["values"]["result"]["drafts"]] == ["ok"] * 6
        assert kills.repeated(provider, [killed]) == []
        # Who watched from another worker gets the rest; who comes later reads the state.
        events = await asyncio.wait_for(watching, 30)
        assert events[-1].event == "end"
        rejoined = await asyncio.wait_for(back, 30)
        # Redis has kept the events of the dead worker, too.
        assert [event.id for event in rejoined] == [event.id for event in events]
        assert len(events) > 3
        since = other.runs.join_stream(thread, run, last_event_id=events[1].id)
        assert [event.id for event in await collect(since)] == [event.id for event in events[2:]]
        late = await collect(other.runs.join_stream(thread, run))
        assert late[-1].event == "end"
        for client in clients:
            await client.aclose()


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_the_team_is_shown_by_workers_too(kills: Any, monkeypatch: Any) -> None:
    from langgraph_ensemble.studio.ui.component import markup
    from langgraph_sdk import get_client
    from serving import fetch

    monkeypatch.setenv("ENSEMBLE_SHOW_TEAM", "true")
    with kills.system(4) as (_, _, workers):
        client = get_client(url=workers[0].url)
        thread = (await client.threads.create())["thread_id"]
        given = {"messages": [{"role": "user", "content": "What is the capital of France?"}]}
        modes: Any = ["values", "messages-tuple", "custom"]
        run = client.runs.stream(thread, "moa", input=given, stream_mode=modes)
        parts = await collect(run)
        state = (await client.threads.get_state(thread))["values"]
        (answer,) = [each for each in state["messages"] if each["type"] == "ai"]
        told = [p.data for p in parts if p.event == "custom" and p.data["type"] == "ui"]
        assert {each["metadata"]["message_id"] for each in told} == {answer["id"]}
        assert told[0]["props"]["working"]
        assert state["ui"] == [told[-1]]
        assert not told[-1]["props"]["working"]
        chunks = [part.data[0] for part in parts if part.event == "messages"]
        assert {chunk["id"] for chunk in chunks} == {answer["id"]}
        assert "".join(chunk["content"] for chunk in chunks) == answer["content"]
        first = next(
            n for n, p in enumerate(parts) if p.event == "messages" and p.data[0]["content"]
        )
        drafting = [p.data for p in parts[:first] if p.event == "custom" and p.data in told]
        assert any(each["props"]["stage"] == "propose" for each in drafting)
        text = fetch(f"{workers[1].url}/ui/moa", {"name": "team"})[0].decode()
        assert text == markup()
        await client.aclose()


async def test_queued_runs_are_paid_by_their_key(kills: Any, tmp_path: Path) -> None:
    import httpx
    from langgraph_sdk import get_client

    keys = tmp_path / "keys.yaml"
    keys.write_text(
        f"- {{name: gus, sha256: {digest(GUS)}, max_calls: 12, period: total}}\n"
        f"- {{name: root, sha256: {digest(ROOT)}, admin: true}}\n"
    )
    with kills.system(4, {"ENSEMBLE_API_KEYS": str(keys)}) as (provider, database, workers):
        # Neither a header nor a configuration has it charged to another key.
        forged = {"x-ensemble-key": "root"}
        clients = [get_client(url=w.url, api_key=GUS, headers=forged) for w in workers]
        given = {"messages": [{"role": "user", "content": "What is the capital of France?"}]}
        thread = (await clients[0].threads.create())["thread_id"]
        created = await clients[0].runs.create(
            thread, "moa", input=given, config={"configurable": dict(forged)}
        )
        run = created["run_id"]
        await until(lambda: provider.calls() >= 4)  # A layer has ended, the next one begins.
        await asyncio.sleep(0.3)
        victim = next(n for n, w in enumerate(workers) if run in kills.holders(database, w.pid))
        other, url = clients[1 - victim], workers[1 - victim].url
        workers[victim].kill()
        await other.runs.join(thread, run)
        asked = provider.calls()
        account = used(url, GUS)
        # What was in flight at the kill was sent, and is made again.
        assert (account["calls"], account["failed"]) == (asked, asked - 7)
        rest = (await other.threads.create())["thread_id"]
        for _ in range(3):
            with suppress(httpx.HTTPStatusError):
                await other.runs.wait(rest, "moa-lite", input=given, raise_error=False)
        assert provider.calls() == used(url, GUS)["calls"] == 12
        with pytest.raises(httpx.HTTPStatusError, match="are used up"):
            await other.runs.create(rest, "moa-lite", input=given)
        assert used(url, ROOT)["calls"] == 0
        with pytest.raises(httpx.HTTPStatusError, match="on a schedule"):
            await get_client(url=url, api_key=ROOT).crons.create(
                "moa", schedule="* * * * *", input=given
            )
        for client in clients:
            await client.aclose()


def used(url: str, key: str) -> dict[str, Any]:
    """What a key has used, by its own account or an administrator's."""
    request = urllib.request.Request(f"{url}/v1/usage", headers={"x-api-key": key})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
        keys = json.load(reply)["keys"]
    return next(each["used"] for each in keys if each["key"] in key)


async def until(true: Any, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        await asyncio.sleep(0.05)


async def collect(stream: Any) -> list[Any]:
    return [event async for event in stream]


@pytest.mark.slow
def test_a_redis_that_is_away_is_one_line(kills: Any, tmp_path: Path) -> None:
    with kills.postgres() as database:
        address = f"redis://:hidden-word@127.0.0.1:{free_port()}/0"
        env = {**os.environ, "ENSEMBLE_DATA": database, "REDIS_URL": address}
        env["XDG_DATA_HOME"] = str(tmp_path)
        command = [sys.executable, "-m", "langgraph_ensemble.cli.main", "serve"]
        done = subprocess.run(
            [*command, "--engine", "aegra"], env=env, capture_output=True, text=True, timeout=90
        )
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ensemble: Redis at 127.0.0.1:")
    assert "hidden" not in done.stderr
