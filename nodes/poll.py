"""A vote among groups of equal answers: their counts and their probabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..records import Draft
from ..voting.answers import Ballot
from ..voting.counting import Said, Vote, drawn_to_half
from ..voting.form import Reading
from ..voting.team import Team
from .trust import records as known_records

NONE: Mapping[str, Any] = {
    "kind": None,
    "votes": [],
    "tally": {},
    "margin": None,
    "share": 0.0,
    "abstained": 0,
    "winner": None,
    "said": None,
    "probability": None,
    "learnt": False,
    "answers": {},
    "problems": {},
}
"""The tally if no draft can be counted."""


@dataclass(frozen=True)
class Poll:
    """The data of a vote beside its drafts.

    Attributes:
        ranking: The router's ranking, best first.
        asked: The question.
        votes: The learnt vote of the members.
        heard: Number of drafts of which the winner's share is computed.
        readings: Each draft, read by its form.
    """

    ranking: Sequence[Mapping[str, Any]]
    asked: str
    votes: Team | None
    heard: int
    readings: Mapping[str, Reading]

    @property
    def accuracy(self) -> dict[str, float]:
        """Each member's record on questions like this one."""
        return known_records(self.ranking)

    def learnt(self, drafts: Sequence[Draft]) -> Team | None:
        """The learnt vote of the members, if at least two known members have drafts."""
        speaking = {draft["member"] for draft in drafts} & set(self.accuracy)
        if self.votes is None or len(speaking) < 2:
            return None
        return self.votes.only(sorted(self.accuracy))

    def listed(self, groups: Sequence[Ballot]) -> list[dict[str, Any]]:
        """Groups of equal answers in the form of `result["votes"]`."""
        place = [entry["member"] for entry in self.ranking]
        return [
            {
                "answer": group.answer,
                "count": len(group.drafts),
                "members": sorted({d["member"] for d in group.drafts}, key=place.index),
                "drafts": [draft["id"] for draft in group.drafts],
            }
            for group in groups
        ]


def ranked(
    poll: Poll, groups: list[Ballot], said: Sequence[Draft], same: Callable[[str, str], str]
) -> dict[str, Any]:
    """Count groups of equal answers.

    Args:
        poll: The data of the vote.
        groups: The groups, in the order that finally settles ties.
        said: All drafts that do not abstain.
        same: Function from an answer and its kind to a key of equal answers.
    """
    score = {entry["member"]: entry["score"] for entry in poll.ranking}
    groups.sort(key=lambda b: (-len(b.drafts), -sum(score.get(d["member"], 0) for d in b.drafts)))
    vote, chance = _learnt(poll, groups, said, same)
    # The order of the learnt vote, which may take one member's answer before a more likely one.
    place = {answer: i for i, answer in enumerate(chance)}
    groups.sort(key=lambda group: place.get(group.answer, 0))
    counts = [len(group.drafts) for group in groups]
    second = counts[1] if len(counts) > 1 else 0
    likely = drawn_to_half(counts[0], sum(counts), sum(counts))
    return {
        **NONE,
        "votes": poll.listed(groups),
        "tally": chance or {group.answer: float(len(group.drafts)) for group in groups},
        "margin": round((counts[0] - second) / sum(counts), 6),
        "share": round(counts[0] / poll.heard, 6),
        "winner": groups[0].drafts[0]["id"],
        "probability": likely if vote is None else vote.probability,
        "learnt": vote is not None,
    }


def _learnt(
    poll: Poll,
    groups: Sequence[Ballot],
    said: Sequence[Draft],
    same: Callable[[str, str], str],
) -> tuple[Vote | None, dict[str, float]]:
    """The learnt vote and the probability of each answer, best first; nothing if there is none."""
    known = poll.learnt(said)
    if known is None:
        return None, {}
    each_said: dict[str, list[Said]] = {}
    for draft in said:
        each_said.setdefault(draft["member"], []).append(said_of(draft))
    vote = known.vote(each_said, poll.accuracy, question=poll.asked, kind="auto", seed=0)
    each = {same(answer, vote.kind): value for answer, value in vote.tally.items()}
    keys = {group.answer: same(group.answer, vote.kind) for group in groups}
    line = list(each)
    order = sorted(keys, key=lambda a: line.index(keys[a]) if keys[a] in each else len(line))
    if not any(key in each for key in keys.values()):
        return None, {}
    return vote, {answer: each.get(keys[answer], 0.0) for answer in order}


def said_of(draft: Draft) -> Said:
    """The output of a draft: its tool calls, or its text."""
    return draft.get("calls") or draft["text"]
