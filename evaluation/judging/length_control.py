r"""The length-controlled win rate of AlpacaEval 2 (Dubois et al. 2024, arXiv 2404.04475).

Judges prefer long answers. A logistic model of the preference for a model over the baseline
separates the model's quality, the difference of lengths, and the difficulty of the instruction::

    P(preferred) = logistic(quality + length · tanh(Δ / sd(Δ)) + gain · difficulty)

The controlled win rate is the mean of this probability with the length term set to 0: what the
judge would say if both answers were equally long. It is 50% for the baseline against itself, and
100% minus the rate of the opposite comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from ...errors import InputError

PENALTY = 0.1
"""Weight of the squared coefficients: a judge that always prefers one side stays finite."""


@dataclass(frozen=True)
class WinRate:
    """A win rate over a baseline.

    Attributes:
        raw: The mean preference, in per cent.
        controlled: The mean preference if both answers were equally long, in per cent.
        error: The standard error of `raw`, in percentage points.
        length: The effect of length, in logits; above 0 where longer answers are preferred.
        count: The number of comparisons.
    """

    raw: float
    controlled: float
    error: float
    length: float
    count: int


def win_rate(
    preferences: Sequence[float],
    lengths: Sequence[int],
    baseline_lengths: Sequence[int],
    *,
    difficulty: Sequence[float] | None = None,
) -> WinRate:
    """The win rate over a baseline, raw and controlled for length.

    Args:
        preferences: For each instruction the preference for the model, from 0 (the baseline is
            better) to 1; shape (n,).
        lengths: The lengths of the model's answers, in characters; shape (n,).
        baseline_lengths: The lengths of the baseline's answers; shape (n,).
        difficulty: The difficulty of each instruction (`difficulties`); by default all are alike.

    Raises:
        InputError: The lists are empty or not equally long, or a preference is not in [0, 1].

    Example:
        >>> longer = win_rate([1, 1, 0, 1, 0, 0] * 50, [9, 8, 2, 7, 1, 3] * 50, [5] * 300)
        >>> round(longer.raw), round(longer.controlled), longer.length > 1
        (50, 50, True)
    """
    wins = np.asarray(preferences, float)
    delta = np.asarray(lengths, float) - np.asarray(baseline_lengths, float)
    hard = np.zeros_like(wins) if difficulty is None else np.asarray(difficulty, float)
    if not len(wins) or not wins.shape == delta.shape == hard.shape:
        raise InputError("preferences, lengths and difficulties must be equally many, at least one")
    if not ((wins >= 0) & (wins <= 1)).all():
        raise InputError("a preference must be a number from 0 to 1")
    spread = delta.std()
    length = np.tanh(delta / spread) if spread else np.zeros_like(delta)
    features = np.stack([np.ones_like(wins), length, hard], axis=1)
    quality, effect, gain = _fitted(features, wins)
    return WinRate(
        raw=100 * float(wins.mean()),
        controlled=100 * float(expit(quality + gain * hard).mean()),
        error=100 * float(wins.std(ddof=1) / np.sqrt(len(wins))) if len(wins) > 1 else 0.0,
        length=float(effect),
        count=len(wins),
    )


def difficulties(preferences: Sequence[Sequence[float]]) -> list[float]:
    """The difficulty of each instruction for several models, in logits, with mean 0.

    AlpacaEval fits it together with the models; this is the logit of the share of the baseline's
    wins on an instruction, drawn to one half by one win and one loss.

    Args:
        preferences: A row of preferences for each model; shape (models, n).

    Example:
        >>> [round(value, 2) for value in difficulties([[1, 0], [1, 0], [1, 1]])]
        [-0.9, 0.9]
    """
    wins = np.asarray(preferences, float)
    share = (wins.sum(axis=0) + 1) / (len(wins) + 2)
    hard = -logit(share)
    return [float(value) for value in hard - hard.mean()]


def _fitted(features: np.ndarray, wins: np.ndarray) -> np.ndarray:
    """The coefficients of a logistic model of fractions, by penalised maximum likelihood."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = features @ weights
        value = np.logaddexp(0, scores).sum() - wins @ scores + PENALTY * weights @ weights / 2
        slope = features.T @ (expit(scores) - wins) + PENALTY * weights
        return float(value), slope

    return minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x
