"""The honest account of a run: what was called, what it used, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from .answers import options, short_answer
from .context import EnsembleContext
from .prompting import question
from .raw import add_usage
from .state import Call, Draft, Usage

ANSWERED = ("ok", "cut", "degenerate", "empty")
"""How calls end for which a provider wants its money."""

TO_WRITE = 0.25
"""Share of `max_seconds` that drafting leaves to the writer of the final answer."""
KEEP_BEGINNING = 0.7
"""Share of `max_seconds` after which no further layer is begun."""


def used(calls: Sequence[Call]) -> Usage:
    """Tokens over all calls that reported them."""
    return add_usage([call["usage"] for call in calls if call["usage"]])


def cost(calls: Sequence[Call]) -> float | None:
    """US dollars over all calls; None as soon as one answered call has no known cost."""
    answered = [call for call in calls if call["status"] in ANSWERED]
    costs = [call["cost_usd"] for call in answered]
    if not costs or any(each is None for each in costs):
        return None
    return round(sum(each for each in costs if each is not None), 10)


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


def _read(state: Any) -> list[Draft]:
    """The drafts with the short answer each of them gave, where it can be read."""
    choices = options(question(state["messages"]))
    read: list[Draft] = [
        {**d, "answer": short_answer(d["text"], choices) if d["status"] == "ok" else None}
        for d in cast("list[Draft]", state["drafts"])
    ]
    return read


def account(
    strategy: str,
    answer: str,
    state: Any,
    knobs: EnsembleContext,
    calls: Sequence[Call],
    **more: Any,
) -> dict[str, Any]:
    """`result`: plain JSON that tells what happened.

    Args:
        strategy: Which method answered.
        answer: The final answer's text.
        state: The graph's state, for its drafts.
        knobs: The knobs of the run.
        calls: Every call, the last one included.
        more: What the method adds: votes, margin, stopped, rounds, routing.
    """
    unknown = sum(call["usage"] is None and call["status"] == "ok" for call in calls)
    return {
        "strategy": strategy,
        "answer": answer,
        "drafts": _read(state),
        "votes": more.pop("votes", []),
        "margin": more.pop("margin", None),
        "stopped": more.pop("stopped", None),
        **more,
        "usage": {**used(calls)} if calls and not unknown else None,
        "cost_usd": cost(calls),
        "calls": len(calls),
        "steps": [call for call in calls if call["stage"] != "propose"],
        "seed": knobs.seed,
    }
