"""`strategy="team"`: members are asked until the vote is settled, weighted by their records."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import ask, member
from langgraph_ensemble import Pool, Profile, create_avengers
from langgraph_ensemble.testing import Model

ASKED = "How many legs has a spider?"


def learnt(**skill: float) -> Profile:
    """A profile fitted on answers; each member is right on the given share of ten questions."""
    rows = []
    for i in range(200):
        said = {
            n: "8" if (i * 7 + k) % 10 < 10 * s else str(k)
            for k, (n, s) in enumerate(skill.items())
        }
        rows.append(
            {
                "query": f"How many legs has spider number {i}?",
                "scores": {name: float(text == "8") for name, text in said.items()},
                "answers": {name: f"Answer: {text}" for name, text in said.items()},
            }
        )
    return Profile.fit(rows, clusters=2, views=1, families=1, kappa=10.0)


def team(provider, **says: str) -> Pool:
    provider.set(*(Model(name, says=f"Answer: {text}") for name, text in says.items()))
    return Pool([member(provider, name) for name in says])


async def run(graph: Any, **knobs: Any) -> dict[str, Any]:
    return (await graph.compile().ainvoke(ask(ASKED), context=knobs))["result"]


async def test_two_that_agree_settle_it_and_the_others_are_not_asked(provider) -> None:
    pool = team(provider, ann="8", ben="8", cat="6", dan="6")
    graph = create_avengers(pool, None, strategy="team", settled=0.7)
    result = await run(graph)
    assert (result["answer"], result["stopped"]) == ("Answer: 8", "settled")
    assert provider.calls() == result["calls"] == 2
    provider.reset()
    result = await run(graph, settled=1.0)
    assert provider.calls() == 4
    assert result["stopped"] == "vote"


async def test_disagreement_is_asked_on(provider) -> None:
    pool = team(provider, ann="8", ben="6", cat="6", dan="5")
    result = await run(create_avengers(pool, None, strategy="team"))
    assert provider.calls() >= 3
    assert result["answer"] == "Answer: 6"


async def test_who_proved_best_is_asked_first_and_outweighs_two(provider) -> None:
    profile = learnt(ann=0.3, ben=0.3, cat=0.9, dan=0.5)
    pool = team(provider, ann="6", ben="6", cat="8", dan="8")
    result = await run(create_avengers(pool, profile, strategy="team", settled=1.0))
    assert result["drafts"][0]["member"] == "cat"
    assert result["answer"] == "Answer: 8"
    weighed = await run(
        create_avengers(pool.subset(["ann", "ben", "cat"]), profile, top_n=3, samples=3)
    )
    assert weighed["answer"] == "Answer: 8"
    equal = await run(
        create_avengers(
            pool.subset(["ann", "ben", "cat"]), profile, top_n=3, samples=3, weights="equal"
        )
    )
    assert equal["answer"] == "Answer: 6"


async def test_a_dead_member_is_passed_over(provider) -> None:
    pool = team(provider, ann="8", ben="8", cat="8")
    provider.set(Model("ann", fault="dead"))
    result = await run(create_avengers(pool, None, strategy="team"))
    assert result["answer"] == "Answer: 8"
    assert {d["member"] for d in result["drafts"] if d["status"] == "ok"} >= {"ben"}


@pytest.mark.parametrize("settled", [0.0, 1.1])
def test_a_settled_that_is_no_probability_is_refused(provider, settled) -> None:
    with pytest.raises(ValueError, match="settled"):
        create_avengers(team(provider, ann="8", ben="8"), None, settled=settled)
