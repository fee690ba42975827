"""Give the winning draft as the answer, or its replacement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import AIMessage

from ..records import Draft
from ..voting.calls import canonical
from .account import ROUTING, account, counted
from .aggregate import NoUsableDraftError, finish, no_answer
from .base import Run, Step
from .called import called
from .context import AvengersContext
from .escalate import in_its_place
from .replay import replayed
from .trust import Ending


def make_answer(ending: Ending | None = None, *, mapped: bool = True) -> Step:
    """The node that ends the run with the winner's text.

    Args:
        ending: How unsure answers are handled.
        mapped: Whether a task map routed the question.
    """
    ending = ending or Ending()

    async def answer(state: Any, run: Run[AvengersContext]) -> dict[str, Any]:
        knobs = run.knobs
        tally, drafts = state["tally"], state["drafts"]
        said = _said(state)
        guess = None if said is None else said[0] or canonical(said[1])
        message, trust = await in_its_place(state, ending, knobs, guess)
        if message is None and said is None:
            raise NoUsableDraftError(no_answer(counted(state, tally)), drafts)
        if message is None:
            message = await _given(said or ("", []), state)
        final, text = finish(message, "avengers", state["calls"], _winner(state, trust))
        tried = [d for d in drafts if d["status"] == "failed" and d["layer"] <= state["layer"]]
        failed = {d["member"]: d["error"] for d in tried}
        result = account(
            "avengers",
            text,
            state,
            knobs,
            state["calls"],
            drafts=counted(state, tally),
            **{key: tally.get(key) for key in ("kind", "votes", "tally", "margin", "probability")},
            abstained=tally["abstained"],
            stopped=state["stopped"],
            routing={"profile": mapped, **{key: state[key] for key in ROUTING}},
            winner=state["escalated"] or tally["winner"],
            fell_back=[*(f"{member}: {error}" for member, error in failed.items())]
            + state["fell_back"],
            **trust,
        )
        return {"messages": [final], "result": result}

    return answer


def _winner(state: Any, trust: Mapping[str, Any]) -> Draft | None:
    """The draft that is the answer; None if none is."""
    won = None if trust["declined"] else state["escalated"] or state["tally"]["winner"]
    return next((d for d in state["drafts"] if d["id"] == won), None)


def _said(state: Any) -> tuple[str, list[dict[str, Any]]] | None:
    """The team's answer as text and tool calls; None if there is none."""
    tally = state["tally"]
    won = next((d for d in state["drafts"] if d["id"] == tally["winner"]), None)
    if won is None:
        return None
    said = tally.get("said")
    if isinstance(said, list):
        return ("" if tally["kind"] == "json" else won["text"]), said
    return said if said is not None else won["text"], []


async def _given(said: tuple[str, list[dict[str, Any]]], state: Any) -> AIMessage:
    """The winner's text and calls as a message, which is streamed now unless it was before."""
    text, calls = said
    if state["streamed"]:
        shown = called(calls, state["messages"], shown=True)
        return AIMessage(text, tool_calls=shown, id=state["streamed"])
    return await replayed(text, state["messages"], called(calls, state["messages"]))
