"""What the calls of a run used, cost and took, and whether a limit of the run is reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..member import Member
from ..models.machines import machine_of
from ..models.raw import add_usage
from ..records import Call, Usage
from .context import EnsembleContext

RUN_SECONDS, SMALL_RUN_SECONDS = 300.0, 50.0
"""Default of `max_seconds`, and where small models take turns on one machine: there ten samples of
a hard question can take minutes, which they are not worth."""
ANSWERED = ("ok", "cut", "degenerate", "empty")
"""How calls end for which a provider wants its money."""

TO_WRITE = 0.25
"""Share of `max_seconds` that drafting leaves to the writer of the final answer."""
KEEP_BEGINNING = 0.7
"""Share of `max_seconds` after which no further layer is begun."""


def default_seconds(members: Iterable[Member]) -> float:
    """The default of `max_seconds` for a team.

    Example:
        >>> here = {"base_url": "http://localhost:8000/v1"}
        >>> default_seconds([Member(name="a", model="a-0.5b", **here)])
        50.0
    """
    slow = all(member.small and machine_of(member) is not None for member in members)
    return SMALL_RUN_SECONDS if slow else RUN_SECONDS


def used(calls: Sequence[Call]) -> Usage:
    """Tokens over all calls that reported them."""
    return add_usage([call["usage"] for call in calls if call["usage"]])


def seconds_spent(calls: Sequence[Call]) -> float:
    """Seconds that the run's steps have waited for models, those of a layer side by side.

    Counted from the calls, not from a clock: a run that was interrupted and resumed has not spent
    the time in between.
    """
    steps: dict[tuple[int, str], float] = {}
    for call in calls:
        step = (call["layer"], call["stage"])
        steps[step] = max(steps.get(step, 0.0), call["latency_ms"] / 1000)
    return sum(steps.values())


def seconds_left(
    calls: Sequence[Call], knobs: EnsembleContext, *, keep: float = 0.0
) -> float | None:
    """Seconds that the next step may take; None where there is no limit.

    Args:
        calls: The calls of the run so far.
        knobs: The knobs of the run: `deadline` bounds one step, `max_seconds` all of them.
        keep: Share of `max_seconds` that later steps are left with.
    """
    limits = [] if knobs.deadline is None else [knobs.deadline]
    if knobs.max_seconds is not None:
        limits.append(max(0.0, (1 - keep) * knobs.max_seconds - seconds_spent(calls)))
    return min(limits, default=None)


def exhausted(calls: Sequence[Call], knobs: EnsembleContext) -> str | None:
    """Which limit of the run is used up, if one is.

    An unknown cost never counts as free: with a budget in US dollars, `prepare` has already asked
    for a price of every member.
    """
    if knobs.max_calls is not None and len(calls) >= knobs.max_calls:
        return "max_calls"
    limit = knobs.max_total_tokens
    if limit is not None and used(calls)["total_tokens"] >= limit:
        return "max_total_tokens"
    if knobs.budget_usd is not None:
        spent = sum(call["cost_usd"] or 0.0 for call in calls)
        if spent >= knobs.budget_usd:
            return "budget_usd"
    if knobs.max_seconds is not None and seconds_spent(calls) >= KEEP_BEGINNING * knobs.max_seconds:
        return "max_seconds"
    return None
