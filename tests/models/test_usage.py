"""Tokens of every call: as the server reports them, else as an estimate that says so."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import ask, member
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI
from langgraph_ensemble import Budget, EnsembleChatModel, Member, create_avengers, create_moa
from langgraph_ensemble.testing import Model, says

Q = "What is 3 + 4?"


def chat(provider: Any, name: str, **more: Any) -> ChatOpenAI:
    return ChatOpenAI(model=name, base_url=provider.url, api_key="none", max_retries=0, **more)


def counts(usage: dict[str, Any]) -> tuple[int, int, int]:
    return usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]


async def test_a_chat_model_at_a_custom_address_tells_its_tokens(provider) -> None:
    graph = create_moa([chat(provider, "ann"), chat(provider, "ben")], layers=2)
    result = (await graph.compile().ainvoke(ask(Q)))["result"]
    assert all(entry["stream"] for entry in provider.log())
    assert result["usage"]["total_tokens"] == sum(e["tokens"] for e in provider.log())
    assert "estimated" not in result["usage"]
    provider.reset()
    model = EnsembleChatModel(graph)
    chunks = [chunk async for chunk in model.astream(Q)]
    told = chunks[-1].usage_metadata
    assert told is not None
    assert told["total_tokens"] == sum(e["tokens"] for e in provider.log())


async def test_a_chat_model_that_is_told_not_to_ask_is_obeyed(provider) -> None:
    graph = create_avengers([chat(provider, "ann", stream_usage=False)], None, samples=1)
    result = (await graph.compile().ainvoke(ask(Q)))["result"]
    assert result["usage"]["estimated"] is True


async def test_a_server_that_refuses_to_report_is_asked_without(provider) -> None:
    provider.set(Model("ann", fault="no_stream_options"))
    for who in (chat(provider, "ann"), Member.of(chat(provider, "ann"), "ann")):
        provider.reset()
        graph = create_avengers([who], None, samples=1).compile()
        for _ in range(2):
            result = (await graph.ainvoke(ask(Q)))["result"]
            assert [d["status"] for d in result["drafts"]] == ["ok"]
            assert result["usage"]["estimated"] is True
        assert [e["status"] for e in provider.log()] == [400, 200, 200], "refused once"
    provider.set(Model("ann", fault="unauthorised"))
    provider.reset()
    graph = create_avengers([chat(provider, "ann"), says("ben")], None, samples=2).compile()
    await graph.ainvoke(ask(Q))
    assert provider.calls() == 1, "no key is no reason to ask again"


@pytest.mark.parametrize("kind", ["string", "object"])
@pytest.mark.parametrize("samples", [1, 3])
async def test_what_a_server_does_not_report_is_estimated(provider, kind, samples) -> None:
    provider.set(Model("ann", fault="no_usage", says=" ".join(f"w{i * i}" for i in range(40))))
    who = member(provider, "ann") if kind == "string" else chat(provider, "ann")
    graph = create_moa([who], layers=2, samples=samples).compile()
    result = (await graph.ainvoke(ask(Q)))["result"]
    assert result["usage"]["estimated"] is True
    inputs, outputs, total = counts(result["usage"])
    assert inputs + outputs == total
    text = sum(len(d["text"]) for d in result["drafts"]) + len(result["answer"])
    assert text / 6 < outputs < text / 2
    assert sum(d["usage"]["total_tokens"] for d in result["drafts"]) < total
    assert all(d["usage"]["estimated"] for d in result["drafts"])
    if kind == "string":
        assert result["cost_usd"] == pytest.approx((inputs + 2 * outputs) / 1_000_000)


async def test_one_estimate_makes_the_sum_an_estimate(provider) -> None:
    provider.set(Model("ann", fault="no_usage"))
    graph = create_moa([member(provider, "ann"), member(provider, "ben")], layers=2)
    graph = create_moa([graph, member(provider, "ben")], layers=2).compile()
    result = (await graph.ainvoke(ask(Q)))["result"]
    drafts = {d["member"]: d for d in result["drafts"]}
    assert "estimated" not in drafts["ben"]["usage"]
    assert drafts["moa"]["usage"]["estimated"] is True
    assert result["usage"]["estimated"] is True


async def test_an_estimate_gives_nothing_back_to_a_budget(provider) -> None:
    """The cap is hard: what a call used is not known, so its worst case counts."""
    provider.set(Model("ann", fault="no_usage"))
    graph = create_avengers([member(provider, "ann", max_tokens=500)], None, samples=1).compile()
    caps = {"max_total_tokens": 5000}
    with Budget() as budget:
        result = (await graph.ainvoke(ask(Q), context=caps))["result"]
    assert result["usage"]["total_tokens"] < 200
    assert budget.spent.tokens > 500


async def test_nothing_is_guessed_of_what_is_not_a_model() -> None:
    """An agent or a chain may ask models as often as it likes."""
    agent = Member.of(RunnableLambda(lambda _: AIMessage("Answer: 7")), "agent")
    result = (await create_avengers([agent], None, samples=1).compile().ainvoke(ask(Q)))["result"]
    assert result["usage"] is None
    model = EnsembleChatModel(create_avengers([agent], None, samples=1))
    assert (await model.ainvoke(Q)).usage_metadata is None
