"""Samples in waves, for a local server that draws samples one by one."""

from __future__ import annotations

import pytest
from helpers import ask, member, question
from langgraph_ensemble import create_avengers
from langgraph_ensemble.testing import Model
from langgraph_ensemble.voting.stopping import settled

Q = question("algebra", 1)


def graph(provider, *names: str, **more):
    """Self-consistency over members that are asked one by one."""
    team = [member(provider, name, native_n=False) for name in names]
    return create_avengers(team, None, **more).compile()


async def test_a_first_wave_that_agrees_settles_the_vote(provider) -> None:
    provider.set(Model("ann", says="The answer is 42."))
    result = (await graph(provider, "ann").ainvoke(ask(Q.text)))["result"]
    assert (result["stopped"], len(result["drafts"])) == ("settled", 4)
    assert provider.calls("ann") == 4


async def test_waves_have_the_seeds_of_one_draw(provider) -> None:
    whole = await graph(provider, "ann", "ben").ainvoke(
        ask(Q.text), context={"wave_seconds": None, "temperature": 1.0}
    )
    seeds = sorted(entry["seed"] for entry in provider.log())
    assert len(seeds) == 10
    provider.reset()
    waves = await graph(provider, "ann", "ben").ainvoke(ask(Q.text), context={"temperature": 1.0})
    drawn = [entry["seed"] for entry in provider.log()]
    assert set(drawn) <= set(seeds)
    assert len(set(drawn)) == len(drawn)
    indexes = [(d["member"], d["index"]) for d in waves["result"]["drafts"]]
    assert len(set(indexes)) == len(indexes)
    assert waves["result"]["answer"] == whole["result"]["answer"]


async def test_a_divided_wave_is_followed_by_the_rest(provider) -> None:
    provider.set(Model("ann", says="The answer is 1."), Model("ben", says="The answer is 2."))
    result = (await graph(provider, "ann", "ben").ainvoke(ask("How many apples are left?")))[
        "result"
    ]
    assert len(result["drafts"]) == 10
    assert result["stopped"] == "vote"
    assert [provider.calls(name) for name in ("ann", "ben")] == [5, 5]


async def test_a_slow_wave_is_the_last(provider) -> None:
    provider.set(Model("ann", says="The answer is 1.", first_token_ms=200), Model("ben", says="2"))
    result = (
        await graph(provider, "ann", "ben").ainvoke(
            ask("How many apples are left?"), context={"wave_seconds": 0.1}
        )
    )["result"]
    assert (result["stopped"], len(result["drafts"])) == ("wave_seconds", 8)


async def test_texts_that_agree_are_not_drawn_twice(provider) -> None:
    provider.set(Model("ann", says="Cats purr with their larynx, breathing in and out."))
    result = (await graph(provider, "ann").ainvoke(ask("Why do cats purr?")))["result"]
    assert (result["stopped"], len(result["drafts"])) == ("settled", 4)


async def test_a_server_that_takes_n_is_asked_for_all_at_once(provider) -> None:
    provider.set(Model("ann", says="The answer is 42."))
    team = [member(provider, "ann", native_n=True)]
    result = (await create_avengers(team, None).compile().ainvoke(ask(Q.text)))["result"]
    assert (provider.calls("ann"), len(result["drafts"])) == (1, 10)


@pytest.mark.parametrize(
    ("counts", "rest", "done"),
    [([5], 5, True), ([2], 8, True), ([1], 9, False), ([2, 2], 6, False), ([4, 1], 2, True)],
)
def test_when_a_vote_is_settled(counts, rest, done) -> None:
    assert settled(counts, rest) is done
