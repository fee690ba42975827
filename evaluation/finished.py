"""The questions that every compared system finished, with the outcomes on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import InputError

Outcome = Mapping[str, Any]
Outcomes = Mapping[str, Sequence[Outcome | None]]
Array = np.ndarray

SINGLE = "single:"
AGGREGATING = "moa-lite:aggregator="
PROPOSING = "self-moa:proposers="
"""Begins the name of the system that tests a member as the aggregator, and as the proposer."""


@dataclass(frozen=True)
class Finished:
    """Outcomes on the questions that all systems finished.

    Attributes:
        questions: The records of these questions.
        outcomes: For each system its outcomes on them, in the order of the questions.
        left_out: Number of questions that a system did not finish.
        unfinished: How many each system did not finish, if any.
        absent: Systems that finished no question; they are not compared.
    """

    questions: list[Mapping[str, Any]]
    outcomes: dict[str, list[Outcome]]
    left_out: int
    unfinished: dict[str, int]
    absent: list[str]

    @cached_property
    def scores(self) -> dict[str, Array]:
        """For each system its scores, float [n]."""
        return {
            name: np.array([float(one["score"]) for one in each], dtype=np.float64)
            for name, each in self.outcomes.items()
        }

    @cached_property
    def members(self) -> list[str]:
        """Members that were asked alone, most accurate first."""
        names = [name for name in self.outcomes if name.startswith(SINGLE)]
        ranked = sorted(names, key=lambda name: -self.scores[name].mean())
        return [name.removeprefix(SINGLE) for name in ranked]

    @cached_property
    def tests(self) -> list[str]:
        """Systems that test each member in one part; they are no candidates for the best one."""
        found: list[str] = []
        for part in (AGGREGATING, PROPOSING):
            names = [name for name in self.outcomes if name.startswith(part)]
            found += names if len(names) > 1 else []
        return found if len(found) < len(self.outcomes) else []

    @property
    def best(self) -> str | None:
        """The most accurate single member as a system, chosen in hindsight; None without one."""
        return f"{SINGLE}{self.members[0]}" if self.members else None

    @cached_property
    def oracle(self) -> Array | None:
        """The best score that any single member has on each question; None without two of them."""
        if len(self.members) < 2:
            return None
        return np.max([self.scores[f"{SINGLE}{name}"] for name in self.members], axis=0)

    @cached_property
    def datasets(self) -> dict[str, Array]:
        """For each data set the places of its questions, largest data set first."""
        places: dict[str, list[int]] = {}
        for place, record in enumerate(self.questions):
            places.setdefault(str(record.get("dataset") or "unnamed"), []).append(place)
        ranked = sorted(places.items(), key=lambda item: (-len(item[1]), item[0]))
        return {name: np.array(each) for name, each in ranked}


def finished(outcomes: Outcomes, questions: Sequence[Mapping[str, Any]]) -> Finished:
    """The questions that all systems finished.

    Args:
        outcomes: For each system its outcome on each question, or None (`evaluation.run`).
        questions: The records of the questions.

    Raises:
        InputError: There is no system, a system has another number of outcomes, or no question was
            finished by all.

    Example:
        >>> one, two = {"score": 1.0}, {"score": 0.0}
        >>> both = finished({"a": [one, one], "b": [two, None]}, [{"query": "x"}, {"query": "y"}])
        >>> len(both.questions), both.left_out, both.unfinished
        (1, 1, {'b': 1})
    """
    if not outcomes:
        raise InputError("there is no system to compare")
    for name, each in outcomes.items():
        if len(each) != len(questions):
            raise InputError(
                f"{name!r} has {len(each)} outcomes for {len(questions)} questions: give one, or "
                "None, for each question"
            )
    absent = [name for name, each in outcomes.items() if all(one is None for one in each)]
    names = [name for name in outcomes if name not in absent]
    whole = [
        place for place in range(len(questions)) if all(outcomes[name][place] for name in names)
    ]
    if not names or not whole:
        raise InputError(
            "no question has an outcome of every system: run the evaluation again with a larger "
            "budget, or compare fewer systems"
        )
    lacking = {name: sum(one is None for one in outcomes[name]) for name in names}
    return Finished(
        questions=[questions[place] for place in whole],
        outcomes={name: [outcomes[name][place] or {} for place in whole] for name in names},
        left_out=len(questions) - len(whole),
        unfinished={name: count for name, count in lacking.items() if count},
        absent=absent,
    )
