"""Ask models on local servers for a few samples at a time, and for more only while it matters.

Such a server answers few requests at once, so that a person waits for every sample. When the first
wave settles the vote, or the waves have taken long, the rest is not worth its time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..member import Member
from ..models.machines import machine_of
from ..models.request import one_by_one
from ..records import Draft
from ..voting.stopping import settled
from .context import AvengersContext
from .limits import seconds_spent

WAVE = 4
"""Samples of one member at once: what a llama.cpp server takes side by side by default."""


def wave(
    wanted: Mapping[str, int], team: Mapping[str, Member], knobs: AvengersContext
) -> dict[str, int]:
    """How many samples each member is asked for at once.

    Args:
        wanted: Samples wanted of each member.
        team: The members by name.
        knobs: Of the run; without `wave_seconds` all samples are asked for at once.
    """
    waves = knobs.wave_seconds is not None
    return {
        name: min(count, WAVE) if waves and _queues(team[name]) else count
        for name, count in wanted.items()
    }


def next_wave(
    wanted: Mapping[str, int],
    state: Mapping[str, Any],
    tally: Mapping[str, Any],
    team: Mapping[str, Member],
    knobs: AvengersContext,
) -> tuple[dict[str, int], str | None]:
    """Who is asked for more, or why nobody is; nobody and None where all samples are drawn.

    Args:
        wanted: Samples wanted of each member in all.
        state: The run's state after a wave.
        tally: The vote over the waves so far.
        team: The members by name.
        knobs: Of the run.
    """
    drawn = drawn_by(state["drafts"])
    rest = {name: n - drawn[name] for name, n in wanted.items() if 0 < drawn.get(name, 0) < n}
    if not rest:
        return {}, None
    if not tally["votes"]:
        return {}, "no_vote"
    if settled([vote["count"] for vote in tally["votes"]], sum(rest.values())):
        return {}, "settled"
    if knobs.wave_seconds is None or seconds_spent(state["calls"]) > knobs.wave_seconds:
        return {}, "wave_seconds"
    return wave(rest, team, knobs), None


def drawn_by(drafts: Sequence[Draft]) -> dict[str, int]:
    """How many samples each member has been asked for."""
    found: dict[str, int] = {}
    for draft in drafts:
        found[draft["member"]] = found.get(draft["member"], 0) + 1
    return found


def _queues(member: Member) -> bool:
    return one_by_one(member) and machine_of(member) is not None
