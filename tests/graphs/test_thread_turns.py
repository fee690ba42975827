"""Several runs on one thread come one after the other, so that none of their messages is lost."""

from __future__ import annotations

import asyncio
import operator
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import pytest
from helpers import ask, member, thread
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Send
from langgraph_ensemble import InputError, Member, create_avengers, create_moa, create_smoa
from langgraph_ensemble.graphs import thread_turns
from langgraph_ensemble.testing import Model, says
from typing_extensions import TypedDict

T = thread("t")


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    """Each turn is handed back, however a run ends."""
    yield
    assert not any(thread_turns._queues.values())


def build(name: str, team: list[Member]) -> StateGraph:
    return {
        "moa": lambda: create_moa(team, layers=2),
        "smoa": lambda: create_smoa(team, max_rounds=1),
        "avengers": lambda: create_avengers(team, None, samples=2),
    }[name]()


def team() -> list[Member]:
    return [says("ann", "Answer: 7"), says("ben", "Answer: 7")]


def pairs(messages: list[Any]) -> list[str]:
    """The questions, each of which is followed by an answer."""
    assert [m.type for m in messages] == ["human", "ai"] * (len(messages) // 2)
    return sorted(m.text for m in messages if m.type == "human")


def arrived(provider: Any, calls: int) -> None:
    """Wait until so many calls have arrived; none of them ends."""
    while provider.calls() < calls:
        time.sleep(0.02)


@pytest.mark.parametrize("name", ["moa", "smoa", "avengers"])
async def test_parallel_runs_on_one_thread_keep_all_messages(tmp_path, name) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "db")) as saver:
        # Two graphs over one checkpointer, as a server may have them.
        graphs = [build(name, team()).compile(checkpointer=saver) for _ in range(2)]
        runs = [graphs[i % 2].ainvoke(ask(f"Question {i}?"), T) for i in range(4)]
        states = await asyncio.gather(*runs)
        kept = (await graphs[0].aget_state(T)).values["messages"]
    assert pairs(kept) == [f"Question {i}?" for i in range(4)]
    assert [len(state["messages"]) for state in states] == [2, 4, 6, 8], "in order of arrival"


def test_synchronous_runs_in_threads(tmp_path) -> None:
    with SqliteSaver.from_conn_string(str(tmp_path / "db")) as saver:
        graph = build("moa", team()).compile(checkpointer=saver)

        def run(number: int) -> None:
            if number % 2:
                list(graph.stream(ask(f"Question {number}?"), T))
            else:
                graph.invoke(ask(f"Question {number}?"), T)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(run, range(6)))
        kept = graph.get_state(T).values["messages"]
    assert pairs(kept) == [f"Question {i}?" for i in range(6)]


async def test_runs_in_a_loop_and_in_threads_take_turns() -> None:
    graph = build("moa", team()).compile(checkpointer=InMemorySaver())
    await asyncio.gather(
        graph.ainvoke(ask("Question 0?"), T),
        asyncio.to_thread(graph.invoke, ask("Question 1?"), T),
        graph.with_config(T).ainvoke(ask("Question 2?")),
        asyncio.to_thread(graph.invoke, ask("Question 3?"), T),
    )
    kept = (await graph.aget_state(T)).values["messages"]
    assert pairs(kept) == [f"Question {i}?" for i in range(4)]


async def test_other_threads_do_not_wait(provider) -> None:
    provider.set(Model("ann", fault="hang"))
    graph = build("moa", [member(provider, "ann")]).compile(checkpointer=InMemorySaver())
    runs = [asyncio.create_task(graph.ainvoke(ask("Why?"), thread(name))) for name in "abc"]
    await asyncio.to_thread(arrived, provider, 3)
    for run in runs:
        run.cancel()
    await asyncio.wait(runs)


async def test_who_waits_too_long_is_told(provider) -> None:
    provider.set(Model("ann", fault="hang"))
    graph = build("moa", [member(provider, "ann")]).compile(checkpointer=InMemorySaver())
    first = asyncio.create_task(graph.ainvoke(ask("Why?"), T))
    await asyncio.to_thread(arrived, provider, 1)
    for _ in range(2):
        with pytest.raises(InputError, match=r"thread 't' has a run under way .* within 0.2 s"):
            await graph.ainvoke(ask("Why?"), T, context={"max_seconds": 0.2})
        with pytest.raises(InputError, match="thread 't' has a run under way"):
            await asyncio.to_thread(graph.invoke, ask("Why?"), T, context={"max_seconds": 0.2})
    waiting = asyncio.create_task(graph.ainvoke(ask("Why?"), T))
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    provider.set(Model("ann"))
    state = await graph.ainvoke(ask("And now?"), T)
    assert state["messages"][-1].type == "ai"


async def test_a_stream_that_was_left_frees_its_thread() -> None:
    graph = build("moa", team()).compile(checkpointer=InMemorySaver())
    for _ in range(3):
        async for _ in graph.astream(ask("First?"), T):
            break
        state = await graph.ainvoke(ask("Second?"), T)
        assert state["messages"][-1].type == "ai"
    for _ in graph.stream(ask("First?"), T):
        break
    assert graph.invoke(ask("Second?"), T)["messages"][-1].type == "ai"


async def test_a_run_that_waits_for_itself_is_told_soon(monkeypatch) -> None:
    monkeypatch.setattr(thread_turns, "INSIDE_SECONDS", 0.2)
    graph = build("moa", team()).compile(checkpointer=InMemorySaver())
    stream = graph.astream(ask("First?"), T)
    await anext(stream)
    with pytest.raises(InputError, match="close its stream"):
        await graph.ainvoke(ask("Second?"), T)
    await stream.aclose()
    held = graph.stream(ask("First?"), T)
    next(held)
    with pytest.raises(InputError, match="close its stream"):
        graph.invoke(ask("Second?"), T)
    held.close()

    async def again(_: Any) -> AIMessage:
        await outer.ainvoke(ask("Inner?"), T)
        return AIMessage("never")

    own = Member.of(RunnableLambda(again), "again")
    outer = create_moa([says("ann", "Answer: 7"), own], layers=2, aggregator="ann").compile(
        checkpointer=InMemorySaver()
    )
    result = (await outer.ainvoke(ask("Outer?"), T))["result"]
    [error] = [d["error"] for d in result["drafts"] if d["member"] == "again"]
    assert "thread 't' has a run under way" in error


async def test_subgraphs_of_one_run_do_not_wait_for_each_other() -> None:
    """The parent's run holds the thread; its branches stand side by side in it."""
    inner = build("moa", team()).compile()
    met = threading.Barrier(2, timeout=20)

    class State(TypedDict):
        answers: Annotated[list[str], operator.add]

    async def answer(state: dict) -> dict:
        await asyncio.to_thread(met.wait)
        found = await inner.ainvoke(ask(state["question"]))
        return {"answers": [found["messages"][-1].text]}

    parent = StateGraph(State).add_node("answer", answer)
    parent.add_conditional_edges(
        START, lambda _: [Send("answer", {"question": f"{i}?"}) for i in range(2)], ["answer"]
    )
    graph = parent.compile(checkpointer=InMemorySaver())
    state = await graph.ainvoke({"answers": []}, T)
    assert state["answers"] == ["Answer: 7", "Answer: 7"]


async def test_an_error_frees_the_thread() -> None:
    graph = build("moa", team()).compile(checkpointer=InMemorySaver())
    with pytest.raises(InputError, match="question is empty"):
        await graph.ainvoke(ask(""), T)
    with pytest.raises(InputError, match="question is empty"):
        graph.invoke(ask(""), T)
