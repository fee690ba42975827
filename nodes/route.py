"""Route a question: its cluster on the task map, and the members that proved best there.

Without a task map everybody is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from langgraph.runtime import Runtime

from ..member import Member
from ..pool import Pool
from ..profiles import Profile
from .abilities import cannot_draft
from .bridge import Node
from .context import AvengersContext, resolve
from .events import emitter
from .prepare import new_gate
from .prompting import question
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
        record = profile.records(vector)[0]
        ranking = [
            {
                "member": c.member,
                "score": round(float(c.score), 6),
                "record": round(record[c.member], 6),
            }
            for c in ranked
        ]
        ranking = _kept(ranking, state.get("picked") or [], knobs.sticky)
        x, y = profile.position(vector[0])
        found = {
            "ranking": ranking,
            "cluster": int(ranked[0].cluster),
            "position": [x, y],
            "familiarity": _familiarity(profile, vector, question(state["messages"])),
        }
        return _asked(found, knobs, knobs.top_n, runtime)

    return route


def make_line_up(members: Sequence[Member], schema: type[AvengersContext]) -> Node:
    """The node that names who is asked where no task map tells who is good at what.

    All who can answer share the samples, in the pool's order; with fewer samples than members the
    later ones stand in.
    """

    async def route(state: Any, runtime: Runtime[Any]) -> dict[str, Any]:
        knobs = resolve(schema, runtime.context)
        able = [m for m in members if cannot_draft(m, state["messages"], knobs) is None]
        ranking = [{"member": m.name, "score": 0.0, "record": None} for m in able]
        found = {"ranking": ranking, "cluster": None, "position": None, "familiarity": None}
        return _asked(found, knobs, min(knobs.top_n, knobs.samples), runtime)

    return route


def _asked(
    found: dict[str, Any], knobs: AvengersContext, top_n: int, runtime: Runtime[Any]
) -> dict[str, Any]:
    """Who is asked first, told and written beside what was found."""
    picked = [entry["member"] for entry in found["ranking"][:top_n]]
    asking = dict(zip(picked, shares(knobs.samples, len(picked)), strict=True))
    emitter(runtime)(
        {"type": "routed", "stage": "route", "layer": 1, "data": {**found, "picked": picked}}
    )
    switch = knobs.strategy == "model_switch"
    return {
        **found,
        "picked": picked,
        "asking": dict(list(asking.items())[:1]) if switch else asking,
        "layer": 1,
        "gate": new_gate(),
    }


def _familiarity(profile: Profile, vector: np.ndarray, asked: str) -> float | None:
    """The p-value of the question; None where the profile does not know what is usual."""
    found = float(profile.familiarity(vector, [asked])[0])
    return round(found, 6) if profile.usual is not None or found == 0 else None


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
