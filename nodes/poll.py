"""A vote among groups of equal answers: how often each was given, how likely it is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..records import Draft
from ..voting.answers import Ballot
from ..voting.counting import Said, drawn_to_half
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
"""What there is to tell where no draft can be counted."""


@dataclass(frozen=True)
class Poll:
    """What a vote knows beside the drafts it counts.

    Attributes:
        ranking: The router's, best first.
        asked: The question.
        votes: What was learnt of the members' votes.
        heard: Among how many drafts the winner's share is told.
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
        """The learnt vote of the members, where two of those it knows have spoken."""
        speaking = {draft["member"] for draft in drafts} & set(self.accuracy)
        if self.votes is None or len(speaking) < 2:
            return None
        return self.votes.only(sorted(self.accuracy))

    def listed(self, groups: Sequence[Ballot]) -> list[dict[str, Any]]:
        """Groups of equal answers as `result["votes"]` tells them."""
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
    """Groups of equal answers, counted.

    Args:
        poll: What the vote knows.
        groups: In the order in which ties are settled last.
        said: All drafts that do not abstain.
        same: A text that is equal for equal answers of a kind.
    """
    score = {entry["member"]: entry["score"] for entry in poll.ranking}
    groups.sort(key=lambda b: (-len(b.drafts), -sum(score.get(d["member"], 0) for d in b.drafts)))
    chance = _chances(poll, groups, said, same)
    groups.sort(key=lambda group: -chance.get(group.answer, 0.0))
    counts = [len(group.drafts) for group in groups]
    second = counts[1] if len(counts) > 1 else 0
    likely = chance.get(groups[0].answer, drawn_to_half(counts[0], sum(counts), sum(counts)))
    return {
        **NONE,
        "votes": poll.listed(groups),
        "tally": chance or {group.answer: float(len(group.drafts)) for group in groups},
        "margin": round((counts[0] - second) / sum(counts), 6),
        "share": round(counts[0] / poll.heard, 6),
        "winner": groups[0].drafts[0]["id"],
        "probability": likely,
        "learnt": bool(chance),
    }


def _chances(
    poll: Poll,
    groups: Sequence[Ballot],
    said: Sequence[Draft],
    same: Callable[[str, str], str],
) -> dict[str, float]:
    """How likely each answer is right, by the learnt vote; empty where that does not tell."""
    known = poll.learnt(said)
    if known is None:
        return {}
    each_said: dict[str, list[Said]] = {}
    for draft in said:
        each_said.setdefault(draft["member"], []).append(said_of(draft))
    found = known.vote(each_said, poll.accuracy, question=poll.asked, kind="auto", seed=0)
    each = {same(answer, found.kind): value for answer, value in found.tally.items()}
    return {group.answer: each.get(same(group.answer, found.kind), 0.0) for group in groups}


def said_of(draft: Draft) -> Said:
    """What a draft says: calls of tools, or words."""
    return draft.get("calls") or draft["text"]
