"""Whom to ask, by cross-validation: one member, some of them, or all; overall and by cluster.

Each option is judged on held-out questions. The safe choice is the best member alone. The vote of
everybody replaces it if it is better by more than a standard error (the one-standard-error rule of
Breiman et al. 1984, section 3.4.3). Then a sub-team, or the member that the task map names,
replaces that choice if it is better by two standard errors; and in a cluster any option replaces
the choice for all questions on the same condition. The differences in a cluster are shrunk towards
those over all questions as far as clusters do not differ by more than chance (empirical Bayes, by
moments), so that a small cluster follows the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .learnt import Held
from .logit import Array, Examples

SEVERAL = 2.0
"""Standard errors by which one of several further options must be better: the best of many is so
by chance more often than one is."""
SIZES = (3, 5, 8)
"""Sizes of a sub-team that are tried."""
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Option:
    """A way to answer: `single` (one member), `routed` (the best on such questions), `vote`.

    Attributes:
        choice: Its name.
        size: Members asked.
        right: The held-out share of right answers to each question, [n].
    """

    choice: str
    size: int
    right: Array


def plan(data: Examples, held: Held, members: Sequence[str]) -> dict[str, Any]:
    """What to do with questions like these, plain JSON.

    Args:
        data: The recorded votes; `skill` held out.
        held: The cross-validated weights of the learnt vote.
        members: Their names, M.

    Returns:
        `choice` ("single", "routed" or "vote"), `size` (members asked), `member` (the best single
        one), `single` and `vote` (accuracies of that member and of everybody's vote), `gain` (of
        the vote over that member) with its 95% `interval`, `questions`, `options` (each with its
        `accuracy`, its `gain` over the single member and the `interval` of that; the choices of all
        clusters together are among them as "plan", and for comparison the plain vote as "majority")
        and `clusters` (where a map is known, each cluster's `choice`, `size`, `gain` over the
        single member, shrunk, its `interval` and `questions`).
    """
    alone = np.zeros((len(data.skill), len(members)))
    np.add.at(alone, data.question, data.shares * data.right[:, None])
    best = int(alone.mean(axis=0).argmax())
    options = _options(data, held, alone, best)
    right = np.array([option.right for option in options])
    overall = _overall(right)
    by_cluster = _for_clusters(right, overall, data)
    chosen = by_cluster[data.cluster] if data.cluster is not None else np.full(len(alone), overall)
    planned = Option("plan", options[overall].size, right[chosen, np.arange(len(alone))])
    told = [_told(each, right[0]) for each in (*options, planned, _majority(data, alone))]
    everybody = told[len(options) - 1]
    return {
        "choice": options[overall].choice,
        "size": options[overall].size,
        "member": members[best],
        "single": told[0]["accuracy"],
        "vote": everybody["accuracy"],
        "gain": everybody["gain"],
        "interval": everybody["interval"],
        "questions": len(alone),
        "options": told,
        "clusters": _by_cluster(options, right, by_cluster, data),
    }


def _options(data: Examples, held: Held, alone: Array, best: int) -> list[Option]:
    """From the simplest to everybody's vote."""
    n, m = data.skill.shape
    options = [Option("single", 1, alone[:, best])]
    if data.clusters:
        options.append(Option("routed", 1, alone[np.arange(n), data.skill.argmax(axis=1)]))
    place = np.argsort(np.argsort(-held.weights(data), axis=1, kind="stable"), axis=1)
    for size in [size for size in SIZES if size < m]:
        heard = (place < size)[data.question]
        some = replace(data, shares=data.shares * heard)
        options.append(Option("vote", size, held.right(some).astype(float)))
    return [*options, Option("vote", m, held.right(data).astype(float))]


def _majority(data: Examples, alone: Array) -> Option:
    """The plain vote of everybody; ties go to the answer of the better members."""
    ties = 1e-6 * data.shares @ alone.mean(axis=0)
    right = np.zeros(len(data.skill))
    # Ascending votes: what is written last has the most.
    order = np.argsort(data.shares.sum(axis=1) + ties, kind="stable")
    right[data.question[order]] = data.right[order]
    return Option("majority", data.skill.shape[1], right)


def _told(option: Option, single: Array) -> dict[str, Any]:
    """An option's accuracy, and its gain over the single member, a paired difference."""
    difference = option.right - single
    gain = float(difference.mean())
    reach = Z95 * float(difference.std() / max(len(difference), 1) ** 0.5)
    return {
        "choice": option.choice,
        "size": option.size,
        "accuracy": round(float(option.right.mean()), 6),
        "gain": round(gain, 6),
        "interval": [round(gain - reach, 6), round(gain + reach, 6)],
    }


def _overall(right: Array) -> int:
    """The option for all questions."""
    last = len(right) - 1
    chosen = last if _beats(right[last] - right[0]) else 0
    for option in range(1, last):
        if _beats(right[option] - right[chosen], SEVERAL):
            chosen = option
    return chosen


def _beats(difference: Array, errors: float = 1.0) -> bool:
    error = difference.std() / max(len(difference), 1) ** 0.5
    return bool(difference.mean() > errors * error)


def _shrunk(difference: Array, cluster: Array, count: Array) -> tuple[Array, Array]:
    """A mean difference in each cluster, shrunk towards the mean of all, and its error, [K]."""
    n = len(difference)
    whole, variance = float(difference.mean()), float(difference.var())
    means = np.bincount(cluster, difference, len(count)) / np.maximum(count, 1.0)
    # Between-cluster variance by moments, weighted by the clusters' sizes.
    seen = max(int((count > 0).sum()), 1)
    spread = float((count * (means - whole) ** 2).sum())
    scale = n - float((count**2).sum()) / n
    between = max(0.0, (spread - (seen - 1) * variance) / scale) if scale > 0 else 0.0
    if not between:
        return np.full(len(count), whole), np.full(len(count), (variance / n) ** 0.5)
    kappa = variance / between
    mean = (count * means + kappa * whole) / (count + kappa)
    return mean, np.sqrt(variance / np.minimum(count + kappa, n))


def _for_clusters(right: Array, overall: int, data: Examples) -> Array:
    """The option for each cluster, [K]; without a map for the one place that all questions are."""
    if data.cluster is None:
        return np.array([overall])
    count = np.bincount(data.cluster, minlength=int(data.cluster.max(initial=0)) + 1).astype(float)
    chosen, every = np.full(len(count), overall), np.arange(right.shape[1])
    for option in range(len(right)):
        # Against the choice for all: a cluster's other options are too many to be told apart.
        gain, error = _shrunk(right[option] - right[overall], data.cluster, count)
        ahead, _ = _shrunk(right[option] - right[chosen[data.cluster], every], data.cluster, count)
        chosen = np.where((gain > SEVERAL * error) & (ahead > 0), option, chosen)
    return chosen


def _by_cluster(
    options: Sequence[Option], right: Array, chosen: Array, data: Examples
) -> list[dict[str, Any]] | None:
    """What is chosen in each cluster, and its gain over the best single member, shrunk."""
    if data.cluster is None or not data.clusters:
        return None
    count = np.bincount(data.cluster, minlength=data.clusters).astype(float)
    picked = right[chosen[data.cluster], np.arange(right.shape[1])]
    gain, error = _shrunk(picked - right[0], data.cluster, count)
    return [
        {
            "choice": options[option].choice,
            "size": options[option].size,
            "gain": round(float(mean), 6),
            "interval": [round(float(mean + sign * Z95 * spread), 6) for sign in (-1, 1)],
            "questions": int(questions),
        }
        for option, mean, spread, questions in zip(chosen, gain, error, count, strict=True)
    ]
