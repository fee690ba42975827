"""The vote over drafts, whatever they answer with: words, calls of tools, JSON by its fields."""

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
    """The vote over all whole drafts; where there is none, over what came (`records.best_of`).

    Each draft has one vote; one without a readable answer, or of another form, abstains. Ties go to
    the answer whose members the router scored higher in sum, then to the better placed member, then
    to the earlier sample: never to chance or to who was faster.

    Args:
        drafts: Drafts of the run.
        ranking: The router's ranking, best first: `{"member", "score"}`.
        asked: The question, for the letters it offers.
        votes: What was learnt of the members' votes: where two of them have spoken, the answer of
            the highest probability wins, instead of the most frequent one.
        form: What an answer must be.

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
    found = _counted(Poll(ranking, asked, votes, heard, readings), form, fit)
    if not _sound(placed):
        # What was saved of texts that ran away is better than nothing, but nobody vouches for it.
        found["share"] = 0.0
    return {
        **found,
        "abstained": found["abstained"] + len(placed) - len(fit),
        "answers": {name: each.answer for name, each in readings.items() if each.answer},
        "problems": {name: each.problem for name, each in readings.items() if each.problem},
    }


def spoken(drafts: Sequence[Draft], tally: Mapping[str, Any]) -> dict[str, list[Said]]:
    """What each member said that is of the form, for the learnt vote."""
    found: dict[str, list[Said]] = {}
    for draft in best_of(drafts):
        if draft["id"] not in tally["problems"]:
            found.setdefault(draft["member"], []).append(said_of(draft))
    return found


def _counted(poll: Poll, form: Form, fit: Sequence[Draft]) -> dict[str, Any]:
    calling = [draft for draft in fit if form.tools and draft.get("calls")]
    if calling and form.filled is not None:
        found = _by_fields(poll, calling, form.filled.source)
        first = next(draft for draft in calling if draft["id"] == found["winner"])
        name = first["calls"][0]["name"]  # pyright: ignore[reportTypedDictNotRequiredAccess]
        return {**found, "said": [{"name": name, "args": found["said"]}]}
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
    found = _by_fields(poll, known, form.schema.source)
    said = json.dumps(found["said"], ensure_ascii=False)
    return {**found, "said": said, "abstained": len(drafts) - len(known)}


def _short(poll: Poll, drafts: Sequence[Draft]) -> dict[str, Any]:
    """The vote over short answers; of texts without one, the text most like the others."""
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
    """The vote over calls of tools; those who answer in words all say that nothing is called."""
    found: dict[str, Ballot] = {}
    for draft in calling:
        answer = str(poll.readings[draft["id"]].answer)
        found.setdefault(answer, Ballot(answer, [])).drafts.append(draft)
    known = [draft for draft in others if not abstains(draft["text"])]
    inner = _words(poll, form, known)
    if known:
        first = sorted(known, key=lambda draft: draft["id"] != inner["winner"])
        found[NO_CALL] = Ballot(NO_CALL, first)
    said = [*calling, *known]
    tally = ranked(poll, list(found.values()), said, lambda answer, _: _call_key(answer))
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
    found = by_fields([(d["id"], weight[d["id"]], values[d["id"]]) for d in drafts], schema, 0)
    groups: dict[str, Ballot] = {}
    for draft in sorted(drafts, key=lambda draft: draft["id"] != found.nearest):
        answer = str(poll.readings[draft["id"]].answer)
        groups.setdefault(key_of(values[draft["id"]]), Ballot(answer, [])).drafts.append(draft)
    first, *rest = groups.values()
    rest.sort(key=lambda group: -len(group.drafts))
    return {
        **NONE,
        "kind": "json",
        "votes": poll.listed([first, *rest]),
        "tally": {json.dumps(found.value, ensure_ascii=False): round(found.agreed, 6)},
        "margin": found.margin,
        "share": round(found.agreed * len(drafts) / poll.heard, 6),
        "winner": found.nearest,
        "said": found.value,
        "probability": drawn_to_half(found.agreed, 1.0, len(drafts)),
    }


def _weights(poll: Poll, drafts: Sequence[Draft]) -> dict[str, float]:
    """What each draft weighs in a vote over fields: as learnt of its member, else all alike."""
    equal = {draft["id"]: 1.0 for draft in drafts}
    known = poll.learnt(drafts)
    if known is None:
        return equal
    each = dict(zip(known.members, map(float, known.weights(poll.accuracy)), strict=True))
    best = known.order(poll.accuracy)[0]
    if known.alone and any(d["member"] == best for d in drafts):
        each = {best: 1.0}
    given = [draft["member"] for draft in drafts]
    found = {
        d["id"]: max(each.get(d["member"], 0.0), 0.0) / given.count(d["member"]) for d in drafts
    }
    return found if any(found.values()) else equal


def _call_key(answer: str) -> str:
    """The key of calls of tools as JSON; of anything else, that of no call."""
    try:
        calls = json.loads(answer)
    except ValueError:
        return NO_CALL
    return calls_key(calls) if is_calls(calls) else NO_CALL


def _sound(drafts: Sequence[Draft]) -> bool:
    return not drafts or drafts[0]["status"] in ("ok", "cut")
