"""The systems that an evaluation compares, by name.

    avengers, team, moa, smoa, debate …   a graph, or one of its presets
    single:NAME                           one sample of one member
    singles                               every member as `single:NAME`
    routed                                one sample of the member that the task map picks
    majority                              one sample of every member, one vote each
    self-consistency:N                    N samples (10) of the best member, one vote each
    self-moa                              six drafts of the best member, aggregated
    aggregators                           each member as MoA-Lite's aggregator, over the same drafts
    proposers                             each member as the only proposer (Self-MoA)
    oracle                                right where any single member is; no graph

A name may carry options: `moa:layers=2:temperature=0.3` (`variants`).

The best member is the first of the task map's records, or the pool's first member without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langgraph.graph import StateGraph

from ..errors import InputError
from ..graphs.avengers import create_avengers
from ..graphs.from_preset import changed, from_preset
from ..hints import nearest
from ..pool import Member, Pool
from ..presets import PRESETS, preset
from ..profiles import Profile
from .variants import TESTS, parsed

ORACLE = "oracle"
_OWN = ("team", "routed", "majority", "self-consistency", "singles", *TESTS, ORACLE)


@dataclass(frozen=True)
class System:
    """One system of an evaluation.

    Attributes:
        name: Its name in the report.
        graph: The uncompiled graph.
    """

    name: str
    graph: StateGraph[Any, Any, Any, Any]


def systems_of(names: Sequence[str], pool: Pool, profile: Profile | None) -> list[System]:
    """The systems with these names, `oracle` left out, since it asks nobody.

    Args:
        names: Names as above.
        pool: The members.
        profile: The task map, which some of them need.

    Raises:
        InputError: There is no such system, or it needs a task map and there is none.

    Example:
        >>> pool = Pool(["ollama:a", "ollama:b"])
        >>> [system.name for system in systems_of(["singles"], pool, None)]
        ['single:a', 'single:b']
    """
    wanted: list[str] = []
    for name in names:
        if name == "singles":
            wanted += [f"single:{member}" for member in pool.proposers]
        elif name in TESTS:
            wanted += [f"{TESTS[name]}{member}" for member in pool.proposers]
        elif name != ORACLE:
            wanted.append(name)
    if "oracle" in names and not any(name.startswith("single:") for name in wanted):
        wanted += [f"single:{member}" for member in pool.proposers]
    return [System(name, _graph(name, pool, profile)) for name in dict.fromkeys(wanted)]


def best_member(pool: Pool, profile: Profile | None) -> str:
    """The member with the best record over all clusters, or the first one without a task map."""
    known = (
        []
        if profile is None
        else [n for n in profile.select(len(profile.members)) if n in pool.names]
    )
    return known[0] if known else pool.proposers[0]


def _graph(name: str, pool: Pool, profile: Profile | None) -> StateGraph[Any, Any, Any, Any]:
    form, changes = parsed(name)
    if form.startswith("single:"):
        member = pool.member(form.removeprefix("single:"), "single")
        return _avengers([member], None, name, {"samples": 1}, changes)
    if form == "majority":
        count = len(pool.proposers)
        options = {"samples": count, "top_n": min(count, 20), "weights": "equal"}
        return _avengers(pool, None, name, options, changes)
    if form.partition(":")[0] == "self-consistency":
        member = pool.member(best_member(pool, profile))
        return _avengers([member], None, name, {"samples": _count(form)}, changes)
    if form in ("routed", "team"):
        if profile is None:
            raise InputError(f"the system {name!r} needs a task map: name one with --profile")
        options = {"strategy": "team"} if form == "team" else {"samples": 1}
        return _avengers(pool, profile, name, options, changes)
    known = [each.name for each in PRESETS]
    if form not in known:
        hint = nearest(form, [*known, *_OWN, "single:NAME"], "there are")
        raise InputError(f"there is no system {form!r}; {hint}")
    if form == "self-moa":
        # As published, the drafts are those of the best model.
        changes.setdefault("proposers", [best_member(pool, profile)])
    try:
        return from_preset(preset(form), pool, profile, changes)
    except InputError as error:
        raise InputError(f"the system {name!r}: {error}") if changes else error from None


def _avengers(
    team: Pool | list[Member],
    profile: Profile | None,
    name: str,
    options: dict[str, Any],
    changes: dict[str, Any],
) -> StateGraph[Any, Any, Any, Any]:
    own = changed(create_avengers, options, changes)
    try:
        return create_avengers(team, profile, name=name, **own)
    except InputError as error:
        raise InputError(f"the system {name!r}: {error}") if changes else error from None


def _count(name: str) -> int:
    """The number behind a name's colon; 10 without one."""
    _, _, number = name.partition(":")
    if number and not (number.isdecimal() and 0 < int(number) <= 100):
        raise InputError(f"{name!r}: the number of samples lies from 1 to 100")
    return int(number or 10)
