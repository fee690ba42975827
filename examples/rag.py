"""Retrieval, followed by a Mixture-of-Agents as the answering node.

    python examples/rag.py

Every proposer reads the passages, so that the aggregator can correct the mistakes of one reader.
"""

from __future__ import annotations

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph_ensemble import Pool, create_moa

PASSAGES = [
    "The library opens at nine and closes at six.",
    "The museum is closed on Mondays.",
    "The market takes place on Saturdays on the town square.",
]
"""Your documents; a real index would be in a vector store."""


def retrieve(state: MessagesState) -> dict:
    """Add the passages that share most words with the question."""
    asked = set(state["messages"][-1].text.lower().strip("?").split())
    best = sorted(PASSAGES, key=lambda text: -len(asked & set(text.lower().strip(".").split())))
    return {"messages": [SystemMessage("Answer from these passages:\n" + "\n".join(best[:2]))]}


def build(pool: Pool) -> StateGraph:
    """Retrieve, then let the team answer."""
    moa = create_moa(pool, layers=2, proposers=pool.proposers[:2]).compile()

    def answer(state: MessagesState) -> dict:
        """Ask the ensemble, with the passages as system message before the question."""
        question, passages = state["messages"][-2:]
        out = moa.invoke({"messages": [passages, question]})
        return {"messages": [out["messages"][-1]]}

    graph = StateGraph(MessagesState)
    graph.add_node("retrieve", retrieve)
    graph.add_node("answer", answer)
    graph.add_edge(START, "retrieve")
    graph.add_edge("retrieve", "answer")
    graph.add_edge("answer", END)
    return graph


if __name__ == "__main__":
    rag = build(Pool.pocket()).compile()
    state = rag.invoke({"messages": [HumanMessage("When is the museum closed?")]})
    print(state["messages"][-1].text)
