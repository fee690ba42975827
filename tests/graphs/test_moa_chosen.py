"""MoA over members that a task map chooses, with layers by difficulty."""

from __future__ import annotations

import pytest
from helpers import ask, member, question
from langgraph_ensemble import InputError, Profile, create_moa
from langgraph_ensemble.graphs.moa import PRESETS
from langgraph_ensemble.testing import Model, bank

# ann and ben are nearly the same; cat is good where they are not; dan is good at nothing.
SCORES = {
    "algebra": {"ann": 0.95, "ben": 0.9, "cat": 0.7, "dan": 0.1, "eva": 0.6},
    "history": {"ann": 0.3, "ben": 0.3, "cat": 0.5, "dan": 0.1, "eva": 0.45},
}
RECORDS = [
    {"query": q.text, "scores": SCORES[q.domain]} for q in bank()[:200] if q.domain in SCORES
]
MAP = Profile.fit(RECORDS, seed=1)


def team(provider) -> list:
    names = ("ann", "ben", "cat", "dan", "eva")
    provider.set(*(Model(name) for name in names))
    return [member(provider, name) for name in names]


def drafted(result: dict) -> set[str]:
    return {draft["member"] for draft in result["drafts"]}


async def test_the_oracle_takes_the_three_best_of_the_task(provider) -> None:
    graph = create_moa(team(provider), profile=MAP, **PRESETS["moa-oracle"]).compile()
    result = (await graph.ainvoke(ask(question("algebra").text)))["result"]
    assert drafted(result) == {"ann", "ben", "cat"}
    assert result["calls"] == 2 * 3 + 1
    result = (await graph.ainvoke(ask(question("history").text)))["result"]
    assert drafted(result) == {"cat", "eva", "ann"}


async def test_diversity_takes_who_differs_among_the_good(provider) -> None:
    two = {"profile": MAP, "top_n": 2, "layers": 2}
    asked = ask(question("algebra").text)
    best = (await create_moa(team(provider), **two).compile().ainvoke(asked))["result"]
    assert drafted(best) == {"ann", "ben"}
    mixed = create_moa(team(provider), **two, diversity=0.5).compile()
    result = (await mixed.ainvoke(asked))["result"]
    assert drafted(result) == {"ann", "cat"} or drafted(result) == {"ann", "dan"}
    some = create_moa(team(provider), **two, diversity=0.3).compile()
    assert drafted((await some.ainvoke(asked))["result"]) == {"ann", "cat"}
    with pytest.raises(InputError, match="diversity must lie from 0 to 1, not 2"):
        create_moa(team(provider), **two, diversity=2)


async def test_harder_questions_get_more_layers_by_an_edge(provider) -> None:
    graph = create_moa(team(provider), profile=MAP, **PRESETS["moa-adaptive"]).compile()
    easy = (await graph.ainvoke(ask(question("algebra").text)))["result"]
    hard = (await graph.ainvoke(ask(question("history").text)))["result"]
    layers = [max(draft["layer"] for draft in result["drafts"]) for result in (easy, hard)]
    assert layers == [2, 3]
    fixed = await graph.ainvoke(ask(question("algebra").text), context={"depth": "fixed"})
    assert max(draft["layer"] for draft in fixed["result"]["drafts"]) == 3


async def test_without_a_task_map_nothing_is_adaptive(provider) -> None:
    graph = create_moa(team(provider), **PRESETS["moa-adaptive"]).compile()
    result = (await graph.ainvoke(ask(question("algebra").text)))["result"]
    assert result["calls"] == 5 * 3 + 1
