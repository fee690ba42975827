"""Servers on one machine take turns; calls of one server run together."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from helpers import ask, member, question
from langgraph_ensemble import Member, Pool, create_moa
from langgraph_ensemble.models import machines
from langgraph_ensemble.models.machines import Turns, machine_of, turn
from langgraph_ensemble.testing import Model, Provider

Q = question("algebra", 1)


@pytest.fixture
def two_servers():
    """Two model servers on this machine, a member at each."""
    with (
        Provider([Model("ann", first_token_ms=80)]) as first,
        Provider([Model("ben", first_token_ms=80)]) as second,
    ):
        yield first, second


def slowly(first: Provider, second: Provider) -> None:
    """Make answers slow, so that concurrent calls overlap even on a busy machine."""
    first.set(Model("ann", first_token_ms=700))
    second.set(Model("ben", first_token_ms=700))


def spans(*providers: Provider) -> list[tuple[float, float]]:
    """Start and end of each logged call, in order."""
    return sorted((e["began"], e["ended"] or 0.0) for p in providers for e in p.log())


async def test_two_servers_on_this_machine_never_answer_at_once(two_servers) -> None:
    first, second = two_servers
    pool = Pool([member(first, "ann"), member(second, "ben")])
    graph = create_moa(pool, layers=3).compile()
    states = await graph.abatch([ask(Q.text)] * 3)
    assert all(state["result"]["answer"] for state in states)
    ann, ben = spans(first), spans(second)
    assert len(ann) + len(ben) == 15
    assert not [(a, b) for a in ann for b in ben if a[0] < b[1] - 0.01 and b[0] < a[1] - 0.01]
    # Calls that waited for the same server ran together.
    assert any(b[0] < a[1] for a, b in pairwise(ann))


async def test_servers_of_several_gpus_answer_at_once(two_servers, monkeypatch) -> None:
    monkeypatch.setattr(machines, "_several_gpus", lambda: True)
    first, second = two_servers
    slowly(first, second)
    pool = Pool([member(first, "ann"), member(second, "ben")])
    await create_moa(pool, layers=2).compile().ainvoke(ask(Q.text))
    assert spans(second)[0][0] < spans(first)[0][1]


async def test_members_that_name_machines_of_their_own_answer_at_once(two_servers) -> None:
    first, second = two_servers
    slowly(first, second)
    pool = Pool([member(first, "ann", machine="gpu0"), member(second, "ben", machine="gpu1")])
    await create_moa(pool, layers=2).compile().ainvoke(ask(Q.text))
    assert spans(second)[0][0] < spans(first)[0][1]


async def test_models_of_one_named_machine_take_turns_at_one_address(provider) -> None:
    provider.set(*(Model(name, first_token_ms=80) for name in ("ann", "ben")))
    team = [member(provider, name, machine="laptop") for name in ("ann", "ben")]
    await create_moa(team, layers=2).compile().ainvoke(ask(Q.text))
    assert all(later[0] >= earlier[1] - 0.01 for earlier, later in pairwise(spans(provider)))


def test_where_a_member_runs() -> None:
    assert machine_of(Member(name="a", model="m", base_url="http://[::1]:1/v1")) == machines.HERE
    assert machine_of(Member(name="a", model="m", provider="llamacpp")) == machines.HERE
    assert machine_of(Member(name="a", model="m")) is None
    there = Member(name="a", model="m", base_url="https://api.together.xyz/v1", machine="box")
    assert machine_of(there) == "box"


async def test_a_call_that_fails_or_is_given_up_hands_its_turn_on(provider) -> None:
    ann = member(provider, "ann", machine="m")
    ben = member(provider, "ben", machine="m")
    with pytest.raises(ValueError, match="broken"):
        async with turn(ann):
            raise ValueError("broken")

    async def hold(who: Member, seconds: float) -> str:
        async with turn(who):
            await asyncio.sleep(seconds)
        return who.name

    holder = asyncio.create_task(hold(ann, 60))
    waiter = asyncio.create_task(hold(ben, 0))
    await asyncio.sleep(0.01)
    assert not waiter.done()
    holder.cancel()
    assert await asyncio.wait_for(waiter, 1) == "ben"


async def test_a_waiting_call_that_is_given_up_as_it_is_let_in_hands_its_turn_on() -> None:
    turns = Turns()
    await turns.enter("a")
    given_up = asyncio.create_task(turns.enter("b"))
    next_one = asyncio.create_task(turns.enter("c"))
    await asyncio.sleep(0)
    turns.leave()
    given_up.cancel()
    await asyncio.wait_for(next_one, 1)
    turns.leave()
    await asyncio.wait_for(turns.enter("b"), 1)


async def test_no_server_is_overtaken_for_ever() -> None:
    turns = Turns()
    await turns.enter("a")
    other = asyncio.create_task(turns.enter("b"))
    await asyncio.sleep(0)
    later = asyncio.create_task(turns.enter("a"))
    await asyncio.sleep(0)
    assert not later.done()
    turns.leave()
    await asyncio.wait_for(other, 1)
    assert not later.done()
    turns.leave()
    await asyncio.wait_for(later, 1)
