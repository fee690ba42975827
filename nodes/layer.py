"""Close the previous layer, open the next one, and select the drafts that its proposers read."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from ..events import selected
from ..records import Draft, best_of, of_layer, usable
from .base import Run, Step
from .cast import Slot
from .choose import agreed
from .context import MoaContext, SmoaContext
from .limits import exhausted
from .prompting import question
from .propose import Reading
from .trust import records

HARD = 0.5
"""Share of wrong answers of the best member from which on a question gets all layers."""


def make_layer(*, until_agreed: bool = False) -> Step:
    """The node between two layers, which counts them, emits events, and decides when to stop.

    Args:
        until_agreed: Whether a layer is the last one if all its drafts give the same answer.
    """

    async def layer(state: Any, run: Run[MoaContext]) -> dict[str, Any]:
        knobs = run.knobs
        done = state["layer"]
        stopped = state["stopped"]
        if done:
            kept = of_layer(state["drafts"], done)
            run.emit(selected("layer", done, [draft["id"] for draft in kept]))
            drafts = [draft for draft in state["drafts"] if draft["layer"] == done]
            stopped = exhausted(state["calls"], knobs, drafts) or (None if kept else "layer_failed")
            if until_agreed and agreed(kept, question(state["messages"])):
                stopped = stopped or "agreement"
        if done + 1 >= depth(state, knobs):
            stopped = stopped or "layers"
        return {"layer": done + 1, "stopped": stopped}

    return layer


def depth(state: Any, knobs: MoaContext) -> int:
    """The number of layers for a question, the aggregator's included.

    By difficulty: `2 + ceil((layers - 2) * min(1, (1 - r) / 0.5))`, where r is the record of the
    best picked member on questions like this one.

    Example:
        >>> picked = {"ranking": [{"member": "a", "record": 0.9}], "picked": ["a"]}
        >>> depth(picked, MoaContext(layers=4, depth="difficulty"))
        3
    """
    record = records(state.get("ranking") or ())
    known = [record[name] for name in state.get("picked") or () if name in record]
    if knobs.depth == "fixed" or not known:
        return knobs.layers
    # Rounded, because 1 - 0.9 is not quite 0.1.
    hardness = min(1.0, round((1 - max(known)) / HARD, 6))
    return min(knobs.layers, 2 + ceil((knobs.layers - 2) * hardness))


async def open_round(state: Any, run: Run[SmoaContext]) -> dict[str, Any]:
    """The step that starts a round of SMoA."""
    return {"layer": state["layer"] + 1, "stopped": None}


def layer_before(state: Any, slot: Slot) -> Reading:
    """The input of a proposer of a later layer: every usable draft of the previous layer.

    A small proposer gets no drafts, because it would repeat them with their mistakes.
    """
    return Reading([] if slot.member.small else last_good(state["drafts"]), role=slot.role)


def last_layer(state: Any) -> list[Draft]:
    """The drafts that the aggregator of MoA reads."""
    return last_good(state["drafts"])


def last_good(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts of the last layer with whole ones, or the best drafts that exist.

    Example:
        >>> last_good([])
        []
    """
    whole = [draft["layer"] for draft in drafts if usable(draft)]
    return of_layer(drafts, max(whole)) if whole else best_of(drafts)
