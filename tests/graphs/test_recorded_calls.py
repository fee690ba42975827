"""Each call is recorded when it ends, whatever else its step or its superstep still waits for."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from helpers import ask, thread
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph_ensemble import create_avengers, create_moa
from langgraph_ensemble.models.journal import CHANNEL
from langgraph_ensemble.testing import Model, says

T = thread("t")


async def until(holds: Any) -> None:
    for _ in range(2000):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to that")


class Slow:
    """A member whose calls wait from a number on."""

    def __init__(self, quick: int) -> None:
        self.quick = quick
        self.begun = self.ended = 0

    async def answer(self, _: Any) -> AIMessage:
        self.begun += 1
        mine = self.begun
        await until(lambda: mine <= self.quick)
        self.ended += 1
        return AIMessage(f"Answer: {mine}")


class SlowModel(BaseChatModel):
    slow: Any

    @property
    def _llm_type(self) -> str:
        return "slow"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError

    async def _agenerate(self, *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=await self.slow.answer(None))])


async def test_samples_of_one_step_are_kept_when_they_end(tmp_path: Path) -> None:
    slow = Slow(quick=4)
    graph = create_moa([SlowModel(slow=slow)], layers=2, samples=6)
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "db")) as saver:
        compiled = graph.compile(checkpointer=saver)
        run = asyncio.create_task(compiled.ainvoke(ask("Why?"), T))
        kept = "select count(*) from writes where channel = ?"
        with sqlite3.connect(tmp_path / "db") as reader:
            await until(lambda: slow.begun == 6)
            await until(lambda: reader.execute(kept, [CHANNEL]).fetchone() == (4,))
        reader.close()
        run.cancel()
        await asyncio.wait([run])
        assert (slow.begun, slow.ended) == (6, 4)
        slow.quick = 100
        result = (await compiled.ainvoke(None, T))["result"]
    assert slow.begun == 6 + 2 + 1, "two samples and the answer"
    assert result["calls"] == 7
    texts = Counter(draft["text"] for draft in result["drafts"])
    assert len(texts) == 6
    assert {"Answer: 1", "Answer: 2", "Answer: 3", "Answer: 4"} < set(texts)


async def test_a_server_that_ignores_n_is_not_asked_again(provider) -> None:
    provider.set(Model("ann", honours_n=False, first_token_ms=20, jitter_ms=600))
    saver = InMemorySaver()
    asked = ask("What is 3 + 4?")
    graph = create_avengers([provider.member("ann")], None, samples=5)
    run = asyncio.create_task(graph.compile(checkpointer=saver).ainvoke(asked, T))
    ended: list[Any] = []

    def three() -> bool:
        ended[:] = [entry for entry in provider.log() if entry["status"] == 200]
        return len(ended) >= 3

    await until(three)
    await asyncio.sleep(0.1)
    run.cancel()
    await asyncio.wait([run])
    # Another process knows nothing about the server: new members are as good as that.
    anew = create_avengers([provider.member("ann")], None, samples=5).compile(checkpointer=saver)
    assert (await anew.ainvoke(None, T))["result"]["calls"] == 5
    seeds = Counter((e["seed"], e["n"]) for e in ended)
    again = Counter((e["seed"], e["n"]) for e in provider.log())
    assert all(again[call] == 1 for call in seeds)


def test_a_synchronous_run_records_calls_while_others_are_made(tmp_path: Path) -> None:
    """More branches than a pool of threads has by default, so that it would keep none for it."""
    slow, samples = Slow(quick=3), min(32, (os.cpu_count() or 1) + 4) + 8
    results: list[Any] = []
    with SqliteSaver.from_conn_string(str(tmp_path / "db")) as saver:
        graph = create_avengers([RunnableLambda(slow.answer)], None, samples=samples).compile(
            checkpointer=saver
        )
        run = threading.Thread(target=lambda: results.append(graph.invoke(ask("Why?"), T)))
        run.start()
        written = "select count(distinct task_id) from writes where channel = 'drafts'"
        with sqlite3.connect(tmp_path / "db") as reader:
            for _ in range(2000):
                if slow.ended == 3 and reader.execute(written).fetchone() == (5,):
                    break
                time.sleep(0.005)
            found = reader.execute(written).fetchone()
        reader.close()
        slow.quick = 1000
        run.join()
    assert found == (5,), "two steps before them, and three samples"
    assert results[0]["result"]["calls"] == samples


@pytest.mark.parametrize("durability", [None, "sync", "async", "exit"])
async def test_the_caller_may_choose_the_durability(monkeypatch, durability) -> None:
    seen: list[Any] = []
    from langgraph.pregel import _loop

    init = _loop.PregelLoop.__init__

    def noted(self: Any, *args: Any, **options: Any) -> None:
        seen.append(options["durability"])
        init(self, *args, **options)

    monkeypatch.setattr(_loop.PregelLoop, "__init__", noted)
    graph = create_moa([says("ann", "Answer: 7")], layers=2)
    compiled = graph.compile(checkpointer=InMemorySaver())
    given = {"durability": durability} if durability else {}
    await compiled.ainvoke(ask("Why?"), T, **given)
    compiled.invoke(ask("Why?"), T, **given)
    parent = StateGraph(MessagesState).add_node("inner", graph.compile()).add_edge(START, "inner")
    await parent.compile(checkpointer=InMemorySaver()).ainvoke(ask("Why?"), T, **given)
    ours = durability or "sync"
    assert seen == [ours, ours, durability or "async", ours]


async def test_without_a_checkpointer_nothing_is_recorded_or_warned_about() -> None:
    graph = create_moa([says("ann", "Answer: 7")], layers=2, samples=3)
    state = await graph.compile().ainvoke(ask("Why?"))
    assert state["result"]["calls"] == 4
    assert graph.compile().invoke(ask("Why?"))["result"]["calls"] == 4
