"""Draw samples from a routed member."""

from __future__ import annotations

from typing import Any

from ..member import Member
from ..models.ask import Ask, ask, drafts
from ..prompts import render
from ..seeds import derive
from .abilities import calls_tools, cannot_draft, wanted_form
from .base import Run, Step
from .context import AvengersContext
from .lengths import answer_tokens
from .limits import limits_of
from .prompting import plain, question
from .sampling import sampling_of


def shares(samples: int, members: int) -> list[int]:
    """The number of samples of each member; members with better ranks draw the remainder.

    Example:
        >>> shares(10, 3)
        [4, 3, 3]
    """
    return [max(1, samples // members + (i < samples % members)) for i in range(members)]


def spare(member: str, state: Any) -> bool:
    """Whether a member that has not been asked could answer in place of this one."""
    known = {draft["member"] for draft in state["drafts"]} | {*state["asking"], member}
    return any(entry["member"] not in known for entry in state["ranking"])


def make_sample(member: Member) -> Step:
    """The node that asks one member for its samples, or for the sample that a `Send` names."""

    async def sample(state: Any, run: Run[AvengersContext]) -> dict[str, Any]:
        knobs = run.knobs
        asking = state["asking"]
        count, first = state.get("batch") or (asking[member.name], 0)
        only = knobs.samples == 1 and list(asking.values()) == [1]
        tokens = knobs.draft_tokens or answer_tokens(member, "propose", knobs.max_tokens)
        role = render("role", role=member.role) if member.role else None
        tools = knobs.answer_tools if calls_tools(knobs) else None
        what = Ask(
            member=member,
            messages=plain(state["messages"], member, [role], tokens),
            stage="propose",
            layer=state["layer"],
            role=member.role,
            question=question(state["messages"]),
            n=count,
            first_index=first,
            temperature=knobs.temperature,
            max_tokens=tokens,
            seed=derive(knobs.seed, "sample", member.name),
            sampling=sampling_of(knobs),
            limits=limits_of(state["calls"], run),
            gate=run.superstep,
            quorum=knobs.quorum,
            grace=knobs.grace,
            spare=state["spare"] if "spare" in state else spare(member.name, state),
            # JSON is streamed only when it is known to fit, and without the text around it.
            visible=only and not knobs.withheld and wanted_form(knobs) is None,
            response_format=knobs.answer_format,
            insists=True,
            tools=tools,
            tool_choice=knobs.answer_tool_choice if tools else None,
            journal=run.journal,
            unable=cannot_draft(member, state["messages"], knobs),
        )
        reply = await ask(what, run.emit)
        update: dict[str, Any] = {"drafts": drafts(what, reply), "calls": reply.calls}
        if what.visible and reply.first.message is not None:
            update["streamed"] = reply.first.message.id
        return update

    return sample
