"""What a run leaves in a checkpointer: each draft once, and a thread that reads the same again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage, RemoveMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph_ensemble import Pool, create_avengers, create_moa, create_smoa
from langgraph_ensemble.nodes.state import appended, conversation, newest
from langgraph_ensemble.testing import says

JUDGE = '{"reason": "both", "chosen": [1, 2], "stop": false}'


def team(rounds: int) -> Pool:
    """Members whose drafts can be told apart wherever they are stored."""
    drafts = {
        f"m{i}": [
            f"MARK-{i}-{n} is what member {i} says now.\nAnswer: {i}{n}" for n in range(rounds)
        ]
        for i in range(3)
    }
    members = [says(name, *texts, context=50_000) for name, texts in drafts.items()]
    judge, last = says("judge", JUDGE, context=50_000), says("last", "Answer: 4", context=50_000)
    return Pool([*members, judge, last], proposers=list(drafts), aggregator="last", judge="judge")


GRAPHS = {
    "moa": lambda: (create_moa(team(3), layers=3), 3),
    "smoa": lambda: (create_smoa(team(4), max_rounds=4), 4),
    "avengers": lambda: (create_avengers(team(2), None, samples=6), 2),
}


@pytest.mark.parametrize("name", GRAPHS)
async def test_a_draft_is_stored_as_it_comes_and_in_the_account_and_nowhere_else(
    name, tmp_path: Path
) -> None:
    graph, rounds = GRAPHS[name]()
    path = tmp_path / "runs.sqlite"
    config: Any = {"configurable": {"thread_id": "1"}}
    async with AsyncSqliteSaver.from_conn_string(str(path)) as saver:
        compiled = graph.compile(checkpointer=saver)
        state = await compiled.ainvoke({"messages": "What is it?"}, config)
        again = (await compiled.aget_state(config)).values
    assert again["result"] == state["result"]
    assert [d["text"] for d in again["drafts"]] == [d["text"] for d in state["result"]["drafts"]]
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("select checkpoint from checkpoints union all select value from writes")
        stored = b"".join(row[0] for row in rows.fetchall())
    for member in range(3):
        for number in range(rounds):
            mark = f"MARK-{member}-{number} "
            # The answer itself is also a message.
            assert stored.count(mark.encode()) <= (4 if mark in state["result"]["answer"] else 2)


async def test_every_checkpoint_can_be_read_and_gone_on_from(tmp_path: Path) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "runs.sqlite")) as saver:
        graph = create_smoa(team(4), max_rounds=3).compile(checkpointer=saver)
        config: Any = {"configurable": {"thread_id": "1"}}
        whole = await graph.ainvoke({"messages": "What is it?"}, config)
        past = [snapshot async for snapshot in graph.aget_state_history(config)]
        counts = [len(snapshot.values.get("drafts", [])) for snapshot in reversed(past)]
        assert counts == sorted(counts)
        assert counts[-1] == 9
        middle = next(s for s in past if len(s.values["drafts"]) == 3 and "judge" in s.next)
        forked = await graph.ainvoke(None, middle.config)
        assert [d["layer"] for d in forked["result"]["drafts"]] == [
            d["layer"] for d in whole["result"]["drafts"]
        ]
        assert forked["result"]["drafts"][:3] == whole["result"]["drafts"][:3]


async def test_turns_add_messages_and_begin_with_no_drafts() -> None:
    graph = create_moa(team(8), layers=2).compile(checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "1"}}
    for turn in range(1, 5):
        state = await graph.ainvoke({"messages": f"Question {turn}?"}, config)
        assert [m.type for m in state["messages"]] == ["human", "ai"] * turn
        assert len(state["result"]["drafts"]) == 3
    first, second = [
        [m.id for m in (await graph.aget_state(config)).values["messages"]] for _ in range(2)
    ]
    assert first == second
    assert None not in first
    assert len(set(first)) == 8


def test_messages_are_joined_as_langgraph_joins_them() -> None:
    asked = HumanMessage("hi", id="1")
    said = conversation([asked], [[AIMessageChunk("yes", id="2")], ("user", "and now?")])
    assert [m.type for m in said] == ["human", "ai", "human"]
    assert conversation(said, [[HumanMessage("hello", id="1")]])[0].text == "hello"
    assert [m.type for m in conversation(said, [[RemoveMessage("2")]])] == ["human", "human"]
    # As LangGraph replays a thread: all writes at once, or one after the other.
    writes = [[("user", "a")], [("user", "a")], [HumanMessage("b", id="b")], [RemoveMessage("b")]]
    step: list[Any] = []
    for write in writes:
        step = conversation(step, [write])
    assert step == conversation([], writes)
    assert len({m.id for m in step}) == 2


def test_lists_grow_and_the_newest_account_counts() -> None:
    assert appended(appended([], [[1]]), [[2], [3]]) == appended([], [[1], [2], [3]]) == [1, 2, 3]
    assert newest({}, [{"a": 1}, {"b": 2}]) == {"b": 2}
