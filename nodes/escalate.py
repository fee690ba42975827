"""Handle an unsure answer: ask another member, or decline."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.messages import AIMessage

from ..member import Member
from ..models.ask import Ask, ask, drafts
from ..prompts import render
from ..records import Draft
from ..seeds import derive
from ..voting.answers import abstains
from ..voting.form import value_in
from .abilities import calls_tools, cannot_draft, form_of, wanted_form
from .base import Run, Step
from .called import called
from .context import EnsembleContext
from .lengths import answer_tokens
from .limits import limits_of
from .prompting import plain, question
from .replay import replayed
from .sampling import sampling_of
from .trust import Ending, declines, told


def make_escalate(member: Member) -> Step:
    """The node that asks one member for the answer, which streams while it is written.

    If the member fails or does not know either, `fell_back` says so and nothing is escalated.
    """

    async def escalate(state: Any, run: Run[EnsembleContext]) -> dict[str, Any]:
        knobs = run.knobs
        tokens = answer_tokens(member, "propose", knobs.max_tokens)
        role = render("role", role=member.role) if member.role else None
        calling = knobs.drafts_call and calls_tools(knobs)
        what = Ask(
            member=member,
            messages=plain(state["messages"], member, [role], tokens),
            stage="escalate",
            layer=state["layer"] + 1,
            role=member.role,
            question=question(state["messages"]),
            temperature=knobs.temperature,
            max_tokens=tokens,
            seed=derive(knobs.seed, "escalate", member.name),
            sampling=sampling_of(knobs),
            limits=limits_of(state["calls"], run),
            visible=not knobs.drafts_call or wanted_form(knobs) is None,
            response_format=knobs.answer_format,
            insists=True,
            tools=getattr(knobs, "answer_tools", None) if calling else None,
            tool_choice=getattr(knobs, "answer_tool_choice", None) if calling else None,
            unable=cannot_draft(member, state["messages"], knobs),
        )
        reply = await ask(what, run.emit)
        update: dict[str, Any] = {"drafts": drafts(what, reply), "calls": reply.calls}
        # The layer after the vote, which distinguishes this draft from the team's drafts.
        why = None
        if reply.first.status not in ("ok", "cut") or abstains(reply.first.text):
            why = reply.first.error or "it does not know either"
        elif knobs.drafts_call:
            given = update["drafts"][0]
            why = form_of(knobs).read(given["text"], given.get("calls", ())).problem
        if why is not None:
            return {**update, "fell_back": [f"escalation to {member.name}: {why}"]}
        message = reply.first.message
        return {
            **update,
            "escalated": update["drafts"][0]["id"],
            "streamed": message.id if message is not None else None,
        }

    return escalate


def escalated(state: Any) -> Draft | None:
    """The draft of the escalation, if it is the answer."""
    return next((d for d in state["drafts"] if d["id"] == state["escalated"]), None)


def _words(draft: Draft, knobs: EnsembleContext) -> str:
    """The text of a draft; for JSON in the Avengers, only the JSON."""
    if not knobs.drafts_call or wanted_form(knobs) is None or draft.get("calls"):
        return draft["text"]
    return json.dumps(value_in(draft["text"]), ensure_ascii=False)


async def in_its_place(
    state: Any, ending: Ending, knobs: EnsembleContext, guess: str | None
) -> tuple[AIMessage | None, dict[str, Any]]:
    """The replacement of the team's answer, if there is one.

    Args:
        state: State of the graph, after `escalate` if that ran.
        ending: How the graph handles unsure answers.
        knobs: Knobs of the run.
        guess: The team's own answer; None if it has none.

    Returns:
        The message, or None if the team's answer stays; and the fields of trust in `result`.
    """
    trust = state["trust"]
    if trust["then"] == "answer":
        return None, told(trust)
    if (draft := escalated(state)) is not None:
        calls = called(draft.get("calls", ()), state["messages"], shown=bool(state["streamed"]))
        message = AIMessage(_words(draft, knobs), id=state["streamed"], tool_calls=calls)
        return message, told(trust, escalated_to=draft["member"], guess=guess)
    if guess is not None and declines(ending, knobs):
        message = await replayed(str(ending.decline), state["messages"])
        return message, told(trust, declined=True, guess=guess)
    return None, told(trust)
