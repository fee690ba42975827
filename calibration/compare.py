"""The systems that a calibration can compare: one member, routing, votes, and what each costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..profiles import Profile
from ..routing.capability import Z95
from ..routing.table import Table

Array = np.ndarray


def systems(
    profile: Profile,
    data: Table,
    vectors: Array,
    gain: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """What each system reaches, cross-validated, and what it asks.

    Args:
        profile: The fitted map with its learnt vote, if any.
        data: The calibration records.
        vectors: The embedded questions, [n, d].
        gain: From `routing.gain.cross_validated_gain`.

    Returns:
        Rows `{"system", "member", "accuracy", "gain", "interval", "asked", "cost_usd"}`: `single`
        (with the `member`), `routed`, and where answers are known `majority`, `vote` (learnt) and
        `team` (the learnt vote, stopped when it is settled). `gain` and its 95% `interval` are over
        the single member, `asked` is members a question, `cost_usd` US dollars a question (None
        where a price is unknown).
    """
    prices = _prices(data)
    if profile.votes is None:
        return _without_votes(gain, prices)
    plan = profile.votes.plan
    everybody = _sum([prices[name] for name in profile.votes.members])
    each = {(row["choice"], row["size"]): row for row in plan["options"]}
    m = len(profile.votes.members)
    rows = [_row("single", each["single", 1], 1, prices[plan["member"]], plan["member"])]
    if ("routed", 1) in each:
        picks = [max(record, key=lambda n: record[n]) for record in profile.records(vectors)]
        rows.append(_row("routed", each["routed", 1], 1, _mean([prices[name] for name in picks])))
    rows.append(_row("majority", each["majority", m], m, everybody))
    rows.append(_row("vote", each["vote", m], m, everybody))
    rows.append(_team(plan, each["plan", plan["size"]], prices))
    return rows


def recommended(profile: Profile, gain: Mapping[str, Any]) -> str:
    """The system to take: `single`, `routed` or `team`.

    A better one than the best single member is taken only where it gains more than a standard
    error; `team` also carries out what is chosen for each cluster.
    """
    if profile.votes is not None:
        plan = profile.votes.plan
        clusters = [each["choice"] for each in plan.get("clusters") or []]
        if plan["choice"] == "vote" or any(choice != plan["choice"] for choice in clusters):
            return "team"
        return str(plan["choice"])
    routed = gain["gain"]
    if routed["low"] is None:
        return "single"
    error = (routed["mean"] - routed["low"]) / Z95
    return "routed" if routed["mean"] > max(error, 0.0) else "single"


def _without_votes(
    gain: Mapping[str, Any], prices: Mapping[str, float | None]
) -> list[dict[str, Any]]:
    best, routed, more = gain["best_single"], gain["routed"], gain["gain"]
    alone = {"accuracy": best["mean"], "gain": 0.0, "interval": [0.0, 0.0]}
    by_map = {
        "accuracy": routed["mean"],
        "gain": more["mean"],
        "interval": [more["low"], more["high"]],
    }
    return [
        _row("single", alone, 1, prices.get(best["member"]), best["member"]),
        _row("routed", by_map, 1, None),
    ]


def _team(
    plan: Mapping[str, Any], planned: Mapping[str, Any], prices: Mapping[str, float | None]
) -> dict[str, Any]:
    """What is planned for each cluster, stopped when the vote is settled."""
    shift, asks = plan["shift"], plan["asks"]
    told = {
        "accuracy": round(planned["accuracy"] + shift, 6),
        "gain": round(planned["gain"] + shift, 6),
        "interval": [round(end + shift, 6) for end in planned["interval"]],
    }
    paid = [None if (price := prices[n]) is None else share * price for n, share in asks.items()]
    return _row("team", told, round(sum(asks.values()), 2), _sum(paid))


def _row(
    system: str,
    told: Mapping[str, Any],
    asked: float,
    cost: float | None,
    member: str | None = None,
) -> dict[str, Any]:
    known = {key: told[key] for key in ("accuracy", "gain", "interval")}
    cost = None if cost is None else round(cost, 9)
    return {"system": system, "member": member, **known, "asked": asked, "cost_usd": cost}


def _prices(data: Table) -> dict[str, float | None]:
    """The mean recorded cost of each member's answer; None where none is known."""
    if data.costs is None:
        return dict.fromkeys(data.members)
    known = ~np.isnan(data.costs)
    total = np.where(known, data.costs, 0.0).sum(axis=0)
    count = known.sum(axis=0)
    return {
        name: float(total[i] / count[i]) if count[i] else None
        for i, name in enumerate(data.members)
    }


def _mean(costs: Sequence[float | None]) -> float | None:
    total = _sum(costs)
    return None if total is None or not costs else total / len(costs)


def _sum(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None
