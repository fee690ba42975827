"""Route a question: its cluster on the task map, and the members that proved best there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from langgraph.runtime import Runtime

from ..pool import Pool
from ..profiles import Profile
from .bridge import Node
from .context import AvengersContext, resolve
from .events import emitter
from .prepare import new_gate
from .sample import shares


def make_route(pool: Pool, profile: Profile, schema: type[AvengersContext]) -> Node:
    """The node that ranks the pool's members for the embedded question.

    It writes the whole ranking, so that a dead member can be replaced by the next, and who is
    asked first.
    """
    members = [name for name in profile.members if name in pool.names]
    prices = _prices(pool)

    async def route(state: Any, runtime: Runtime[Any]) -> dict[str, Any]:
        knobs = resolve(schema, runtime.context)
        vector = np.asarray([state["vector"]], dtype=np.float32)
        ranked = profile.route_vectors(
            vector,
            top_n=len(members),
            mode=knobs.mode,
            alpha=knobs.alpha,
            prices=prices if knobs.alpha < 1 else None,
            members=members,
        )[0]
        ranking = [{"member": c.member, "score": round(float(c.score), 6)} for c in ranked]
        ranking = _kept(ranking, state.get("picked") or [], knobs.sticky)
        x, y = profile.position(vector[0])
        found = {"ranking": ranking, "cluster": int(ranked[0].cluster), "position": [x, y]}
        picked = [entry["member"] for entry in ranking[: knobs.top_n]]
        asking = dict(zip(picked, shares(knobs.samples, len(picked)), strict=True))
        switch = knobs.strategy == "model_switch"
        emitter(runtime)(
            {"type": "routed", "stage": "route", "layer": 1, "data": {**found, "picked": picked}}
        )
        return {
            **found,
            "picked": picked,
            "asking": dict(list(asking.items())[:1]) if switch else asking,
            "layer": 1,
            "gate": new_gate(),
        }

    return route


def _prices(pool: Pool) -> Mapping[str, float] | None:
    """US dollars per million tokens, input and output alike weighted, of the members that have one.

    None where no member has a price: then the profile's recorded costs count.
    """
    found = {m.name: (m.price.input + m.price.output) / 2 for m in pool if m.price}
    return found or None


def _kept(
    ranking: list[dict[str, Any]], before: Sequence[str], tolerance: float
) -> list[dict[str, Any]]:
    """Members of the turn before come first while they score close to the best.

    A conversation then does not bounce between models, and their prompt caches stay warm.
    """
    limit = ranking[0]["score"] - tolerance
    stay = [e for e in ranking if e["member"] in before and e["score"] >= limit]
    if not stay:
        return ranking
    stay.sort(key=lambda entry: list(before).index(entry["member"]))
    return stay + [entry for entry in ranking if entry not in stay]
