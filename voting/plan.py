"""A plan: one member, some of them, or all, for the questions of each cluster.

It is plain JSON, as `planning.plan` makes it and a profile stores it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .logit import Array


def at(plan: Mapping[str, Any], cluster: int | None) -> dict[str, Any]:
    """The plan for questions of a cluster: its own choice where it has one.

    Example:
        >>> whole = {"choice": "vote", "size": 5, "clusters": [{"choice": "single", "size": 1}]}
        >>> at(whole, 0), at(whole, None)
        ({'choice': 'single', 'size': 1}, {'choice': 'vote', 'size': 5})
    """
    known = plan.get("clusters") or []
    here = {name: value for name, value in plan.items() if name != "clusters"}
    if cluster is None or cluster >= len(known):
        return here
    here.pop("size", None)
    own = {name: known[cluster][name] for name in ("choice", "size") if name in known[cluster]}
    return {**here, **own}


def alone(plan: Mapping[str, Any]) -> bool:
    """Whether the plan is to take one member's answer.

    Example:
        >>> alone({"choice": "routed"}), alone({"choice": "vote"})
        (True, False)
    """
    return plan["choice"] != "vote"


def size(plan: Mapping[str, Any], members: int) -> int:
    """How many of the members the plan hears.

    Example:
        >>> size({"choice": "single"}, 5), size({"choice": "vote", "size": 3}, 5)
        (1, 3)
    """
    return 1 if alone(plan) else min(int(plan.get("size", members)), members)


def line(
    plan: Mapping[str, Any], members: Sequence[str], weights: Array, accuracy: Array
) -> list[int]:
    """The order of asking, as places in `members`: the heaviest vote first.

    Where the plan is one member's answer, that one comes first.

    Args:
        plan: For the question's cluster, see `at`.
        members: Their names, M.
        weights: Of their votes on the question, [M].
        accuracy: On such questions, in any order-preserving unit, [M].

    Example:
        >>> weights, accuracy = np.array([1.0, 3.0, 2.0]), np.array([0.9, 0.5, 0.6])
        >>> line({"choice": "vote"}, ["a", "b", "c"], weights, accuracy)
        [1, 2, 0]
        >>> line({"choice": "routed"}, ["a", "b", "c"], weights, accuracy)
        [0, 1, 2]
    """
    order = [int(place) for place in np.argsort(-weights, kind="stable")]
    if alone(plan):
        best = max(order, key=lambda place: accuracy[place])
        first = members.index(plan["member"]) if plan["choice"] == "single" else best
        order.sort(key=lambda place: place != first)
    return order


def fits(plan: Any, members: Sequence[str]) -> bool:
    """Whether what was read from a file is a plan for these members.

    Example:
        >>> plan = {"choice": "single", "member": "a"}
        >>> fits(plan, ["a"]), fits(plan, ["b"]), fits({**plan, "member": None}, ["a"])
        (True, False, False)
    """
    if not isinstance(plan, dict) or "member" not in plan:
        return False
    # The best single member may have left; then nobody answers alone.
    single = plan["member"] in members
    if not single and plan["member"] is not None:
        return False
    clusters = plan.get("clusters") or []
    settled = plan.get("settled", 1.0)
    agree = plan.get("agree", [])
    if not isinstance(clusters, list) or not isinstance(agree, list):
        return False
    return (
        all(isinstance(each, dict) and _choice_fits(each, single) for each in [plan, *clusters])
        and all(isinstance(share, int | float) for share in [settled, *agree])
        and 0 < settled <= 1
    )


def _choice_fits(each: Mapping[str, Any], single: bool) -> bool:
    size = each.get("size", 1)
    known = each.get("choice") in ("routed", "vote", *(["single"] if single else []))
    return known and isinstance(size, int) and size >= 1


def without_single(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The plan once the best single member has left: where it was taken alone, the others vote.

    Example:
        >>> without_single({"choice": "single", "size": 1, "clusters": None})["choice"]
        'vote'
    """

    def changed(each: Mapping[str, Any]) -> dict[str, Any]:
        if each["choice"] != "single":
            return dict(each)
        return {key: value for key, value in each.items() if key != "size"} | {"choice": "vote"}

    known = plan.get("clusters")
    clusters = known and [changed(each) for each in known]
    return changed(plan) | {"member": None, "clusters": clusters}
