"""Our graphs in other people's programs: knobs, a parent's state, messages in an unusual order."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import ask, member, profile, prompt, question, thread
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph_ensemble import (
    EnsembleChatModel,
    InputError,
    create_avengers,
    create_moa,
    create_smoa,
)
from langgraph_ensemble.testing import says
from pydantic import BaseModel

Q = question()
PASSAGE = SystemMessage("Answer from this passage: the code word is XYZZY.")


def build(name: str, team: list[Any]) -> StateGraph:
    return {
        "moa": lambda: create_moa(team, layers=2),
        "smoa": lambda: create_smoa(team, max_rounds=1),
        "avengers": lambda: create_avengers(team, profile(ann=["algebra"], ben=[]), samples=2),
    }[name]()


def team() -> list[Any]:
    return [says("ann", "Answer: 7"), says("ben", "Answer: 7")]


@pytest.mark.parametrize(
    ("name", "wrong", "hint"),
    [
        ("moa", "layrs", "did you mean 'layers'?"),
        ("smoa", "round", "did you mean 'rounds'?"),
        ("avengers", "sample", "did you mean 'samples'?"),
        ("moa", "colour", "known knobs: temperature, "),
    ],
)
async def test_a_mistyped_knob_is_refused_with_the_nearest_name(name, wrong, hint) -> None:
    graph = build(name, team()).compile()
    wanted = f"unknown knob '{wrong}'; {hint}"
    for call in (
        lambda: graph.invoke(ask(Q.text), context={wrong: 2}),
        lambda: list(graph.stream(ask(Q.text), context={wrong: 2})),
        lambda: EnsembleChatModel(graph, context={wrong: 2}),
    ):
        with pytest.raises(InputError) as refused:
            call()
        assert str(refused.value).startswith(wanted)
    with pytest.raises(InputError, match=f"unknown knob '{wrong}'"):
        await graph.ainvoke(ask(Q.text), context={wrong: 2})


def test_a_value_out_of_bounds_is_one_line() -> None:
    graph = build("moa", team()).compile()
    for value in (99, "many"):
        with pytest.raises(InputError, match="knob 'layers': input should be") as refused:
            graph.invoke(ask(Q.text), context={"layers": value})
        assert "\n" not in str(refused.value)


async def test_a_parents_context_may_hold_what_it_likes() -> None:
    class Theirs(BaseModel):
        layrs: int = 5
        layers: int = 2

    parent = StateGraph(MessagesState, context_schema=Theirs)
    graph = parent.add_node("moa", create_moa(team()).compile()).add_edge(START, "moa").compile()
    told = [
        state["result"]["calls"]
        async for _, state in graph.astream(
            ask(Q.text), context={"layrs": 9, "layers": 2}, subgraphs=True, stream_mode="values"
        )
        if state.get("result")
    ]
    assert told == [3]


async def test_what_a_server_copies_from_its_configurable_is_no_knob() -> None:
    copied = {"assistant": "a", "layers": 2}
    config = {"configurable": copied}
    state = await create_moa(team()).compile().ainvoke(ask(Q.text), config, context=copied)
    assert state["result"]["calls"] == 3


class Text(MessagesState):
    result: str


class Numbers(MessagesState):
    result: dict


class Model(BaseModel):
    messages: list[Any]
    result: Any = None


@pytest.mark.parametrize("name", ["moa", "smoa", "avengers"])
@pytest.mark.parametrize(
    ("schema", "theirs"), [(Text, "mine"), (Numbers, {"score": 3}), (Model, [1, 2])]
)
async def test_a_result_of_the_parents_own_is_not_overwritten(provider, name, schema, theirs):
    inner = build(name, [member(provider, "ann"), member(provider, "ben")]).compile()
    graph = StateGraph(schema).add_node("team", inner).add_edge(START, "team").compile()
    with pytest.raises(InputError, match="the state has a 'result' of its own"):
        await graph.ainvoke({**ask(Q.text), "result": theirs})
    assert provider.calls() == 0


async def test_two_ensembles_and_two_turns_may_share_a_result() -> None:
    class Shared(MessagesState):
        result: dict

    def turn(state: Shared) -> dict:
        return {"messages": [HumanMessage("And now?")]}

    parent = StateGraph(Shared).add_node("one", build("moa", team()).compile())
    parent.add_node("turn", turn).add_node("two", build("smoa", team()).compile())
    parent.add_edge(START, "one").add_edge("one", "turn").add_edge("turn", "two")
    graph = parent.compile(checkpointer=InMemorySaver())
    for _ in range(2):
        state = await graph.ainvoke(ask(Q.text), thread("t"))
        assert state["result"]["strategy"] == "smoa"


async def test_a_function_gives_the_result_another_name() -> None:
    moa = build("moa", team()).compile()

    class Theirs(MessagesState):
        result: str
        account: dict

    def answer(state: Theirs) -> dict:
        found = moa.invoke({"messages": state["messages"]})
        return {"messages": found["messages"][-1:], "account": found["result"]}

    graph = StateGraph(Theirs).add_node("answer", answer).add_edge(START, "answer").compile()
    state = await graph.ainvoke({**ask(Q.text), "result": "mine"})
    assert state["result"] == "mine"
    assert state["account"]["answer"] == state["messages"][-1].text == "Answer: 7"


@pytest.mark.parametrize("name", ["moa", "smoa", "avengers"])
async def test_system_text_after_the_question_reaches_the_members(provider, name) -> None:
    graph = build(name, [member(provider, "ann"), member(provider, "ben")]).compile()
    earlier = [SystemMessage("Be brief."), HumanMessage("Hello"), AIMessage("Hello!")]
    state = await graph.ainvoke({"messages": [*earlier, HumanMessage(Q.text), PASSAGE]})
    assert state["messages"][-1].type == "ai"
    assert {draft["status"] for draft in state["result"]["drafts"]} == {"ok"}
    assert provider.calls()
    for entry in provider.log():
        roles = [message["role"] for message in entry["messages"]]
        assert roles[0] == "system"
        assert roles.count("system") == 1
        assert "Be brief." in entry["messages"][0]["content"]
        assert "XYZZY" in entry["messages"][0]["content"]
        assert roles[-1] == "user"
        assert Q.text in prompt(entry)


async def test_system_text_after_a_tools_result(provider) -> None:
    call = {"name": "find", "args": {"word": "a"}, "id": "1"}
    turns = [
        HumanMessage(Q.text),
        AIMessage("", tool_calls=[call]),
        PASSAGE,
        ToolMessage("it is 7", tool_call_id="1"),
        SystemMessage("Say it in French."),
    ]
    graph = create_moa([member(provider, "ann")], layers=2).compile()
    state = await graph.ainvoke({"messages": turns})
    assert [draft["status"] for draft in state["result"]["drafts"]] == ["ok"]
    for entry in provider.log():
        assert "XYZZY" in entry["messages"][0]["content"]
        assert "French" in entry["messages"][0]["content"]


@pytest.mark.parametrize("turns", [[PASSAGE], [HumanMessage("Hi"), AIMessage("Hi"), PASSAGE]])
async def test_system_text_alone_is_no_question(turns) -> None:
    with pytest.raises(InputError, match="the last message must be the person's"):
        await create_moa(team(), layers=2).compile().ainvoke({"messages": turns})
