r"""The learnt vote: weights of members' votes, learnt from recorded answers.

The model is a conditional logit (McFadden 1974) over the candidate answers of a question and "none
of them is right". The utility of a candidate is

    sum over its voters m of  a + b s_m + c (s_m(q) - s_m) + d_m + f_mt,
    plus e_mn for each pair of voters,

with s_m the log-odds of m's accuracy, s_m(q) those on questions like q by the task map, and t the
form of the candidate (text, one tool call, several tool calls). Ridge penalties shrink d, e and f
to zero, so that differences between members, and correlated errors of pairs, count only as far as
the data support them. The penalties are chosen by cross-validation, and the same held-out questions
give the temperature that calibrates the softmax of the utilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .logit import (
    COMMON_FEATURES,
    FOLDS,
    Array,
    Design,
    Examples,
    Penalties,
    features,
    none_features,
)

_MEMBER_PENALTIES = (3.0, 30.0, 300.0)
_PAIR_PENALTIES = (30.0, 300.0, np.inf)
_FORM_PENALTIES = (3.0, 30.0)
_LEAST, _MOST = 0.02, 0.98


def log_odds(accuracy: Array) -> Array:
    """Log-odds of accuracies, bounded away from 0 and 1."""
    bounded = np.clip(np.asarray(accuracy, dtype=float), _LEAST, _MOST)
    return np.log(bounded / (1 - bounded))


@dataclass(frozen=True)
class Learnt:
    """The weights of a learnt vote.

    Attributes:
        skill: Log-odds of each member's overall accuracy, [M].
        common: a, b, c, [3].
        member: d, [M].
        pairs: e, upper triangle, [M (M - 1) / 2].
        forms: f, one row per form, [T, M].
        none: Coefficients of "none is right": constant, log of the voters, split of the vote, [3].
        temperature: Divisor of the utilities for probabilities.
    """

    skill: Array
    common: Array
    member: Array
    pairs: Array
    forms: Array
    none: Array
    temperature: float

    @classmethod
    def fit(cls, data: Examples, seed: int = 42) -> tuple[Learnt, Array]:
        """Fit to examples; the penalties are those of the best cross-validated likelihood.

        Returns:
            The weights, and for each question whether the vote is right with weights that were
            fitted without the question, [n].

        Example:
            >>> shares = np.tile(np.eye(2), (40, 1))
            >>> question, right = np.repeat(np.arange(40), 2), shares[:, 0] > 0
            >>> data = Examples(shares, question, right, np.zeros((40, 2)), np.zeros(80, dtype=int))
            >>> learnt, held_out = Learnt.fit(data)
            >>> int(learnt.probabilities(np.eye(2), learnt.skill).argmax())
            0
            >>> bool(held_out.all())
            True
        """
        overall = accuracy(data)
        design = Design.of(data, overall)
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
        sizes = [COMMON_FEATURES, m, m * (m - 1) // 2, data.forms * m]
        common, member, pairs, forms, none = np.split(theta, np.cumsum(sizes))
        forms = forms.reshape(data.forms, m)
        warmth = design.temperature(held[best])
        learnt = cls(overall, common, member, pairs, forms, none, warmth)
        return learnt, design.right(held[best], len(data.right))

    def utilities(self, shares: Array, skill: Array, form: Array | None = None) -> Array:
        """The utility of each candidate, and of none of them, [C + 1].

        Args:
            shares: Share of each member's samples for each candidate, [C, M].
            skill: Log-odds of the members' accuracy on this question, [M].
            form: Form of each candidate, [C]; 0 by default.
        """
        form = np.zeros(len(shares), dtype=int) if form is None else form
        where = np.tile(skill, (len(shares), 1))
        rows = features(shares, where, self.skill, form, len(self.forms))
        weights = [self.common, self.member, self.pairs, self.forms.ravel()]
        each = rows @ np.concatenate(weights)
        return np.append(each, none_features(shares) @ self.none)

    def probabilities(self, shares: Array, skill: Array, form: Array | None = None) -> Array:
        """The probability that each candidate is right, and that none is, [C + 1]."""
        utility = self.utilities(shares, skill, form) / self.temperature
        utility = np.exp(utility - utility.max())
        return utility / utility.sum()

    def only(self, columns: Array) -> Learnt:
        """The weights of some of the members."""
        m = len(self.skill)
        square = np.zeros((m, m))
        square[np.triu_indices(m, 1)] = self.pairs
        square += square.T
        pairs = square[np.ix_(columns, columns)][np.triu_indices(len(columns), 1)]
        kept = (self.skill[columns], self.common, self.member[columns], pairs)
        return Learnt(*kept, self.forms[:, columns], self.none, self.temperature)

    def arrays(self) -> dict[str, Array]:
        """The weights by name, for saving."""
        return {name: np.asarray(value) for name, value in vars(self).items()}

    @classmethod
    def of(cls, arrays: dict[str, Array]) -> Learnt:
        """Restore saved weights."""
        weights = {name: np.asarray(arrays[name], dtype=float) for name in cls.__annotations__}
        return cls(**{**weights, "temperature": float(weights["temperature"])})


def accuracy(data: Examples) -> Array:
    """Log-odds of each member's accuracy, with half a right and half a wrong answer added."""
    right = data.shares[data.right].sum(axis=0)
    return log_odds((right + 0.5) / (len(data.skill) + 1))
