"""A whole graph as a member of a pool: a proposer that uses a tool before it drafts.

    python examples/tool_using_proposer.py

Anything that maps `{"messages"}` to `{"messages"}` may stand in a pool: a tool-using agent, a RAG
graph, another ensemble.
"""

from __future__ import annotations

import re

from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph_ensemble import Member, Pool, create_moa


def calculate(state: MessagesState) -> dict:
    """Work out the first sum of the question; an agent of yours would call a model with tools."""
    found = re.search(r"(\d+)\s*([+*-])\s*(\d+)", state["messages"][-1].text)
    if not found:
        return {"messages": [AIMessage("There is nothing to calculate.")]}
    left, sign, right = int(found[1]), found[2], int(found[3])
    value = {"+": left + right, "-": left - right, "*": left * right}[sign]
    return {"messages": [AIMessage(f"I have calculated it.\nAnswer: {value}")]}


def calculator() -> StateGraph:
    """The proposer."""
    graph = StateGraph(MessagesState)
    graph.add_node("calculate", calculate)
    graph.add_edge(START, "calculate")
    graph.add_edge("calculate", END)
    return graph


if __name__ == "__main__":
    pool = Pool(
        [
            Member(name="generalist", provider="pocket", model="generalist"),
            Member.of(calculator().compile(), name="calculator"),
        ]
    )
    graph = create_moa(pool, layers=2).compile()
    state = graph.invoke({"messages": [{"role": "user", "content": "What is 417 * 23?"}]})
    for draft in state["result"]["drafts"]:
        print(f"{draft['member']:12} {draft['text']!r}")
    print("answer:", state["messages"][-1].text)
