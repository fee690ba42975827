"""Recursion limits: LangChain's 25 and a parent's own do not cut off the loops of our graphs."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import ask
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph_ensemble import InputError, Member, create_moa, create_smoa
from langgraph_ensemble.testing import says

Q = ask("What is 3 + 4?")
LIMIT: RunnableConfig = {"recursion_limit": 25}


def debate(rounds: int) -> StateGraph:
    """An SMoA that never agrees, so that it has all its rounds."""
    going_on = '{"reason": "both are weak", "chosen": [1], "stop": false}'
    team = [says("a", "Answer: 1"), says("b", "Answer: 2")]
    judge = says("judge", going_on)
    return create_smoa(team, max_rounds=rounds, judge=judge, aggregator="a", name="debate")


def counting(steps: int) -> StateGraph:
    """An agent that takes so many supersteps."""

    def step(_: MessagesState) -> dict:
        return {"messages": [AIMessage("Answer: 7")]}

    def more(state: MessagesState) -> str:
        done = sum(message.type == "ai" for message in state["messages"])
        return "step" if done < steps else END

    graph = StateGraph(MessagesState).add_node("step", step).add_edge(START, "step")
    return graph.add_conditional_edges("step", more, ["step", END])


def drafts(state: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(draft["status"], draft["error"]) for draft in state["result"]["drafts"]]


@pytest.mark.parametrize("config", [None, LIMIT])
@pytest.mark.parametrize("compiled", [False, True])
async def test_an_ensemble_in_a_pool_has_all_its_rounds(config, compiled) -> None:
    inner = debate(5)
    team = [Member.of(inner.compile() if compiled else inner, "debate")]
    state = await create_moa(team, layers=2).compile().ainvoke(Q, config)
    assert drafts(state) == [("ok", None)]
    # Two drafts and a verdict each round, the aggregator's answer; and the outer aggregator's own.
    assert state["result"]["calls"] == 2 * (5 * 3 + 1)


@pytest.mark.parametrize("config", [None, LIMIT])
async def test_layers_in_a_pool(config) -> None:
    inner = create_moa([says("a", "Answer: 1"), says("b", "Answer: 2")], layers=10)
    state = await create_moa([inner], layers=10).compile().ainvoke(Q, config)
    assert drafts(state) == [("ok", None)] * 9
    assert state["result"]["calls"] == 10 * 19


async def test_a_subgraph_has_all_its_rounds_under_a_parents_limit() -> None:
    inner = debate(10).compile()
    parent = StateGraph(MessagesState).add_node("debate", inner).add_edge(START, "debate")
    graph = parent.compile(checkpointer=InMemorySaver())
    state = await graph.ainvoke(Q, {**LIMIT, "configurable": {"thread_id": "t"}})
    assert state["messages"][-1].text == "Answer: 1"


async def test_a_configuration_that_langchain_hands_on_does_no_harm() -> None:
    graph = debate(10).compile()

    async def call(question: Any, config: RunnableConfig) -> dict:
        assert config.get("recursion_limit") == 25
        return await graph.ainvoke(question, config)

    state = await RunnableLambda(call).ainvoke(Q)
    assert len(state["result"]["rounds"]) == 10


@pytest.mark.slow
def test_a_hundred_rounds() -> None:
    graph = debate(100).compile().with_config(recursion_limit=25)
    assert len(graph.invoke(Q, LIMIT)["result"]["rounds"]) == 100
    with pytest.raises(InputError, match="rounds"):
        debate(101)


async def test_a_limit_of_an_agents_own_holds_for_it() -> None:
    outer = {"recursion_limit": 60}
    for own, config, status in (
        (None, None, "ok"),
        (None, outer, "ok"),
        ({"recursion_limit": 40}, LIMIT, "ok"),
        ({"recursion_limit": 20}, outer, "failed"),
    ):
        agent = counting(30).compile()
        team = [Member.of(agent.with_config(own) if own else agent, "agent"), says("other")]
        state = await create_moa(team, layers=2, aggregator="other").compile().ainvoke(Q, config)
        assert drafts(state)[0][0] == status
    assert "GraphRecursionError" in str(drafts(state)[0][1])
