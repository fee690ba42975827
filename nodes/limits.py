"""What the calls of a run used and cost, and whether a limit of the run is reached."""

from __future__ import annotations

from collections.abc import Sequence

from .context import EnsembleContext
from .request import add_usage
from .state import Call, Usage


def used(calls: Sequence[Call]) -> Usage:
    """Tokens over all calls that reported them."""
    return add_usage([call["usage"] for call in calls if call["usage"]])


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
    return None
