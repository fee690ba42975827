"""Members in several event loops: one `asyncio.run` after the other, and threads."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from helpers import ask, member
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph_ensemble import EnsembleChatModel, Member, create_avengers, create_moa
from langgraph_ensemble.models.loops import PerLoop, of_another_loop
from langgraph_ensemble.models.openai import in_this_loop
from langgraph_ensemble.testing import Model

Q = "What is 3 + 4?"
RUNS = 50
OTHERS = pytest.mark.filterwarnings(
    # Clients that are not ours to close, and are collected as garbage.
    "ignore:unclosed:ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)


def chat(provider: Any, name: str, **more: Any) -> ChatOpenAI:
    return ChatOpenAI(model=name, base_url=provider.url, api_key="none", max_retries=0, **more)


def agent(model: Any, name: str) -> Member:
    async def act(state: MessagesState) -> dict:
        return {"messages": [await model.ainvoke(state["messages"])]}

    graph = StateGraph(MessagesState).add_node("act", act).add_edge(START, "act")
    return Member.of(graph.compile(), name)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def statuses(result: dict) -> list[str]:
    return [draft["status"] for draft in result["drafts"]]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("kind", "way"),
    [
        ("strings", "graph"),
        ("objects", "graph"),
        ("objects", "a new graph"),
        ("strings", "chat, asyncio.run"),
        ("objects", "chat, invoke"),
    ],
)
def test_runs_leave_no_open_file_behind(provider, kind, way) -> None:
    provider.set(Model("ann", tokens=1), Model("ben", tokens=1))

    def team() -> list[Any]:
        make: Callable = member if kind == "strings" else chat
        return [make(provider, name) for name in ("ann", "ben")]

    graph = create_moa(team(), layers=2)
    compiled, model = graph.compile(), EnsembleChatModel(graph)

    def once() -> dict:
        if way == "graph":
            return asyncio.run(compiled.ainvoke(ask(Q)))["result"]
        if way == "a new graph":
            anew = create_moa(team(), layers=2).compile()
            return asyncio.run(anew.ainvoke(ask(Q)))["result"]
        said = model.invoke(Q) if way == "chat, invoke" else asyncio.run(model.ainvoke(Q))
        return said.response_metadata["result"]

    for _ in range(3):
        assert statuses(once()) == ["ok", "ok"]
    before = open_files()
    for _ in range(RUNS):
        assert statuses(once()) == ["ok", "ok"]
    assert open_files() <= before
    assert provider.calls() == 3 * (RUNS + 3)


@OTHERS
@pytest.mark.parametrize("kind", ["model", "agent"])
def test_a_client_that_is_out_of_our_reach_is_asked_again(provider, kind) -> None:
    """A chat model with an HTTP client of its own, or inside an agent, meets dead connections."""

    def runs() -> None:
        given = openai.DefaultAsyncHttpxClient()
        model = chat(provider, "ann", http_async_client=given)
        assert in_this_loop(model) is model
        team = [model] if kind == "model" else [agent(model, "agent")]
        graph = create_avengers(team, None, samples=4).compile()
        calls = 0
        for _ in range(4):
            result = asyncio.run(graph.ainvoke(ask(Q)))["result"]
            assert statuses(result) == ["ok"] * 4
            calls += result["calls"]
        # A request on a dead connection arrives, but its reply cannot be read: it is paid as well.
        assert provider.calls() == calls <= 2 * 16
        assert model.http_async_client is given

    runs()
    gc.collect()


def test_a_synchronous_run_and_loops_of_other_threads_go_side_by_side(provider) -> None:
    graph = create_moa([chat(provider, "ann"), chat(provider, "ben")], layers=2).compile()
    found: list[list[str]] = []

    def several() -> None:
        for number in range(4):
            if number % 2:
                found.append(statuses(graph.invoke(ask(Q))["result"]))
            else:
                found.append(statuses(asyncio.run(graph.ainvoke(ask(Q)))["result"]))

    threads = [threading.Thread(target=several) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["ok", "ok"]] * 16


def test_a_copy_of_a_chat_model_keeps_its_settings(provider) -> None:
    model = chat(provider, "ann", temperature=0.3, default_headers={"X-Team": "a"}, timeout=7)

    async def copied() -> Any:
        return in_this_loop(model)

    found = asyncio.run(copied())
    assert found is not model
    assert found.root_async_client.timeout == model.root_async_client.timeout
    assert found.root_async_client.default_headers["X-Team"] == "a"
    assert found.root_async_client.api_key == "none"
    assert str(found.root_async_client.base_url) == str(model.root_async_client.base_url)
    assert found.root_async_client.max_retries == 0
    assert (found.temperature, found.model_name) == (0.3, "ann")


def test_a_value_is_closed_in_its_loop_when_that_ends() -> None:
    closed: list[str] = []

    async def close(name: str) -> None:
        await asyncio.sleep(0)
        closed.append(name)

    names = PerLoop[str](close)

    async def use(name: str) -> tuple[str, str]:
        return names.get(lambda: name), names.get(lambda: "another")

    assert asyncio.run(use("one")) == ("one", "one")
    assert closed == ["one"]
    assert names.values == []
    assert asyncio.run(use("two")) == ("two", "two")
    assert closed == ["one", "two"]


def test_a_loop_that_is_closed_without_notice_is_forgotten() -> None:
    names = PerLoop[Any]()

    async def use() -> Any:
        return names.get(asyncio.get_running_loop)

    for _ in range(3):
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(use()) is loop
        loop.close()
    assert len(names.values) == 1


def test_what_another_loop_says() -> None:
    inner = RuntimeError("Event loop is closed")
    outer = ConnectionError("Connection error.")
    outer.__cause__ = inner
    assert of_another_loop(outer)
    assert not of_another_loop(ConnectionError("Connection error."))
