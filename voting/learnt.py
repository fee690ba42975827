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
_LARGEST = 1e6
"""No weight that was learnt is larger."""


def log_odds(accuracy: Array) -> Array:
    """Log-odds of accuracies, bounded away from never and always."""
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
    def fit(cls, data: Examples, seed: int = 42) -> tuple[Learnt, Array]:
        """Fit to examples; the penalties are those of the best cross-validated likelihood.

        Returns:
            The weights, and for each question whether the vote is right where weights that have
            not seen the question decide it, [n].

        Example:
            >>> shares = np.tile(np.eye(2), (40, 1))
            >>> question, right = np.repeat(np.arange(40), 2), shares[:, 0] > 0
            >>> data = Examples(shares, question, right, np.zeros((40, 2)), np.zeros(80, dtype=int))
            >>> found, held_out = Learnt.fit(data)
            >>> int(found.probabilities(np.eye(2), found.skill).argmax())
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
        found = cls(overall, common, member, pairs, forms, none, warmth)
        return found, design.right(held[best], len(data.right))

    def utilities(self, shares: Array, skill: Array, form: Array | None = None) -> Array:
        """The utility of each candidate, and of none of them, [C + 1].

        Args:
            shares: [C, M].
            skill: On this question, [M].
            form: Of each candidate, [C]; 0 by default.
        """
        form = np.zeros(len(shares), dtype=int) if form is None else form
        where = np.tile(skill, (len(shares), 1))
        rows = features(shares, where, self.skill, form, len(self.forms))
        weights = [self.common, self.member, self.pairs, self.forms.ravel()]
        each = rows @ np.concatenate(weights)
        return np.append(each, none_features(shares) @ self.none)

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
        """From saved weights.

        Raises:
            ValueError: They are not of their shapes, or not all of them numbers.
        """
        found = {name: np.asarray(arrays[name], dtype=float) for name in cls.__annotations__}
        members, forms = found["skill"].size, len(np.atleast_1d(found["forms"]))
        pairs = members * (members - 1) // 2
        shapes = {"pairs": (pairs,), "forms": (forms, members), "temperature": ()}
        shapes |= {"skill": (members,), "member": (members,), "common": (3,), "none": (3,)}
        for name, shape in shapes.items():
            if found[name].shape != shape or not np.all(np.abs(found[name]) <= _LARGEST):
                raise ValueError(f"votes.{name}: not {shape} finite numbers")
        if not found["temperature"] > 0 or not forms:
            raise ValueError("votes.temperature, votes.forms: not above 0")
        return cls(**{**found, "temperature": float(found["temperature"])})


def accuracy(data: Examples) -> Array:
    """Log-odds of each member's share of right answers, half a right and half a wrong one added."""
    right = data.shares[data.right].sum(axis=0)
    return log_odds((right + 0.5) / (len(data.skill) + 1))
