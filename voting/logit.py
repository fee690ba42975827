"""The regression of a learnt vote: examples as rows, ridge penalties, held-out utilities.

It is a conditional logit: a row for each candidate answer and one for "none of them is right",
grouped by question. If several candidates are right, their probabilities add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray

FOLDS = 5
_COMMON = 0.05
"""Ridge penalty of the coefficients that all members share, which keeps them finite."""
COMMON_FEATURES = 3
_NONE_FEATURES = 3


@dataclass(frozen=True)
class Penalties:
    """Ridge penalties; an infinite penalty leaves its coefficients out."""

    member: float
    pair: float
    form: float


@dataclass(frozen=True)
class Examples:
    """Recorded votes: n questions with R candidates in total, and M members.

    Attributes:
        shares: Share of each member's samples that gave each candidate, [R, M].
        question: Index of the question of each candidate, ascending from 0, [R].
        right: Whether each candidate is right, [R].
        skill: Log-odds of each member's accuracy on each question, by the map, [n, M].
        form: Form of each candidate, from 0, [R].
        forms: Number of forms.
    """

    shares: Array
    question: Array
    right: Array
    skill: Array
    form: Array
    forms: int = 1

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
    """The regression, with a row for each candidate and one for none, grouped by question."""

    rows: Array
    question: Array
    target: Array
    members: int
    questions: int

    @classmethod
    def of(cls, data: Examples, overall: Array) -> Design:
        """The rows of examples; `overall` holds the log-odds of each member's accuracy, [M]."""
        n, m = data.skill.shape
        where = data.skill[data.question]
        candidates = features(data.shares, where, overall, data.form, data.forms)
        votes = data.shares.sum(axis=1)
        total = np.bincount(data.question, votes, n)
        leader = np.zeros(n)
        np.maximum.at(leader, data.question, votes)
        split = np.where(total > 0, 1 - leader / np.maximum(total, 1e-9), 1.0)
        none = np.stack([np.ones(n), np.log1p(total), split], axis=1)
        rows = np.zeros((len(candidates) + n, candidates.shape[1] + none.shape[1]))
        rows[: len(candidates), : candidates.shape[1]] = candidates
        rows[len(candidates) :, candidates.shape[1] :] = none
        any_right = np.bincount(data.question, data.right, n) > 0
        target = np.concatenate([data.right.astype(float), (~any_right).astype(float)])
        return cls(rows, np.concatenate([data.question, np.arange(n)]), target, m, n)

    def solve(self, chosen: Array, penalties: Penalties, start: Array | None = None) -> Array:
        """Fit the coefficients to the chosen questions with ridge penalties, from `start`."""
        from scipy.optimize import minimize

        m, width = self.members, self.rows.shape[1]
        n = self.questions
        penalty = np.full(width, _COMMON)
        place = COMMON_FEATURES
        for ridge, count in (
            (penalties.member, m),
            (penalties.pair, m * (m - 1) // 2),
            (penalties.form, width - place - m - m * (m - 1) // 2 - _NONE_FEATURES),
        ):
            penalty[place : place + count] = ridge
            place += count
        keep = np.isfinite(penalty)
        kept = penalty[keep]
        inside = chosen[self.question]
        rows, question = self.rows[inside][:, keep], self.question[inside]
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
        """The utility of each row by coefficients that were fitted without its question."""
        utility = np.zeros(len(self.rows))
        # The fit to all questions is a good start for the fits to four fifths of them.
        near = self.solve(folds >= 0, penalties)
        for fold in range(FOLDS):
            theta = self.solve(folds != fold, penalties, near)
            inside = folds[self.question] == fold
            utility[inside] = self.rows[inside] @ theta
        return utility

    def loss(self, utility: Array) -> float:
        """The negative log-likelihood."""
        probability = _softmax(utility, self.question, self.questions)
        held = np.bincount(self.question, probability * self.target, self.questions)
        return float(-np.log(np.maximum(held, 1e-12)).sum())

    def right(self, utility: Array, candidates: int) -> Array:
        """Whether the candidate with the highest utility is right, for each question."""
        hits = np.zeros(self.questions, dtype=bool)
        # Utilities ascend, so the last write of a question is its best candidate.
        order = np.argsort(utility[:candidates], kind="stable")
        hits[self.question[order]] = self.target[order] > 0
        return hits

    def temperature(self, utility: Array) -> float:
        """The divisor that calibrates held-out utilities."""
        from scipy.optimize import minimize_scalar

        optimum = minimize_scalar(
            lambda log: self.loss(utility / np.exp(log)), bounds=(-1.0, 2.0), method="bounded"
        )
        return float(np.exp(optimum.x)) if np.any(utility) else 1.0


def _softmax(utility: Array, question: Array, n: int) -> Array:
    """Softmax within each question, for any order of rows."""
    highest = np.full(n, -np.inf)
    np.maximum.at(highest, question, utility)
    raised = np.exp(utility - highest[question])
    total = np.bincount(question, raised, n)
    return raised / np.maximum(total[question], 1e-300)
