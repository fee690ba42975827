"""Count the votes, and decide whether further members are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..member import Member
from ..records import Trust, usable
from ..voting.stopping import SETTLED, settled
from ..voting.team import Team
from .abilities import form_of
from .base import Run, Step
from .context import AvengersContext
from .limits import exhausted
from .prompting import question
from .sample import shares
from .tally import count, spoken
from .trust import Ending, decide, out_of_bounds, vote_parts
from .trust import records as known_records
from .waves import next_wave


def make_vote(
    members: Sequence[Member], ending: Ending | None = None, votes: Team | None = None
) -> Step:
    """The node that counts the votes and judges the winner.

    It sets `asking` to the members that are asked next, if any, and `trust` to the handling of an
    unsure answer.

    Args:
        members: Members that can be asked.
        ending: How unsure answers are handled.
        votes: The profile's learnt vote.
    """
    ending = ending or Ending()
    team = {member.name: member for member in members}

    async def vote(state: Any, run: Run[AvengersContext]) -> dict[str, Any]:
        knobs = run.knobs
        known = votes if knobs.weights == "profile" else None
        learnt = known and known.at(state.get("cluster"))
        asked = question(state["messages"])
        alone = _first_alone(state, knobs, asked)
        tally = alone or count(state["drafts"], state["ranking"], asked, learnt, form_of(knobs))
        asking, stopped = _next(state, knobs, tally, team, learnt)
        trust = _trust(state, knobs, tally, ending)
        told = {key: trust[key] for key in ("confidence", "unsure")}
        shown = {key: value for key, value in tally.items() if key not in ("answers", "said")}
        data = {**shown, **told, "asking": asking}
        run.emit({"type": "voted", "stage": "vote", "layer": state["layer"], "data": data})
        more = {"layer": state["layer"] + 1} if asking else {}
        if not asking:
            more = {"trust": trust, "fell_back": out_of_bounds(state, ending, knobs, trust)}
        return {"tally": tally, "asking": asking, "stopped": stopped, **more}

    return vote


def _first_alone(state: Any, knobs: AvengersContext, asked: str) -> dict[str, Any] | None:
    """The vote of the first picked member if it is sure by itself and others were asked with it."""
    if knobs.strategy != "model_switch" or knobs.switch == "lazy":
        return None
    first = [draft for draft in state["drafts"] if draft["member"] in state["picked"][:1]]
    tally = count(first, state["ranking"], asked, None, form_of(knobs))
    return tally if tally["votes"] and tally["share"] >= knobs.threshold else None


def _trust(state: Any, knobs: AvengersContext, tally: dict[str, Any], ending: Ending) -> Trust:
    """Trust in the winner; there is none if all members abstained or failed."""
    drafts = state["drafts"]
    parts = vote_parts(tally, drafts, state["ranking"], state.get("familiarity"))
    hopeless = not tally["share"] and (tally["winner"] is None or tally["abstained"] > 0)
    trust = decide(parts, knobs, state["calls"], ending, hopeless=hopeless)
    if trust["then"] == "decline" and isinstance(tally["said"], list):
        # A tool call is not an answer that a text could replace.
        trust["then"] = "answer"
    return trust


def _next(
    state: Any,
    knobs: AvengersContext,
    tally: dict[str, Any],
    team: Mapping[str, Member],
    votes: Team | None = None,
) -> tuple[dict[str, int], str | None]:
    """The members that are asked next with their numbers of samples, or the reason to stop."""
    if limit := exhausted(state["calls"], knobs, state["drafts"]):
        return {}, limit
    each = shares(knobs.samples, len(state["picked"]))
    asked = {draft["member"] for draft in state["drafts"]}
    rest = [entry["member"] for entry in state["ranking"] if entry["member"] not in asked]
    whole = any(map(usable, state["drafts"]))
    if tally["winner"] is None or (rest and not whole):
        # There is no whole answer in the required form, so the next candidate is asked. It draws as
        # many samples as the first picked member.
        more = 1 if knobs.strategy == "team" else each[0]
        return dict.fromkeys(rest[:1], more), None if rest else "no_usable_draft"
    if knobs.strategy == "team":
        open_picks = [member for member in state["picked"] if member not in asked]
        if not open_picks:
            return {}, "vote"
        if _settled(state, knobs, tally, open_picks, votes):
            return {}, "settled"
        return {open_picks[0]: 1}, None
    if knobs.strategy == "model_switch" and tally["share"] < knobs.threshold:
        open_picks = [member for member in state["picked"] if member not in asked]
        if open_picks:
            return dict.fromkeys(open_picks[:1], each[0]), None
        return {}, "vote"
    if knobs.strategy == "self_consistency":
        wanted = dict(zip(state["picked"], each, strict=True))
        more, why = next_wave(wanted, state, tally, team, knobs)
        if more or why:
            return more, why
    if not tally["votes"]:
        alone = sum(draft["status"] != "skipped" for draft in state["drafts"]) == 1
        return {}, "single" if alone else "no_vote"
    return {}, "sure" if knobs.strategy == "model_switch" else "vote"


def _settled(
    state: Any,
    knobs: AvengersContext,
    tally: dict[str, Any],
    rest: Sequence[str],
    votes: Team | None,
) -> bool:
    """Whether the members in `rest` are unlikely to change the team's answer."""
    accuracy = known_records(state["ranking"])
    known = votes.only(sorted(accuracy)) if votes is not None else None
    if known is not None:
        said = spoken(state["drafts"], tally)
        asked = question(state["messages"])
        return known.settled(said, rest, accuracy, question=asked, confidence=knobs.settled)
    if not tally["votes"]:
        return False
    return settled([vote["count"] for vote in tally["votes"]], len(rest), knobs.settled or SETTLED)
