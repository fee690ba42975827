"""Members that hang, are slow, or lose a request: who is given up, waited for, and asked again."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from helpers import ask as asked
from helpers import member, profile, question
from langchain_core.messages import HumanMessage
from langgraph_ensemble import Member, NoUsableDraftError, create_avengers, create_moa
from langgraph_ensemble.models.ask import Ask, Reply, ask
from langgraph_ensemble.models.clients import clients_of
from langgraph_ensemble.models.health import Silences
from langgraph_ensemble.testing import Model, Provider

Q = question()


async def draw(who: Member, **more: Any) -> Reply:
    prompt = [HumanMessage(Q.text)]
    return await ask(Ask(member=who, messages=prompt, stage="propose", **more), lambda _: None)


def losing_first() -> Model:
    """A model that never replies to the first request, and to the next four at once."""
    pattern = [True, *[False] * 4]
    for number in range(1000):
        model = Model(f"ann{number}", faults={"hang": 0.3})
        if [model.fault_of(count) == "hang" for count in range(5)] == pattern:
            return model
    raise AssertionError("there is none")


def trials(provider: Provider, name: str) -> int:
    """Number of test calls."""
    return sum(e["model"] == name and e["max_tokens"] == 1 for e in provider.log())


async def test_a_hanging_proposer_costs_little_and_is_told(provider) -> None:
    provider.set(Model("ann", fault="hang"), Model("ben"), Model("cat"))
    team = [member(provider, n) for n in ("ann", "ben", "cat")]
    graph = create_moa(team, layers=3, aggregator="ben").compile()
    began = time.monotonic()
    results = [(await graph.ainvoke(asked(Q.text)))["result"] for _ in range(5)]
    assert time.monotonic() - began < 10
    assert all(result["answer"] for result in results)
    ann = next(d for d in results[0]["drafts"] if d["member"] == "ann")
    assert ann["status"] == "failed"
    assert "no sign of life" in ann["error"]
    # One request and one test call; then it is left alone.
    assert provider.calls("ann") == 2
    assert sum(result["calls"] for result in results) == provider.calls()


async def test_a_slow_member_that_answers_a_test_is_waited_for(provider) -> None:
    """Samples that come in one reply show no sign before all are written."""
    provider.set(Model("ann", tokens=60, token_ms=60), Model("ben"), Model("cat"))
    team = [member(provider, n, native_n=True) for n in ("ann", "ben", "cat")]
    task_map = profile(ann=["algebra"], ben=["algebra"], cat=["algebra"])
    graph = create_avengers(team, task_map, samples=6, top_n=3).compile()
    result = (await graph.ainvoke(asked(Q.text)))["result"]
    assert [d["status"] for d in result["drafts"]] == ["ok"] * 6
    assert trials(provider, "ann") >= 1
    assert result["calls"] == provider.calls()


async def test_a_routed_member_that_hangs_is_replaced(provider, monkeypatch) -> None:
    monkeypatch.setattr("langgraph_ensemble.models.patience.ALONE", 2.0)
    provider.set(Model("ann", fault="hang"), Model("ben"))
    team = [member(provider, n) for n in ("ann", "ben")]
    graph = create_avengers(team, profile(ann=["algebra"], ben=[]), samples=4).compile()
    result = (await graph.ainvoke(asked(Q.text)))["result"]
    assert result["routing"]["ranking"][0]["member"] == "ann"
    assert {d["member"] for d in result["drafts"] if d["status"] == "ok"} == {"ben"}


async def test_nobody_is_given_up_whose_place_nobody_takes(provider, monkeypatch) -> None:
    monkeypatch.setattr("langgraph_ensemble.models.patience.ALONE", 0.5)
    provider.set(Model("ann", fault="hang"))
    reply = await draw(member(provider, "ann", timeout=3.0))
    assert reply.first.error == "timed out after 3 s"
    assert provider.calls("ann") == 1


async def test_patience_can_be_set(provider) -> None:
    provider.set(Model("ann", fault="hang"))
    reply = await draw(member(provider, "ann", patience=1.5))
    assert re.search(r"no sign of life for [12]\.", str(reply.first.error))
    assert provider.calls("ann") == 2
    assert reply.calls[0]["requests"] == 2


async def test_a_lost_request_is_made_again(provider) -> None:
    """It hangs while the member answers others, and usually begins to answer at once."""
    model = losing_first()
    provider.set(Model(model.name))
    ann = member(provider, model.name, patience=4, retries=1)
    for _ in range(5):
        assert (await draw(ann)).first.status == "ok"
    provider.reset()
    provider.set(model)
    reply = await draw(ann)
    assert reply.first.status == "ok"
    # The lost one, the test call that shows that the member lives, and the second one.
    assert reply.calls[0]["requests"] == provider.calls() == 3
    assert clients_of(ann).health.resting() is None


async def test_a_hedge_takes_the_first_reply(provider) -> None:
    model = losing_first()
    provider.set(Model(model.name))
    ann = member(provider, model.name, hedge=True)
    for _ in range(8):
        await draw(ann)
    provider.reset()
    provider.set(model)
    reply = await draw(ann)
    assert reply.first.status == "ok"
    assert reply.calls[0]["requests"] == provider.calls() == 2


async def test_fallbacks_are_asked_in_order(provider) -> None:
    provider.set(Model("ann", fault="dead"), Model("ann-2", fault="unauthorised"), Model("ann-3"))
    ann = member(
        provider,
        "ann",
        retries=0,
        fallbacks=[{"base_url": provider.url, "model": f"ann-{i}"} for i in (2, 3)],
    )
    state = await create_moa([ann], layers=2).compile().ainvoke(asked(Q.text))
    draft = state["result"]["drafts"][0]
    assert (draft["member"], draft["status"]) == ("ann", "ok")
    assert "401" in draft["instead"]
    assert state["result"]["calls"] == provider.calls() == 6


async def test_a_fallback_is_not_asked_where_a_budget_is_spent(provider) -> None:
    provider.set(Model("ann", fault="dead"), Model("ben"))
    ann = member(provider, "ann", retries=0, fallbacks=[{"base_url": provider.url, "model": "ben"}])
    graph = create_moa([ann], layers=2).compile()
    with pytest.raises(NoUsableDraftError, match="max_calls"):
        await graph.ainvoke(asked(Q.text), context={"max_calls": 1})
    assert provider.calls() == 1


async def test_late_drafts_count_within_the_grace(provider) -> None:
    provider.set(Model("ann"), Model("ben"), Model("cat", first_token_ms=700))
    team = [member(provider, n) for n in ("ann", "ben", "cat")]
    graph = create_moa(team, layers=2, aggregator="ann").compile()
    counts = {}
    for grace in (0.0, 5.0):
        state = await graph.ainvoke(asked(Q.text), context={"quorum": 2, "grace": grace})
        counts[grace] = sum(d["status"] == "ok" for d in state["result"]["drafts"])
    assert counts == {0.0: 2, 5.0: 3}


def test_usual_silence_needs_some_answers_and_scales_with_the_prompt() -> None:
    silences = Silences()
    for seconds in (0.1, 0.2, 0.3, 0.4):
        silences.add(seconds, 100, whole=False)
    assert silences.longest(100, whole=False) is None
    silences.add(0.5, 100, whole=False)
    assert silences.longest(400, whole=False) == pytest.approx(2.0)
    assert silences.longest(10, whole=False) == 0.5
    assert silences.longest(100, whole=True) is None
