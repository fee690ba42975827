"""The systems that an evaluation compares, by name.

    avengers, team, moa, smoa, debate …   a graph, or one of its presets
    single:NAME                           one sample of one member
    singles                               every member as `single:NAME`
    routed                                one sample of the member that the task map picks
    majority                              one sample of every member, one vote each
    self-consistency:N                    N samples (10) of the best member, one vote each
    oracle                                right where any single member is; no graph

The best member is the first of the task map's records, or the pool's first member without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langgraph.graph import StateGraph

from ..errors import InputError
from ..graphs.avengers import create_avengers
from ..graphs.from_preset import from_preset
from ..hints import nearest
from ..pool import Pool
from ..presets import PRESETS, preset
from ..profiles import Profile

ORACLE = "oracle"
_OWN = ("team", "routed", "majority", "self-consistency", "singles", ORACLE)


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
    if name.startswith("single:"):
        member = pool.member(name.removeprefix("single:"), "single")
        return create_avengers([member], None, samples=1, name=name)
    if name == "majority":
        count = len(pool.proposers)
        options: dict[str, Any] = {"samples": count, "top_n": min(count, 20), "weights": "equal"}
        return create_avengers(pool, None, name=name, **options)
    if name.partition(":")[0] == "self-consistency":
        member = pool.member(best_member(pool, profile))
        return create_avengers([member], None, samples=_count(name), name=name)
    if name in ("routed", "team"):
        if profile is None:
            raise InputError(f"the system {name!r} needs a task map: name one with --profile")
        options = {"strategy": "team"} if name == "team" else {"samples": 1}
        return create_avengers(pool, profile, name=name, **options)
    known = [form.name for form in PRESETS]
    if name not in known:
        hint = nearest(name, [*known, *_OWN, "single:NAME"], "there are")
        raise InputError(f"there is no system {name!r}; {hint}")
    return from_preset(preset(name), pool, profile)


def _count(name: str) -> int:
    """The number behind a name's colon; 10 without one."""
    _, _, number = name.partition(":")
    if number and not (number.isdecimal() and 0 < int(number) <= 100):
        raise InputError(f"{name!r}: the number of samples lies from 1 to 100")
    return int(number or 10)
