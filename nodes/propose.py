"""One proposer drafts one or more answers, reading what the layer before has left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import BaseMessage
from langgraph.runtime import Runtime

from ..events import emitter
from ..member import Member
from ..models.ask import Ask, ask, drafts
from ..pool import Pool
from ..prompts import render
from ..records import Draft
from ..seeds import derive, shuffled
from .abilities import cannot_draft
from .bridge import Node
from .context import EnsembleContext, resolve
from .lengths import draft_tokens, words
from .limits import TO_WRITE, seconds_left
from .prompting import plain, question, with_drafts


@dataclass(frozen=True)
class Slot:
    """A place in a layer: a member, perhaps in a role, with so many samples.

    The node's name is the slot's identity, so one model may fill several places.
    """

    node: str
    member: Member
    role: str | None = None
    samples: int = 1


@dataclass(frozen=True)
class Reading:
    """What a proposer reads beside the conversation."""

    drafts: list[Draft]
    review: str | None = None
    role: str | None = None
    system: tuple[str, ...] = ()


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


def check_roles(pool: Pool, roles: Mapping[str, str] | None) -> dict[str, str]:
    """Roles by member.

    Raises:
        InputError: A role names a member that the pool does not have.
    """
    for member in roles or {}:
        pool.member(member, "role of")
    return dict(roles or {})


def make_propose(
    slot: Slot,
    schema: type[EnsembleContext],
    reading: Callable[[Any, Slot], Reading],
    *,
    answers: bool = False,
) -> Node:
    """The node of one slot.

    Args:
        slot: Who proposes.
        schema: The graph's context schema.
        reading: From the state, what this slot reads: earlier drafts, a review, a role.
        answers: Whether a draft may become the answer as it is, and so needs its form.
    """

    async def propose(state: Any, runtime: Runtime[Any]) -> dict[str, Any]:
        knobs = resolve(schema, runtime.context)
        layer = state["layer"]
        read = reading(state, slot)
        asked = question(state["messages"])
        tokens = draft_tokens(slot.member, asked, knobs)
        what = Ask(
            member=slot.member,
            messages=_prompt(state, slot, read, knobs.seed, tokens),
            stage="propose",
            layer=layer,
            role=read.role,
            question=asked,
            n=slot.samples,
            temperature=knobs.temperature,
            max_tokens=tokens,
            seed=derive(knobs.seed, "propose", layer, slot.node),
            seconds=seconds_left(state["calls"], knobs, keep=TO_WRITE),
            gate=state["gate"],
            quorum=knobs.quorum,
            response_format=knobs.answer_format if answers else None,
            insists=answers,
            unable=cannot_draft(slot.member, state["messages"], knobs if answers else None),
        )
        reply = await ask(what, emitter(runtime))
        found = drafts(what, reply)
        for draft in found:
            draft["id"] = f"{layer}.{slot.node.removeprefix('propose_')}.{draft['index']}"
        return {"drafts": found, "calls": reply.calls}

    return propose


def _prompt(state: Any, slot: Slot, read: Reading, seed: int, tokens: int) -> list[BaseMessage]:
    messages = state["messages"]
    length = render("length", words=words(tokens))
    role = render("role", role=read.role) if read.role else None
    if not read.drafts:
        return plain(messages, slot.member, [role, *read.system, length], tokens)
    return with_drafts(
        messages,
        slot.member,
        shuffled(read.drafts, seed, "order", state["layer"]),
        [render("propose"), *read.system, length, role],
        tokens,
        review=read.review,
    )
