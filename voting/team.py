"""A learnt vote of named members, and the decision whether to vote, from recorded answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .counting import NO_CALL, Candidate, Drafts, Vote, candidates, samples_of, tallied
from .learnt import Learnt, log_odds
from .logit import Array, Examples
from .stopping import FEWEST, keeps_the_lead

FORMS = 3
"""Number of forms of a candidate: text, one tool call, several calls."""


@dataclass(frozen=True)
class Team:
    """A learnt vote of named members.

    Attributes:
        members: The members' names.
        learnt: The weights, with one column per member.
        plan: The choice of cross-validation as plain JSON: `choice` ("vote", or "single" if the
            vote does not beat the best member by one standard error), `member` (the best one),
            `single` and `vote` (their accuracies), `gain`, `interval` (95%), `questions`.
    """

    members: list[str]
    learnt: Learnt
    plan: dict[str, Any]

    @classmethod
    def fit(
        cls,
        records: Sequence[Mapping[str, Any]],
        members: Sequence[str],
        accuracy: Array,
        seed: int = 42,
    ) -> Team | None:
        """Learn from records with answers; None if fewer than two members have any.

        Args:
            records: `{"query", "scores", "answers": {member: text, tool calls, or samples}}`.
            members: Names of the M members.
            accuracy: Expected accuracy of each member on each record's question, by the task map,
                [n, M].
            seed: Seed of the cross-validation.
        """
        rows = [i for i, record in enumerate(records) if record.get("answers")]
        data = examples([records[i] for i in rows], members, log_odds(accuracy[rows]))
        if data is None or (data.shares.sum(axis=0) > 0).sum() < 2:
            return None
        learnt, right = Learnt.fit(data, seed)
        return cls(list(members), learnt, _plan(data, right, list(members)))

    def vote(
        self, drafts: Drafts, accuracy: Mapping[str, float], *, question: str, kind: str, seed: int
    ) -> Vote:
        """The answer with the highest learnt probability, or the best member's if the plan says so.

        Args:
            drafts: The output of the members; unknown members have no vote.
            accuracy: Expected accuracy of each member on this question, by the task map.
            question: The question.
            kind: See `voting.read`.
            seed: Seed of ties.
        """
        each = {name: samples_of(said) for name, said in drafts.items()}
        options, sort = candidates(drafts, question=question, kind=kind)
        columns = [i for i, name in enumerate(self.members) if name in drafts]
        shares = _shares(options, each, [self.members[i] for i in columns])
        if sort == "text" or not shares.any():
            return tallied(options, sort, dict.fromkeys(each, 1.0), each, seed)
        skill = log_odds(np.array([accuracy[self.members[i]] for i in columns]))
        form = np.array([form_of(candidate) for candidate in options])
        chance = self.learnt.only(np.array(columns)).probabilities(shares, skill, form)[:-1]
        best = int(np.argmax(chance))
        if self.plan["choice"] == "single" and self.plan["member"] in drafts:
            own = shares[:, [self.members[i] for i in columns].index(self.plan["member"])]
            best = int(np.argmax(own)) if own.any() else best
        order = [best, *(int(i) for i in np.argsort(-chance, kind="stable") if i != best)]
        first = options[best]
        second = float(chance[order[1]]) if len(order) > 1 else 0.0
        held = max(first.given, key=lambda name: (accuracy.get(name, 0.0), name))
        return Vote(
            answer=first.answer,
            member=held,
            tally={options[i].answer: round(float(chance[i]), 6) for i in order},
            margin=round(float(chance[best]) - second, 6),
            probability=round(float(chance[best]), 6),
            kind=sort,
            abstained=tuple(n for n in each if not any(n in c.given for c in options)),
            said=first.said,
        )

    def settled(
        self,
        drafts: Drafts,
        rest: Sequence[str],
        accuracy: Mapping[str, float],
        *,
        question: str,
        kind: str = "auto",
        confidence: float = 0.95,
        seed: int = 42,
    ) -> bool:
        """Whether the members in `rest` need not be asked.

        Args:
            drafts: The output of the members so far.
            rest: Names of the members that could still be asked.
            accuracy: See `vote`.
            question: See `vote`.
            kind: See `vote`.
            confidence: Required probability that the leader stays the leader; at 1 all members are
                asked.
            seed: See `vote`.
        """
        rest = [name for name in rest if name in self.members]
        if not rest:
            return True
        if confidence >= 1 or not drafts:
            return False
        if self.plan["choice"] == "single" and self.plan["member"] in drafts:
            return True
        vote = self.vote(drafts, accuracy, question=question, kind=kind, seed=seed)
        if vote.answer is None or not vote.probability:
            return False
        chances = [value for value in vote.tally.values() if value > 0]
        weight = dict(zip(self.members, self.weights(accuracy), strict=True))
        voters = [name for name in drafts if name not in vote.abstained and name in weight]
        if len(voters) < FEWEST:
            return False
        # An answer that no member has given yet would start without votes.
        lead = sum(weight[name] for name in voters)
        if len(chances) > 1:
            lead = float(np.log(chances[0] / chances[1])) * self.learnt.temperature
        stays = keeps_the_lead(
            float(lead),
            np.array([weight[name] for name in rest]),
            np.array([accuracy[name] for name in rest]),
            vote.probability,
            max(1, len(chances) - 1),
        )
        return stays >= confidence

    def weights(self, accuracy: Mapping[str, float]) -> Array:
        """The weight of each member's vote on a question, [M]."""
        here = log_odds(np.array([accuracy[name] for name in self.members]))
        a, b, c = self.learnt.common
        learnt = self.learnt
        return a + b * learnt.skill + c * (here - learnt.skill) + learnt.member

    def order(self, accuracy: Mapping[str, float]) -> list[str]:
        """The members by the weight of their vote on a question, the largest first."""
        names = [self.members[i] for i in np.argsort(-self.weights(accuracy), kind="stable")]
        if self.plan["choice"] == "single":
            names.sort(key=lambda name: name != self.plan["member"])
        return names

    def only(self, names: Sequence[str]) -> Team | None:
        """The vote of some of the members; None for fewer than two."""
        kept = [i for i, name in enumerate(self.members) if name in names]
        if len(kept) < 2:
            return None
        members = [self.members[i] for i in kept]
        plan = self.plan if self.plan["member"] in members else {**self.plan, "choice": "vote"}
        return Team(members, self.learnt.only(np.array(kept)), plan)

    def renamed(self, old: str, new: str) -> Team:
        """The team with one member renamed."""
        plan = {**self.plan, "member": new if self.plan["member"] == old else self.plan["member"]}
        return replace(self, members=[new if n == old else n for n in self.members], plan=plan)

    def pack(self, data: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Add the team to a profile's JSON and arrays."""
        data["votes"] = {"members": self.members, "plan": self.plan}
        arrays |= {f"votes.{name}": array for name, array in self.learnt.arrays().items()}

    @classmethod
    def unpack(cls, data: Mapping[str, Any], arrays: Mapping[str, Array]) -> Team | None:
        """The inverse of `pack`; None if the profile has no team."""
        if (kept := data.get("votes")) is None:
            return None
        weights = {k[6:]: a for k, a in arrays.items() if k.startswith("votes.")}
        return cls(kept["members"], Learnt.of(weights), kept["plan"])


def form_of(candidate: Candidate) -> int:
    """The form of a candidate: 0 for text, 1 for one call, 2 for several calls."""
    if not candidate.key.startswith("calls:") or candidate.key == NO_CALL:
        return 0
    return 1 if len(candidate.said) == 1 else 2


def examples(
    records: Sequence[Mapping[str, Any]], members: Sequence[str], skill: Array
) -> Examples | None:
    """The votes of records as arrays; None if there are no answers.

    A candidate is right if the mean score of the members that gave it is above one half.
    """
    shares, question, right, form = [], [], [], []
    for place, record in enumerate(records):
        said = {name: record["answers"][name] for name in members if name in record["answers"]}
        each = {name: samples_of(one) for name, one in said.items()}
        options, _ = candidates(said, question=str(record["query"]))
        scores = record.get("scores") or {}
        for candidate, share in zip(options, _shares(options, each, members), strict=True):
            known = [scores[name] for name in candidate.given if scores.get(name) is not None]
            shares.append(share)
            question.append(place)
            right.append(bool(known) and sum(known) / len(known) > 0.5)
            form.append(form_of(candidate))
    if not shares:
        return None
    return Examples(
        np.array(shares),
        np.array(question),
        np.array(right, dtype=bool),
        skill,
        np.array(form),
        FORMS if any(form) else 1,
    )


def _shares(
    options: Sequence[Candidate], each: Mapping[str, Sequence[Any]], members: Sequence[str]
) -> Array:
    """The share of each member's samples that gave each candidate, [C, M]."""
    shares = np.zeros((len(options), len(members)))
    for row, candidate in enumerate(options):
        for column, name in enumerate(members):
            if name in candidate.given:
                shares[row, column] = candidate.given[name] / len(each[name])
    return shares


def _plan(data: Examples, voted: Array, members: list[str]) -> dict[str, Any]:
    """Whether to vote or to take the best member, by the one-standard-error rule."""
    n = len(data.skill)
    alone = np.zeros((n, len(members)))
    np.add.at(alone, data.question, data.shares * data.right[:, None])
    best = int(alone.mean(axis=0).argmax())
    difference = voted.astype(float) - alone[:, best]
    gain, error = float(difference.mean()), float(difference.std() / max(n, 1) ** 0.5)
    return {
        "choice": "vote" if gain > error else "single",
        "member": members[best],
        "single": round(float(alone[:, best].mean()), 6),
        "vote": round(float(voted.mean()), 6),
        "gain": round(gain, 6),
        "interval": [round(gain - 1.96 * error, 6), round(gain + 1.96 * error, 6)],
        "questions": n,
    }
