r"""The learnt vote: how far a member's vote is to be trusted, learnt from recorded answers.

A conditional logit (McFadden 1974) over the candidate answers of a question and "none of them is
right". The utility of a candidate is

    sum over its voters m of  a + b s_m + c (s_m(q) - s_m) + d_m + f_mt,
    plus e_mn for each pair of voters,

with s_m the log-odds of m's accuracy, s_m(q) those on questions like q by the task map, and t the
form of the candidate (such as: no call, one call, several calls of tools). d, e and f are drawn to
zero by ridge penalties, so that members are told apart, and pairs that err together are held
against each other, only as far as the data can tell. The penalties are chosen by cross-validation,
and the same held-out questions give the temperature that calibrates the softmax of the utilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray

FOLDS = 5
_MEMBER_PENALTIES = (3.0, 30.0, 300.0)
_PAIR_PENALTIES = (30.0, 300.0, np.inf)
_FORM_PENALTIES = (3.0, 30.0)
_COMMON = 0.05
"""Ridge of the coefficients that all members share: enough to keep them finite."""
_COMMON_FEATURES = 3
_NONE_FEATURES = 3
_LEAST, _MOST = 0.02, 0.98


@dataclass(frozen=True)
class Penalties:
    """Ridge penalties; infinite ones leave the coefficients out."""

    member: float
    pair: float
    form: float


def log_odds(accuracy: Array) -> Array:
    """Log-odds of accuracies, bounded away from never and always."""
    bounded = np.clip(np.asarray(accuracy, dtype=float), _LEAST, _MOST)
    return np.log(bounded / (1 - bounded))


@dataclass(frozen=True)
class Examples:
    """Recorded votes: n questions with R candidates in all, M members.

    Attributes:
        shares: What share of each member's samples gave each candidate, [R, M].
        question: The question of each candidate, ascending from 0, [R].
        right: Which candidates are right, [R].
        skill: Log-odds of each member's accuracy on each question, by the map, [n, M].
        form: The form of each candidate, from 0 on, [R].
        forms: How many forms there are.
    """

    shares: Array
    question: Array
    right: Array
    skill: Array
    form: Array
    forms: int = 1

    def of(self, questions: Array) -> Examples:
        """The examples of some questions, numbered anew in their order."""
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


@dataclass(frozen=True)
class Learnt:
    """The weights of a learnt vote.

    Attributes:
        skill: Log-odds of each member's overall accuracy, [M].
        common: a, b, c, [3].
        member: d, [M].
        pairs: e, upper triangle, [M (M - 1) / 2].
        forms: f, a row a form, [T, M].
        none: Of "none is right": constant, by the log of the voters, by the split of the vote, [3].
        temperature: What utilities are divided by for a probability.
    """

    skill: Array
    common: Array
    member: Array
    pairs: Array
    forms: Array
    none: Array
    temperature: float

    @classmethod
    def fit(cls, data: Examples, seed: int = 42) -> Learnt:
        """Fit to examples; the penalties are those of the best cross-validated likelihood.

        Example:
            >>> shares = np.tile(np.eye(2), (40, 1))
            >>> question, right = np.repeat(np.arange(40), 2), shares[:, 0] > 0
            >>> data = Examples(shares, question, right, np.zeros((40, 2)), np.zeros(80, dtype=int))
            >>> found = Learnt.fit(data)
            >>> int(found.probabilities(np.eye(2), found.skill).argmax())
            0
        """
        overall = accuracy(data)
        design = _Design.of(data, overall)
        n, m = data.skill.shape
        folds = np.random.default_rng(seed).permutation(n) % FOLDS
        options = [
            Penalties(member, pair, form)
            for member in _MEMBER_PENALTIES
            for pair in (_PAIR_PENALTIES if m > 1 else (np.inf,))
            for form in (_FORM_PENALTIES if data.forms > 1 else (np.inf,))
        ]
        if n < 2 * FOLDS:
            options, held = options[-1:], [np.zeros(len(design.rows))]
        else:
            held = [design.held_out(folds, option) for option in options]
        losses = [design.loss(each) for each in held]
        best = int(np.argmin(losses))
        theta = design.solve(np.ones(n, dtype=bool), options[best])
        sizes = [_COMMON_FEATURES, m, m * (m - 1) // 2, data.forms * m]
        common, member, pairs, forms, none = np.split(theta, np.cumsum(sizes))
        forms = forms.reshape(data.forms, m)
        return cls(overall, common, member, pairs, forms, none, design.temperature(held[best]))

    def utilities(self, shares: Array, skill: Array, form: Array | None = None) -> Array:
        """The utility of each candidate, and of none of them, [C + 1].

        Args:
            shares: [C, M].
            skill: On this question, [M].
            form: Of each candidate, [C]; 0 by default.
        """
        form = np.zeros(len(shares), dtype=int) if form is None else form
        where = np.tile(skill, (len(shares), 1))
        features = _features(shares, where, self.skill, form, len(self.forms))
        weights = [self.common, self.member, self.pairs, self.forms.ravel()]
        each = features @ np.concatenate(weights)
        return np.append(each, _none_features(shares) @ self.none)

    def probabilities(self, shares: Array, skill: Array, form: Array | None = None) -> Array:
        """How likely each candidate is right, and none of them, [C + 1]."""
        found = self.utilities(shares, skill, form) / self.temperature
        found = np.exp(found - found.max())
        return found / found.sum()

    def only(self, columns: Array) -> Learnt:
        """The vote of some of the members."""
        m = len(self.skill)
        square = np.zeros((m, m))
        square[np.triu_indices(m, 1)] = self.pairs
        square += square.T
        pairs = square[np.ix_(columns, columns)][np.triu_indices(len(columns), 1)]
        kept = (self.skill[columns], self.common, self.member[columns], pairs)
        return Learnt(*kept, self.forms[:, columns], self.none, self.temperature)

    def arrays(self) -> dict[str, Array]:
        """The weights by name, to be saved."""
        return {name: np.asarray(value) for name, value in vars(self).items()}

    @classmethod
    def of(cls, arrays: dict[str, Array]) -> Learnt:
        """From saved weights."""
        found = {name: np.asarray(arrays[name], dtype=float) for name in cls.__annotations__}
        return cls(**{**found, "temperature": float(found["temperature"])})


def accuracy(data: Examples) -> Array:
    """Log-odds of each member's share of right answers, half a right and half a wrong one added."""
    right = data.shares[data.right].sum(axis=0)
    return log_odds((right + 0.5) / (len(data.skill) + 1))


def _features(shares: Array, skill: Array, overall: Array, form: Array, forms: int) -> Array:
    """Rows of candidates, [R, 3 + M + pairs + T M]."""
    first, second = np.triu_indices(shares.shape[1], 1)
    common = np.stack(
        [shares.sum(axis=1), shares @ overall, (shares * (skill - overall)).sum(axis=1)], axis=1
    )
    formed = shares[:, None, :] * (form[:, None] == np.arange(forms))[:, :, None]
    together = shares[:, first] * shares[:, second]
    return np.hstack([common, shares, together, formed.reshape(len(shares), -1)])


def _none_features(shares: Array) -> Array:
    """Of one question: constant, log of its voters, share of the votes that the leader lacks."""
    votes = shares.sum(axis=1) if len(shares) else np.zeros(1)
    total = votes.sum()
    return np.array([1.0, np.log1p(total), 1 - votes.max() / total if total else 1.0])


@dataclass(frozen=True)
class _Design:
    """The regression: a row for each candidate and one for none, grouped by question."""

    rows: Array
    question: Array
    target: Array
    members: int
    questions: int

    @classmethod
    def of(cls, data: Examples, overall: Array) -> _Design:
        n, m = data.skill.shape
        where = data.skill[data.question]
        candidates = _features(data.shares, where, overall, data.form, data.forms)
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

    def solve(self, chosen: Array, penalties: Penalties) -> Array:
        """The coefficients from the chosen questions, under ridge penalties."""
        from scipy.optimize import minimize

        m, width = self.members, self.rows.shape[1]
        n = self.questions
        penalty = np.full(width, _COMMON)
        start = _COMMON_FEATURES
        for value, count in (
            (penalties.member, m),
            (penalties.pair, m * (m - 1) // 2),
            (penalties.form, width - start - m - m * (m - 1) // 2 - _NONE_FEATURES),
        ):
            penalty[start : start + count] = value
            start += count
        keep = np.isfinite(penalty)
        inside = chosen[self.question]
        rows, question = self.rows[inside][:, keep], self.question[inside]
        target = self.target[inside]

        def value(theta: Array) -> tuple[float, Array]:
            probability = _softmax(rows @ theta, question, n)
            # Where several candidates are right, their probabilities add up.
            held = np.bincount(question, probability * target, n)
            wanted = held > 0
            loss = -np.log(np.maximum(held[wanted], 1e-12)).sum()
            share = probability * target / np.maximum(held[question], 1e-12)
            gradient = rows.T @ (probability * wanted[question] - share)
            ridge = penalty[keep]
            return loss + 0.5 * (ridge * theta**2).sum(), gradient + ridge * theta

        zero = np.zeros(int(keep.sum()))
        found = minimize(value, zero, jac=True, method="L-BFGS-B", options={"maxiter": 300})
        theta = np.zeros(width)
        theta[keep] = found.x
        return theta

    def held_out(self, folds: Array, penalties: Penalties) -> Array:
        """The utility of each row by coefficients that have not seen its question."""
        found = np.zeros(len(self.rows))
        for fold in range(FOLDS):
            theta = self.solve(folds != fold, penalties)
            inside = folds[self.question] == fold
            found[inside] = self.rows[inside] @ theta
        return found

    def loss(self, utility: Array) -> float:
        """The negative log-likelihood."""
        probability = _softmax(utility, self.question, self.questions)
        held = np.bincount(self.question, probability * self.target, self.questions)
        return float(-np.log(np.maximum(held, 1e-12)).sum())

    def temperature(self, utility: Array) -> float:
        """What held-out utilities have to be divided by."""
        from scipy.optimize import minimize_scalar

        found = minimize_scalar(
            lambda log: self.loss(utility / np.exp(log)), bounds=(-1.0, 2.0), method="bounded"
        )
        return float(np.exp(found.x)) if np.any(utility) else 1.0


def _softmax(utility: Array, question: Array, n: int) -> Array:
    """Softmax within each question, by any order of rows."""
    highest = np.full(n, -np.inf)
    np.maximum.at(highest, question, utility)
    raised = np.exp(utility - highest[question])
    total = np.bincount(question, raised, n)
    return raised / np.maximum(total[question], 1e-300)
