"""An agent that uses one ensemble as a tool and another as a subgraph.

    python examples/supervisor.py

The supervisor is a small graph. It sends short questions to the Avengers, which it calls as a tool,
and all other questions to a Mixture-of-Agents, a node of its graph.
"""

from __future__ import annotations

from typing import Literal

from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph_ensemble import Pool, Profile, create_avengers, create_moa

POOL = Pool.pocket()
RECORDS = [
    {"query": f"What is the capital of country {n}?", "scores": {"facts": 1.0, "logic": 0.0}}
    for n in range(12)
] + [
    {"query": f"Is person {n} a knight or a knave?", "scores": {"facts": 0.0, "logic": 1.0}}
    for n in range(12)
]
AVENGERS = create_avengers(POOL, Profile.fit(RECORDS, clusters=2), samples=3).compile()
MOA = create_moa(POOL, layers=2, proposers=["facts", "generalist"]).compile()


@tool
def ask_the_avengers(question: str) -> str:
    """Answer a short question by routing and voting."""
    state = AVENGERS.invoke({"messages": [{"role": "user", "content": question}]})
    return state["messages"][-1].text


def quick(state: MessagesState) -> dict:
    """Answer with the tool."""
    answer = ask_the_avengers.invoke({"question": state["messages"][-1].text})
    return {"messages": [AIMessage(answer)]}


def choose(state: MessagesState) -> Literal["quick", "team"]:
    """Route short questions to the tool; a model could decide this as well."""
    return "quick" if len(state["messages"][-1].text) < 60 else "team"


def build() -> StateGraph:
    """The supervisor; its node `team` is a compiled ensemble."""
    graph = StateGraph(MessagesState)
    graph.add_node("quick", quick)
    graph.add_node("team", MOA)
    graph.add_conditional_edges(START, choose)
    graph.add_edge("quick", END)
    graph.add_edge("team", END)
    return graph


if __name__ == "__main__":
    supervisor = build().compile()
    for question in (
        "What is the capital of France?",
        "Two people ask you for the name of the capital of Italy. What do you tell them?",
    ):
        state = supervisor.invoke({"messages": [{"role": "user", "content": question}]})
        print(f"{question}\n  {state['messages'][-1].text}")
