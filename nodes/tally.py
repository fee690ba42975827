"""The vote over drafts of any form: texts, tool calls, JSON by its fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..records import Draft, best_of
from ..voting.answers import Ballot, abstains, answered, ballots, most_alike
from ..voting.calls import calls_key, is_calls
from ..voting.counting import NO_CALL, Said, drawn_to_half
from ..voting.fields import by_fields
from ..voting.form import Form
from ..voting.kinds import kind_of
from ..voting.literals import key_of
from ..voting.reading import key
from ..voting.team import Team
from .poll import NONE, Poll, ranked, said_of


def count(
    drafts: Sequence[Draft],
    ranking: Sequence[Mapping[str, Any]],
    asked: str,
    votes: Team | None = None,
    form: Form | None = None,
) -> dict[str, Any]:
    """The vote over all whole drafts or, if there are none, over the best ones (`records.best_of`).

    Each draft has one vote; drafts without a readable answer, or in another form, abstain. Ties go
    to the answer with the larger sum of router scores, then to the member with the better rank,
    then to the earlier sample, so that chance and speed have no influence.

    Args:
        drafts: Drafts of the run.
        ranking: The router's ranking, best first: `{"member", "score"}`.
        asked: The question, for the letters of its options.
        votes: The learnt vote of the members; if at least two of them have drafts, the answer with
            the highest probability wins, instead of the most frequent one.
        form: The required form of an answer.

    Returns:
        `kind` (of the answers that were counted, see `voting.kinds`), `votes` (answer, count,
        members, drafts; best first), `tally` (what each answer weighs), `margin` (lead of the first
        over the second as a share of the votes, of JSON the mean over its fields; None without a
        vote), `share` (of the first among all that came, without a vote of those who do not
        abstain; 0 where there is nothing to count), `abstained` (how many say that they do not
        know, or have another form), `winner` (id of the draft that becomes the answer, of JSON of
        the one most like it; None where no draft can be one), `said` (the answer where it is not
        that draft's text: calls of tools, or JSON), `probability` (that the winner is right: as
        learnt, else its share drawn towards a half), `learnt` (whether it is), `answers` (canonical
        form of drafts, by id), `problems` (why drafts have not the form, by id).
    """
    form = form or Form()
    place = {entry["member"]: i for i, entry in enumerate(ranking)}
    placed = sorted(best_of(drafts), key=lambda d: (place.get(d["member"], len(place)), d["index"]))
    readings = {d["id"]: form.read(d["text"], d.get("calls", ())) for d in placed}
    fit = [draft for draft in placed if readings[draft["id"]].problem is None]
    heard = len(placed) + sum(draft["status"] == "empty" for draft in drafts)
    tally = _counted(Poll(ranking, asked, votes, heard, readings), form, fit)
    if not _sound(placed):
        # The beginnings of texts that ran away are used, but without any confidence.
        tally["share"] = 0.0
    return {
        **tally,
        "abstained": tally["abstained"] + len(placed) - len(fit),
        "answers": {name: each.answer for name, each in readings.items() if each.answer},
        "problems": {name: each.problem for name, each in readings.items() if each.problem},
    }


def spoken(drafts: Sequence[Draft], tally: Mapping[str, Any]) -> dict[str, list[Said]]:
    """The output of each member in the right form, for the learnt vote."""
    said: dict[str, list[Said]] = {}
    for draft in best_of(drafts):
        if draft["id"] not in tally["problems"]:
            said.setdefault(draft["member"], []).append(said_of(draft))
    return said


def _counted(poll: Poll, form: Form, fit: Sequence[Draft]) -> dict[str, Any]:
    calling = [draft for draft in fit if form.tools and draft.get("calls")]
    if calling and form.filled is not None:
        tally = _by_fields(poll, calling, form.filled.source)
        first = next(draft for draft in calling if draft["id"] == tally["winner"])
        name = first["calls"][0]["name"]  # pyright: ignore[reportTypedDictNotRequiredAccess]
        return {**tally, "said": [{"name": name, "args": tally["said"]}]}
    if calling:
        return _calls(poll, form, calling, [draft for draft in fit if draft not in calling])
    return _words(poll, form, fit)


def _words(poll: Poll, form: Form, drafts: Sequence[Draft]) -> dict[str, Any]:
    """The vote over texts."""
    if not drafts:
        return dict(NONE)
    if form.schema is None:
        return _short(poll, drafts)
    known = [d for d in drafts if not (form.loose and abstains(d["text"]))]
    if not known:
        return {**NONE, "kind": "json", "abstained": len(drafts), "winner": drafts[0]["id"]}
    tally = _by_fields(poll, known, form.schema.source)
    said = json.dumps(tally["said"], ensure_ascii=False)
    return {**tally, "said": said, "abstained": len(drafts) - len(known)}


def _short(poll: Poll, drafts: Sequence[Draft]) -> dict[str, Any]:
    """The vote over short answers or, without any, the text most similar to the others."""
    read = answered(drafts, poll.asked)
    said = [draft for draft in read if not abstains(draft["text"])]
    abstained = len(read) - len(said)
    groups = ballots(said, poll.asked)
    if not groups:
        winner = most_alike(said)["id"] if said else read[0]["id"]
        share = round(len(said) / poll.heard, 6) if abstained else 0.0
        return {**NONE, "share": share, "abstained": abstained, "winner": winner}
    kind = kind_of(poll.asked, [draft["text"] for draft in drafts])
    return {**ranked(poll, groups, said, key), "kind": kind, "abstained": abstained}


def _calls(
    poll: Poll, form: Form, calling: Sequence[Draft], others: Sequence[Draft]
) -> dict[str, Any]:
    """The vote over tool calls; all texts count as one candidate that calls no tool."""
    ballots: dict[str, Ballot] = {}
    for draft in calling:
        answer = str(poll.readings[draft["id"]].answer)
        ballots.setdefault(answer, Ballot(answer, [])).drafts.append(draft)
    known = [draft for draft in others if not abstains(draft["text"])]
    inner = _words(poll, form, known)
    if known:
        first = sorted(known, key=lambda draft: draft["id"] != inner["winner"])
        ballots[NO_CALL] = Ballot(NO_CALL, first)
    said = [*calling, *known]
    tally = ranked(poll, list(ballots.values()), said, lambda answer, _: _call_key(answer))
    for vote in tally["votes"]:
        if vote["answer"] == NO_CALL:
            vote["answers"] = inner["votes"]
    won = next(draft for draft in said if draft["id"] == tally["winner"])
    answer = inner["said"] if won in known else won.get("calls")
    return {**tally, "kind": "tool_calls", "said": answer, "abstained": len(others) - len(known)}


def _by_fields(poll: Poll, drafts: Sequence[Draft], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The vote over the fields of JSON."""
    weight = _weights(poll, drafts)
    values = {draft["id"]: poll.readings[draft["id"]].value for draft in drafts}
    merged = by_fields([(d["id"], weight[d["id"]], values[d["id"]]) for d in drafts], schema, 0)
    groups: dict[str, Ballot] = {}
    for draft in sorted(drafts, key=lambda draft: draft["id"] != merged.nearest):
        answer = str(poll.readings[draft["id"]].answer)
        groups.setdefault(key_of(values[draft["id"]]), Ballot(answer, [])).drafts.append(draft)
    first, *rest = groups.values()
    rest.sort(key=lambda group: -len(group.drafts))
    return {
        **NONE,
        "kind": "json",
        "votes": poll.listed([first, *rest]),
        "tally": {json.dumps(merged.value, ensure_ascii=False): round(merged.agreed, 6)},
        "margin": merged.margin,
        "share": round(merged.agreed * len(drafts) / poll.heard, 6),
        "winner": merged.nearest,
        "said": merged.value,
        "probability": drawn_to_half(merged.agreed, 1.0, len(drafts)),
    }


def _weights(poll: Poll, drafts: Sequence[Draft]) -> dict[str, float]:
    """The weight of each draft in a vote over fields: as learnt, or equal weights."""
    equal = {draft["id"]: 1.0 for draft in drafts}
    known = poll.learnt(drafts)
    if known is None:
        return equal
    each = dict(zip(known.members, map(float, known.weights(poll.accuracy)), strict=True))
    best = known.order(poll.accuracy)[0]
    if known.alone and any(d["member"] == best for d in drafts):
        each = {best: 1.0}
    given = [draft["member"] for draft in drafts]
    weight = {
        d["id"]: max(each.get(d["member"], 0.0), 0.0) / given.count(d["member"]) for d in drafts
    }
    return weight if any(weight.values()) else equal


def _call_key(answer: str) -> str:
    """The key of tool calls as JSON, or the key of `no call` for anything else."""
    try:
        calls = json.loads(answer)
    except ValueError:
        return NO_CALL
    return calls_key(calls) if is_calls(calls) else NO_CALL


def _sound(drafts: Sequence[Draft]) -> bool:
    return not drafts or drafts[0]["status"] in ("ok", "cut")
