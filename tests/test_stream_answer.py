"""`stream_answer` reads the answer wherever in a graph the ensemble stands."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from helpers import ask, member, profile, question, thread
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph_ensemble import (
    EnsembleChatModel,
    InputError,
    Profile,
    astream_answer,
    create_avengers,
    create_moa,
    create_smoa,
    stream_answer,
)
from langgraph_ensemble.streaming import RESTART
from langgraph_ensemble.testing import Model

Q = question()


def one_node(name: str, node: Any) -> StateGraph:
    return StateGraph(MessagesState).add_node(name, node).add_edge(START, name)


def as_root(graph: Any) -> Any:
    return graph


def as_subgraph(graph: Any) -> Any:
    return one_node("ensemble", graph.compile()).compile()


def two_levels_down(graph: Any) -> Any:
    return one_node("outer", as_subgraph(graph)).compile()


def called_in_a_node(graph: Any) -> Any:
    inner = graph.compile()

    async def call(state: MessagesState) -> dict[str, Any]:
        out = await inner.ainvoke({"messages": state["messages"]})
        return {"messages": [AIMessage(out["result"]["answer"], id="theirs")]}

    return one_node("call", call).compile()


def as_a_chat_model(graph: Any) -> Any:
    model = EnsembleChatModel(graph)

    async def call(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])]}

    return one_node("call", call).compile()


PLACES = [as_root, as_subgraph, two_levels_down, called_in_a_node, as_a_chat_model]


@cache
def task_map() -> Profile:
    return profile(ann=["algebra"], ben=[], cat=[])


@pytest.fixture
def builders(provider, pool) -> dict[str, Any]:
    provider.set(*(Model(name, tokens=12) for name in ("ann", "ben", "cat")))
    known = task_map()
    return {
        "moa": create_moa(pool, layers=2),
        "smoa": create_smoa(pool, max_rounds=1),
        "voted": create_avengers(pool, known, samples=4),
        "streamed": create_avengers(pool, known, samples=1),
    }


def answer_of(graph: Any) -> str:
    return graph.compile().invoke(ask(Q.text))["messages"][-1].text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["moa", "smoa", "voted", "streamed"])
async def test_every_token_comes_once_wherever_the_ensemble_stands(builders, name, place) -> None:
    graph = place(builders[name])
    said = [piece async for piece in astream_answer(graph, ask(Q.text))]
    assert "".join(said).strip() == answer_of(builders[name])
    assert len(said) > 3


@pytest.mark.parametrize("place", [as_root, as_subgraph, two_levels_down])
def test_synchronous_streams_tell_the_same(builders, place) -> None:
    said = list(stream_answer(place(builders["moa"]), Q.text))
    assert "".join(said).strip() == answer_of(builders["moa"])
    assert len(said) > 3


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("writer", ["silent", "plain"])
async def test_an_answer_that_was_not_streamed_comes_once_too(
    provider, pool, place: Callable[[Any], Any], writer: str
) -> None:
    """The answer of a Runnable that cannot stream, or the draft that replaces a dead writer's."""
    plain = RunnableLambda(lambda _: "four")
    dead = RunnableLambda(lambda _: "")
    graph = create_moa(pool[:1] if writer == "plain" else [plain], layers=2,
                       aggregator=plain if writer == "plain" else dead)  # fmt: skip
    said = [piece async for piece in astream_answer(place(graph), ask(Q.text))]
    assert "".join(said) == "four"


async def test_events_come_beside_the_answer_and_drafts_are_streamed_only_then(
    builders, provider
) -> None:
    graph = as_subgraph(builders["moa"])
    provider.reset()
    # Without a listener, drafts that are too short to run away need no stream.
    short = {"draft_tokens": 100}
    _ = [piece async for piece in astream_answer(graph, Q.text, context=short)]
    assert [entry["stream"] for entry in provider.log()] == [False, False, False, True]
    events: list[Any] = []
    said = [piece async for piece in astream_answer(graph, Q.text, on_event=events.append)]
    assert {"started", "token", "done", "selected"} <= {event["type"] for event in events}
    assert len(said) > 3


async def test_knobs_and_threads_are_handed_on(builders, provider) -> None:
    graph = builders["moa"].compile(checkpointer=InMemorySaver())
    for text in (Q.text, question(number=1).text):
        said = [
            p
            async for p in astream_answer(
                graph, text, thread("t"), context={"temperature": 0.1, "seed": 5}
            )
        ]
        state = await graph.aget_state(thread("t"))
        assert "".join(said).strip() == state.values["messages"][-1].text
    assert {entry["temperature"] for entry in provider.log()} == {0.1}
    assert len(state.values["messages"]) == 4


async def test_two_ensembles_in_one_run_are_a_blank_line_apart(builders) -> None:
    inner = builders["moa"].compile()
    graph = one_node("first", inner).add_node("second", inner)
    graph.add_node("ask_more", lambda _: {"messages": [HumanMessage(question(number=1).text)]})
    graph = graph.add_edge("first", "ask_more").add_edge("ask_more", "second").compile()
    said = "".join([piece async for piece in astream_answer(graph, Q.text)])
    assert said.count("Answer: ") == 2
    assert said.count("\n\n") == 1
    assert RESTART not in said


async def test_an_ensemble_that_drafts_for_another_is_not_heard(builders, provider) -> None:
    inner = builders["voted"]
    outer = create_moa([inner, member(provider, "ben")], layers=2, aggregator="ben")
    state = await outer.compile().ainvoke(ask(Q.text))
    for place in (as_root, as_subgraph):
        said = "".join([piece async for piece in astream_answer(place(outer), Q.text)])
        assert said.strip() == state["messages"][-1].text


async def test_a_stream_that_breaks_off_is_told_to_start_again(provider, pool) -> None:
    provider.set(Model("dan", tokens=12, fault="half"), Model("ann", tokens=12))
    team = [pool[0], member(provider, "dan")]
    graph = as_subgraph(create_moa(team, layers=2, proposers=["ann"], aggregator="dan"))
    said = "".join([piece async for piece in astream_answer(graph, Q.text)])
    before, _, after = said.rpartition(RESTART)
    assert before
    assert "Answer: " in after


def test_what_is_no_graph_is_told_by_its_class() -> None:
    with pytest.raises(InputError, match="not int"):
        list(stream_answer(3, "x"))
