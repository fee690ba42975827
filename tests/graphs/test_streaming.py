"""The final answer streams as message tokens; drafts stream as typed events and never as tokens."""

from __future__ import annotations

import operator
from typing import Annotated, Any

import pytest
from helpers import ask, member, profile, question
from langchain_core.messages import AIMessage, AnyMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Send
from langgraph_ensemble import EnsembleChatModel, create_avengers, create_moa, create_smoa
from langgraph_ensemble.events import listening
from langgraph_ensemble.testing import Model
from typing_extensions import TypedDict

Q = question()


@pytest.fixture
def builders(provider, pool) -> dict[str, Any]:
    provider.set(*(Model(n, tokens=12) for n in ("ann", "ben", "cat")))
    return {
        "moa": create_moa(pool, layers=2),
        "smoa": create_smoa(pool, max_rounds=1),
        "avengers": create_avengers(pool, profile(ann=["algebra"], ben=[], cat=[]), samples=4),
    }


@pytest.mark.parametrize("name", ["moa", "smoa", "avengers"])
async def test_only_the_answer_is_streamed_as_tokens(builders, name) -> None:
    tokens, events, last = [], [], {}
    async for mode, event in (
        builders[name].compile().astream(ask(Q.text), stream_mode=["messages", "custom", "values"])
    ):
        if mode == "messages":
            tokens.append(event)
        elif mode == "custom":
            events.append(event)
        else:
            last = event
    answer = last["messages"][-1]
    assert len(tokens) > 3
    assert "".join(message.text for message, _ in tokens).strip() == answer.text
    assert {message.id for message, _ in tokens} == {answer.id}
    kinds = {event["type"] for event in events}
    assert {"started", "done"} <= kinds
    assert kinds & {"selected", "voted"}
    for event in events:
        assert set(event) >= {"type", "stage", "layer"}


async def test_drafts_stream_token_by_token_to_whoever_listens(builders, provider) -> None:
    events = [
        event
        async for event in builders["moa"].compile().astream(ask(Q.text), stream_mode="custom")
    ]
    said = [e["text"] for e in events if e["type"] == "token" and e["member"] == "ben"]
    done = next(e for e in events if e["type"] == "done" and e["member"] == "ben")
    assert len(said) > 3
    assert "".join(said).strip() == done["text"]
    assert all(entry["stream"] for entry in provider.log())
    provider.reset()
    # Without a listener, drafts that are too short to run away need no stream.
    await builders["moa"].compile().ainvoke(ask(Q.text), context={"draft_tokens": 100})
    assert [e["stream"] for e in provider.log()] == [False, False, False, True]


def test_synchronous_streams_tell_the_same(builders) -> None:
    seen = list(builders["moa"].compile().stream(ask(Q.text), stream_mode=["messages", "custom"]))
    tokens = [event for mode, event in seen if mode == "messages"]
    kinds = {event["type"] for mode, event in seen if mode == "custom"}  # pyright: ignore
    assert len(tokens) > 3
    assert kinds >= {"started", "token", "done", "selected"}


async def test_a_failure_is_an_event_in_plain_words(provider, pool) -> None:
    provider.set(Model("ben", fault="dead"))
    events = [
        e
        async for e in create_moa(pool, layers=2)
        .compile()
        .astream(ask(Q.text), stream_mode="custom")
    ]
    failed = [e for e in events if e["type"] == "failed"]
    assert [e["member"] for e in failed] == ["ben"]
    assert "on fire" in failed[0]["error"]


async def test_listening_knows_langgraphs_silent_writers() -> None:
    class State(TypedDict):
        heard: bool

    def node(state: State, runtime: Any) -> State:
        from langgraph.runtime import get_runtime

        return {"heard": listening(get_runtime().stream_writer)}

    async def asynchronous(state: State) -> State:
        return node(state, None)

    for function in (lambda state: node(state, None), asynchronous):
        graph = StateGraph(State).add_node("n", function).add_edge(START, "n").compile()  # pyright: ignore
        assert (await graph.ainvoke({"heard": True}))["heard"] is False
        last = [e async for e in graph.astream({"heard": False}, stream_mode=["custom", "values"])]
        assert last[-1][1]["heard"] is True  # pyright: ignore


class Parent(MessagesState):
    """A state with a field that our graphs do not have."""

    topic: str


@pytest.mark.parametrize("name", ["moa", "smoa", "avengers"])
async def test_as_a_subgraph_with_shared_messages(builders, name) -> None:
    parent = StateGraph(MessagesState)
    parent.add_node("ensemble", builders[name].compile())
    parent.add_edge(START, "ensemble")
    state = await parent.compile().ainvoke(ask(Q.text))
    assert [m.type for m in state["messages"]] == ["human", "ai"]
    assert set(state) == {"messages"}


async def test_as_a_subgraph_of_a_graph_with_other_state_and_context(builders, provider) -> None:
    moa = builders["moa"].compile()

    async def answer(state: Parent) -> dict[str, Any]:
        out = await moa.ainvoke(ask(state["topic"]))
        return {"messages": [AIMessage(out["result"]["answer"])]}

    class Theirs(TypedDict):
        temperature: float
        unknown: str

    parent = StateGraph(Parent, context_schema=Theirs)
    parent.add_node("answer", answer)
    parent.add_node("shared", moa)
    parent.add_edge(START, "answer")
    compiled = parent.compile()
    state = await compiled.ainvoke({"topic": Q.text, "messages": []})  # pyright: ignore
    assert len(state["messages"]) == 1
    provider.reset()
    direct = StateGraph(MessagesState, context_schema=Theirs)
    direct.add_node("ensemble", moa)
    direct.add_edge(START, "ensemble")
    await direct.compile().ainvoke(ask(Q.text), context={"temperature": 0.2, "unknown": "x"})
    assert {e["temperature"] for e in provider.log()} == {0.2}


async def test_parallel_calls_of_one_subgraph(builders) -> None:
    class Many(TypedDict):
        messages: Annotated[list[AnyMessage], add_messages]
        texts: Annotated[list[str], operator.add]

    moa = builders["moa"].compile()
    graph = StateGraph(Many)
    graph.add_node("moa", moa)
    graph.add_conditional_edges(
        START, lambda _: [Send("moa", ask(question(number=i).text)) for i in range(3)], ["moa"]
    )
    graph.add_edge("moa", END)
    state = await graph.compile().ainvoke({"messages": [], "texts": []})
    assert sum(m.type == "ai" for m in state["messages"]) == 3


async def test_an_ensemble_inside_an_ensemble(provider, pool, builders) -> None:
    inner = builders["avengers"]
    outer = create_moa([inner, member(provider, "ben")], layers=2, aggregator="ben").compile()
    tokens, last = [], {}
    async for _, mode, event in outer.astream(
        ask(Q.text), stream_mode=["messages", "values"], subgraphs=True
    ):
        if mode == "messages":
            tokens.append(event)
        elif "result" in event:
            last = event
    draft = next(d for d in last["result"]["drafts"] if d["member"] == "avengers")
    assert draft["status"] == "ok"
    assert draft["usage"]["total_tokens"] > 0
    assert last["result"]["cost_usd"] > 0
    assert "".join(m.text for m, _ in tokens).strip() == last["messages"][-1].text


@pytest.mark.parametrize("name", ["moa", "smoa", "avengers"])
async def test_as_a_chat_model(builders, name) -> None:
    model = EnsembleChatModel(builders[name])
    chunks = [chunk async for chunk in model.astream(Q.text)]
    assert len([c for c in chunks if c.text]) > 3
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole = whole + chunk
    once = await model.ainvoke(Q.text)
    assert whole.text.strip() == once.text
    assert whole.usage_metadata == once.usage_metadata
    assert once.response_metadata["result"]["strategy"] == name
    assert once.response_metadata["unsure"] is False
    assert once.response_metadata["confidence"] == once.response_metadata["result"]["confidence"]
    assert [c.text for c in model.stream(Q.text)] == [c.text for c in chunks]
    assert model.invoke(Q.text).text == once.text


@pytest.mark.parametrize("subgraphs", [False, True])
async def test_a_chat_model_inside_a_graph_streams_no_token_twice(builders, subgraphs) -> None:
    model = EnsembleChatModel(builders["moa"])

    async def node(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])]}

    graph = StateGraph(MessagesState).add_node("chat", node).add_edge(START, "chat").compile()
    seen = [
        event[-1][0].text
        async for event in graph.astream(ask(Q.text), stream_mode=["messages"], subgraphs=subgraphs)
    ]
    alone = "".join(chunk.text for chunk in model.stream(Q.text))
    assert "".join(seen) == alone
    assert len(seen) > 3


async def test_a_broken_final_stream_is_told_and_mended(provider, pool) -> None:
    provider.set(Model("dan", tokens=12, fault="half", fault_rate=0.5))
    graph = create_moa(
        [*pool, member(provider, "dan")], layers=2, proposers=["ann"], aggregator="dan"
    )
    model = EnsembleChatModel(graph)
    for number in range(6):
        provider.reset()
        text = "".join([c.text async for c in model.astream(question(number=number).text)])
        statuses = [e["status"] for e in provider.log("dan")]
        if statuses[0] == 599:
            assert "It starts again" in text
            assert text.rsplit("]", 1)[1].strip().endswith(text.rsplit("Answer: ", 1)[1])
            assert "Answer: " in text
            return
    pytest.fail("the provider never broke a stream")
