"""One row for each system: accuracy, gain, gap to the oracle, cost, tokens, calls, time, failures.

Gain over the best single member, gap to the oracle and cost saved are those of LLMRouterBench
(arXiv 2601.07206): shares of the accuracy of the best single member, of the oracle's, and of the
best single member's cost. The gain is also given in accuracy, with a paired interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..voting.reading import abstains
from .finished import SINGLE, Array, Finished
from .statistics import Estimate, difference, mean_of

Row = dict[str, Any]


def rows(done: Finished) -> list[Row]:
    """A row for each system, most accurate first.

    Example:
        >>> from langgraph_ensemble.evaluation.finished import finished
        >>> right, wrong = {"score": 1.0, "calls": 1}, {"score": 0.0, "calls": 1}
        >>> done = finished({"single:a": [right, wrong]}, [{"query": "x"}, {"query": "y"}])
        >>> [(row["system"], row["accuracy"]["mean"], row["cost_usd"]) for row in rows(done)]
        [('single:a', 0.5, None)]
    """
    made = [_row(name, done) for name in done.outcomes]
    # An ensemble that is only as accurate as the best single member comes after it.
    made.sort(key=lambda row: (-row["accuracy"]["mean"], not row["best_single"], row["system"]))
    _adjust([row for row in made if row["system"] not in done.tests])
    return made


def plain(estimate: Estimate) -> dict[str, Any]:
    """An estimate as plain JSON."""
    return estimate._asdict()


def mean(values: Sequence[float | None]) -> float | None:
    """The mean; None if any value is unknown, because a mean of the others would be too low."""
    known = [float(value) for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def tokens(outcome: Mapping[str, Any]) -> float | None:
    """Tokens that an outcome read and wrote; None if unknown."""
    return (outcome.get("usage") or {}).get("total_tokens")


def answered(values: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Outcomes without an error; what a failed run used is unknown."""
    return [one for one in values if not one.get("error")]


def usage(each: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """What a question costs on average, in dollars, tokens and calls; None where unknown."""
    known = answered(each)
    return {
        "cost_usd": mean([one.get("cost_usd") for one in known]),
        "tokens": mean([tokens(one) for one in known]),
        "calls": mean([one.get("calls") for one in known]),
    }


def _row(name: str, done: Finished) -> Row:
    each, scores = done.outcomes[name], done.scores[name]
    waits = [one["seconds"] for one in each if one.get("seconds") is not None]
    used = usage(each)
    row: Row = {
        "system": name,
        "n": len(each),
        "accuracy": plain(mean_of(scores)),
        "best_single": name == done.best,
        **_against(name, scores, used["cost_usd"], done),
        **used,
        "seconds_p50": float(np.percentile(waits, 50)) if waits else None,
        "seconds_p95": float(np.percentile(waits, 95)) if waits else None,
        "failures": sum(bool(one.get("error")) for one in each),
        "declined": (declined := sum(map(is_declined, each)) / len(each)),
        "wrong": max(0.0, 1 - float(scores.mean()) - declined),
    }
    return row


def is_declined(outcome: Mapping[str, Any]) -> bool:
    """Whether a system gave no answer: the graph declined, or the text says that it does not know.

    Example:
        >>> is_declined({"score": 0.0, "answer": "Answer: not sure"}), is_declined({"score": 1.0})
        (True, False)
    """
    if outcome["score"] or outcome.get("error"):
        return False
    return bool(outcome.get("declined")) or abstains(str(outcome.get("answer") or ""))


def _against(name: str, scores: Array, cost: float | None, done: Finished) -> Row:
    """The system against the best single member and the oracle."""
    row: Row = dict.fromkeys(("gain", "gain_share", "gap_share", "gap_closed", "cost_saved"))
    if done.best is None:
        return row
    best = done.scores[done.best]
    own, single = float(scores.mean()), float(best.mean())
    if name != done.best:
        row["gain"] = {**plain(difference(scores, best)), "p_adjusted": None}
        row["gain_share"] = (own - single) / single if single else None
        price = usage(done.outcomes[done.best])["cost_usd"]
        row["cost_saved"] = 1 - cost / price if cost is not None and price else None
    if done.oracle is not None:
        most = float(done.oracle.mean())
        row["gap_share"] = (most - own) / most if most else None
        if name != done.best and most > single:
            row["gap_closed"] = (own - single) / (most - single)
    return row


def _adjust(made: Sequence[Row]) -> None:
    """Add Holm's adjusted p: the best of many ensembles looks good by chance more often than one.

    Members alone are no candidates for a gain, because the best of them is the baseline.
    """
    tested = [row for row in made if row["gain"] and not row["system"].startswith(SINGLE)]
    tested.sort(key=lambda row: row["gain"]["p"])
    largest = 0.0
    for place, row in enumerate(tested):
        largest = max(largest, min(1.0, row["gain"]["p"] * (len(tested) - place)))
        row["gain"]["p_adjusted"] = largest
