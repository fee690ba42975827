"""Calling models through `ask` on a real server, with every kind of fault."""

from __future__ import annotations

import asyncio
import time

import pytest
from helpers import CANARY, member
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableLambda
from langgraph.graph import START, MessagesState, StateGraph
from langgraph_ensemble import Member
from langgraph_ensemble.models.ask import Ask, ask, drafts
from langgraph_ensemble.testing import Model

HELLO = [HumanMessage("What do you think about the weather?")]


def quiet(event: object) -> None:
    """Ignore events; not a closure, so drafts are not streamed."""


async def draw(who: Member, **more: object):
    return await ask(Ask(member=who, messages=HELLO, stage="propose", **more), quiet)  # pyright: ignore


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        ("dead", "failed", "on fire"),
        ("unauthorised", "failed", "401"),
        ("limited", "failed", "429"),
        ("empty", "empty", "empty"),
        ("nonsense", "failed", ""),
    ],
)
async def test_every_fault_is_a_failed_draft(provider, fault, status, error) -> None:
    provider.set(Model("ann", fault=fault))
    reply = await draw(member(provider, "ann"))
    assert reply.first.status == status
    assert error in (reply.first.error or "")
    assert reply.calls[0]["status"] == status


async def test_a_member_that_hangs_is_given_up(provider) -> None:
    provider.set(Model("ann", fault="hang"))
    reply = await draw(member(provider, "ann", timeout=0.4))
    assert (reply.first.status, reply.first.error) == ("failed", "timed out after 0.4 s")


async def test_a_stream_that_stands_still_is_given_up(provider) -> None:
    provider.set(Model("ann", tokens=10, token_ms=900))
    reply = await draw(member(provider, "ann", idle_timeout=0.3))
    assert reply.first.status == "failed"
    assert "silent for 0.3 s" in str(reply.first.error)


async def test_passing_faults_are_retried_by_the_client_with_the_servers_pause(provider) -> None:
    provider.set(Model("ann", fault="limited", fault_rate=0.5, retry_after=0.05))
    replies = [await draw(member(provider, "ann", retries=6)) for _ in range(6)]
    assert {reply.first.status for reply in replies} == {"ok"}
    assert any(entry["status"] == 429 for entry in provider.log())


async def test_an_unauthorised_call_is_not_retried(provider) -> None:
    provider.set(Model("ann", fault="unauthorised"))
    await draw(member(provider, "ann", retries=5))
    assert provider.calls() == 1


async def test_half_an_answer_is_asked_for_again(provider) -> None:
    provider.set(Model("ann", tokens=10, fault="half"))
    heard = []
    what = Ask(member=member(provider, "ann"), messages=HELLO, stage="propose")
    reply = await ask(what, heard.append)
    assert provider.calls() == 2
    assert reply.first.status == "failed"
    assert reply.first.text == ""


async def test_n_samples_in_one_request_share_its_usage_exactly(provider) -> None:
    reply = await draw(member(provider, "ann"), n=7)
    assert provider.calls() == 1
    assert len(reply.samples) == 7
    total = sum(sample.usage["total_tokens"] for sample in reply.samples)  # pyright: ignore
    assert total == provider.log()[0]["tokens"] == reply.calls[0]["usage"]["total_tokens"]  # pyright: ignore
    assert reply.calls[0]["cost_usd"] == pytest.approx(sum(s.cost_usd or 0 for s in reply.samples))


async def test_limits_of_a_member_are_kept(provider) -> None:
    provider.set(Model("ann", first_token_ms=60))
    who = member(provider, "ann", max_concurrency=2, native_n=False)
    await draw(who, n=6)
    spans = [(e["began"], e["ended"]) for e in provider.log()]
    most = max(sum(b <= t < e for b, e in spans) for t, _ in spans)
    assert most <= 2
    provider.reset()
    who = member(provider, "ann", requests_per_second=20, native_n=False)
    await draw(who, n=30)
    began = sorted(e["began"] for e in provider.log())
    assert began[-1] - began[0] > 0.3


async def test_cancelling_from_outside_cancels_the_call(provider) -> None:
    provider.set(Model("ann", fault="hang"))
    work = asyncio.create_task(draw(member(provider, "ann")))
    await asyncio.sleep(0.3)
    work.cancel()
    began = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert time.monotonic() - began < 5


async def test_what_a_model_thinks_privately_is_left_out() -> None:
    who = Member.of(FakeListChatModel(responses=["<think>hm, 4?</think>\nAnswer: 5"]), "fake")
    assert (await draw(who)).first.text == "Answer: 5"
    who = Member.of(FakeListChatModel(responses=["<think>for ever and"]), "fake")
    assert (await draw(who)).first.status == "empty"


async def test_any_runnable_and_any_agent_can_be_a_member() -> None:
    class Agent(MessagesState):
        steps: int

    async def act(state: Agent) -> dict:
        return {"messages": [AIMessage("done", usage_metadata=usage(3, 4))], "steps": 1}

    def usage(inputs: int, outputs: int) -> dict:
        return {
            "input_tokens": inputs,
            "output_tokens": outputs,
            "total_tokens": inputs + outputs,
        }

    agent = StateGraph(Agent).add_node("act", act).add_edge(START, "act")
    for model, text in (
        (RunnableLambda(lambda _: AIMessage("hi")), "hi"),
        (RunnableLambda(lambda _: "plain"), "plain"),
        (agent.compile(), "done"),
        (agent, "done"),
    ):
        reply = await draw(Member.of(model), n=2)
        assert [s.text for s in reply.samples] == [text, text]
    assert reply.first.usage == usage(3, 4)


async def test_an_error_never_carries_a_key(provider, monkeypatch) -> None:
    monkeypatch.setenv("A_KEY", CANARY)
    provider.set(Model("ann", key="right"))
    reply = await draw(member(provider, "ann", api_key_env="A_KEY"))
    assert "Incorrect API key provided: ***" in str(reply.first.error)

    def leak(_: object) -> AIMessage:
        raise RuntimeError("Authorization: Bearer abcdefghijkl refused at http://me:pw12@host/")

    reply = await draw(Member.of(RunnableLambda(leak), "leaky"))
    assert "abcdefghijkl" not in str(reply.first.error)
    assert "pw12" not in str(reply.first.error)


async def test_no_key_is_sent_to_another_address(provider, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    provider.set(Model("ann", key=CANARY))
    reply = await draw(member(provider, "ann"))
    assert "401" in str(reply.first.error)


async def test_drafts_carry_who_and_where(provider) -> None:
    what = Ask(member=member(provider, "ann"), messages=HELLO, stage="propose", layer=3, role="r")
    draft = drafts(what, await ask(what, quiet))[0]
    assert (draft["member"], draft["layer"], draft["role"]) == ("ann", 3, "r")
