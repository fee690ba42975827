"""Votes computed from recorded drafts: over the number of members, and over samples.

Each question's drafts are read once; votes of any subset of them are then only counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from ..voting.counting import Candidate, candidates, tallied
from .finished import SINGLE, Array, Finished
from .rows import plain
from .statistics import difference, mean_of

MOST_QUESTIONS = 2000
"""Votes are counted on at most this number of questions, spread evenly."""

_WORD = re.compile(r"\w+")


class Ballots:
    """The drafts of one question: votes of subsets of them, one vote each.

    Args:
        question: The question.
        texts: The text of each voter that gave one.
        scores: The score of each text.

    Example:
        >>> ballots = Ballots("2 + 2?", {"a": "4", "b": "5", "c": "4"}, {"a": 1, "b": 0, "c": 1})
        >>> ballots.score(["a", "b", "c"]), ballots.score(["b"])
        (1, 0)
    """

    def __init__(
        self, question: str, texts: Mapping[str, str], scores: Mapping[str, float]
    ) -> None:
        self.question = question
        self.texts = dict(texts)
        self.scores = dict(scores)
        self.answers, self.kind = candidates(self.texts, question=question)

    def score(self, voters: Sequence[str]) -> float:
        """The score of the draft that wins among these voters; 0 if none of them has an answer.

        Each has one vote; ties go to the answer of the first voters, as in the graphs.
        """
        each = {name: [self.texts[name]] for name in voters if name in self.texts}
        held = [
            (
                place,
                Candidate(one.answer, one.key, {v: 1 for v in one.given if v in each}, one.said),
            )
            for place, one in enumerate(self.answers)
            if any(v in each for v in one.given)
        ]
        if not held:
            return 0.0
        if self.kind == "text":
            # Texts are not counted: the one that is most like the others wins, as in `voting.vote`.
            places = [place for place, _ in held]
            first = int(self.alike[np.ix_(places, places)].sum(axis=1).argmax())
            return self.scores[next(iter(held[first][1].given))]
        won = tallied([one for _, one in held], self.kind, weights(list(each)), each).member
        return 0.0 if won is None else self.scores[won]

    @cached_property
    def alike(self) -> Array:
        """The share of words that any two answers have in common, float [n, n]; 0 with itself."""
        words = [set(_WORD.findall(one.answer[:20_000].casefold())) for one in self.answers]
        shared = np.zeros((len(words), len(words)))
        for (i, one), (j, other) in combinations(enumerate(words), 2):
            shared[i, j] = shared[j, i] = len(one & other) / max(len(one | other), 1)
        return shared


def weights(voters: Sequence[str]) -> dict[str, float]:
    """One vote each, and a millionth more for each place further ahead, which decides ties.

    Example:
        >>> weights(["a", "b"])
        {'a': 1.000001, 'b': 1.0}
    """
    return {name: 1 + 1e-6 * (len(voters) - 1 - place) for place, name in enumerate(voters)}


def spread(count: int, most: int = MOST_QUESTIONS) -> Array:
    """At most `most` places of `count`, spread evenly.

    Example:
        >>> spread(5, 3).tolist()
        [0, 2, 4]
    """
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(int))


def over_members(done: Finished) -> dict[str, Any] | None:
    """Accuracy of the majority of the first k members, and what is lost without each member.

    Members join in the order of their accuracy on the same questions, which is known only in
    hindsight; it also decides ties. The answers are those of the `single:` systems.

    Returns:
        `order`; `curve`, with `k`, `added` and the accuracy; `contributions`, with `member` and the
        majority of all minus the majority without it; `enough`, the smallest k that the largest
        accuracy does not exceed beyond chance; `questions`. None with fewer than two members.
    """
    members = done.members
    if len(members) < 2:
        return None
    places = spread(len(done.questions))
    ballots = [_of_members(done, int(place)) for place in places]

    def majority(voters: Sequence[str]) -> Array:
        return np.array([each.score(voters) for each in ballots])

    curve = [majority(members[:k]) for k in range(1, len(members) + 1)]
    lost = [
        {
            "member": name,
            **plain(difference(curve[-1], majority([m for m in members if m != name]))),
        }
        for name in members
    ]
    return {
        "order": members,
        "curve": [
            {"k": k + 1, "added": members[k], **plain(mean_of(each))}
            for k, each in enumerate(curve)
        ],
        "contributions": sorted(lost, key=lambda each: -each["mean"]),
        "enough": _enough(curve),
        "questions": len(places),
    }


@dataclass(frozen=True)
class Sampled:
    """The samples that a self-consistency system drew of one member.

    Attributes:
        system: The system's name.
        member: The member.
        places: The questions that are counted.
        ballots: The samples of each of these questions.
        most: The largest number of samples of a question.
    """

    system: str
    member: str
    places: Array
    ballots: list[Ballots]
    most: int

    def scores(self, k: int) -> Array:
        """Scores of the vote over the first `k` samples of each question, float [n]."""
        return np.array([each.score(list(each.texts)[:k]) for each in self.ballots])


def sampled(done: Finished, name: str) -> Sampled | None:
    """The samples of a system; None if there are fewer than two, or of several members."""
    places = spread(len(done.questions))
    outcomes = [done.outcomes[name][int(place)] for place in places]
    asked = {draft["member"] for outcome in outcomes for draft in _drafts(outcome)}
    most = max((len(samples(outcome)) for outcome in outcomes), default=0)
    if most < 2 or len(asked) != 1:
        return None
    ballots = []
    for place, outcome in zip(places, outcomes, strict=True):
        drafts = {str(i): draft for i, draft in enumerate(samples(outcome))}
        texts = {i: draft["text"] for i, draft in drafts.items()}
        graded = {i: float(draft["score"]) for i, draft in drafts.items()}
        ballots.append(Ballots(done.questions[int(place)]["query"], texts, graded))
    return Sampled(name, asked.pop(), places, ballots, most)


def over_samples(drawn: Sampled) -> dict[str, Any]:
    """Accuracy of the vote over the first k samples.

    Returns:
        `system`, `member`, `curve` with `k` and the accuracy, `enough` (see `over_members`) and
        `questions`.
    """
    curve = [drawn.scores(k) for k in range(1, drawn.most + 1)]
    return {
        "system": drawn.system,
        "member": drawn.member,
        "curve": [{"k": k + 1, **plain(mean_of(each))} for k, each in enumerate(curve)],
        "enough": _enough(curve),
        "questions": len(drawn.places),
    }


def samples(outcome: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Drafts with a text and a score; a judge grades no drafts."""
    return [d for d in _drafts(outcome) if d["text"] and d["score"] is not None]


def _drafts(outcome: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return outcome.get("drafts") or ()


def _of_members(done: Finished, place: int) -> Ballots:
    texts, scores = {}, {}
    for name in done.members:
        outcome = done.outcomes[f"{SINGLE}{name}"][place]
        drafts = samples(outcome)
        text = drafts[0]["text"] if drafts else outcome.get("answer")
        if text:
            texts[name] = text
            scores[name] = float(drafts[0]["score"] if drafts else outcome["score"])
    return Ballots(done.questions[place]["query"], texts, scores)


def _enough(curve: Sequence[Array]) -> int:
    """The smallest k whose deficit to the best k is not beyond chance."""
    best = max(curve, key=lambda each: each.mean())
    for k, each in enumerate(curve, start=1):
        if difference(best, each).low <= 0:
            return k
    return len(curve)
