"""Make and save a task map from the scores in the ledger, and estimate its gain."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from ..errors import InputError
from ..nodes.base import Run, Step
from ..profiles import Profile
from ..routing.gain import cross_validated_gain
from ..routing.table import table
from .compare import recommended, systems
from .context import CalibrationContext
from .embed import embedded
from .grade import pair_score
from .ledger import Ledger, Question, pages
from .resources import Resources

TAUGHT = 5000
"""Number of questions from which the vote is learnt; more hardly change it and take memory."""


def make_cluster(resources: Resources) -> Step:
    """The node that clusters the questions, scores the members on the clusters, and saves."""

    async def cluster(state: Any, run: Run[CalibrationContext]) -> dict[str, Any]:
        knobs = run.knobs
        async with resources.ledger(state) as ledger:
            fitted, vectors = await embedded(resources, ledger, knobs.seed, state["questions"])
            records = await asyncio.to_thread(scored, resources, knobs, ledger, state["questions"])
        members = _members(resources, records, state["failures"])
        settings = {"embedder": fitted, "vectors": vectors, "members": members, "seed": knobs.seed}
        profile = await asyncio.to_thread(Profile.fit, records, **settings, **resources.fitting)
        await asyncio.to_thread(profile.save, resources.out)
        resources.tell(run, state, "cluster", len(profile.cards), len(profile.cards))
        return {}

    return cluster


def make_profile(resources: Resources) -> Step:
    """The node that measures the map by cross-validation and saves it with its provenance."""

    async def profile(state: Any, run: Run[CalibrationContext]) -> dict[str, Any]:
        knobs = run.knobs
        async with resources.ledger(state) as ledger:
            fitted, vectors = await embedded(resources, ledger, knobs.seed, state["questions"])
            records = await asyncio.to_thread(scored, resources, knobs, ledger, state["questions"])
        fitted_map = await asyncio.to_thread(Profile.load, resources.out, _given(resources, fitted))
        data = await asyncio.to_thread(table, records, fitted_map.members)
        gain = await asyncio.to_thread(cross_validated_gain, fitted_map, data, vectors, knobs.seed)
        rows = await asyncio.to_thread(systems, fitted_map, data, vectors, gain)
        result = _account(resources, state, fitted_map, gain, len(vectors))
        result |= {"systems": rows, "recommended": recommended(fitted_map, gain)}
        provenance = {**result, "settings": {**knobs.model_dump(), "grader": resources.grader_name}}
        provenance.pop("profile")
        fitted_map = replace(fitted_map, info={**fitted_map.info, "calibration": provenance})
        await asyncio.to_thread(fitted_map.save, resources.out)
        resources.tell(run, state, "profile", 1, 1)
        return {"profile": str(resources.out), "result": result}

    return profile


def scored(
    resources: Resources, knobs: CalibrationContext, ledger: Ledger, total: int
) -> list[dict[str, Any]]:
    """The calibration records: recorded scores, and the mean grade of each pair's samples."""
    return [_record(resources, knobs, ledger, question) for question in pages(ledger, total)]


def _record(
    resources: Resources, knobs: CalibrationContext, ledger: Ledger, question: Question
) -> dict[str, Any]:
    scores, costs = dict(question.scores), dict(question.costs)
    answers: dict[str, Any] = dict(question.said) if question.place < TAUGHT else {}
    for member in resources.asked(question):
        score, cost = pair_score(resources, knobs, ledger, question, member)
        if score is not None:
            scores[member.name] = score
        if cost is not None:
            costs[member.name] = cost
        if score is not None and question.place < TAUGHT:
            kept = ledger.answers(resources.pair(question, member, knobs))
            answers[member.name] = [text for each in kept for text in each.texts][: knobs.samples]
    record = {"query": question.query, "dataset": question.dataset}
    return {**record, "scores": scores, "costs": costs, "answers": answers}


def _members(
    resources: Resources, records: list[dict[str, Any]], failures: dict[str, Any]
) -> list[str]:
    """The members with a score, in the pool's order."""
    seen = {name for record in records for name in record["scores"]}
    if not seen:
        reasons = [f"{name}: {each['error']}" for name, each in failures.items()]
        why = f" ({reasons[0]})" if reasons else "; raise the budget"
        raise InputError(f"nothing to calibrate on: there is no answer{why}")
    names = resources.pool.names if resources.pool else []
    return [n for n in names if n in seen] + sorted(seen - set(names))


def _given(resources: Resources, fitted: Any) -> Any:
    """The live objects that loading the profile needs."""
    named = isinstance(resources.embedder, str | dict)
    return None if named else fitted


def _account(
    resources: Resources, state: Any, profile: Profile, gain: dict[str, Any], questions: int
) -> dict[str, Any]:
    """`result` as plain JSON, whose size does not depend on the data."""
    asked = [member.name for member in resources.members]
    return {
        "profile": str(resources.out),
        "questions": questions,
        "members": profile.members,
        "left_out": [name for name in asked if name not in profile.members],
        "clusters": len(profile.cards),
        "scores": profile.info["data"]["scores"],
        "gain": gain,
        "vote": profile.votes.plan if profile.votes else None,
        "calls": state["calls"],
        "cost_usd": state["cost_usd"],
        "failures": {
            n: {k: e[k] for k in ("calls", "error")} for n, e in state["failures"].items()
        },
        "bad_rows": state["bad"],
        "stopped": state["stopped"],
    }
