"""A tool-using agent as a member of a pool: it calls a calculator before it drafts.

    python examples/tool_using_proposer.py

Anything that maps `{"messages"}` to `{"messages"}` can be a member: an agent such as this one, a
RAG graph, another ensemble. The team does not see its tool calls, only its final message. The
bundled generalist, which aggregates here, is tiny and may spoil a good draft.
"""

from __future__ import annotations

import re

from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph_ensemble import Member, Pool, create_moa


@tool
def calculate(left: int, sign: str, right: int) -> int:
    """Work out one sum."""
    return {"+": left + right, "-": left - right, "*": left * right}[sign]


def think(state: MessagesState) -> dict:
    """Call the tool, then answer with its result.

    The bundled models cannot call tools, so this function reads the sum with a pattern. With a
    model that can, the body is one line: `return {"messages": [model.invoke(state["messages"])]}`,
    where `model` is `init_chat_model(...).bind_tools([calculate])`.
    """
    last = state["messages"][-1]
    if isinstance(last, ToolMessage):
        return {"messages": [AIMessage(f"I have calculated it.\nAnswer: {last.text}")]}
    found = re.search(r"(\d+)\s*([+*-])\s*(\d+)", last.text)
    if not found:
        return {"messages": [AIMessage("There is nothing to calculate.")]}
    wanted = {"left": int(found[1]), "sign": found[2], "right": int(found[3])}
    call = {"name": "calculate", "args": wanted, "id": "1"}
    return {"messages": [AIMessage("", tool_calls=[call])]}


def agent() -> StateGraph:
    """The proposer: think, and call the tool as long as the last message requests it."""
    graph = StateGraph(MessagesState)
    graph.add_node("think", think)
    graph.add_node("tools", ToolNode([calculate]))
    graph.add_edge(START, "think")
    graph.add_conditional_edges("think", tools_condition)
    graph.add_edge("tools", "think")
    return graph


if __name__ == "__main__":
    pool = Pool(
        [
            Member(name="generalist", provider="pocket", model="generalist"),
            Member.of(agent().compile(), name="calculator"),
        ]
    )
    graph = create_moa(pool, layers=2).compile()
    state = graph.invoke({"messages": [{"role": "user", "content": "What is 417 * 23?"}]})
    for draft in state["result"]["drafts"]:
        print(f"{draft['member']:12} {draft['text']!r}")
    print("answer:", state["messages"][-1].text)
