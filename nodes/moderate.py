"""The moderator ends the rounds by agreement, by quality, or because they are used up."""

from __future__ import annotations

from typing import Any

from ..member import Member
from ..models.ask import Ask, ask
from ..prompts import render
from ..records import Draft, best_of
from ..seeds import derive
from ..voting.answers import answered, ballots
from .base import Run, Step
from .context import SmoaContext
from .judge import kept_drafts
from .limits import TO_WRITE, exhausted, limits_of
from .prompting import question, with_drafts
from .verdict import Decision, Unreadable, read_decision, response_format


def make_moderate(moderator: Member | None) -> Step:
    """The node that decides whether to stop or to continue.

    Facts come first, because they cost nothing: no usable draft, rounds or budget used up, equal
    answers. Otherwise a model decides: the moderator or, if it is None, the judge by its verdict.
    """

    async def moderate(state: Any, run: Run[SmoaContext]) -> dict[str, Any]:
        knobs = run.knobs
        calls: list[Any] = []
        reason = ""
        stopped = _by_facts(state, knobs)
        quality = state.get("quality")
        if stopped is None and moderator is not None:
            decision, calls = await _opinion(moderator, state, run)
            reason, quality = decision.reason, decision.quality
            stopped = "moderator" if decision.stop else None
        elif stopped is None and state["judge_stop"]:
            stopped = "judge"
        if stopped is None and knobs.quality is not None and quality is not None:
            stopped = "quality" if quality >= knobs.quality else None
        run.emit(
            {
                "type": "moderated",
                "stage": "moderate",
                "layer": state["layer"],
                "text": reason,
                "data": {"stopped": stopped},
            }
        )
        return {"stopped": stopped, "calls": calls}

    return moderate


def _by_facts(state: Any, knobs: SmoaContext) -> str | None:
    drafts = [draft for draft in state["drafts"] if draft["layer"] == state["layer"]]
    usable = best_of(drafts)
    if not usable:
        return exhausted([], knobs, drafts) or "layer_failed"
    wanted, asked = knobs.agreement, question(state["messages"])
    if wanted is not None and len(usable) > 1 and agreement(usable, asked) >= wanted:
        return "agreement"
    if state["layer"] >= knobs.rounds:
        return "rounds"
    return exhausted(state["calls"], knobs, drafts)


def agreement(drafts: list[Draft], asked: str) -> float:
    """The share of drafts that give the most common short answer; 0 if none can be read.

    Only marked, boxed or short answers count, so that essays do not agree by accident.
    """
    groups = ballots(answered(drafts, asked), asked)
    largest = max((len(ballot.drafts) for ballot in groups), default=0)
    return largest / len(drafts) if drafts else 0.0


async def _opinion(
    moderator: Member, state: Any, run: Run[SmoaContext]
) -> tuple[Decision, list[Any]]:
    """The moderator's decision; an unreadable one means to continue."""
    knobs = run.knobs
    scored = knobs.quality is not None
    instruction = render("moderate", round=state["layer"], rounds=knobs.rounds)
    reply = await ask(
        Ask(
            member=moderator,
            messages=with_drafts(
                state["messages"],
                moderator,
                kept_drafts(state),
                [instruction, render("quality") if scored else None],
                moderator.tokens("moderate"),
                review=state["review"] or None,
            ),
            stage="moderate",
            layer=state["layer"],
            temperature=knobs.judge_temperature,
            seed=derive(knobs.seed, "moderate", state["layer"]),
            limits=limits_of(state["calls"], run, keep=TO_WRITE),
            response_format=response_format(
                "decision", Decision, moderator.structured, without="" if scored else "quality"
            ),
            spare=True,
        ),
        run.emit,
    )
    try:
        return read_decision(reply.first.text), reply.calls
    except Unreadable as error:
        return Decision(reason=f"unreadable ({error}); going on", stop=False), reply.calls
