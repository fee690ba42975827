"""Early stopping replayed on recorded votes: at which confidence it costs hardly an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import plan as plans
from .learnt import Held, Learnt
from .logit import Array, Examples
from .stopping import stays_first

CONFIDENCES = (0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999)
"""Tried from the lowest on."""
LOSS = 0.003
"""The share of right answers that stopping may cost."""
REPLAYED = 1000
"""Questions replayed, at most."""


@dataclass(frozen=True)
class Trace:
    """A question asked member by member, as far as the plan goes.

    Attributes:
        right: Whether the vote is right after so many members, [L].
        stays: How likely its leader stays the leader, [L]; 1 at the end.
        line: The members in the order of asking, [M].
        agrees: Whether the vote of the first k members is that of all, [M].
    """

    right: Array
    stays: Array
    line: Array
    agrees: Array

    def asked(self, confidence: float) -> int:
        """How many members are asked until the vote is settled."""
        return int(np.argmax(self.stays >= confidence)) + 1


def replay(
    data: Examples,
    held: Held,
    learnt: Learnt,
    plan: Mapping[str, Any],
    members: Sequence[str],
    seed: int = 42,
) -> dict[str, Any]:
    """What stopping early costs and saves, by weights that have not seen the questions.

    Returns:
        `settled` (the lowest confidence that loses no more than `LOSS` against asking everybody
        whom the plan hears), `shift` (the change of accuracy there), `asks` (on which share of the
        questions each member is asked), `agree` (how often the vote of the first k members is that
        of all, for k = 1 … M).
    """
    n = len(data.skill)
    chosen = np.sort(np.random.default_rng(seed).permutation(n)[:REPLAYED])
    order = np.argsort(data.question, kind="stable")
    starts = np.searchsorted(data.question[order], np.arange(n + 1))
    experts = [held.learnt(fold, data, learnt.temperature) for fold in range(len(held.thetas))]
    traces = []
    for question in chosen:
        rows = order[starts[question] : starts[question + 1]]
        cluster = None if data.cluster is None else int(data.cluster[question])
        expert, here = experts[held.folds[question]].at(cluster), plans.at(plan, cluster)
        votes = Votes(data.shares[rows], data.form[rows], data.right[rows], data.skill[question])
        weights = expert.weights(votes.skill)
        line = np.array(plans.line(here, members, weights, votes.skill))
        if plans.alone(here):
            traces.append(_alone(votes, line))
        else:
            size = plans.size(here, len(members))
            traces.append(_vote(votes, expert, weights, line, size))
    confidence = next((c for c in CONFIDENCES if _shift(traces, c) >= -LOSS), 1.0)
    asks = np.zeros(len(members))
    for trace in traces:
        asks[trace.line[: trace.asked(confidence)]] += 1
    return {
        "settled": confidence,
        "shift": round(_shift(traces, confidence), 6),
        "asks": dict(zip(members, (asks / len(traces)).round(6).tolist(), strict=True)),
        "agree": np.mean([trace.agrees for trace in traces], axis=0).round(6).tolist(),
    }


def _shift(traces: Sequence[Trace], confidence: float) -> float:
    """What stopping at a confidence adds to the accuracy of asking everybody."""
    stopped = [float(trace.right[trace.asked(confidence) - 1]) for trace in traces]
    return float(np.mean(stopped) - np.mean([float(trace.right[-1]) for trace in traces]))


@dataclass(frozen=True)
class Votes:
    """The votes on one question: as `Examples`, of its candidates alone."""

    shares: Array
    form: Array
    right: Array
    skill: Array


def _vote(votes: Votes, expert: Learnt, weights: Array, line: Array, size: int) -> Trace:
    """A question on which members vote."""
    m = len(line)
    accuracy = 1 / (1 + np.exp(-votes.skill))
    speaks = votes.shares.any(axis=0)
    winner, stays = np.full(m, -1), np.ones(size)
    for count in range(1, m + 1):
        heard = np.isin(np.arange(m), line[:count])
        chance = expert.chances(votes.shares * heard, votes.skill, votes.form)
        if chance.any():
            winner[count - 1] = int(chance.argmax())
        if count < size:
            rest = line[count:size]
            own = weights[heard & speaks]
            known = stays_first(chance, own, weights[rest], accuracy[rest], expert.temperature)
            # At a confidence of 1 everybody is asked.
            stays[count - 1] = min(known, 1 - 1e-9)
    right = np.array([place >= 0 and bool(votes.right[place]) for place in winner[:size]])
    return Trace(right, stays, line, winner == winner[-1])


def _alone(votes: Votes, line: Array) -> Trace:
    """A question that one member answers, the next one where it has no answer."""
    m = len(line)
    speaks = votes.shares[:, line].any(axis=0)
    first = int(speaks.argmax()) if speaks.any() else m - 1
    right = bool(speaks.any() and votes.right[votes.shares[:, line[first]].argmax()])
    after = np.arange(m) >= first
    return Trace(after & right, after.astype(float), line, after)
