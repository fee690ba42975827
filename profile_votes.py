"""How the members of a profile vote, and whom of them to ask first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

import numpy as np

from .errors import InputError
from .profile_parts import Parts
from .routing.modes import check_alpha, costs_of, dial
from .routing.ranking import checked, expected
from .voting.counting import Drafts, Vote
from .voting.counting import vote as plain_vote
from .voting.team import Team

Array = np.ndarray


class Voting(Parts):
    """The part of a `Profile` that votes."""

    def embed(self, texts: Sequence[str]) -> Array:
        """Embed texts, float32 [n, d], with one call for all of them."""
        return self.embedder.embed(list(texts))

    def records(self, vectors: Array) -> list[dict[str, float]]:
        """The expected accuracy of every member on each embedded question, by name."""
        table = expected(self.views, self._check(vectors))
        return [dict(zip(self.members, row, strict=True)) for row in table.tolist()]

    def cluster(self, vector: Array) -> int:
        """The cluster of an embedded question on the map people see."""
        return int(self.views[0].assign(self._check(np.atleast_2d(vector)))[0])

    @overload
    def vote(self, query: str, drafts: Drafts, *, kind: str = ..., seed: int = ...) -> Vote: ...
    @overload
    def vote(
        self, query: Sequence[str], drafts: Sequence[Drafts], *, kind: str = ..., seed: int = ...
    ) -> list[Vote]: ...
    def vote(self, query: Any, drafts: Any, *, kind: str = "auto", seed: int = 42) -> Any:
        """Count what members said, each by what it proved on questions like this one.

        The plain vote where the profile has learnt none.

        Args:
            query: The question, or a list of them.
            drafts: What each member said (see `voting.vote`); for a list of questions a list.
            kind: See `voting.read`.
            seed: Of ties.

        Example:
            >>> from langgraph_ensemble import Profile
            >>> rows = [{"query": f"add {i} to 2", "scores": {"a": 1.0}} for i in range(8)]
            >>> drafts = {"a": "Answer: 4", "b": "Answer: 4"}
            >>> Profile.fit(rows).vote(["add 2 to 2"], [drafts])[0].answer
            '4'
        """
        if not isinstance(query, str):
            if len(query) != len(drafts):
                raise InputError(
                    f"{len(query)} questions but drafts of {len(drafts)}: give as many"
                )
            here = self._here(query)
            pairs = zip(query, drafts, here, strict=True)
            return [self._vote(q, said, *known, kind, seed) for q, said, known in pairs]
        return self._vote(query, drafts, *self._here([query])[0], kind, seed)

    @overload
    def team(  # pyright: ignore[reportOverlappingOverload]: a text is no list of questions.
        self,
        query: str,
        *,
        confidence: float = ...,
        max_members: int | None = ...,
        alpha: float = ...,
    ) -> list[str]: ...
    @overload
    def team(
        self,
        query: Sequence[str],
        *,
        confidence: float = ...,
        max_members: int | None = ...,
        alpha: float = ...,
    ) -> list[list[str]]: ...
    def team(
        self,
        query: Any,
        *,
        confidence: float = 0.95,
        max_members: int | None = None,
        alpha: float = 1.0,
    ) -> Any:
        """Whom to ask, the first to ask first: by the weight of their vote on such questions.

        Args:
            query: The question, or a list of them.
            confidence: So many of the members as had, on the calibration questions, the answer of
                all with this probability; 1 names all.
            max_members: At most so many.
            alpha: Quality (1) against recorded cost (0), as in `route`.

        Raises:
            InputError: A number is out of its bounds, or a cost that `alpha` needs is unknown.

        Example:
            >>> from langgraph_ensemble import Profile
            >>> scores = {"a": 1.0, "b": 0.0}
            >>> rows = [{"query": f"add {i} to 2", "scores": scores} for i in range(8)]
            >>> Profile.fit(rows).team("add 9 to 2")
            ['a', 'b']
        """
        if not 0 < confidence <= 1:
            raise InputError(f"confidence must lie above 0 and at most 1, not {confidence}")
        if max_members is not None and max_members < 1:
            raise InputError(f"max_members must be at least 1, not {max_members}")
        one = isinstance(query, str)
        costs = None if check_alpha(alpha) == 1 else self._costs()
        asked = [
            self._team(accuracy, votes, confidence, alpha, costs)[:max_members]
            for accuracy, votes in self._here([query] if one else query)
        ]
        return asked[0] if one else asked

    def _here(self, queries: Sequence[str]) -> list[tuple[dict[str, float], Team | None]]:
        """What is known of the members and their votes on each question."""
        vectors = self.embed(queries)
        return [
            (accuracy, self.votes and self.votes.at(self.cluster(vector)))
            for vector, accuracy in zip(vectors, self.records(vectors), strict=True)
        ]

    def _vote(
        self,
        query: str,
        drafts: Drafts,
        accuracy: Mapping[str, float],
        votes: Team | None,
        kind: str,
        seed: int,
    ) -> Vote:
        if votes is None:
            return plain_vote(drafts, question=query, kind=kind, seed=seed)
        return votes.vote(drafts, accuracy, question=query, kind=kind, seed=seed)

    def _team(
        self,
        accuracy: Mapping[str, float],
        votes: Team | None,
        confidence: float,
        alpha: float,
        costs: Array | None,
    ) -> list[str]:
        if costs is not None:
            worth = np.array([accuracy[name] for name in self.members])
            if votes is not None:
                weight = dict(zip(votes.members, votes.weights(accuracy).tolist(), strict=True))
                worth = np.array([weight.get(n, min(weight.values())) for n in self.members])
            place = np.argsort(-dial(worth, costs, alpha), kind="stable")
            return [self.members[i] for i in place]
        if votes is None:
            return sorted(self.members, key=lambda name: -accuracy[name])
        # Members that joined later have no learnt vote.
        late = [name for name in self.members if name not in votes.members]
        return [
            *votes.order(accuracy)[: votes.enough(confidence)],
            *(late if confidence == 1 else []),
        ]

    def _costs(self) -> Array:
        """The mean recorded cost of each member's answer, [M]."""
        record = self.flat.record
        sums = (each.sum(axis=0, keepdims=True) for each in (record.cost, record.priced))
        return costs_of(self.members, None, *sums)[0]

    def _check(self, vectors: Array) -> Array:
        return checked(vectors, self.views[0].centroids.shape[1])
