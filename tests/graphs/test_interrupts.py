"""Human in the loop: a member agent that interrupts pauses the run, and is answered once."""

from __future__ import annotations

from inspect import signature
from typing import Any

import openai
import pytest
from helpers import ask, member, question, thread
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command, interrupt
from langgraph_ensemble import (
    EnsembleChatModel,
    InputError,
    Member,
    create_avengers,
    create_moa,
    create_smoa,
)
from langgraph_ensemble.models.clients import clients_of
from pydantic import BaseModel, ValidationError

Q = question()
NAMES = ["moa", "smoa", "avengers"]


def person(url: str | None = None, name: str = "person", **options: Any) -> Member:
    """An agent that asks a person; with an address it first asks the model `dan` there."""

    async def think(state: MessagesState) -> dict:
        # A client of its own: langchain-openai's is shared, and belongs to its first event loop.
        async with openai.DefaultAsyncHttpxClient() as client:
            given = {"base_url": url, "api_key": "none", "http_async_client": client}
            model = ChatOpenAI(model="dan", max_retries=0, **given)
            return {"messages": [await model.ainvoke(state["messages"])]}

    def wait(_: MessagesState) -> dict:
        said = interrupt({"asked": name})
        return {"messages": [AIMessage(f"A person says so.\nAnswer: {said}")]}

    agent = StateGraph(MessagesState).add_node("wait", wait)
    if url is None:
        agent.add_edge(START, "wait")
    else:
        agent.add_node("think", think).add_edge(START, "think").add_edge("think", "wait")
    return Member.of(agent.compile(**options), name)


def build(name: str, team: list[Member]) -> StateGraph:
    return {
        "moa": lambda: create_moa(team, layers=2),
        "smoa": lambda: create_smoa(team, max_rounds=1),
        "avengers": lambda: create_avengers(team, None, samples=len(team)),
    }[name]()


def said_by(state: dict, name: str = "person") -> list[tuple[str, str]]:
    drafts = state["result"]["drafts"]
    return [(d["status"], d["text"]) for d in drafts if d["member"] == name]


@pytest.mark.parametrize("name", NAMES)
async def test_a_member_that_interrupts_pauses_the_run(provider, tmp_path, name) -> None:
    team = [member(provider, "ann"), member(provider, "ben"), person(provider.url)]
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "db")) as saver:
        graph = build(name, team).compile(checkpointer=saver)
        state = await graph.ainvoke(ask(Q.text), thread("t"))
        assert [pause.value for pause in state["__interrupt__"]] == [{"asked": "person"}]
        assert [i.value for i in (await graph.aget_state(thread("t"))).interrupts] == [
            {"asked": "person"}
        ]
        before = provider.calls()
        assert before == 3, "two proposers and the agent's own model"
        state = await graph.ainvoke(Command(resume="7"), thread("t"))
    assert said_by(state) == [("ok", "A person says so.\nAnswer: 7")]
    asked = [entry["model"] for entry in provider.log()]
    assert sorted(asked[:3]) == ["ann", "ben", "dan"]
    # After the answer of the person only judges and writers are asked, once each.
    assert len(asked) - before == {"moa": 1, "smoa": 2, "avengers": 0}[name]
    assert state["result"]["calls"] == len(asked)


@pytest.mark.parametrize("name", NAMES)
def test_a_synchronous_run_pauses_as_well(provider, tmp_path, name) -> None:
    """`SqliteSaver` knows synchronous calls alone, and the agent runs in our background loop."""
    team = [member(provider, "ann"), person(provider.url)]
    with SqliteSaver.from_conn_string(str(tmp_path / "db")) as saver:
        graph = build(name, team).compile(checkpointer=saver)
        state = graph.invoke(ask(Q.text), thread("t"))
        assert len(state["__interrupt__"]) == 1
        assert provider.calls() == 2
        state = graph.invoke(Command(resume="7"), thread("t"))
        history = list(graph.get_state_history(thread("t")))
    assert said_by(state) == [("ok", "A person says so.\nAnswer: 7")]
    assert provider.calls("dan") == 1
    assert provider.calls() == state["result"]["calls"]
    assert len(history) > 3


@pytest.mark.parametrize("name", NAMES)
async def test_a_run_goes_on_from_its_database_alone(provider, tmp_path, name) -> None:
    """Nothing of the first graph is left but its database."""
    database = str(tmp_path / "db")
    for given in (ask(Q.text), Command(resume="7")):
        team = [member(provider, "ann"), person(provider.url)]
        async with AsyncSqliteSaver.from_conn_string(database) as saver:
            state = await build(name, team).compile(checkpointer=saver).ainvoke(given, thread("t"))
    assert said_by(state) == [("ok", "A person says so.\nAnswer: 7")]
    assert provider.calls("dan") == 1
    assert provider.calls() == state["result"]["calls"]


async def test_several_persons_are_asked_at_once_and_answered_one_by_one(provider) -> None:
    team = [member(provider, "ann"), person(name="eve"), person(name="fay")]
    graph = create_moa(team, layers=2, samples=2).compile(checkpointer=InMemorySaver())
    state = await graph.ainvoke(ask(Q.text), thread("t"))
    waiting = state["__interrupt__"]
    assert sorted(each.value["asked"] for each in waiting) == ["eve", "eve", "fay", "fay"]
    for number, each in enumerate(waiting):
        assert "result" not in state or not state["result"]
        state = await graph.ainvoke(Command(resume={each.id: str(number)}), thread("t"))
    answers = [text for name in ("eve", "fay") for _, text in said_by(state, name)]
    assert sorted(text.split()[-1] for text in answers) == ["0", "1", "2", "3"]
    assert provider.calls() == 2, "ann's samples in one request, and the aggregator"


async def test_a_judge_may_be_a_person(provider) -> None:
    team = [member(provider, "ann"), member(provider, "ben")]
    judge = Member.of(RunnableLambda(lambda _: AIMessage(interrupt("which?"))), "judge")
    graph = create_smoa(team, k=1, max_rounds=1, judge=judge, aggregator="ann")
    compiled = graph.compile(checkpointer=InMemorySaver())
    state = await compiled.ainvoke(ask(Q.text), thread("t"))
    assert [each.value for each in state["__interrupt__"]] == ["which?"]
    verdict = '{"reason": "better", "chosen": [1], "stop": true}'
    state = await compiled.ainvoke(Command(resume=verdict), thread("t"))
    assert len(state["result"]["selected"]) == 1
    assert not state["result"]["fell_back"]
    assert provider.calls() == 3


async def test_a_breakpoint_in_a_member_pauses_the_run(provider) -> None:
    def step(text: str):
        return lambda _: {"messages": [AIMessage(text)]}

    agent = StateGraph(MessagesState).add_node("one", step("hm")).add_node("two", step("Answer: 7"))
    agent.add_edge(START, "one").add_edge("one", "two")
    careful = Member.of(agent.compile(interrupt_before=["two"]), "careful")
    graph = create_moa([member(provider, "ann"), careful], layers=2)
    compiled = graph.compile(checkpointer=InMemorySaver())
    state = await compiled.ainvoke(ask(Q.text), thread("t"))
    assert not state["result"]
    assert provider.calls() == 1
    state = await compiled.ainvoke(None, thread("t"))
    assert said_by(state, "careful") == [("ok", "Answer: 7")]
    assert provider.calls() == 2


async def test_an_ensemble_in_a_pool_pauses_with_its_member_and_counts_all_calls(provider) -> None:
    inner = create_moa([member(provider, "ben"), person()], layers=2, name="inner")
    graph = create_moa([member(provider, "ann"), Member.of(inner, "inner")], layers=2)
    compiled = graph.compile(checkpointer=InMemorySaver())
    state = await compiled.ainvoke(ask(Q.text), thread("t"))
    assert len(state["__interrupt__"]) == 1
    state = await compiled.ainvoke(Command(resume="7"), thread("t"))
    assert [e["model"] for e in provider.log()].count("ben") == 2, "its draft, its final answer"
    assert provider.calls() == 4
    assert state["result"]["calls"] == 5, "the person is a call as well"


async def test_an_interrupt_is_no_failure_and_costs_nothing(provider) -> None:
    team = [member(provider, "ann"), person()]
    graph = create_moa(team, layers=2).compile(checkpointer=InMemorySaver())
    caps = {"max_calls": 3}
    for name in ("a", "b", "c"):
        state = await graph.ainvoke(ask(Q.text), thread(name), context=caps)
        assert state["__interrupt__"]
    health = clients_of(team[1]).health
    assert health.worth_retrying
    assert health.resting() is None
    for name in ("a", "b", "c"):
        state = await graph.ainvoke(Command(resume="7"), thread(name), context=caps)
        assert state["result"]["stopped"] != "max_calls"
        assert state["result"]["calls"] == 3


async def test_a_quorum_does_not_swallow_an_interrupt(provider) -> None:
    team = [member(provider, "ann"), person(), member(provider, "ben")]
    graph = create_moa(team, layers=2, quorum=3).compile(checkpointer=InMemorySaver())
    state = await graph.ainvoke(ask(Q.text), thread("t"))
    assert state["__interrupt__"]
    state = await graph.ainvoke(Command(resume="7"), thread("t"))
    assert {draft["status"] for draft in state["result"]["drafts"]} == {"ok"}
    assert provider.calls() == 3


@pytest.mark.skipif(
    "response_schema" not in signature(interrupt).parameters,
    reason="this release of LangGraph does not check what an interrupt is answered with",
)
async def test_a_refused_answer_may_be_given_again() -> None:
    class Wanted(BaseModel):
        number: int

    def wait(_: MessagesState) -> dict:
        found = interrupt("how many?", response_schema=Wanted)
        return {"messages": [AIMessage(f"Answer: {found.number}")]}

    agent = StateGraph(MessagesState).add_node("wait", wait).add_edge(START, "wait")
    team = [Member.of(agent.compile(), "person")]
    graph = create_avengers(team, None, samples=1).compile(checkpointer=InMemorySaver())
    await graph.ainvoke(ask(Q.text), thread("t"))
    with pytest.raises(ValidationError):
        await graph.ainvoke(Command(resume={"number": "many"}), thread("t"))
    state = await graph.ainvoke(Command(resume={"number": 7}), thread("t"))
    assert state["result"]["answer"] == "Answer: 7"


async def test_a_command_to_the_graph_around_an_agent_reaches_it(provider) -> None:
    def leave(_: MessagesState) -> Command:
        told = ["the agent handed over"]
        return Command(graph=Command.PARENT, update={"fell_back": told})

    agent = StateGraph(MessagesState).add_node("leave", leave).add_edge(START, "leave")
    team = [member(provider, "ann"), Member.of(agent.compile(), "agent")]
    state = await create_moa(team, layers=2).compile().ainvoke(ask(Q.text))
    assert state["result"]["fell_back"] == ["the agent handed over"]
    assert [draft["member"] for draft in state["result"]["drafts"]] == ["ann"]


async def test_as_a_subgraph_the_parent_sees_the_interrupt(provider) -> None:
    moa = create_moa([member(provider, "ann"), person()], layers=2).compile()
    parent = StateGraph(MessagesState).add_node("team", moa).add_edge(START, "team")
    graph = parent.compile(checkpointer=InMemorySaver())
    state = await graph.ainvoke(ask(Q.text), thread("t"))
    assert [pause.value for pause in state["__interrupt__"]] == [{"asked": "person"}]
    state = await graph.ainvoke(Command(resume="7"), thread("t"))
    assert state["messages"][-1].type == "ai"
    assert provider.calls() == 2


async def test_a_chat_model_says_that_it_cannot_pause(provider) -> None:
    model = EnsembleChatModel(create_moa([member(provider, "ann"), person()], layers=2))
    with pytest.raises(InputError, match="add the graph itself as a node"):
        await model.ainvoke(Q.text)
    with pytest.raises(InputError, match="add the graph itself as a node"):
        [chunk async for chunk in model.astream(Q.text)]
    with pytest.raises(InputError, match="add the graph itself as a node"):
        list(model.stream(Q.text))
