"""A member of a pool that asks a person: the run pauses, and goes on with the person's answer.

    python examples/human_in_the_loop.py

The agent writes a draft and has it approved with `interrupt()`. The drafts of the other members are
in the checkpoint by then and are not asked for again. Create the checkpointer with a database, and
the answer may come days later, from another process.
"""

from __future__ import annotations

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command, Interrupt, interrupt
from langgraph_ensemble import Member, Pool, create_moa


def write(state: MessagesState) -> dict:
    """Draft an answer; with a model of yours `[model.invoke(state["messages"])]`."""
    return {"messages": [AIMessage("Answer: Sydney")]}


def approve(state: MessagesState) -> dict:
    """Pause until a person has read the draft; an empty answer leaves it as it is."""
    draft = state["messages"][-1].text
    correction = interrupt({"draft": draft})
    return {"messages": [AIMessage(correction or draft)]}


def agent() -> StateGraph:
    """The proposer: a draft, then a person's approval."""
    graph = StateGraph(MessagesState)
    graph.add_node("write", write)
    graph.add_node("approve", approve)
    graph.add_edge(START, "write")
    graph.add_edge("write", "approve")
    return graph


def answer(pause: Interrupt) -> str:
    """What a person types; nothing where nobody sits at the keyboard."""
    try:
        return input(f"{pause.value['draft']!r}. Yours: ")
    except EOFError:
        return ""


if __name__ == "__main__":
    pool = Pool(
        [
            Member(name="facts", provider="pocket", model="facts"),
            Member.of(agent().compile(), name="reviewed"),
        ]
    )
    graph = create_moa(pool, layers=2).compile(checkpointer=InMemorySaver())
    thread: RunnableConfig = {"configurable": {"thread_id": "1"}}
    given = {"messages": [{"role": "user", "content": "What is the capital of Australia?"}]}
    state = graph.invoke(given, thread)
    while pauses := state.get("__interrupt__"):
        # Several members may wait at once: each is answered by its id.
        answers = {each.id: answer(each) for each in pauses}
        state = graph.invoke(Command(resume=answers), thread)
    for draft in state["result"]["drafts"]:
        print(f"{draft['member']:12} {draft['text']!r}")
    print("answer:", state["messages"][-1].text)
