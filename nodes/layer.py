"""Close the layer that just ran and open the next one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langgraph.runtime import Runtime

from ..events import emitter, selected
from ..records import Draft, best_of, of_layer, usable
from .bridge import Node
from .choose import agreed
from .context import MoaContext, resolve
from .limits import exhausted
from .prepare import new_gate
from .prompting import question


def make_layer(schema: type[MoaContext], *, until_agreed: bool = False) -> Node:
    """The node between two layers: it counts, tells what goes on, and notices why to stop.

    Args:
        schema: The graph's context schema.
        until_agreed: Whether a layer whose drafts all give one answer is the last.
    """

    async def layer(state: Any, runtime: Runtime[Any]) -> dict[str, Any]:
        knobs = resolve(schema, runtime.context)
        done = state["layer"]
        stopped = state["stopped"]
        if done:
            kept = of_layer(state["drafts"], done)
            emitter(runtime)(selected("layer", done, [draft["id"] for draft in kept]))
            stopped = exhausted(state["calls"], knobs) or (None if kept else "layer_failed")
            if until_agreed and agreed(kept, question(state["messages"])):
                stopped = stopped or "agreement"
        if done + 1 >= knobs.layers:
            stopped = stopped or "layers"
        return {"layer": done + 1, "gate": new_gate(), "stopped": stopped}

    return layer


def last_good(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts of the last layer that has whole ones, else the best there are.

    Example:
        >>> last_good([])
        []
    """
    whole = [draft["layer"] for draft in drafts if usable(draft)]
    return of_layer(drafts, max(whole)) if whole else best_of(drafts)
