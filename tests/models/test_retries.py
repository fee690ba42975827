"""Which calls are retried, after which pause, and that every request is counted."""

from __future__ import annotations

import time

import httpx
import openai
import pytest
from helpers import ask, member, question
from langgraph_ensemble import create_moa
from langgraph_ensemble.models.health import Health
from langgraph_ensemble.models.retries import pause
from langgraph_ensemble.testing import Model

Q = question()


def refused(status: int, text: str = "no", **headers: str) -> openai.APIStatusError:
    """The client's error for a response with that status."""
    request = httpx.Request("POST", "http://x/v1")
    reply = httpx.Response(status, request=request, headers=headers)
    return openai.APIStatusError(text, response=reply, body=None)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_passing_troubles_are_asked_again(status) -> None:
    first, third = pause(refused(status), 0), pause(refused(status), 2)
    assert first is not None
    assert third is not None
    assert 0 < first < third <= 8


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_would_fail_again_is_not(status) -> None:
    assert pause(refused(status), 0) is None


def test_an_empty_account_a_dead_server_and_a_fault_of_ours_are_not() -> None:
    assert pause(refused(429, "You exceeded your current quota: insufficient_quota"), 0) is None
    dead = openai.APIConnectionError(request=httpx.Request("POST", "http://x"))
    dead.__cause__ = ConnectionRefusedError(111, "refused")
    assert pause(dead, 0) is None
    assert pause(ValueError("ours"), 0) is None


def test_the_server_says_how_long_to_wait() -> None:
    assert pause(refused(429, **{"retry-after": "3"}), 0) == 3
    assert pause(refused(429, **{"retry-after": "3600"}), 0) is None
    assert pause(refused(429, **{"retry-after": "soon"}), 0) is not None
    stamp = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 5))
    assert 2 <= (pause(refused(429, **{"retry-after": stamp}), 0) or 0) <= 5.1


@pytest.mark.parametrize("fault", ["dead", "nonsense", "half"])
async def test_every_try_is_counted(provider, fault) -> None:
    provider.set(Model("ann", fault=fault), Model("ben"))
    team = [member(provider, "ann", retries=2), member(provider, "ben")]
    state = await create_moa(team, layers=2, aggregator="ben").compile().ainvoke(ask(Q.text))
    ann = next(d for d in state["result"]["drafts"] if d["member"] == "ann")
    assert ann["status"] == "failed"
    assert provider.calls("ann") == 3
    assert state["result"]["calls"] == provider.calls() == 5


async def test_a_refused_key_is_not_asked_again(provider) -> None:
    provider.set(Model("ann", fault="unauthorised"), Model("ben"))
    team = [member(provider, "ann", retries=5), member(provider, "ben")]
    await create_moa(team, layers=2, aggregator="ben").compile().ainvoke(ask(Q.text))
    assert provider.calls("ann") == 1


async def test_a_member_that_fails_and_fails_is_tried_once_a_question(provider) -> None:
    provider.set(Model("ann", fault="dead"), Model("ben"))
    team = [member(provider, "ann", retries=2), member(provider, "ben")]
    graph = create_moa(team, layers=2, aggregator="ben").compile()
    for _ in range(5):
        await graph.ainvoke(ask(Q.text))
    assert provider.calls("ann") == 3 + 1 + 1 + 1 + 1
    provider.set(Model("ann"))
    state = await graph.ainvoke(ask(Q.text))
    assert {draft["status"] for draft in state["result"]["drafts"]} == {"ok"}


async def test_a_member_that_hangs_is_left_alone_for_a_while(provider) -> None:
    provider.set(Model("ann", fault="hang"), Model("ben"))
    team = [member(provider, "ann", timeout=0.5), member(provider, "ben")]
    graph = create_moa(team, layers=2, aggregator="ben").compile()
    began = time.monotonic()
    results = [(await graph.ainvoke(ask(Q.text)))["result"] for _ in range(15)]
    assert all(result["answer"] for result in results)
    assert provider.calls("ann") == 1
    ann = next(d for d in results[-1]["drafts"] if d["member"] == "ann")
    assert ann["status"] == "skipped"
    assert "it timed out; asked again in" in str(ann["error"])
    assert time.monotonic() - began < 10


def test_one_call_tries_whether_it_is_well_again(monkeypatch) -> None:
    now = [0.0]
    monkeypatch.setattr("langgraph_ensemble.models.health.time.monotonic", lambda: now[0])
    health = Health()
    health.timed_out()
    health.timed_out()
    now[0] = 29
    assert "asked again in 1 s" in str(health.resting())
    now[0] = 31
    assert [health.resting() is None for _ in range(3)] == [True, False, False]
    health.timed_out()
    assert "timed out 2 times; asked again in 60 s" in str(health.resting())
    health.answered()
    assert health.resting() is None
    assert health.worth_retrying
