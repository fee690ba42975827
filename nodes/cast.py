"""The slots of a layer, which members fill, possibly in roles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..member import Member
from ..pool import Pool


@dataclass(frozen=True)
class Slot:
    """A slot of a layer: a member, possibly in a role, with a number of samples.

    The node's name identifies the slot, so one model may fill several slots.
    """

    node: str
    member: Member
    role: str | None = None
    samples: int = 1


def slots(
    members: list[Member], roles: dict[str, str] | None = None, samples: int = 1
) -> list[Slot]:
    """One slot for each listed member, with a node named after it.

    Example:
        >>> pair = [Member(name="a", model="m"), Member(name="b", model="m")]
        >>> [slot.node for slot in slots(pair)]
        ['propose_a', 'propose_b']
    """
    cast: list[Slot] = []
    for member in members:
        count = sum(slot.member.name == member.name for slot in cast)
        node = f"propose_{member.name}" if not count else f"propose_{member.name}_{count + 1}"
        role = (roles or {}).get(member.name, member.role)
        cast.append(Slot(node, member, role, samples))
    return cast


def named(team: Sequence[str], given: Any) -> Any:
    """The proposers that a builder's argument names.

    Args:
        team: Those who draft by default.
        given: Names, lists of names, their number (the first ones of `team`), or None for `team`.

    Raises:
        InputError: The number is below 1.

    Example:
        >>> named(["a", "b"], 1), named(["a", "b"], ["b"]), named(["a", "b"], None)
        (['a'], ['b'], ['a', 'b'])
    """
    if isinstance(given, int):
        if given < 1:
            raise InputError(f"proposers must be names, or their number from 1 up, not {given}")
        return list(team[:given])
    return given or list(team)


def layers(
    pool: Pool,
    proposers: Sequence[str] | Sequence[Sequence[str]],
    roles: Mapping[str, str] | None = None,
    samples: int = 1,
) -> dict[int, list[Slot]]:
    """The slots of each layer, counted from 1; later layers use the last ones.

    Args:
        pool: The members.
        proposers: Names for every layer, or one list of names for each layer.
        roles: Roles by member; other members keep the pool's role.
        samples: Number of drafts of each proposer.

    Raises:
        InputError: A name is not in the pool, or a layer has no proposers.

    Example:
        >>> pool = Pool([Member(name="a", model="m"), Member(name="b", model="m")])
        >>> {layer: [slot.node for slot in each] for layer, each in layers(pool, ["a"]).items()}
        {1: ['propose_a']}
    """
    if samples < 1:
        raise InputError(f"samples must be at least 1, not {samples}")
    for name in roles or {}:
        pool.member(name, "role of")
    nested = all(isinstance(item, list | tuple) for item in proposers)
    plan: list[list[Any]] = [list(each) for each in (proposers if nested else [proposers])]
    if not all(plan):
        raise InputError("a layer needs at least one proposer; name one or leave the layer out")
    return {
        layer: slots([pool.member(n, "proposer") for n in names], dict(roles or {}), samples)
        for layer, names in enumerate(plan, 1)
    }


def who_drafts(cast: Sequence[Slot]) -> Callable[[Any], list[str]]:
    """A router to all slots, or to the members that the task map picked; a function of the state.

    Example:
        >>> who_drafts([Slot("propose_a", Member(name="a", model="m"))])({})
        ['propose_a']
    """
    return lambda state: picked(cast, state)


def picked(cast: Sequence[Slot], state: Any) -> list[str]:
    """The nodes of the members that the task map picked; all nodes if there are none.

    Example:
        >>> picked([Slot("propose_a", Member(name="a", model="m"))], {})
        ['propose_a']
    """
    named = state.get("picked") or []
    return [s.node for s in cast if s.member.name in named] or [s.node for s in cast]
