r"""The learnt vote: weights of members' votes, learnt from recorded answers.

The model is a conditional logit (McFadden 1974) over the candidate answers of a question and "none
of them is right". The utility of a candidate is

    sum over its voters m of  a + b s_m + c (s_m(q) - s_m) + d_m + f_mt + g_mk,
    plus e_mn for each pair of voters,

with s_m the log-odds of m's accuracy, s_m(q) those on questions like q by the task map, t the form
of the candidate (such as: no call, one call, several calls of tools), and k the question's cluster
on the map. Ridge penalties shrink d, e, f and g: members differ, overall (d) and in a cluster (g),
and pairs that err together count less (e), only as far as the data can tell. The penalties are
chosen by cross-validation, and the same held-out questions give the temperature that calibrates the
softmax of the utilities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .logit import (
    COMMON_FEATURES,
    FOLDS,
    Array,
    Design,
    Examples,
    Penalties,
    calibration,
    features,
    log_odds,
    none_features,
)

_MEMBER_PENALTIES = (3.0, 30.0, 300.0)
_PAIR_PENALTIES = (30.0, 300.0, np.inf)
_FORM_PENALTIES = (3.0, 30.0)
_CLUSTER_PENALTIES = (10.0, 30.0, 100.0)
_LARGEST = 1e6
"""Bound of the learnt weights of a profile that is loaded."""


@dataclass(frozen=True)
class Learnt:
    """The weights of a learnt vote.

    Attributes:
        skill: Log-odds of each member's overall accuracy, [M].
        common: a, b, c, [3].
        member: d, [M].
        pairs: e, upper triangle, [M (M - 1) / 2].
        forms: f, a row a form, [T, M].
        clusters: g, a row a cluster, [K, M]; no row without a task map.
        none: Of "none is right": constant, by the log of the voters, by the split of the vote, [3].
        temperature: What utilities are divided by for a probability.
        line: From the log-odds of the leader's probability to those of its being right, [2].
            Several candidates can be right, such as calls that differ in a default.
    """

    skill: Array
    common: Array
    member: Array
    pairs: Array
    forms: Array
    clusters: Array
    none: Array
    temperature: float
    line: Array

    @classmethod
    def fit(cls, data: Examples, seed: int = 42) -> tuple[Learnt, Held]:
        """Fit to examples; the penalties are those of the best cross-validated likelihood.

        Returns:
            The weights, and those of each fold, which have not seen its questions.

        Example:
            >>> shares = np.tile(np.eye(2), (40, 1))
            >>> question, right = np.repeat(np.arange(40), 2), shares[:, 0] > 0
            >>> data = Examples(shares, question, right, np.zeros((40, 2)), np.zeros(80, dtype=int))
            >>> learnt, held = Learnt.fit(data)
            >>> int(learnt.probabilities(np.eye(2), learnt.skill).argmax())
            0
            >>> bool(held.right(data).all())
            True
        """
        overall = accuracy(data)
        design = Design.of(data, overall)
        n = len(data.skill)
        folds = np.random.default_rng(seed).permutation(n) % FOLDS
        best, thetas = _penalties(design, folds, data)
        theta = design.solve(np.ones(n, dtype=bool), best)
        utility = design.utilities(folds, thetas)
        warmth = design.temperature(utility)
        line = calibration(*design.leaders(utility / warmth, data))
        return cls(overall, *_parts(theta, data), warmth, line), Held(folds, thetas, overall)

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

    def chances(self, votes: Array, skill: Array, form: Array) -> Array:
        """How likely each candidate is right, [C]; 0 where nobody gave it.

        Args:
            votes: Each member's share for each candidate, [C, M].
            skill: On this question, [M].
            form: Of each candidate, [C].
        """
        given = votes.any(axis=1)
        chance = np.zeros(len(votes))
        if given.any():
            chance[given] = self.probabilities(votes[given], skill, form[given])[:-1]
        return chance

    def sure(self, chance: float) -> float:
        """How likely the leader is right, from its probability among the candidates."""
        if not 0 < chance < 1:
            return chance
        odds = self.line[0] + self.line[1] * log_odds(np.array(chance))
        return float(1 / (1 + np.exp(-odds)))

    def weights(self, skill: Array) -> Array:
        """What a vote of each member weighs on a question, [M].

        Args:
            skill: On this question, [M].
        """
        a, b, c = self.common
        return a + b * self.skill + c * (skill - self.skill) + self.member

    def only(self, columns: Array) -> Learnt:
        """The weights of some of the members."""
        m = len(self.skill)
        square = np.zeros((m, m))
        square[np.triu_indices(m, 1)] = self.pairs
        square += square.T
        pairs = square[np.ix_(columns, columns)][np.triu_indices(len(columns), 1)]
        kept = (self.skill[columns], self.common, self.member[columns], pairs)
        tables = (self.forms[:, columns], self.clusters[:, columns])
        return Learnt(*kept, *tables, self.none, self.temperature, self.line)

    def at(self, cluster: int | None) -> Learnt:
        """The weights on questions of a cluster; None: of none that is known."""
        here = self.clusters[:0]
        if cluster is None or cluster >= len(self.clusters):
            return replace(self, clusters=here)
        return replace(self, member=self.member + self.clusters[cluster], clusters=here)

    def arrays(self) -> dict[str, Array]:
        """The weights by name, for saving."""
        return {name: np.asarray(value) for name, value in vars(self).items()}

    @classmethod
    def of(cls, arrays: dict[str, Array]) -> Learnt:
        """Restore saved weights.

        Raises:
            ValueError: They have other shapes, or are not all finite numbers.
        """
        # Profiles of version 0.1 have neither.
        none = {"clusters": np.zeros((0, len(arrays["skill"]))), "line": np.array([0.0, 1.0])}
        known = {**none, **arrays}
        weights = {name: np.asarray(known[name], dtype=float) for name in cls.__annotations__}
        members, forms = weights["skill"].size, len(np.atleast_1d(weights["forms"]))
        clusters = len(np.atleast_1d(weights["clusters"]))
        shapes = {"pairs": (members * (members - 1) // 2,), "temperature": (), "line": (2,)}
        shapes |= {"skill": (members,), "member": (members,), "common": (3,), "none": (3,)}
        shapes |= {"forms": (forms, members), "clusters": (clusters, members)}
        for name, shape in shapes.items():
            if weights[name].shape != shape or not np.all(np.abs(weights[name]) <= _LARGEST):
                raise ValueError(f"votes.{name}: not {shape} finite numbers")
        if not weights["temperature"] > 0 or not forms:
            raise ValueError("votes.temperature, votes.forms: not above 0")
        return cls(**{**weights, "temperature": float(weights["temperature"])})


@dataclass(frozen=True)
class Held:
    """The coefficients of a cross-validation.

    Attributes:
        folds: The fold of each question, [n].
        thetas: Coefficients that have not seen the questions of a fold, [FOLDS, width].
        overall: Log-odds of each member's accuracy, [M].
    """

    folds: Array
    thetas: Array
    overall: Array

    def right(self, data: Examples) -> Array:
        """Whether the vote is right, for each question of the examples or of their likes, [n]."""
        design = Design.of(data, self.overall)
        return design.right(design.utilities(self.folds, self.thetas), data)

    def learnt(self, fold: int, data: Examples, temperature: float) -> Learnt:
        """The vote that has not seen the questions of a fold."""
        parts = _parts(self.thetas[fold], data)
        return Learnt(self.overall, *parts, temperature, np.array([0.0, 1.0]))

    def weights(self, data: Examples) -> Array:
        """What the vote of each member weighs on each question, [n, M]."""
        weights = np.zeros(data.skill.shape)
        for fold in range(len(self.thetas)):
            inside, expert = self.folds == fold, self.learnt(fold, data, 1.0)
            weights[inside] = expert.weights(data.skill[inside])
            if data.clusters and data.cluster is not None:
                weights[inside] += expert.clusters[data.cluster[inside]]
        return weights


def _penalties(design: Design, folds: Array, data: Examples) -> tuple[Penalties, Array]:
    """The penalties of the least held-out loss, and the coefficients of each fold under them."""
    m = data.skill.shape[1]
    options = [
        Penalties(member, pair, form)
        for member in _MEMBER_PENALTIES
        for pair in (_PAIR_PENALTIES if m > 1 else (np.inf,))
        for form in (_FORM_PENALTIES if data.forms > 1 else (np.inf,))
    ]
    if len(folds) < 2 * FOLDS:
        return options[-1], np.zeros((FOLDS, design.rows.shape[1]))

    def loss(option: Penalties) -> tuple[float, Array]:
        thetas = design.held_out(folds, option)
        return design.loss(design.utilities(folds, thetas)), thetas

    tried = [(option, *loss(option)) for option in options]
    best = min(tried, key=lambda each: each[1])
    if data.clusters:
        finer = [replace(best[0], cluster=penalty) for penalty in _CLUSTER_PENALTIES]
        best = min([best, *((each, *loss(each)) for each in finer)], key=lambda each: each[1])
    return best[0], best[2]


def _parts(theta: Array, data: Examples) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Coefficients by what they belong to: common, member, pairs, forms, clusters, none."""
    m = data.skill.shape[1]
    sizes = [COMMON_FEATURES, m, m * (m - 1) // 2, data.forms * m, data.clusters * m]
    common, member, pairs, forms, clusters, none = np.split(theta, np.cumsum(sizes))
    return common, member, pairs, forms.reshape(-1, m), clusters.reshape(-1, m), none


def accuracy(data: Examples) -> Array:
    """Log-odds of each member's accuracy, with half a right and half a wrong answer added."""
    right = data.shares[data.right].sum(axis=0)
    return log_odds((right + 0.5) / (len(data.skill) + 1))
