"""The votes of recorded answers as arrays, for the fit of a learnt vote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .counting import NO_CALL, Candidate, candidates, samples_of
from .logit import Array, Examples

FORMS = 3
"""Forms of a candidate: words, one call of a tool, several calls."""


def examples(
    records: Sequence[Mapping[str, Any]],
    members: Sequence[str],
    skill: Array,
    clusters: Array | None = None,
) -> Examples | None:
    """The votes of records as arrays; None where nobody said anything.

    A candidate is right where the members that gave it scored above a half with it.

    Args:
        records: `{"query", "scores", "answers": {member: text, tool calls, or samples}}`, n.
        members: Their names, M.
        skill: Log-odds of each member's accuracy on each question, [n, M].
        clusters: Of each question on the task map, [n]; None without a map.

    Example:
        >>> said = {"a": "Answer: 4", "b": "Answer: 5"}
        >>> row = {"query": "2+2?", "scores": {"a": 1.0, "b": 0.0}, "answers": said}
        >>> data = examples([row], ["a", "b"], np.zeros((1, 2)))
        >>> data.shares.tolist(), data.right.tolist()
        ([[1.0, 0.0], [0.0, 1.0]], [True, False])
    """
    votes, question, right, form = [], [], [], []
    for place, record in enumerate(records):
        said = {name: record["answers"][name] for name in members if name in record["answers"]}
        each = {name: samples_of(one) for name, one in said.items()}
        given, _ = candidates(said, question=str(record["query"]))
        scores = record.get("scores") or {}
        for candidate, share in zip(given, shares(given, each, members), strict=True):
            known = [scores[name] for name in candidate.given if scores.get(name) is not None]
            votes.append(share)
            question.append(place)
            right.append(bool(known) and sum(known) / len(known) > 0.5)
            form.append(form_of(candidate))
    if not votes:
        return None
    return Examples(
        np.array(votes),
        np.array(question),
        np.array(right, dtype=bool),
        skill,
        np.array(form),
        FORMS if any(form) else 1,
        clusters,
    )


def form_of(candidate: Candidate) -> int:
    """The form of a candidate: words, one call, or several.

    Example:
        >>> form_of(Candidate("4", "4", {"a": 1}, "4"))
        0
    """
    if not candidate.key.startswith("calls:") or candidate.key == NO_CALL:
        return 0
    return 1 if len(candidate.said) == 1 else 2


def shares(
    given: Sequence[Candidate], each: Mapping[str, Sequence[Any]], members: Sequence[str]
) -> Array:
    """What share of each member's samples gave each candidate, [C, M].

    Example:
        >>> one = Candidate("4", "4", {"a": 1}, "4")
        >>> shares([one], {"a": ["4", "5"], "b": ["6"]}, ["a", "b"]).tolist()
        [[0.5, 0.0]]
    """
    table = np.zeros((len(given), len(members)))
    for row, candidate in enumerate(given):
        for column, name in enumerate(members):
            if name in candidate.given:
                table[row, column] = candidate.given[name] / len(each[name])
    return table
