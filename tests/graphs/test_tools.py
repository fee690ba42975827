"""Tools and answer formats through the graphs and the chat model, as in Python code."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from helpers import ask, member
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph_ensemble import (
    EnsembleChatModel,
    InputError,
    Pool,
    create_avengers,
    create_moa,
    create_smoa,
)
from langgraph_ensemble.testing import Provider

ASKED = HumanMessage("What is the weather in Paris?")


def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"Rain in {city}."


@pytest.fixture
def pool(provider: Provider) -> Pool:
    return Pool([member(provider, "ann"), member(provider, "ben")])


@pytest.mark.parametrize("build", [create_moa, create_smoa, partial(create_avengers, profile=None)])
async def test_a_chat_model_with_tools(pool: Pool, build: Any) -> None:
    model = EnsembleChatModel(build(pool)).bind_tools([get_weather])
    said = await model.ainvoke([ASKED])
    (call,) = said.tool_calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Paris"})
    streamed: Any = None
    async for chunk in model.astream([ASKED]):
        streamed = chunk if streamed is None else streamed + chunk
    assert streamed.tool_calls[0]["args"] == {"city": "Paris"}
    result = ToolMessage(get_weather(**call["args"]), tool_call_id=call["id"])
    told = (await model.ainvoke([ASKED, said, result])).text
    assert told.endswith(" was told: Rain in Paris.")


async def test_the_tool_that_must_be_called(pool: Pool, provider: Provider) -> None:
    model = EnsembleChatModel(create_moa(pool, layers=2))
    for given, sent in {
        "any": "required",
        "auto": "auto",
        "get_weather": {"type": "function", "function": {"name": "get_weather"}},
    }.items():
        await model.bind_tools([get_weather], tool_choice=given).ainvoke([ASKED])
        assert provider.log()[-1]["tool_choice"] == sent


def test_a_graph_of_ones_own_may_take_no_tools() -> None:
    graph = StateGraph(MessagesState)
    graph.add_node("say", lambda _: {"messages": []})
    graph.add_edge(START, "say")
    with pytest.raises(InputError, match="takes no tools"):
        EnsembleChatModel(graph).bind_tools([get_weather])


async def test_an_ensemble_writes_with_tools_inside_an_ensemble(provider: Provider) -> None:
    inner = EnsembleChatModel(create_moa([member(provider, "ann")], layers=2))
    outer = EnsembleChatModel(create_moa([inner, member(provider, "ben")], layers=2))
    said = await outer.bind_tools([get_weather]).ainvoke([ASKED])
    assert said.tool_calls[0]["name"] == "get_weather"


async def test_who_cannot_call_tools_hands_over(provider: Provider) -> None:
    dumb = FakeListChatModel(responses=["I say."])
    graph = create_moa([dumb, member(provider, "ben")], layers=2).compile()
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    state = await graph.ainvoke({"messages": [ASKED]}, context={"answer_tools": tools})
    assert state["messages"][-1].tool_calls[0]["name"] == "f"
    assert state["result"]["fell_back"] == ["aggregator FakeListChatModel: it cannot call tools"]
    alone = create_moa([dumb], layers=2).compile()
    with pytest.raises(InputError, match="FakeListChatModel: it cannot call tools"):
        await alone.ainvoke({"messages": [ASKED]}, context={"answer_tools": tools})


async def test_the_bundled_models_refuse_what_they_cannot_do() -> None:
    graph = create_moa(Pool.pocket(), layers=2).compile()
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    with pytest.raises(InputError, match="cannot call tools"):
        await graph.ainvoke(ask("2 + 2"), context={"answer_tools": tools})
    with pytest.raises(InputError, match="response format json_object"):
        await graph.ainvoke(ask("2 + 2"), context={"answer_format": {"type": "json_object"}})


async def test_a_conversation_with_tools_goes_on_from_its_checkpoints(
    pool: Pool, provider: Provider
) -> None:
    graph = create_moa(pool, layers=2).compile(checkpointer=InMemorySaver())
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    thread: Any = {"configurable": {"thread_id": "1"}}
    given: Any = {"context": {"answer_tools": tools}}
    state = await graph.ainvoke({"messages": [ASKED]}, thread, **given)
    call = state["messages"][-1].tool_calls[0]
    result = ToolMessage("Rain.", tool_call_id=call["id"])
    state = await graph.ainvoke({"messages": [result]}, thread, **given)
    assert [m.type for m in state["messages"]] == ["human", "ai", "tool", "ai"]
    assert state["messages"][-1].text == "ann was told: Rain."
    state = await graph.ainvoke({"messages": [HumanMessage("Thanks.")]}, thread)
    assert state["messages"][-1].text
    assert {entry["status"] for entry in provider.log()} == {200}
