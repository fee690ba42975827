"""The regression of a learnt vote: examples as rows, ridge penalties, held-out utilities.

It is a conditional logit: a row for each candidate answer and one for "none of them is right",
grouped by question. If several candidates are right, their probabilities add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray

FOLDS = 5
_COMMON = 0.05
"""Ridge penalty of the coefficients that all members share, which keeps them finite."""
COMMON_FEATURES = 3
_NONE_FEATURES = 3
_LEAST, _MOST = 0.02, 0.98


@dataclass(frozen=True)
class Penalties:
    """Ridge penalties; an infinite penalty leaves its coefficients out."""

    member: float
    pair: float
    form: float
    cluster: float = np.inf


@dataclass(frozen=True)
class Examples:
    """Recorded votes: n questions with R candidates in total, and M members.

    Attributes:
        shares: Share of each member's samples that gave each candidate, [R, M].
        question: Index of the question of each candidate, ascending from 0, [R].
        right: Whether each candidate is right, [R].
        skill: Log-odds of each member's accuracy on each question, by the map, [n, M].
        form: The form of each candidate, from 0 on, [R].
        forms: How many forms there are.
        cluster: The cluster of each question on the task map, [n]; None without a map.
    """

    shares: Array
    question: Array
    right: Array
    skill: Array
    form: Array
    forms: int = 1
    cluster: Array | None = None

    @property
    def clusters(self) -> int:
        """How many clusters have coefficients of their own; one alone needs none."""
        count = 0 if self.cluster is None else int(self.cluster.max(initial=0)) + 1
        return count if count > 1 else 0

    def of(self, questions: Array) -> Examples:
        """The examples of some questions, renumbered in their order."""
        place = np.full(len(self.skill), -1)
        place[questions] = np.arange(len(questions))
        rows = np.flatnonzero(place[self.question] >= 0)
        rows = rows[np.argsort(place[self.question[rows]], kind="stable")]
        return Examples(
            self.shares[rows],
            place[self.question[rows]],
            self.right[rows],
            self.skill[questions],
            self.form[rows],
            self.forms,
            None if self.cluster is None else self.cluster[questions],
        )


def features(shares: Array, skill: Array, overall: Array, form: Array, forms: int) -> Array:
    """Rows of candidates, [R, 3 + M + pairs + T M]."""
    first, second = np.triu_indices(shares.shape[1], 1)
    common = np.stack(
        [shares.sum(axis=1), shares @ overall, (shares * (skill - overall)).sum(axis=1)], axis=1
    )
    formed = shares[:, None, :] * (form[:, None] == np.arange(forms))[:, :, None]
    together = shares[:, first] * shares[:, second]
    return np.hstack([common, shares, together, formed.reshape(len(shares), -1)])


def none_features(shares: Array) -> Array:
    """Features of "none" for one question: 1, log of its voters, share against the leader."""
    votes = shares.sum(axis=1) if len(shares) else np.zeros(1)
    total = votes.sum()
    return np.array([1.0, np.log1p(total), 1 - votes.max() / total if total else 1.0])


@dataclass(frozen=True)
class Design:
    """The regression: a row for each candidate and one for none, grouped by question.

    Attributes:
        rows: Sparse, [R + n, width]: what all members share, members, pairs, forms, clusters, none.
        question: Of each row, [R + n].
        target: 1 for a right candidate, and for none where no candidate is right, [R + n].
        members: M.
        questions: n.
        clusters: Clusters with coefficients of their own.
    """

    rows: Any
    question: Array
    target: Array
    members: int
    questions: int
    clusters: int = 0

    @classmethod
    def of(cls, data: Examples, overall: Array) -> Design:
        """The rows of examples; `overall`: log-odds of each member's accuracy, [M]."""
        from scipy.sparse import block_array, csr_array, hstack

        n, m = data.skill.shape
        where = data.skill[data.question]
        candidates = features(data.shares, where, overall, data.form, data.forms)
        votes = data.shares.sum(axis=1)
        total = np.bincount(data.question, votes, n)
        leader = np.zeros(n)
        np.maximum.at(leader, data.question, votes)
        split = np.where(total > 0, 1 - leader / np.maximum(total, 1e-9), 1.0)
        none = np.stack([np.ones(n), np.log1p(total), split], axis=1)
        rows = block_array(
            [[hstack([csr_array(candidates), _by_cluster(data)]), None], [None, csr_array(none)]],
            format="csr",
        )
        any_right = np.bincount(data.question, data.right, n) > 0
        target = np.concatenate([data.right.astype(float), (~any_right).astype(float)])
        question = np.concatenate([data.question, np.arange(n)])
        return cls(rows, question, target, m, n, data.clusters)

    def solve(self, chosen: Array, penalties: Penalties, start: Array | None = None) -> Array:
        """Fit the coefficients to the chosen questions with ridge penalties, from `start`."""
        from scipy.optimize import minimize

        m, width = self.members, self.rows.shape[1]
        n = self.questions
        penalty = np.full(width, _COMMON)
        place = COMMON_FEATURES
        pairs, clusters = m * (m - 1) // 2, self.clusters * m
        for ridge, count in (
            (penalties.member, m),
            (penalties.pair, pairs),
            (penalties.form, width - place - m - pairs - clusters - _NONE_FEATURES),
            (penalties.cluster, clusters),
        ):
            penalty[place : place + count] = ridge
            place += count
        keep = np.isfinite(penalty)
        kept = penalty[keep]
        inside = chosen[self.question]
        rows, question = (
            self.rows[np.flatnonzero(inside)][:, np.flatnonzero(keep)],
            (self.question[inside]),
        )
        target = self.target[inside]

        def value(theta: Array) -> tuple[float, Array]:
            probability = _softmax(rows @ theta, question, n)
            # If several candidates are right, their probabilities add up.
            held = np.bincount(question, probability * target, n)
            wanted = held > 0
            loss = -np.log(np.maximum(held[wanted], 1e-12)).sum()
            share = probability * target / np.maximum(held[question], 1e-12)
            gradient = rows.T @ (probability * wanted[question] - share)
            return loss + 0.5 * (kept * theta**2).sum(), gradient + kept * theta

        first = np.zeros(int(keep.sum())) if start is None else start[keep]
        options = {"maxiter": 200, "ftol": 1e-7}
        optimum = minimize(value, first, jac=True, method="L-BFGS-B", options=options)
        theta = np.zeros(width)
        theta[keep] = optimum.x
        return theta

    def held_out(self, folds: Array, penalties: Penalties) -> Array:
        """Coefficients for each fold that have not seen its questions, [FOLDS, width]."""
        # What all questions say is near to what four fifths of them do.
        near = self.solve(folds >= 0, penalties)
        return np.array([self.solve(folds != fold, penalties, near) for fold in range(FOLDS)])

    def utilities(self, folds: Array, thetas: Array) -> Array:
        """The utility of each row by the coefficients of its question's fold, [R + n]."""
        every = self.rows @ thetas.T
        return every[np.arange(len(self.question)), folds[self.question]]

    def loss(self, utility: Array) -> float:
        """The negative log-likelihood."""
        probability = _softmax(utility, self.question, self.questions)
        held = np.bincount(self.question, probability * self.target, self.questions)
        return float(-np.log(np.maximum(held, 1e-12)).sum())

    def right(self, utility: Array, data: Examples) -> Array:
        """Whether the candidate of the highest utility is right, [n]; one without votes is none."""
        found = np.zeros(self.questions, dtype=bool)
        # Ascending utilities: what is written last is the best candidate of its question.
        order = np.argsort(utility[: len(data.shares)], kind="stable")
        order = order[data.shares[order].any(axis=1)]
        found[self.question[order]] = self.target[order] > 0
        return found

    def leaders(self, utility: Array, data: Examples) -> tuple[Array, Array]:
        """The probability of the best candidate of each question, and whether it is right, [n]."""
        probability = _softmax(utility, self.question, self.questions)[: len(data.shares)]
        best = np.zeros(self.questions)
        np.maximum.at(best, data.question, probability)
        return best, self.right(utility, data)

    def temperature(self, utility: Array) -> float:
        """The divisor that calibrates held-out utilities."""
        from scipy.optimize import minimize_scalar

        optimum = minimize_scalar(
            lambda log: self.loss(utility / np.exp(log)), bounds=(-1.0, 2.0), method="bounded"
        )
        return float(np.exp(optimum.x)) if np.any(utility) else 1.0


def calibration(chance: Array, right: Array) -> Array:
    """Platt's line (1999) from the log-odds of a chance to those of being right, [2].

    Drawn to the identity, so that a few questions change little.

    Example:
        >>> calibration(np.full(100, 0.7), np.arange(100) < 70).round(1).tolist()
        [0.0, 1.0]
    """
    from scipy.optimize import minimize

    odds = log_odds(chance)

    def loss(line: Array) -> float:
        z = line[0] + line[1] * odds
        return float(
            np.logaddexp(0, np.where(right, -z, z)).sum() + line[0] ** 2 + (line[1] - 1) ** 2
        )

    return minimize(loss, np.array([0.0, 1.0]), method="L-BFGS-B").x


def log_odds(accuracy: Array) -> Array:
    """Log-odds of accuracies, bounded away from never and always.

    Example:
        >>> log_odds(np.array([0.5, 1.0])).round(2).tolist()
        [0.0, 3.89]
    """
    bounded = np.clip(np.asarray(accuracy, dtype=float), _LEAST, _MOST)
    return np.log(bounded / (1 - bounded))


def _by_cluster(data: Examples) -> Any:
    """Each candidate's shares in the columns of its question's cluster, sparse [R, K M]."""
    from scipy.sparse import csr_array

    m = data.shares.shape[1]
    shape = (len(data.shares), data.clusters * m)
    if data.cluster is None or not data.clusters:
        return csr_array(shape)
    row, column = np.nonzero(data.shares)
    place = data.cluster[data.question[row]] * m + column
    return csr_array((data.shares[row, column], (row, place)), shape=shape)


def _softmax(utility: Array, question: Array, n: int) -> Array:
    """Softmax within each question, for any order of rows."""
    highest = np.full(n, -np.inf)
    np.maximum.at(highest, question, utility)
    raised = np.exp(utility - highest[question])
    total = np.bincount(question, raised, n)
    return raised / np.maximum(total[question], 1e-300)
