"""Aggregator, judge and moderator from outside the pool play their part and do not draft."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import ask, member, question
from langchain_openai import ChatOpenAI
from langgraph_ensemble import create_moa, create_smoa
from langgraph_ensemble.testing import Model
from pydantic import SecretStr

Q = question()


@pytest.fixture
def team(provider) -> list[Any]:
    """Two proposers that never agree by themselves."""
    provider.set(Model("ann", default_skill=1.0), Model("ben", default_skill=0.0))
    return [member(provider, "ann"), member(provider, "ben")]


@pytest.fixture(params=["object", "member", "string"])
def big(request, provider, monkeypatch) -> Any:
    """The model `dan` of the provider, in each form that the builders accept."""
    if request.param == "object":
        return ChatOpenAI(model="dan", base_url=provider.url, api_key=SecretStr("none"))
    if request.param == "member":
        return member(provider, "dan")
    from langgraph_ensemble.models import providers

    monkeypatch.setitem(providers.ENDPOINTS, "vllm", providers.Endpoint(provider.url, None))
    return "vllm:dan"


async def test_moa_answers_with_an_aggregator_of_its_own(provider, team, big) -> None:
    state = await create_moa(team, layers=2, aggregator=big).compile().ainvoke(ask(Q.text))
    assert {draft["member"] for draft in state["result"]["drafts"]} == {"ann", "ben"}
    assert [step["member"] for step in state["result"]["steps"]] == ["dan"]
    assert provider.calls("dan") == 1


async def test_smoa_judges_with_a_judge_of_its_own(provider, team, big) -> None:
    graph = create_smoa(team, k=1, max_rounds=1, judge=big, aggregator="ann").compile()
    state = await graph.ainvoke(ask(Q.text))
    assert {draft["member"] for draft in state["result"]["drafts"]} == {"ann", "ben"}
    assert {(s["stage"], s["member"]) for s in state["result"]["steps"]} == {
        ("judge", "dan"),
        ("aggregate", "ann"),
    }


async def test_smoa_asks_a_moderator_of_its_own(provider, team, big) -> None:
    graph = create_smoa(team, max_rounds=2, moderator=big, judge=big, aggregator=big).compile()
    state = await graph.ainvoke(ask(Q.text))
    assert {s["member"] for s in state["result"]["steps"]} == {"dan"}
    assert {"judge", "moderate", "aggregate"} == {s["stage"] for s in state["result"]["steps"]}
