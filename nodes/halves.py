"""Ask models on this machine for half of the samples first, for the rest only while it matters.

A server that answers one request after the other makes a person wait for each sample. When the
first half settles the vote, or has taken long, the second half is not worth its time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scipy.special import betainc

from ..member import Member
from ..models.machines import machine_of
from ..models.request import one_by_one
from .context import AvengersContext
from .limits import seconds_spent
from ..records import Draft

FEWEST = 4
"""Samples of a member below which there is nothing to halve."""
SURE = 0.95
"""Probability at which a vote counts as settled."""


def first_half(
    asking: Mapping[str, int], team: Mapping[str, Member], knobs: AvengersContext
) -> dict[str, int]:
    """How many samples each member is asked for first.

    Args:
        asking: Samples wanted of each member in all.
        team: The members by name.
        knobs: Of the run; without `half_seconds` nothing is halved.
    """
    halved = knobs.half_seconds is not None
    return {
        name: (count + 1) // 2 if halved and count >= FEWEST and _queues(team[name]) else count
        for name, count in asking.items()
    }


def second_half(
    wanted: Mapping[str, int],
    state: Mapping[str, Any],
    tally: Mapping[str, Any],
    knobs: AvengersContext,
) -> tuple[dict[str, int], str | None]:
    """Who is asked for the rest, or why nobody is; nobody and None where there is no rest.

    Args:
        wanted: Samples wanted of each member in all.
        state: The run's state after the first half.
        tally: The vote over the first half.
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
    if knobs.half_seconds is None or seconds_spent(state["calls"]) > knobs.half_seconds:
        return {}, "half_seconds"
    return rest, None


def settled(counts: Sequence[int], rest: int) -> bool:
    """Whether more samples would hardly change who wins.

    They cannot where the lead is greater than what is left. They hardly would where the first
    answer is the more frequent one of the first two with a probability of 95%, under a uniform
    prior: the Beta criterion of Adaptive-Consistency (Aggarwal et al., arXiv 2305.11860).

    Args:
        counts: Votes of each answer, most first.
        rest: Samples that have not been asked for.

    Example:
        >>> settled([5], 5), settled([3, 2], 5), settled([4, 1], 2)
        (True, False, True)
    """
    first, second = counts[0], counts[1] if len(counts) > 1 else 0
    return first - second > rest or float(betainc(second + 1, first + 1, 0.5)) >= SURE


def drawn_by(drafts: Sequence[Draft]) -> dict[str, int]:
    """How many samples each member has been asked for."""
    found: dict[str, int] = {}
    for draft in drafts:
        found[draft["member"]] = found.get(draft["member"], 0) + 1
    return found


def _queues(member: Member) -> bool:
    return one_by_one(member) and machine_of(member) is not None
