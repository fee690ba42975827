"""Whoever observes a run is told of each call once, those of ensembles in a pool included."""

from __future__ import annotations

from typing import Any

from langgraph_ensemble import Member, create_moa
from langgraph_ensemble.models.observers import observed
from langgraph_ensemble.testing import says


class Seen:
    def __init__(self) -> None:
        self.calls: list[tuple[str, bool]] = []

    def called(self, what: Any, samples: Any, call: Any, *, nested: bool) -> None:
        assert call["member"] == what.member.name
        assert samples[0].status == call["status"]
        self.calls.append((call["member"], nested))


async def test_each_call_is_told_once_at_any_depth() -> None:
    inner = create_moa([says("ann"), says("ben")], layers=2, aggregator=says("cat")).compile()
    team = [Member(name="team", model=inner), says("dan")]
    outer = create_moa(team, layers=2, aggregator=says("eve")).compile()
    seen = Seen()
    with observed(seen):
        done = await outer.ainvoke({"messages": "Say something."})
    assert done["result"]["answer"]
    names = sorted(seen.calls)
    assert [name for name, nested in names if nested] == ["team"]
    assert [name for name, nested in names if not nested] == ["ann", "ben", "cat", "dan", "eve"]
    await outer.ainvoke({"messages": "Nobody observes this."})
    assert len(seen.calls) == 6
