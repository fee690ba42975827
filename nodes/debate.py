"""A round of a debate: each agent reads its own last answer and those of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..events import selected
from ..records import Draft, best_of, of_layer
from .base import Run, Step
from .cast import Slot
from .limits import exhausted
from .moderate import agreement
from .prompting import question
from .propose import Reading
from .systems import DebateContext


def make_round() -> Step:
    """The node between two rounds, which counts them and decides when the debate is over."""

    async def debate_round(state: Any, run: Run[DebateContext]) -> dict[str, Any]:
        knobs, done = run.knobs, state["layer"]
        stopped = None
        if done:
            kept = of_layer(state["drafts"], done)
            run.emit(selected("round", done, [draft["id"] for draft in kept]))
            drafts = [draft for draft in state["drafts"] if draft["layer"] == done]
            stopped = exhausted(state["calls"], knobs, drafts) or (None if kept else "layer_failed")
            stopped = stopped or _over(kept, question(state["messages"]), done, knobs)
        return {"layer": done + 1, "stopped": stopped}

    return debate_round


def _over(kept: Sequence[Draft], asked: str, done: int, knobs: DebateContext) -> str | None:
    """The reason why the debate is over, if it is."""
    wanted = knobs.agreement
    if wanted is not None and len(kept) > 1 and agreement(list(kept), asked) >= wanted:
        return "agreement"
    return "rounds" if done >= knobs.rounds else None


def last_answers(drafts: Sequence[Draft]) -> list[Draft]:
    """The last answer of each agent, in the agents' order.

    An agent that fails in a round is still heard with its answer of the round before.

    Example:
        >>> last_answers([])
        []
    """
    each: dict[str, list[Draft]] = {}
    for draft in sorted(drafts, key=lambda draft: draft["layer"]):
        each.setdefault(_agent(draft), []).append(draft)
    known = [best_of(own)[-1] for own in each.values() if best_of(own)]
    return best_of(known)


def others_answers(state: Any, slot: Slot) -> Reading:
    """The input of an agent: its own last answer, then the last answers of all others.

    A small agent gets none, because it would repeat them with their mistakes.
    """
    if state["layer"] == 1 or slot.member.small:
        return Reading([], role=slot.role)
    own, others = [], []
    for draft in last_answers(state["drafts"]):
        (own if _agent(draft) == slot.node.removeprefix("propose_") else others).append(draft)
    return Reading(others, role=slot.role, prompt="debate", own=own[0] if own else None)


def _agent(draft: Draft) -> str:
    """The name of the slot that wrote a draft: an id is `layer.slot.index`."""
    return draft["id"].partition(".")[2].rpartition(".")[0]
