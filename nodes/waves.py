"""Draw samples of models on local servers in waves, and stop when more samples are not needed.

Such a server answers few concurrent requests, so the user waits for every sample. The remaining
samples are not drawn if the first wave settles the vote, or if the waves have taken long.
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
"""Samples of one member in a wave, which is the default concurrency of a llama.cpp server."""


def wave(
    wanted: Mapping[str, int], team: Mapping[str, Member], knobs: AvengersContext
) -> dict[str, int]:
    """The number of samples of each member in the next wave.

    Args:
        wanted: Number of wanted samples of each member.
        team: The members by name.
        knobs: Knobs of the run; without `wave_seconds` all samples are one wave.
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
    """The next wave, or the reason to stop; both are empty if all samples are drawn.

    Args:
        wanted: Total number of wanted samples of each member.
        state: The run's state after a wave.
        tally: The vote over the waves so far.
        team: The members by name.
        knobs: Knobs of the run.
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
    """The number of samples that each member was asked for."""
    drawn: dict[str, int] = {}
    for draft in drafts:
        drawn[draft["member"]] = drawn.get(draft["member"], 0) + 1
    return drawn


def _queues(member: Member) -> bool:
    return one_by_one(member) and machine_of(member) is not None
