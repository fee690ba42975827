"""From scores in the ledger to a saved task map, and how much it should gain."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from langgraph.runtime import Runtime

from ..errors import InputError
from ..profiles import Profile
from ..routing.gain import cross_validated_gain
from ..routing.ledger import Ledger, Question, pages
from ..routing.table import table
from .bridge import Node
from .context import CalibrationContext, resolve
from .desk import Desk
from .embed_questions import embedded
from .grade import pair_score


def make_cluster(desk: Desk, schema: type[CalibrationContext]) -> Node:
    """The node that clusters the questions, scores the members on the clusters, and saves."""

    async def cluster(state: Any, runtime: Runtime[Any]) -> dict[str, Any]:
        knobs = resolve(schema, runtime.context)
        async with desk.ledger(state) as ledger:
            fitted, vectors = await embedded(desk, ledger, knobs.seed, state["questions"])
            records = await asyncio.to_thread(scored, desk, knobs, ledger, state["questions"])
        members = _members(desk, records, state["failures"])
        settings = {"embedder": fitted, "vectors": vectors, "members": members, "seed": knobs.seed}
        profile = await asyncio.to_thread(Profile.fit, records, **settings, **desk.fitting)
        await asyncio.to_thread(profile.save, desk.out)
        desk.tell(runtime, state, "cluster", len(profile.cards), len(profile.cards))
        return {}

    return cluster


def make_profile(desk: Desk, schema: type[CalibrationContext]) -> Node:
    """The node that measures the map by cross-validation and saves it with its provenance."""

    async def profile(state: Any, runtime: Runtime[Any]) -> dict[str, Any]:
        knobs = resolve(schema, runtime.context)
        async with desk.ledger(state) as ledger:
            fitted, vectors = await embedded(desk, ledger, knobs.seed, state["questions"])
            records = await asyncio.to_thread(scored, desk, knobs, ledger, state["questions"])
        found = await asyncio.to_thread(Profile.load, desk.out, _given(desk, fitted))
        data = await asyncio.to_thread(table, records, found.members)
        gain = await asyncio.to_thread(cross_validated_gain, found, data, vectors, knobs.seed)
        result = _account(desk, state, found, gain, len(vectors))
        provenance = {**result, "settings": {**knobs.model_dump(), "grader": desk.grader_name}}
        provenance.pop("profile")
        found = replace(found, info={**found.info, "calibration": provenance})
        await asyncio.to_thread(found.save, desk.out)
        desk.tell(runtime, state, "profile", 1, 1)
        return {"profile": str(desk.out), "result": result}

    return profile


def scored(
    desk: Desk, knobs: CalibrationContext, ledger: Ledger, total: int
) -> list[dict[str, Any]]:
    """The calibration records: recorded scores, and the mean grade of each pair's samples."""
    return [_record(desk, knobs, ledger, question) for question in pages(ledger, total)]


def _record(
    desk: Desk, knobs: CalibrationContext, ledger: Ledger, question: Question
) -> dict[str, Any]:
    scores, costs = dict(question.scores), dict(question.costs)
    for member in desk.asked(question):
        score, cost = pair_score(desk, knobs, ledger, question, member)
        if score is not None:
            scores[member.name] = score
        if cost is not None:
            costs[member.name] = cost
    return {"query": question.query, "dataset": question.dataset, "scores": scores, "costs": costs}


def _members(desk: Desk, records: list[dict[str, Any]], failures: dict[str, Any]) -> list[str]:
    """Those with a score, in the pool's order; of the others nothing is known."""
    seen = {name for record in records for name in record["scores"]}
    if not seen:
        reasons = [f"{name}: {each['error']}" for name, each in failures.items()]
        why = f" ({reasons[0]})" if reasons else "; raise the budget"
        raise InputError(f"nothing to calibrate on: no answer was had{why}")
    names = desk.pool.names if desk.pool else []
    return [n for n in names if n in seen] + sorted(seen - set(names))


def _given(desk: Desk, fitted: Any) -> Any:
    """What a saved profile needs to be given: live objects alone."""
    named = isinstance(desk.embedder, str | dict)
    return None if named else fitted


def _account(
    desk: Desk, state: Any, profile: Profile, gain: dict[str, Any], questions: int
) -> dict[str, Any]:
    """`result`: plain JSON of a size that does not depend on the data."""
    asked = [member.name for member in desk.members]
    return {
        "profile": str(desk.out),
        "questions": questions,
        "members": profile.members,
        "left_out": [name for name in asked if name not in profile.members],
        "clusters": len(profile.cards),
        "scores": profile.info["data"]["scores"],
        "gain": gain,
        "calls": state["calls"],
        "cost_usd": state["cost_usd"],
        "failures": {
            n: {k: e[k] for k in ("calls", "error")} for n, e in state["failures"].items()
        },
        "bad_rows": state["bad"],
        "stopped": state["stopped"],
    }
