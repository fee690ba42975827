"""The fields of a profile, and the edits that add, remove and rename members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from .errors import InputError
from .routing.edits import appended, scored
from .routing.embedders import Embedder
from .routing.familiarity import Usual
from .routing.levels import Levels
from .routing.ranking import columns
from .routing.view import View
from .voting.team import Team


@dataclass(frozen=True)
class Parts:
    """The fields of a `Profile`, which describes each of them."""

    members: list[str]
    embedder: Embedder
    views: list[View]
    flat: View
    levels: Levels
    cards: list[dict[str, Any]]
    points: np.ndarray
    info: dict[str, Any]
    usual: Usual | None = None
    votes: Team | None = None

    def with_member(self, name: str, records: Iterable[Mapping[str, Any]]) -> Self:
        """Add a member from recorded scores, about 20 questions per cluster.

        A question of the calibration data counts with its known difficulty, any other question
        with the mean of its cluster.

        Args:
            name: The new member, or one whose record is replaced.
            records: `{"query": str, "scores": {name: float}}`; others' scores are not read, a
                `weight` is (`calibration.new_member.probe_questions` chooses the questions).

        Raises:
            InputError: No record contains a score of `name`.
        """
        data = scored(records, name)
        base = self.without(name) if name in self.members else self
        vectors, level = base.embedder.embed(list(data.queries)), base.levels.find(data.queries)
        views = [appended(view, data, vectors, level, data.weights) for view in base.views]
        flat = appended(base.flat, data, vectors, level, data.weights)
        return replace(base, members=[*base.members, name], views=views, flat=flat)

    add_member = with_member

    def without(self, name: str) -> Self:
        """Remove a member."""
        rest = [m for m in self.members if m != name]
        columns(self.members, [name])
        kept = columns(self.members, rest)
        views = [view.only(kept) for view in self.views]
        votes = self.votes and self.votes.only(rest)
        return replace(self, members=rest, views=views, flat=self.flat.only(kept), votes=votes)

    def renamed(self, old: str, new: str) -> Self:
        """Give a member another name."""
        columns(self.members, [old])
        if new in self.members or not new:
            raise InputError(f"cannot rename '{old}' to '{new}': choose a name not yet taken")
        votes = self.votes and self.votes.renamed(old, new)
        return replace(self, members=[new if m == old else m for m in self.members], votes=votes)
