"""A learnt vote of named members, and the decision whether to vote, from recorded answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import plan as plans
from . import planning
from .counting import Drafts, Vote, candidates, samples_of, tallied
from .learnt import Learnt, log_odds
from .logit import Array
from .recorded import examples, form_of, shares
from .replay import replay
from .stopping import SETTLED, stays_first


@dataclass(frozen=True)
class Team:
    """A learnt vote of named members.

    Attributes:
        members: Their names.
        learnt: The weights, a column a member.
        plan: What cross-validation chose, plain JSON: see `planning.plan` and `replay.replay`.
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
        clusters: Array | None = None,
    ) -> Team | None:
        """Learn from records with answers; None if fewer than two members have any.

        Args:
            records: `{"query", "scores", "answers": {member: text, tool calls, or samples}}`.
            members: Their names, M.
            accuracy: Expected of each member on each record's question, by a task map that does
                not know the question's scores, [n, M].
            seed: Of the cross-validation.
            clusters: Of each record's question on that map, [n].
        """
        rows = [i for i, record in enumerate(records) if record.get("answers")]
        places = None if clusters is None else clusters[rows]
        data = examples([records[i] for i in rows], members, log_odds(accuracy[rows]), places)
        if data is None or (data.shares.sum(axis=0) > 0).sum() < 2:
            return None
        learnt, held = Learnt.fit(data, seed)
        plan = planning.plan(data, held, list(members))
        plan |= replay(data, held, learnt, plan, list(members), seed)
        return cls(list(members), learnt, plan)

    def at(self, cluster: int | None) -> Team:
        """The vote and the plan for questions of a cluster; None: of none that is known."""
        return replace(self, learnt=self.learnt.at(cluster), plan=plans.at(self.plan, cluster))

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
        given, sort = candidates(drafts, question=question, kind=kind)
        line = self.order(accuracy)
        voters = [name for name in line if name in drafts]
        votes = shares(given, each, voters)
        if sort == "text" or not votes.any():
            return tallied(given, sort, dict.fromkeys(each, 1.0), each, seed)
        heard = votes * (np.arange(len(voters)) < self.size)
        if self.alone or not heard.any():
            # What the others say tells how likely one member's answer is right, and it is the
            # answer where that member has none.
            heard = votes
        learnt = self.learnt.only(np.array([self.members.index(name) for name in voters]))
        skill = log_odds(np.array([accuracy[name] for name in voters]))
        chance = learnt.chances(heard, skill, np.array([form_of(each) for each in given]))
        # Where one member answers alone, its own answer stands, however the others voted.
        alone = self.alone and voters[0] == line[0] and votes[:, 0].any()
        best = int(np.argmax(votes[:, 0] if alone else chance))
        order = [best, *(int(i) for i in np.argsort(-chance, kind="stable") if i != best)]
        first = given[best]
        second = float(chance[order[1]]) if len(order) > 1 else 0.0
        return Vote(
            answer=first.answer,
            member=max(first.given, key=lambda name: (accuracy.get(name, 0.0), name)),
            tally={given[i].answer: round(float(chance[i]), 6) for i in order},
            margin=round(float(chance[best]) - second, 6),
            probability=round(self.learnt.sure(float(chance[best])), 6),
            kind=sort,
            abstained=tuple(n for n in each if not any(n in c.given for c in given)),
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
        confidence: float | None = None,
        seed: int = 42,
    ) -> bool:
        """Whether the members in `rest` need not be asked.

        Args:
            drafts: The output of the members so far.
            rest: Names of the members that could still be asked.
            accuracy: See `vote`.
            question: See `vote`.
            kind: See `vote`.
            confidence: How likely the leader has to stay the leader; at 1 everybody is asked; by
                default what the fit found to lose next to no answer.
            seed: See `vote`.
        """
        if confidence is None:
            confidence = float(self.plan.get("settled", SETTLED))
        line = self.order(accuracy)
        seats = self.size - sum(name in drafts for name in line)
        rest = [name for name in line if name in rest]
        if self.alone and line[0] in drafts:
            said = {line[0]: drafts[line[0]]}
            alone = self.vote(said, accuracy, question=question, kind=kind, seed=seed)
            if alone.answer is not None:
                return True
        elif not self.alone:
            rest = rest[: max(seats, 0)]
        if not rest:
            return True
        if confidence >= 1 or not drafts:
            return False
        vote = self.vote(drafts, accuracy, question=question, kind=kind, seed=seed)
        weight = dict(zip(self.members, self.weights(accuracy), strict=True))
        voted = [weight[n] for n in drafts if n in weight and n not in vote.abstained]
        stays = stays_first(
            np.array(list(vote.tally.values()) if vote.probability else []),
            np.array(voted),
            np.array([weight[name] for name in rest]),
            np.array([accuracy[name] for name in rest]),
            self.learnt.temperature,
        )
        return stays >= confidence

    def weights(self, accuracy: Mapping[str, float]) -> Array:
        """What a vote of each member weighs on a question, [M]."""
        return self.learnt.weights(log_odds(np.array([accuracy[n] for n in self.members])))

    def order(self, accuracy: Mapping[str, float]) -> list[str]:
        """Whom to ask first: the members by the weight of their vote, the heaviest first.

        Where the plan is one member's answer, that one comes first.
        """
        known = np.array([accuracy[name] for name in self.members])
        order = plans.line(self.plan, self.members, self.weights(accuracy), known)
        return [self.members[place] for place in order]

    def enough(self, confidence: float) -> int:
        """How many members, in order, had the answer of all so often on the recorded questions."""
        agree = self.plan.get("agree", [])
        if confidence >= 1 or not (agree or self.alone):
            return len(self.members)
        if self.alone:
            return 1
        reached = (k for k, share in enumerate(agree, start=1) if share >= confidence)
        return next(reached, len(self.members))

    @property
    def alone(self) -> bool:
        """Whether the plan is to take one member's answer."""
        return plans.alone(self.plan)

    @property
    def size(self) -> int:
        """How many members the plan hears."""
        return plans.size(self.plan, len(self.members))

    def only(self, names: Sequence[str]) -> Team | None:
        """The vote of some of the members; None for fewer than two."""
        kept = [i for i, name in enumerate(self.members) if name in names]
        if len(kept) < 2:
            return None
        members = [self.members[i] for i in kept]
        plan = self.plan if self.plan["member"] in members else plans.without_single(self.plan)
        if len(members) < len(self.members):
            # What was measured with all of them is not known of some.
            plan = {key: value for key, value in plan.items() if key not in ("agree", "asks")}
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
    def unpack(
        cls, data: Mapping[str, Any], arrays: Mapping[str, Array], known: Sequence[str]
    ) -> Team | None:
        """The inverse of `pack`; None if the profile has no team.

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
        if not plans.fits(plan, members):
            raise ValueError("votes.plan: no choice between a vote and a member alone")
        weights = {k[6:]: a for k, a in arrays.items() if k.startswith("votes.")}
        learnt = Learnt.of(weights)
        if len(learnt.skill) != len(members):
            raise ValueError(f"votes.skill: not of {len(members)} members")
        return cls(members, learnt, plan)
