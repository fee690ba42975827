"""One proposer drafts one or more answers, with the drafts of the previous layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import BaseMessage

from ..models.ask import Ask, ask, drafts
from ..prompts import render
from ..records import Draft
from ..seeds import derive, shuffled
from .abilities import cannot_draft
from .base import Run, Step
from .cast import Slot
from .context import EnsembleContext
from .lengths import draft_tokens, words
from .limits import TO_WRITE, limits_of
from .prompting import plain, question, with_drafts
from .sampling import sampling_of


@dataclass(frozen=True)
class Reading:
    """The input of a proposer beside the conversation.

    Attributes:
        drafts: Drafts of others.
        review: A judge's review of them.
        role: The proposer's role.
        system: Further parts of the system text.
        prompt: Name of the instruction for a proposer that reads drafts.
        own: The proposer's own earlier draft, which is shown first.
        samples: Number of drafts, if it is not the slot's.
    """

    drafts: list[Draft]
    review: str | None = None
    role: str | None = None
    system: tuple[str, ...] = ()
    prompt: str = "propose"
    own: Draft | None = None
    samples: int | None = None


def make_propose(
    slot: Slot,
    reading: Callable[[Any, Slot], Reading],
    *,
    answers: bool = False,
) -> Step:
    """The node of one slot.

    Args:
        slot: The proposer's slot.
        reading: Function from the state to the slot's input: earlier drafts, a review, a role.
        answers: Whether a draft may become the answer, and so needs its form.
    """

    async def propose(state: Any, run: Run[EnsembleContext]) -> dict[str, Any]:
        knobs = run.knobs
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
            n=read.samples or slot.samples,
            temperature=knobs.temperature,
            max_tokens=tokens,
            seed=derive(knobs.seed, "propose", layer, slot.node),
            sampling=sampling_of(knobs, answers=answers),
            limits=limits_of(state["calls"], run, keep=0.0 if answers else TO_WRITE),
            gate=run.superstep,
            quorum=knobs.quorum,
            grace=knobs.grace,
            response_format=knobs.answer_format if answers else None,
            insists=answers,
            journal=run.journal,
            unable=cannot_draft(slot.member, state["messages"], knobs if answers else None),
        )
        reply = await ask(what, run.emit)
        written = drafts(what, reply)
        for draft in written:
            draft["id"] = f"{layer}.{slot.node.removeprefix('propose_')}.{draft['index']}"
        return {"drafts": written, "calls": reply.calls}

    return propose


def _prompt(state: Any, slot: Slot, read: Reading, seed: int, tokens: int) -> list[BaseMessage]:
    messages = state["messages"]
    length = render("length", words=words(tokens))
    role = render("role", role=read.role) if read.role else None
    if not read.drafts and read.own is None:
        return plain(messages, slot.member, [role, *read.system, length], tokens)
    own = [] if read.own is None else [read.own]
    return with_drafts(
        messages,
        slot.member,
        [*own, *shuffled(read.drafts, seed, "order", state["layer"])],
        [render(read.prompt), render("own_draft") if own else None, *read.system, length, role],
        tokens,
        review=read.review,
    )
