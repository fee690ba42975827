"""Route a question to the best members of its cluster on the task map.

Without a task map all members are asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
from langchain_core.messages import BaseMessage

from ..member import Member
from ..models.exchange import Ask, Reply, Sample, drafts
from ..pool import Pool
from ..profiles import Choice, Profile
from ..records import Draft
from ..routing.diversity import differences, diverse
from ..voting.stopping import FEWEST
from ..voting.team import Team
from .abilities import cannot_draft
from .base import Run, Step
from .context import AvengersContext
from .prompting import question
from .sample import shares
from .waves import wave


def make_route(pool: Pool, profile: Profile, known: Sequence[Member] | None = None) -> Step:
    """The node that ranks the pool's members for the embedded question.

    It writes the whole ranking, so that the next member can replace a dead one, and the members
    that are asked first.

    Args:
        pool: The members, for their prices where the task map holds no costs.
        profile: The task map.
        known: Those that may be asked; by default all that the profile knows.
    """
    able = pool.names if known is None else [member.name for member in known]
    members = [name for name in profile.members if name in able]
    prices = None if profile.knows_costs(members) else _prices(pool)
    team = {name: pool.member(name) for name in members}
    verifying = {name for name, member in team.items() if member.verifies}

    async def route(state: Any, run: Run[AvengersContext]) -> dict[str, Any]:
        knobs = run.knobs
        vector = np.asarray([state["vector"]], dtype=np.float32)
        ranked = profile.route_vectors(
            vector,
            top_n=len(members),
            mode=knobs.mode,
            alpha=knobs.alpha,
            prices=prices if knobs.alpha < 1 else None,
            members=members,
            top_k=knobs.top_k,
            beta=knobs.beta,
        )[0]
        ranking = _ranking(profile, vector, ranked, verifying)
        ranking = kept(ranking, state.get("picked") or [], knobs.sticky)
        votes = profile.votes and profile.votes.at(ranked[0].cluster)
        if knobs.strategy == "team" and votes is not None:
            ranking = _by_weight(ranking, votes)
        routed = {"ranking": ranking, **_place(profile, vector, ranked[0].cluster, state)}
        return asked_first(routed, knobs, knobs.top_n, team, run, votes)

    return route


def make_line_up(members: Sequence[Member]) -> Step:
    """The node that selects the members without a task map.

    All members that can answer share the samples, in the pool's order; with fewer samples than
    members the later ones are substitutes.
    """
    team = {member.name: member for member in members}

    async def route(state: Any, run: Run[AvengersContext]) -> dict[str, Any]:
        knobs = run.knobs
        able = [m for m in members if cannot_draft(m, state["messages"], knobs) is None]
        ranking = [{"member": m.name, "score": 0.0, "record": None} for m in able]
        update = {"ranking": ranking, "cluster": None, "position": None, "familiarity": None}
        asked = asked_first(update, knobs, min(knobs.top_n, knobs.samples), team, run)
        return {**asked, "drafts": _passed_over(members, state["messages"], knobs)}

    return route


def _passed_over(
    members: Sequence[Member], messages: Sequence[BaseMessage], knobs: AvengersContext
) -> list[Draft]:
    """A skipped draft with the reason for each member that cannot answer."""
    skipped: list[Draft] = []
    for member in members:
        if why := cannot_draft(member, messages, knobs):
            what = Ask(member=member, messages=(), stage="propose", layer=1, role=member.role)
            skipped += drafts(what, Reply([Sample("skipped", error=why)], []))
    return skipped


def asked_first(
    update: dict[str, Any],
    knobs: AvengersContext,
    top_n: int,
    team: Mapping[str, Member],
    run: Run[AvengersContext],
    votes: Team | None = None,
) -> dict[str, Any]:
    """Add the members that are asked first to an update, and emit the event."""
    picked = [entry["member"] for entry in update["ranking"][:top_n]]
    asking = dict(zip(picked, shares(knobs.samples, len(picked)), strict=True))
    run.emit({"type": "routed", "stage": "route", "layer": 1, "data": {**update, "picked": picked}})
    if knobs.strategy == "team":
        # One answer alone settles nothing, so the first two are asked side by side; unless one
        # member's answer is all that is wanted here.
        alone = votes is not None and votes.alone and knobs.weights == "profile"
        first = dict.fromkeys(picked[: 1 if alone else FEWEST], 1)
    elif knobs.strategy == "model_switch" and knobs.switch == "lazy":
        first = dict(list(asking.items())[:1])
    elif knobs.strategy == "model_switch":
        first = asking
    else:
        first = wave(asking, team, knobs)
    return {
        **update,
        "picked": picked,
        "asking": first,
        "layer": 1,
    }


def make_pick(
    members: Sequence[Member], profile: Profile, top_n: int, diversity: float = 0.0
) -> Step:
    """The node that picks the proposers: the `top_n` members with the best records.

    Args:
        members: Members that may draft.
        profile: The task map.
        top_n: Number of members that are picked.
        diversity: From 0, records alone, to 1, differences alone after the first one.
    """
    names = [member.name for member in members]
    verifying = {member.name for member in members if member.verifies}
    apart = differences(profile, names) if diversity else {}

    async def route(state: Any, run: Run[AvengersContext]) -> dict[str, Any]:
        vector = np.asarray([state["vector"]], dtype=np.float32)
        ranked = profile.route_vectors(vector, top_n=len(names), members=names)[0]
        able = {m.name for m in members if cannot_draft(m, state["messages"]) is None}
        ranking = _ranking(profile, vector, ranked, verifying)
        known = {e["member"]: float(e["record"]) for e in ranking if e["member"] in able}
        picked = [*known][:top_n]
        if diversity:
            picked = diverse(known, apart, top_n, diversity)
        update = {"ranking": ranking, **_place(profile, vector, ranked[0].cluster, state)}
        update["picked"] = picked
        data = {**update, "drafting": True}
        run.emit({"type": "routed", "stage": "route", "layer": 1, "data": data})
        return update

    return route


def _ranking(
    profile: Profile, vector: np.ndarray, ranked: Sequence[Choice], verifying: Set[str]
) -> list[dict[str, Any]]:
    """The router's ranking, best first, with each member's record on such questions."""
    record = profile.records(vector)[0]
    return [
        {
            "member": choice.member,
            "score": round(float(choice.score), 6),
            "record": round(record[choice.member], 6),
            **({"verifies": True} if choice.member in verifying else {}),
        }
        for choice in ranked
    ]


def _by_weight(ranking: list[dict[str, Any]], votes: Team) -> list[dict[str, Any]]:
    """The ranking by the weight of each member's vote; members without one come last."""
    accuracy = {entry["member"]: entry["record"] for entry in ranking}
    known = votes.only(list(accuracy))
    if known is None:
        return ranking
    place = {name: i for i, name in enumerate(known.order(accuracy))}
    return sorted(ranking, key=lambda entry: place.get(entry["member"], len(place)))


def _place(profile: Profile, vector: np.ndarray, cluster: int, state: Any) -> dict[str, Any]:
    """The question's cluster, position and familiarity; None if the profile does not know them."""
    x, y = profile.position(vector[0])
    usual = float(profile.familiarity(vector, [question(state["messages"])])[0])
    known = profile.usual is not None or usual == 0
    return {
        "cluster": int(cluster),
        "position": [x, y],
        "familiarity": round(usual, 6) if known else None,
    }


def _prices(pool: Pool) -> Mapping[str, float] | None:
    """US dollars per million tokens of members with a price, the mean of input and output.

    What a question cost during the calibration, which the profile records, says more: a member with
    a low price may write much. The two are not mixed, because their units differ. None if no member
    has a price.
    """
    prices = {m.name: (m.price.input + m.price.output) / 2 for m in pool if m.price}
    return prices or None


def kept(
    ranking: list[dict[str, Any]], before: Sequence[str], tolerance: float
) -> list[dict[str, Any]]:
    """Rank members of the previous turn first while their scores are close to the best.

    A conversation then does not switch between models, and their prompt caches stay warm.
    """
    limit = ranking[0]["score"] - tolerance
    stay = [e for e in ranking if e["member"] in before and e["score"] >= limit]
    if not stay:
        return ranking
    stay.sort(key=lambda entry: list(before).index(entry["member"]))
    return stay + [entry for entry in ranking if entry not in stay]
