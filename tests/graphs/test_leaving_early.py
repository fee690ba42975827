"""Who leaves a stream early does not wait for the calls under way, and does not pay for them."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from helpers import ask, member, thread
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphBubbleUp
from langgraph.graph import START, MessagesState, StateGraph
from langgraph_ensemble import EnsembleChatModel, create_moa, stream_answer
from langgraph_ensemble.nodes.bridge import Works, run_sync
from langgraph_ensemble.testing import Model

LONG = " ".join(f"w{number * number}" for number in range(3000))
SLOW = {"says": LONG, "token_ms": 20}
"""A minute of writing."""


def silent(provider: Any, running: int) -> bool:
    """Whether calls were under way, and none is written any further."""

    def written() -> list[int]:
        return [entry["sent"] for entry in provider.log() if entry["status"] == 0]

    assert len(written()) == running
    for _ in range(50):
        before = written()
        time.sleep(0.2)
        if written() == before:
            return all(count < 3000 for count in before)
    return False


def parent(team: Any) -> Any:
    return StateGraph(MessagesState).add_node("team", team).add_edge(START, "team").compile()


@pytest.fixture
def team(provider) -> Any:
    """Its proposer is quick, its aggregator writes for a minute."""
    provider.set(Model("ann"), Model("ben", **SLOW))
    members = [member(provider, name, max_tokens=4000) for name in ("ann", "ben")]
    return create_moa(members, layers=2, aggregator="ben", proposers=["ann"])


WAYS: dict[str, Callable[[Any], Iterator[Any]]] = {
    "model.stream": lambda team: EnsembleChatModel(team).stream("Why?"),
    "graph.stream": lambda team: team.compile().stream(ask("Why?"), stream_mode="messages"),
    "the graph of a model": lambda team: EnsembleChatModel(team).graph.stream(
        ask("Why?"), stream_mode="messages"
    ),
    "with a checkpointer": lambda team: team.compile(checkpointer=InMemorySaver()).stream(
        ask("Why?"), thread("t"), stream_mode="messages"
    ),
    "stream_answer": lambda team: stream_answer(team, "Why?"),
    "stream_answer of a parent": lambda team: stream_answer(parent(team.compile()), "Why?"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_synchronous_stream_that_is_left_ends_its_calls(provider, team, way) -> None:
    for _ in WAYS[way](team):
        break
    gc.collect()
    assert [entry["model"] for entry in provider.log()] == ["ann", "ben"]
    assert silent(provider, running=1)


def test_drafts_under_way_end_as_well(provider) -> None:
    provider.set(Model("ann"), Model("ben", **SLOW), Model("cat", **SLOW))
    names = ("ann", "ben", "cat")
    graph = create_moa([member(provider, n, max_tokens=4000) for n in names], layers=3).compile()
    for event in graph.stream(ask("Why?"), stream_mode="custom"):
        if event["type"] == "done":
            break
    assert silent(provider, running=2)
    assert provider.calls() == 3, "no further layer begins"


def test_an_error_of_the_reader_ends_the_calls(provider, team) -> None:
    def read() -> None:
        for _ in EnsembleChatModel(team).stream("Why?"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read()
    assert silent(provider, running=1)


def test_a_step_that_ends_with_its_run_is_no_error() -> None:
    """LangGraph would store an error, for which the threads of a closed run may be gone."""
    outer = Works()
    inner = Works(outer.put_into(None))
    ends: list[BaseException] = []

    def step() -> None:
        try:
            run_sync(asyncio.sleep(60), inner.put_into(None))
        except BaseException as error:
            ends.append(error)

    thread = threading.Thread(target=step)
    thread.start()
    while not outer._futures:
        time.sleep(0.01)
    outer.__exit__(GeneratorExit)
    thread.join(10)
    assert [type(error) for error in ends] == [GraphBubbleUp]


def test_other_runs_go_on(provider, team) -> None:
    graph = team.compile()
    left = graph.stream(ask("Why?"), stream_mode="messages")
    stays = graph.stream(ask("Why not?"), stream_mode="messages")
    next(left)
    next(stays)
    left.close()
    for _ in range(3):
        next(stays)
    stays.close()
    assert silent(provider, running=2)


async def test_an_asynchronous_stream_that_is_left_ends_its_calls(provider, team) -> None:
    stream = EnsembleChatModel(team).astream("Why?")
    async for _ in stream:
        break
    await stream.aclose()
    assert await asyncio.to_thread(silent, provider, 1)
