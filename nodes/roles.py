"""Write roles for the proposers, once for a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage

from ..errors import InputError
from ..hints import shown
from ..member import Member
from ..models.ask import Ask, ask
from ..prompts import render
from ..prompts.neutral import neutralised
from ..seeds import derive
from .base import Run, Step
from .cast import Slot
from .context import SmoaContext
from .limits import TO_WRITE, limits_of
from .verdict import Cast, Unreadable, read_cast, response_format


def default_roles(count: int) -> list[str]:
    """`count` roles for any task, repeated if there are more proposers than roles."""
    known = render("default_roles").split("\n\n")
    return [known[i % len(known)] for i in range(count)]


def given_roles(roles: Sequence[str] | Mapping[str, str], slots: Sequence[Slot]) -> dict[str, str]:
    """Roles by node, from a list in the slots' order or a mapping by member.

    Raises:
        InputError: There are too few roles, or one for a member that does not propose.
    """
    if isinstance(roles, Mapping):
        names = {slot.member.name for slot in slots}
        if unknown := [name for name in roles if name not in names]:
            raise InputError(
                f"role of {shown(unknown[0])}: no such proposer; there are {sorted(names)}"
            )
        return {slot.node: roles[slot.member.name] for slot in slots if slot.member.name in roles}
    if len(roles) < len(slots):
        raise InputError(f"{len(slots)} proposers need as many roles, not {len(roles)}")
    return {slot.node: role for slot, role in zip(slots, roles, strict=False)}


def known_roles(
    cast: Sequence[Slot], roles: Sequence[str] | Mapping[str, str] | None, task: str | None
) -> dict[str, str] | None:
    """Roles by node that are known before the run; None if they must be written.

    Raises:
        InputError: There are too few roles, or one for a member that does not propose.
    """
    if roles is not None:
        return given_roles(roles, cast)
    if own := {slot.node: slot.role for slot in cast if slot.role}:
        return own
    return None if task else given_roles(default_roles(len(cast)), cast)


def make_roles(author: Member, slots: Sequence[Slot], task: str) -> Step:
    """The node that asks a member to write the roles.

    They are kept in the thread's state and, for other threads, in this builder's memory. If they
    cannot be read after a second attempt, the built-in roles are used, and `result` records it.
    """
    kept: dict[str, str] = {}

    async def write_roles(state: Any, run: Run[SmoaContext]) -> dict[str, Any]:
        if kept:
            return {"roles": dict(kept)}
        knobs = run.knobs
        count, calls, problem = len(slots), [], ""
        for attempt in (1, 2):
            what = Ask(
                member=author,
                messages=[
                    SystemMessage(render("roles", count=count)),
                    HumanMessage(render("roles_task", task=neutralised(task), count=count)),
                ],
                stage="roles",
                temperature=knobs.temperature,
                seed=derive(knobs.seed, "roles", attempt),
                limits=limits_of([*state["calls"], *calls], run, keep=TO_WRITE),
                response_format=response_format("roles", Cast, author.structured),
                spare=True,
            )
            reply = await ask(what, run.emit)
            calls += reply.calls
            try:
                if reply.first.status != "ok":
                    raise Unreadable(reply.first.error or "no answer")
                # A model wrote them, and they become system text of the others.
                roles = [neutralised(role) for role in read_cast(reply.first.text, count)]
                kept.update(given_roles(roles, slots))
            except Unreadable as error:
                problem = str(error)
                continue
            return {"roles": dict(kept), "calls": calls}
        roles = given_roles(default_roles(count), slots)
        note = f"roles by {author.name}: {problem}; the built-in roles were used"
        return {"roles": roles, "calls": calls, "fell_back": [note]}

    return write_roles
