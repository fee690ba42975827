"""Members that know synchronous calls alone: called in threads, a few at once, never waited for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from helpers import ask
from langchain_core.language_models import LLM, BaseChatModel, FakeListChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda
from langgraph_ensemble import Member, create_avengers, create_moa
from langgraph_ensemble.models.ask import Ask
from langgraph_ensemble.models.ask import ask as draw
from langgraph_ensemble.models.clients import clients_of
from langgraph_ensemble.models.threads import MOST, blocks

HELLO = [HumanMessage("How are you?")]


class Local(BaseChatModel):
    """As ChatHuggingFace over a pipeline: its asynchronous calls say that there are none."""

    n: int = 1

    @property
    def _llm_type(self) -> str:
        return "local"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **more: Any):
        each = [ChatGeneration(message=AIMessage("Answer: 7"))] * more.get("n", 1)
        return ChatResult(generations=each)

    async def _agenerate(self, *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError("no asynchronous generation")


class Streaming(Local):
    """Its synchronous stream works, its asynchronous one is not implemented."""

    def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        for text in ("Answer:", " 7"):
            yield ChatGenerationChunk(message=AIMessageChunk(text))

    async def _astream(self, *_: Any, **__: Any):
        raise NotImplementedError("no asynchronous stream")
        yield


class Plain(Runnable[Any, Any]):
    """Only `invoke`."""

    def invoke(self, input: Any, config: Any = None, **_: Any) -> Any:
        return AIMessage("Answer: 7")


class Text(LLM):
    @property
    def _llm_type(self) -> str:
        return "text"

    def _call(self, prompt: str, *_: Any, **__: Any) -> str:
        return "Answer: 7"


def quiet(_: object) -> None:
    """Nobody listens."""


async def samples(model: Runnable, **more: Any) -> list[tuple[str, str, str | None]]:
    member = Member.of(model, "local")
    found = await draw(Ask(member=member, messages=HELLO, stage="propose", **more), quiet)
    return [(each.status, each.text, each.error) for each in found.samples]


@pytest.mark.parametrize("model", [Local(), Streaming(), Plain(), Text()])
@pytest.mark.parametrize("more", [{}, {"n": 3}, {"visible": True}, {"max_tokens": 20}])
async def test_a_member_without_asynchronous_calls_answers(model, more) -> None:
    wanted = [("ok", "Answer: 7", None)] * more.get("n", 1)
    assert await samples(model, **more) == wanted


async def test_a_stream_from_a_thread_is_told_piece_by_piece() -> None:
    heard: list[Any] = []
    what = Ask(member=Member.of(Streaming(), "local"), messages=HELLO, stage="propose")
    await draw(what, heard.append)
    assert [e["text"] for e in heard if e["type"] == "token"] == ["Answer:", " 7"]


async def test_what_fails_in_a_thread_is_a_failed_draft() -> None:
    class Broken(Streaming):
        def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
            yield ChatGenerationChunk(message=AIMessageChunk("Answer"))
            raise ValueError("out of memory")

    [(status, _, error)] = await samples(Broken(), visible=True)
    assert (status, error) == ("failed", "ValueError: out of memory")

    def missing(_: Any) -> AIMessage:
        raise NotImplementedError("nobody wrote it")

    [(status, _, error)] = await samples(RunnableLambda(missing))
    assert (status, error) == ("failed", "NotImplementedError: nobody wrote it")


async def test_asynchronous_members_stay_in_the_loop() -> None:
    seen: list[str] = []

    async def there(_: Any) -> AIMessage:
        seen.append(threading.current_thread().name)
        return AIMessage("Answer: 7")

    assert not blocks(RunnableLambda(there))
    assert not blocks(FakeListChatModel(responses=["x"]))
    await samples(RunnableLambda(there))
    assert seen == [threading.current_thread().name]


async def test_threads_are_bounded_for_each_member() -> None:
    lock, running, most = threading.Lock(), 0, 0
    full = threading.Event()

    def work(_: Any) -> AIMessage:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == MOST:
                full.set()
        full.wait(20)
        with lock:
            running -= 1
        return AIMessage("Answer: 7")

    assert len(await samples(RunnableLambda(work), n=3 * MOST)) == 3 * MOST
    assert most == MOST


@pytest.mark.parametrize("model", ["plain", "chat", "stream"])
def test_nobody_waits_for_the_thread_of_a_draft_that_was_given_up(model) -> None:
    """`asyncio.run` ends while the thread still waits; it would hang if it were joined."""
    released, ended = threading.Event(), threading.Event()

    def slow() -> None:
        released.wait(100)
        ended.set()

    class SlowChat(Local):
        def _generate(self, *given: Any, **more: Any):
            slow()
            return super()._generate(*given, **more)

    class SlowStream(Streaming):
        def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
            slow()
            yield ChatGenerationChunk(message=AIMessageChunk("late"))

    slow_one = {
        "plain": RunnableLambda(lambda _: slow()),
        "chat": SlowChat(),
        "stream": SlowStream(),
    }[model]
    team = [Member.of(Plain(), "plain"), Member.of(slow_one, "slow")]
    team[1] = team[1].model_copy(update={"timeout": 0.2})
    graph = create_avengers(team, None, samples=2).compile()
    state = asyncio.run(graph.ainvoke(ask("What is 3 + 4?")))
    assert not ended.is_set()
    found = {draft["member"]: draft["status"] for draft in state["result"]["drafts"]}
    assert found == {"plain": "ok", "slow": "failed"}
    released.set()
    assert ended.wait(20)


async def test_a_graph_runs_on_such_members_alone() -> None:
    team = [Member.of(Local(), "one"), Member.of(Plain(), "two")]
    state = await create_moa(team, layers=2).compile().ainvoke(ask("What is 3 + 4?"))
    assert [draft["status"] for draft in state["result"]["drafts"]] == ["ok", "ok"]
    assert state["result"]["answer"] == "Answer: 7"
    assert clients_of(team[0]).blocking
