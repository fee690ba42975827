"""A cap is never exceeded: over layers, rounds, samples, branches, nested ensembles and runs."""

from __future__ import annotations

import asyncio
import gc
import random
from typing import Any

import pytest
from helpers import ask, member, question, thread
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_ensemble import (
    Budget,
    EnsembleChatModel,
    NoUsableDraftError,
    Pool,
    create_avengers,
    create_moa,
    create_smoa,
)
from langgraph_ensemble.nodes import limits
from langgraph_ensemble.testing import Model, Provider

Q = question()
PRICE = {"input": 1.0, "output": 1.0}
CAPS = ("max_calls", "max_total_tokens", "budget_usd")


@pytest.fixture
def five(provider) -> Pool:
    """Members that disagree, so that no run ends before its cap."""
    names = ("ann", "ben", "cat", "dan", "eve")
    provider.set(*(Model(name, default_skill=0.2) for name in names))
    return Pool([member(provider, name, price=PRICE) for name in names])


def used(provider: Provider) -> dict[str, float]:
    """The calls, tokens and dollars that the provider counted."""
    log = provider.log()
    tokens = sum(entry.get("tokens", 0) for entry in log)
    return {"max_calls": len(log), "max_total_tokens": tokens, "budget_usd": tokens / 1e6}


def graphs(pool: Pool) -> list[Any]:
    """One graph of each kind, with more calls to make than the caps below allow."""
    return [
        create_moa(pool, layers=3).compile(),
        create_smoa(pool, max_rounds=3, k=2, moderator="ann", agreement=1.0).compile(),
        create_avengers(pool, None, samples=10).compile(),
    ]


async def outcome(graph: Any, **knobs: Any) -> dict[str, Any] | None:
    """The `result` of a run; None if the cap allowed no answer at all."""
    try:
        return (await graph.ainvoke(ask(Q.text), context=knobs))["result"]
    except NoUsableDraftError as error:
        if "the budget does not allow this call" not in str(error):
            raise
        return None


@pytest.mark.parametrize("kind", range(3))
@pytest.mark.parametrize("cap", [1, 3, 7, 8, 12])
async def test_max_calls_is_never_passed(provider, five, kind, cap) -> None:
    result = await outcome(graphs(five)[kind], max_calls=cap)
    assert result is not None
    assert result["answer"]
    assert provider.calls() == result["calls"] <= cap


async def test_random_budgets_over_all_graphs_are_never_passed(provider, five) -> None:
    draw = random.Random(7)
    kinds = graphs(five)
    for _ in range(60):
        provider.reset()
        cap = draw.choice(CAPS)
        most = {"max_calls": 20, "max_total_tokens": 60_000, "budget_usd": 0.08}[cap]
        limit: Any = draw.random() * most
        limit = max(1, int(limit)) if cap != "budget_usd" else limit
        await outcome(draw.choice(kinds), **{cap: limit})
        assert used(provider)[cap] <= limit, (cap, limit)


@pytest.mark.parametrize("wrap", [lambda graph: graph.compile(), EnsembleChatModel])
async def test_an_ensemble_in_a_pool_keeps_the_outer_cap(provider, five, wrap) -> None:
    inner = wrap(create_moa(five, layers=2))
    outer = create_moa([*five, inner], layers=2, aggregator="ann").compile()
    result = await outcome(outer)
    assert result is not None
    assert result["calls"] == provider.calls() == 12
    for cap in (2, 6, 9, 15):
        provider.reset()
        result = await outcome(outer, max_calls=cap)
        assert result is not None
        assert provider.calls() == result["calls"] <= cap


async def test_runs_side_by_side_share_a_budget(provider, five) -> None:
    graph = create_moa(five, layers=2).compile()
    with Budget(max_calls=40) as budget:
        results = await asyncio.gather(*(outcome(graph) for _ in range(16)))
    assert provider.calls() == budget.spent.calls <= 40
    assert sum(result["calls"] for result in results if result) <= 40
    assert any(results)
    provider.reset()
    await outcome(graph)
    assert provider.calls() == 6, "outside the block nothing is bounded"


def test_threads_share_a_budget(provider, five) -> None:
    graph = create_moa(five, layers=2).compile()
    with Budget(max_calls=9) as budget:
        result = graph.invoke(ask(Q.text))["result"]
    assert provider.calls() == budget.spent.calls == result["calls"] <= 9


async def test_what_a_call_did_not_use_is_given_back(provider, five) -> None:
    with Budget(max_total_tokens=10**6, budget_usd=10.0) as budget:
        result = await outcome(create_moa(five, layers=2).compile())
    assert result is not None
    assert budget.spent.tokens == result["usage"]["total_tokens"]
    assert budget.spent.usd == pytest.approx(result["cost_usd"])


async def test_a_stream_that_is_ended_here_counts_in_full(provider) -> None:
    """Its server has written on before it saw that nobody reads any more."""
    provider.set(Model("dan", says="It is what it is, and that is that. " * 60))
    graph = create_avengers([member(provider, "dan", max_tokens=400)], None, samples=1).compile()
    with Budget() as budget:
        state = await graph.ainvoke(ask("Why do cats purr?"))
    assert state["result"]["drafts"][0]["error"] == "it repeated itself"
    assert budget.spent.tokens >= used(provider)["max_total_tokens"] > 400


async def test_the_outer_limit_of_seconds_ends_an_inner_ensemble_with_its_best(provider) -> None:
    provider.set(Model("ann"), Model("ben", fault="hang"))
    inner = create_moa([member(provider, "ann"), member(provider, "ben")], layers=2).compile()
    outer = create_moa([inner], layers=2, aggregator=member(provider, "dan")).compile()
    result = await outcome(outer, max_seconds=4.0)
    assert result is not None
    assert [draft["status"] for draft in result["drafts"]] == ["ok"]


@pytest.mark.parametrize("kind", range(3))
async def test_budgets_of_runs_that_have_ended_are_forgotten(provider, five, kind) -> None:
    before, graph = len(limits._budgets), graphs(five)[kind]
    outer = create_moa([*five, graph], layers=2, aggregator="ann").compile()
    for each in (graph, outer):
        assert await outcome(each, max_calls=9) is not None
        assert await asyncio.to_thread(each.invoke, ask(Q.text), context={"max_calls": 9})
        async for _ in each.astream(ask(Q.text), context={"max_calls": 9}, stream_mode="custom"):
            break
    for _ in range(50):  # A run whose stream is no more read ends a moment later.
        gc.collect()
        await asyncio.sleep(0.1)
        if len(limits._budgets) == before:
            break
    assert len(limits._budgets) == before


async def test_a_run_that_is_broken_off_keeps_its_budget_until_it_has_gone_on(
    provider, five
) -> None:
    """What was spent before the break is in no checkpoint yet."""
    provider.set(*(Model(name, first_token_ms=400) for name in ("ann", "ben")))
    before = len(limits._budgets)
    graph = create_moa(five, layers=2).compile(checkpointer=InMemorySaver())
    run = asyncio.ensure_future(graph.ainvoke(ask(Q.text), thread("t"), context={"max_calls": 7}))
    for _ in range(200):
        if provider.calls() == 5:
            break
        await asyncio.sleep(0.02)
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    assert len(limits._budgets) == before + 1
    state = await graph.ainvoke(None, thread("t"), context={"max_calls": 7})
    assert state["result"]["answer"]
    assert provider.calls() <= 7
    assert len(limits._budgets) == before
