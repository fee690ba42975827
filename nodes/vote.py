"""Count the votes, and see whether somebody else has to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..member import Member
from ..records import Draft, Trust, best_of, usable
from ..voting.answers import Ballot, abstains, answered, ballots, most_alike
from ..voting.reading import key
from ..voting.stopping import settled
from ..voting.team import Team
from .base import Run, Step
from .context import AvengersContext
from .limits import exhausted
from .prompting import question
from .sample import shares
from .trust import Ending, decide, out_of_bounds, vote_parts
from .trust import records as known_records
from .waves import next_wave


def count(
    drafts: list[Draft],
    ranking: list[dict[str, Any]],
    asked: str,
    votes: Team | None = None,
) -> dict[str, Any]:
    """The vote over all whole drafts; where there is none, over what came (`state.best_of`).

    Each draft has one vote; one without a readable answer abstains. Ties go to the answer whose
    members the router scored higher in sum, then to the better placed member, then to the earlier
    sample: never to chance or to who was faster.

    Args:
        drafts: Drafts of the run.
        ranking: The router's ranking, best first: `{"member", "score"}`.
        asked: The question, for the letters it offers.
        votes: What was learnt of the members' votes: where two of them have spoken, the answer of
            the highest probability wins, instead of the most frequent one.

    Returns:
        `votes` (answer, count, members, drafts; best first), `margin` (lead of the first over the
        second as a share of the votes; None without a vote), `share` (of the first among all that
        came, without a vote of those who do not abstain; 0 where there is nothing to count),
        `abstained` (how many say that they do not know), `winner` (id of the draft that becomes
        the answer; None where no draft is usable), `probability` (that the winner is right; None
        where nothing was learnt).
    """
    place = {entry["member"]: i for i, entry in enumerate(ranking)}
    score = {entry["member"]: entry["score"] for entry in ranking}
    placed = sorted(best_of(drafts), key=lambda d: (place.get(d["member"], len(place)), d["index"]))
    read = answered(placed, asked)
    none = {"votes": [], "margin": None, "share": 0.0, "abstained": 0, "winner": None}
    none["probability"] = None
    if not read:
        return none
    heard = len(read) + sum(draft["status"] == "empty" for draft in drafts)
    said = [draft for draft in read if not abstains(draft["text"])]
    abstained = len(read) - len(said)
    groups = ballots(said, asked)
    if not groups:
        winner = most_alike(said)["id"] if said else read[0]["id"]
        share = round(len(said) / heard, 6) if abstained else 0.0
        return {**none, "share": share, "abstained": abstained, "winner": winner}
    groups.sort(key=lambda b: (-len(b.drafts), -sum(score.get(d["member"], 0) for d in b.drafts)))
    chance = _chances(groups, said, ranking, asked, votes)
    groups.sort(key=lambda ballot: -chance.get(ballot.answer, 0.0))
    total = sum(len(ballot.drafts) for ballot in groups)
    second = len(groups[1].drafts) if len(groups) > 1 else 0
    return {
        "votes": [
            {
                "answer": ballot.answer,
                "count": len(ballot.drafts),
                "members": sorted({d["member"] for d in ballot.drafts}, key=lambda m: place[m]),
                "drafts": [draft["id"] for draft in ballot.drafts],
            }
            for ballot in groups
        ],
        "margin": round((len(groups[0].drafts) - second) / total, 6),
        # What was saved of texts that ran away is better than nothing, but nobody vouches for it.
        "share": round(len(groups[0].drafts) / heard, 6) if _sound(read) else 0.0,
        "abstained": abstained,
        "winner": groups[0].drafts[0]["id"],
        "probability": chance.get(groups[0].answer),
    }


def _chances(
    groups: Sequence[Ballot],
    said: Sequence[Draft],
    ranking: Sequence[Mapping[str, Any]],
    asked: str,
    votes: Team | None,
) -> dict[str, float]:
    """How likely each answer is right, by the learnt vote; empty where that does not tell."""
    accuracy = known_records(ranking)
    speaking = {d["member"] for d in said if d["member"] in accuracy}
    known = votes.only(sorted(accuracy)) if votes is not None and len(speaking) > 1 else None
    if known is None:
        return {}
    texts: dict[str, list[str]] = {}
    for draft in said:
        texts.setdefault(draft["member"], []).append(draft["text"])
    found = known.vote(texts, accuracy, question=asked, kind="auto", seed=0)
    same = {key(answer, found.kind): value for answer, value in found.tally.items()}
    return {b.answer: same.get(key(b.answer, found.kind), 0.0) for b in groups}


def _sound(drafts: list[Draft]) -> bool:
    return drafts[0]["status"] in ("ok", "cut")


def make_vote(
    members: Sequence[Member], ending: Ending | None = None, votes: Team | None = None
) -> Step:
    """The node that counts and judges the winner.

    It names in `asking` who is asked next, if anybody, and in `trust` what becomes of an answer
    that the vote is not sure of.

    Args:
        members: Who can be asked.
        ending: What becomes of an unsure answer.
        votes: What the profile has learnt of their votes.
    """
    ending = ending or Ending()
    team = {member.name: member for member in members}

    async def vote(state: Any, run: Run[AvengersContext]) -> dict[str, Any]:
        knobs = run.knobs
        learnt = votes if knobs.weights == "profile" else None
        asked = question(state["messages"])
        tally = count(state["drafts"], state["ranking"], asked, learnt)
        asking, stopped = _next(state, knobs, tally, team, learnt)
        trust = _trust(state, knobs, tally, ending)
        told = {key: trust[key] for key in ("confidence", "unsure")}
        data = {**tally, **told, "asking": asking}
        run.emit({"type": "voted", "stage": "vote", "layer": state["layer"], "data": data})
        more = {"layer": state["layer"] + 1} if asking else {}
        if not asking:
            more = {"trust": trust, "fell_back": out_of_bounds(state, ending, knobs, trust)}
        return {"tally": tally, "asking": asking, "stopped": stopped, **more}

    return vote


def _trust(state: Any, knobs: AvengersContext, tally: dict[str, Any], ending: Ending) -> Trust:
    """How far the winner can be trusted; not at all where everybody abstained or failed."""
    drafts = state["drafts"]
    parts = vote_parts(tally, drafts, state["ranking"], state.get("familiarity"))
    hopeless = not tally["share"] and (tally["winner"] is None or tally["abstained"] > 0)
    return decide(parts, knobs, state["calls"], ending, hopeless=hopeless)


def _next(
    state: Any,
    knobs: AvengersContext,
    tally: dict[str, Any],
    team: Mapping[str, Member],
    votes: Team | None = None,
) -> tuple[dict[str, int], str | None]:
    """Who is asked next for how many samples, or why nobody is."""
    if limit := exhausted(state["calls"], knobs, state["drafts"]):
        return {}, limit
    each = shares(knobs.samples, len(state["picked"]))
    asked = {draft["member"] for draft in state["drafts"]}
    rest = [entry["member"] for entry in state["ranking"] if entry["member"] not in asked]
    if not any(map(usable, state["drafts"])) and (rest or tally["winner"] is None):
        # Nobody has written a whole answer: the next candidate may.
        # Who stands in draws what the first picked member would have.
        return dict.fromkeys(rest[:1], each[0]), None if rest else "no_usable_draft"
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
        return {}, "single" if len(state["drafts"]) == 1 else "no_vote"
    return {}, "sure" if knobs.strategy == "model_switch" else "vote"


def _settled(
    state: Any,
    knobs: AvengersContext,
    tally: dict[str, Any],
    rest: Sequence[str],
    votes: Team | None,
) -> bool:
    """Whether the members in `rest` would hardly change the team's answer."""
    accuracy = known_records(state["ranking"])
    known = votes.only(sorted(accuracy)) if votes is not None else None
    if known is not None:
        texts = {d["member"]: d["text"] for d in best_of(state["drafts"])}
        asked = question(state["messages"])
        return known.settled(texts, rest, accuracy, question=asked, confidence=knobs.settled)
    if not tally["votes"]:
        return False
    return settled([vote["count"] for vote in tally["votes"]], len(rest), knobs.settled)
