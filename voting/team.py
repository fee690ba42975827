"""Who is to be trusted in a vote, and whether to vote at all: learnt from recorded answers."""

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
"""Forms of a candidate: words, one call of a tool, several calls."""


@dataclass(frozen=True)
class Team:
    """A learnt vote of named members.

    Attributes:
        members: Their names.
        learnt: The weights, a column a member.
        plan: What cross-validation chose, plain JSON: `choice` ("vote", or "single" where the
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
        """Learn from records with answers; None where fewer than two members have any.

        Args:
            records: `{"query", "scores", "answers": {member: text, tool calls, or samples}}`.
            members: Their names, M.
            accuracy: Expected of each member on each record's question, by the task map, [n, M].
            seed: Of the cross-validation.
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
        """The answer of the highest learnt probability; the best member's where the plan says so.

        Args:
            drafts: What members said; those that nothing was learnt of have no vote.
            accuracy: Expected of each member on this question, by the task map.
            question: What was asked.
            kind: See `voting.read`.
            seed: Of ties.
        """
        each = {name: samples_of(said) for name, said in drafts.items()}
        found, sort = candidates(drafts, question=question, kind=kind)
        columns = [i for i, name in enumerate(self.members) if name in drafts]
        shares = _shares(found, each, [self.members[i] for i in columns])
        if sort == "text" or not shares.any():
            return tallied(found, sort, dict.fromkeys(each, 1.0), each, seed)
        skill = log_odds(np.array([accuracy[self.members[i]] for i in columns]))
        form = np.array([form_of(candidate) for candidate in found])
        chance = self.learnt.only(np.array(columns)).probabilities(shares, skill, form)[:-1]
        best = int(np.argmax(chance))
        if self.plan["choice"] == "single" and self.plan["member"] in drafts:
            own = shares[:, [self.members[i] for i in columns].index(self.plan["member"])]
            best = int(np.argmax(own)) if own.any() else best
        order = [best, *(int(i) for i in np.argsort(-chance, kind="stable") if i != best)]
        first = found[best]
        second = float(chance[order[1]]) if len(order) > 1 else 0.0
        held = max(first.given, key=lambda name: (accuracy.get(name, 0.0), name))
        return Vote(
            answer=first.answer,
            member=held,
            tally={found[i].answer: round(float(chance[i]), 6) for i in order},
            margin=round(float(chance[best]) - second, 6),
            probability=round(float(chance[best]), 6),
            kind=sort,
            abstained=tuple(n for n in each if not any(n in c.given for c in found)),
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
        """Whether the members in `rest` need not be asked any more.

        Args:
            drafts: What was said so far.
            rest: Who could still be asked.
            accuracy: See `vote`.
            question: See `vote`.
            kind: See `vote`.
            confidence: How likely the leader has to stay the leader; at 1 everybody is asked.
            seed: See `vote`.
        """
        rest = [name for name in rest if name in self.members]
        if not rest:
            return True
        if confidence >= 1 or not drafts:
            return False
        if self.plan["choice"] == "single" and self.plan["member"] in drafts:
            return True
        found = self.vote(drafts, accuracy, question=question, kind=kind, seed=seed)
        if found.answer is None or not found.probability:
            return False
        chances = [value for value in found.tally.values() if value > 0]
        weight = dict(zip(self.members, self.weights(accuracy), strict=True))
        voters = [name for name in drafts if name not in found.abstained and name in weight]
        if len(voters) < FEWEST:
            return False
        # A rival that nobody has named yet would begin with nothing.
        lead = sum(weight[name] for name in voters)
        if len(chances) > 1:
            lead = float(np.log(chances[0] / chances[1])) * self.learnt.temperature
        stays = keeps_the_lead(
            float(lead),
            np.array([weight[name] for name in rest]),
            np.array([accuracy[name] for name in rest]),
            found.probability,
            max(1, len(chances) - 1),
        )
        return stays >= confidence

    def weights(self, accuracy: Mapping[str, float]) -> Array:
        """What a vote of each member weighs on a question, [M]."""
        here = log_odds(np.array([accuracy[name] for name in self.members]))
        a, b, c = self.learnt.common
        learnt = self.learnt
        return a + b * learnt.skill + c * (here - learnt.skill) + learnt.member

    def order(self, accuracy: Mapping[str, float]) -> list[str]:
        """The members by the weight of their vote on a question, heaviest first."""
        names = [self.members[i] for i in np.argsort(-self.weights(accuracy), kind="stable")]
        if self.plan["choice"] == "single":
            names.sort(key=lambda name: name != self.plan["member"])
        return names

    def only(self, names: Sequence[str]) -> Team | None:
        """The vote of some of the members; None of fewer than two."""
        kept = [i for i, name in enumerate(self.members) if name in names]
        if len(kept) < 2:
            return None
        members = [self.members[i] for i in kept]
        plan = self.plan if self.plan["member"] in members else {**self.plan, "choice": "vote"}
        return Team(members, self.learnt.only(np.array(kept)), plan)

    def renamed(self, old: str, new: str) -> Team:
        """A member under another name."""
        plan = {**self.plan, "member": new if self.plan["member"] == old else self.plan["member"]}
        return replace(self, members=[new if n == old else n for n in self.members], plan=plan)

    def pack(self, data: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Add it to a profile's JSON and arrays."""
        data["votes"] = {"members": self.members, "plan": self.plan}
        arrays |= {f"votes.{name}": array for name, array in self.learnt.arrays().items()}

    @classmethod
    def unpack(
        cls, data: Mapping[str, Any], arrays: Mapping[str, Array], known: Sequence[str]
    ) -> Team | None:
        """The inverse of `pack`; None where there is none.

        Args:
            data: A profile's JSON.
            arrays: A profile's arrays.
            known: The profile's members.

        Raises:
            ValueError: The vote is not one of these members, or its parts do not fit each other.
        """
        if (kept := data.get("votes")) is None:
            return None
        members, plan = kept["members"], kept["plan"]
        if len(set(members)) < max(2, len(members)) or not set(members) <= set(known):
            raise ValueError("votes.members: not two or more members of the profile")
        if plan["choice"] not in ("vote", "single") or plan["member"] not in known:
            raise ValueError("votes.plan: neither a vote nor a member alone")
        weights = {k[6:]: a for k, a in arrays.items() if k.startswith("votes.")}
        learnt = Learnt.of(weights)
        if len(learnt.skill) != len(members):
            raise ValueError(f"votes.skill: not of {len(members)} members")
        return cls(members, learnt, plan)


def form_of(candidate: Candidate) -> int:
    """Words, one call, or several."""
    if not candidate.key.startswith("calls:") or candidate.key == NO_CALL:
        return 0
    return 1 if len(candidate.said) == 1 else 2


def examples(
    records: Sequence[Mapping[str, Any]], members: Sequence[str], skill: Array
) -> Examples | None:
    """The votes of records as arrays; None where nobody said anything.

    A candidate is right where the members that gave it scored above a half with it.
    """
    shares, question, right, form = [], [], [], []
    for place, record in enumerate(records):
        said = {name: record["answers"][name] for name in members if name in record["answers"]}
        each = {name: samples_of(one) for name, one in said.items()}
        found, _ = candidates(said, question=str(record["query"]))
        scores = record.get("scores") or {}
        for candidate, share in zip(found, _shares(found, each, members), strict=True):
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
    found: Sequence[Candidate], each: Mapping[str, Sequence[Any]], members: Sequence[str]
) -> Array:
    """What share of each member's samples gave each candidate, [C, M]."""
    shares = np.zeros((len(found), len(members)))
    for row, candidate in enumerate(found):
        for column, name in enumerate(members):
            if name in candidate.given:
                shares[row, column] = candidate.given[name] / len(each[name])
    return shares


def _plan(data: Examples, voted: Array, members: list[str]) -> dict[str, Any]:
    """Vote, or take the best member: one standard error in favour of the simpler choice."""
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
