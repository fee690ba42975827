"""Hold back a written answer until its confidence is known.

This applies only to graphs that were built to replace an unsure answer, and only if the knob
`confidence` is set: `aggregate` then writes into `held` without streaming, and `answer` gives the
answer or its replacement.
"""

from __future__ import annotations

from typing import Any, Literal

from langchain_core.messages import AIMessage

from .account import account
from .aggregate import finish
from .base import Run, Step
from .context import EnsembleContext
from .escalate import escalated, in_its_place
from .replay import replayed
from .trust import Ending, decide, out_of_bounds, sure_or_escalate, told

_RECOUNTED = ("strategy", "answer", "drafts", "usage", "cost_usd", "calls", "steps", "seed")


def hold(aggregate: Step, ending: Ending) -> Step:
    """`aggregate` with its answer held back if it may have to be replaced."""
    if not ending.replaces:
        return aggregate

    async def held(state: Any, run: Run[EnsembleContext]) -> dict[str, Any]:
        update = await aggregate(state, run)
        knobs = run.knobs
        if not knobs.withheld:
            return update
        message, result = update.pop("messages")[-1], update.pop("result")
        now = {"calls": [*state["calls"], *update["calls"]]}
        trust = decide(
            result["confidence_parts"],
            knobs,
            now["calls"],
            ending,
            hopeless=result["confidence"] == 0,
        )
        if message.tool_calls or message.invalid_tool_calls:
            # A tool call is not an answer yet.
            trust["unsure"], trust["then"] = False, "answer"
        noted = [*update.get("fell_back", []), *out_of_bounds(now, ending, knobs, trust)]
        # LangGraph streams each message in an update, so this one is kept in another form.
        kept = message.model_dump()
        held = {"held": kept, "held_result": result, "trust": trust, "fell_back": noted}
        return {**update, **held}

    held.__name__ = "aggregate"
    return held


def given_or_judged(state: Any) -> Literal["escalate", "answer", "__end__"]:
    """The router after `aggregate`: the answer was already given, or it is checked first."""
    return "__end__" if state["trust"] is None else sure_or_escalate(state)


def make_give(ending: Ending) -> Step:
    """The node that gives the answer that was held back, or its replacement."""

    async def answer(state: Any, run: Run[EnsembleContext]) -> dict[str, Any]:
        knobs = run.knobs
        held, before = AIMessage.model_validate(state["held"]), state["held_result"]
        guess = str(held.text)
        message, trust = await in_its_place(state, ending, knobs, guess)
        if message is None:
            message = await _given(held, state)
        final, text = finish(message, before["strategy"], state["calls"], escalated(state))
        kept = {k: v for k, v in before.items() if k not in (*_RECOUNTED, *told(state["trust"]))}
        kept |= {"fell_back": state["fell_back"]}
        if trust["escalated_to"]:
            kept["winner"] = state["escalated"]
        result = account(before["strategy"], text, state, knobs, state["calls"], **kept, **trust)
        return {"messages": [final], "result": result, "held": None, "held_result": {}}

    return answer


async def _given(held: AIMessage, state: Any) -> AIMessage:
    if not str(held.text):
        return held
    shown = await replayed(str(held.text), state["messages"])
    return held.model_copy(update={"id": shown.id})
