"""Give the winning draft as the answer, or what is given in its place."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage

from .account import ROUTING, account
from .aggregate import NoUsableDraftError, finish, no_answer
from .base import Run, Step
from .context import AvengersContext
from .escalate import in_its_place
from .replay import replayed
from .trust import Ending


def make_answer(ending: Ending | None = None, *, mapped: bool = True) -> Step:
    """The node that ends the run with the winner's text.

    Args:
        ending: What becomes of an answer that the vote is not sure of.
        mapped: Whether a task map routed the question.
    """
    ending = ending or Ending()

    async def answer(state: Any, run: Run[AvengersContext]) -> dict[str, Any]:
        knobs = run.knobs
        tally, drafts = state["tally"], state["drafts"]
        won = next((d for d in drafts if d["id"] == tally["winner"]), None)
        message, trust = await in_its_place(state, ending, knobs, won["text"] if won else None)
        if message is None and won is None:
            raise NoUsableDraftError(no_answer(drafts))
        if message is None:
            message = await _given(won["text"], state)  # pyright: ignore[reportOptionalSubscript]
        final, text = finish(message, "avengers", state["calls"])
        tried = [d for d in drafts if d["status"] == "failed" and d["layer"] <= state["layer"]]
        failed = {d["member"]: d["error"] for d in tried}
        result = account(
            "avengers",
            text,
            state,
            knobs,
            state["calls"],
            votes=tally["votes"],
            margin=tally["margin"],
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


async def _given(text: str, state: Any) -> AIMessage:
    """The winner's text: as it was streamed, or streamed now."""
    if state["streamed"]:
        return AIMessage(text, id=state["streamed"])
    return await replayed(text, state["messages"])
