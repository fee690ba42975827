"""Who drafts where: the places of a layer, filled by members in roles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..member import Member
from ..pool import Pool


@dataclass(frozen=True)
class Slot:
    """A place in a layer: a member, perhaps in a role, with so many samples.

    The node's name is the slot's identity, so one model may fill several places.
    """

    node: str
    member: Member
    role: str | None = None
    samples: int = 1


def slots(
    members: list[Member], roles: dict[str, str] | None = None, samples: int = 1
) -> list[Slot]:
    """One slot for each member listed, its node named after it.

    Example:
        >>> pair = [Member(name="a", model="m"), Member(name="b", model="m")]
        >>> [slot.node for slot in slots(pair)]
        ['propose_a', 'propose_b']
    """
    found: list[Slot] = []
    for member in members:
        count = sum(slot.member.name == member.name for slot in found)
        node = f"propose_{member.name}" if not count else f"propose_{member.name}_{count + 1}"
        role = (roles or {}).get(member.name, member.role)
        found.append(Slot(node, member, role, samples))
    return found


def layers(
    pool: Pool,
    proposers: Sequence[str] | Sequence[Sequence[str]],
    roles: Mapping[str, str] | None = None,
    samples: int = 1,
) -> dict[int, list[Slot]]:
    """The slots of each layer, counted from 1; the last ones serve all layers after it.

    Args:
        pool: The members.
        proposers: Names for every layer, or one list of names for each layer.
        roles: A role for each named member; others keep the pool's.
        samples: Drafts of each proposer.

    Raises:
        InputError: A name that the pool does not have, or a layer without proposers.

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
    """An edge to all, or to whom the task map picked: a function of state alone.

    Example:
        >>> who_drafts([Slot("propose_a", Member(name="a", model="m"))])({})
        ['propose_a']
    """
    return lambda state: picked(cast, state)


def picked(cast: Sequence[Slot], state: Any) -> list[str]:
    """The nodes of the members that the task map picked; all where none of them was.

    Example:
        >>> picked([Slot("propose_a", Member(name="a", model="m"))], {})
        ['propose_a']
    """
    named = state.get("picked") or []
    return [s.node for s in cast if s.member.name in named] or [s.node for s in cast]
