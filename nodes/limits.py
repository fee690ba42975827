"""Usage, cost and time of a run's calls, and whether a limit of the run is reached."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from ..member import Member
from ..models.budget import Budget, Limits, Spend, cap_in, seconds_outside
from ..models.machines import machine_of
from ..models.raw import add_usage
from ..records import Call, Draft, Usage
from .base import Run
from .bridge import Works
from .context import EnsembleContext

RUN_SECONDS, SMALL_RUN_SECONDS = 300.0, 50.0
"""Default of `max_seconds`, and the default for small models that take turns on one machine, where
ten samples of a hard question could take minutes."""
ANSWERED = ("ok", "cut", "degenerate", "empty")
"""Statuses of calls that a provider charges for."""

TO_WRITE = 0.25
"""Share of `max_seconds` that drafting reserves for the writer of the final answer."""
TO_RETURN = 0.1
"""Share of an outer ensemble's waiting time after which a nested one gives its answer."""
KEEP_BEGINNING = 0.7
"""Share of `max_seconds` after which no further layer is started."""


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
    """Seconds that the run's steps have waited for models; calls of a layer are concurrent.

    They are summed from the calls and not read from a clock, so that a pause of an interrupted run
    does not count.
    """
    steps: dict[tuple[int, str], float] = {}
    for call in calls:
        step = (call["layer"], call["stage"])
        steps[step] = max(steps.get(step, 0.0), call["latency_ms"] / 1000)
    return sum(steps.values())


def seconds_left(
    calls: Sequence[Call], knobs: EnsembleContext, *, keep: float = 0.0
) -> float | None:
    """Seconds that the next step may take; None if there is no limit.

    Args:
        calls: The calls of the run so far.
        knobs: The knobs of the run: `deadline` limits one step, `max_seconds` the whole run.
        keep: Share of `max_seconds` that is reserved for later steps.
    """
    limits = [] if knobs.deadline is None else [knobs.deadline]
    if (outside := seconds_outside()) is not None:
        limits.append((1 - max(keep, TO_RETURN)) * outside)
    if knobs.max_seconds is not None:
        limits.append(max(0.0, (1 - keep) * knobs.max_seconds - seconds_spent(calls)))
    return min(limits, default=None)


def limits_of(calls: Sequence[Call], run: Run[Any], *, keep: float = 0.0) -> Limits:
    """The limits of the next ask of a step.

    Args:
        calls: The calls of the run so far.
        run: The run's knobs, and the superstep whose branches share the rest.
        keep: Share of all limits that is reserved for later steps.
    """
    budget = _budget_of(calls, run)
    return Limits(seconds_left(calls, run.knobs, keep=keep), budget, keep if budget else 0.0)


def exhausted(
    calls: Sequence[Call], knobs: EnsembleContext, drafts: Sequence[Draft] = ()
) -> str | None:
    """The limit of the run that is reached, if there is one.

    Args:
        calls: The calls of the run so far.
        knobs: The run's knobs.
        drafts: The latest drafts; a budget that forbade one of them is reached.
    """
    if forbidden := next((cap for d in drafts if (cap := cap_in(d["error"]))), None):
        return forbidden
    spent = spent_by(calls)
    if knobs.max_calls is not None and spent.calls >= knobs.max_calls:
        return "max_calls"
    if knobs.max_total_tokens is not None and spent.tokens >= knobs.max_total_tokens:
        return "max_total_tokens"
    if knobs.budget_usd is not None and spent.usd >= knobs.budget_usd:
        return "budget_usd"
    if knobs.max_seconds is not None and seconds_spent(calls) >= KEEP_BEGINNING * knobs.max_seconds:
        return "max_seconds"
    return None


def spent_by(calls: Sequence[Call]) -> Spend:
    """The upper bound of the calls' usage, including retries."""
    each = (Spend(c["requests"], c["bound_tokens"], c["bound_usd"]) for c in calls)
    return sum(each, Spend())


_budgets: OrderedDict[str, Budget] = OrderedDict()
_CAPS = ("max_calls", "max_total_tokens", "budget_usd")
_lock = threading.Lock()
_REMEMBERED = 10_000
"""Number of supersteps whose budget is kept for runs that were broken off and may go on here."""


def forget(works: Works) -> None:
    """Drop the budgets of a run that has ended.

    Within the run they are kept, because branches may start after others have ended.
    """
    with _lock:
        for superstep in works.supersteps:
            _budgets.pop(superstep, None)


def _budget_of(calls: Sequence[Call], run: Run[Any]) -> Budget | None:
    """The budget that all branches of a superstep share; None if the run has no cap.

    A superstep that is interrupted and resumed in another process starts with the usage of its last
    checkpoint, so it may exceed a cap by what it spent after that.
    """
    caps = {
        name: getattr(run.knobs, name) for name in ("max_calls", "max_total_tokens", "budget_usd")
    }
    if all(cap is None for cap in caps.values()):
        return None
    if run.superstep is None:
        return Budget(**caps, spent=spent_by(calls))
    with _lock:
        if run.superstep not in _budgets:
            _budgets[run.superstep] = Budget(**caps, spent=spent_by(calls))
            while len(_budgets) > _REMEMBERED:
                _budgets.popitem(last=False)
        return _budgets[run.superstep]
