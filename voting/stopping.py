"""When to stop asking: the probability that the leader of a vote stays the leader."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SURE = 0.8
"""From this probability on a vote among samples is settled: measured on ten samples of a code model
(`benchmarks/votes.py`), a higher one asks more and is right no more often."""
SETTLED = 0.9
"""From this probability on a vote of members is settled where no record tells better."""
FEWEST = 2
"""The smallest number of voters that can settle a vote, because one vote has no opposition yet."""
_PRIOR = 0.5


def stays_ahead(first: int, second: int, rest: int) -> float:
    """The probability that the first of two answers stays level with or ahead of the second.

    Each further sample gives one of the two. Their shares have Jeffreys' prior, so the number of
    votes that the second still gains is beta-binomial. Unlike the Beta criterion of
    Adaptive-Consistency (Aggarwal et al., arXiv 2305.11860), this uses the number of remaining
    samples.

    Args:
        first: Votes of the leader.
        second: Votes of the next answer; 0 if there is none.
        rest: Number of samples that have not been drawn.

    Example:
        >>> stays_ahead(5, 0, 5), round(stays_ahead(3, 2, 5), 2)
        (1.0, 0.83)
    """
    from scipy.stats import betabinom  # takes longer to import than the rest of a graph

    if first - second >= rest:
        return 1.0
    gains = (first - second + rest) // 2
    return float(betabinom.cdf(gains, rest, second + _PRIOR, first + _PRIOR))


def settled(counts: Sequence[int], rest: int, confidence: float = SURE) -> bool:
    """Whether more samples are unlikely to change the winner.

    Args:
        counts: Votes of each answer, the largest first.
        rest: Number of samples that have not been drawn.
        confidence: Required probability that the leader stays the leader; 1 draws all samples that
            could matter.

    Example:
        >>> settled([2], 8), settled([2, 2], 6), settled([1], 9), settled([4, 1], 2)
        (True, False, False, True)
    """
    first, second = counts[0], counts[1] if len(counts) > 1 else 0
    if first - second > rest:
        return True
    return (
        sum(counts) >= FEWEST and confidence < 1 and stays_ahead(first, second, rest) >= confidence
    )


def keeps_the_lead(
    lead: float, weights: np.ndarray, skill: np.ndarray, chance: float, rivals: int
) -> float:
    """The probability that a weighted vote's leader stays ahead when the other members have voted.

    A further member gives the leader's answer if both are right; otherwise it gives the second's
    answer, or another one. The sum of many such votes is approximately normal.

    Args:
        lead: Lead of the leader over the second, in weight.
        weights: Weights of the remaining votes, [r].
        skill: Accuracy of those members on such questions, [r].
        chance: Probability that the leader's answer is right.
        rivals: Number of other answers, at least 1.

    Example:
        >>> keeps_the_lead(3.0, np.ones(2), np.full(2, 0.5), 0.8, 1)
        1.0
    """
    from scipy.special import ndtr

    reach = np.abs(weights)
    if lead > reach.sum():
        return 1.0
    for_leader = chance * skill + (1 - chance) * (1 - skill) / (rivals + 2)
    for_second = (1 - chance) * skill / rivals + chance * (1 - skill) / (rivals + 1)
    mean = lead + (reach * (for_leader - for_second)).sum()
    spread = (reach**2 * (for_leader + for_second - (for_leader - for_second) ** 2)).sum()
    return float(ndtr(mean / max(spread, 1e-12) ** 0.5))


def stays_first(
    chances: np.ndarray,
    voted: np.ndarray,
    weights: np.ndarray,
    skill: np.ndarray,
    temperature: float,
) -> float:
    """How likely the first of a learnt vote stays the first when the rest has voted.

    Args:
        chances: How likely each answer is right, in any order, [C].
        voted: The weights of the members that have voted.
        weights: Of the votes still to come, [r].
        skill: The accuracy of those members on such questions, [r].
        temperature: Of the learnt vote.

    Returns:
        0 where fewer than `FEWEST` have voted: one answer alone settles nothing.

    Example:
        >>> stays_first(np.array([0.9, 0.1]), np.ones(3), np.ones(1) / 2, np.full(1, 0.5), 1.0)
        1.0
    """
    known = np.sort(chances[chances > 0])[::-1]
    if len(voted) < FEWEST or not len(known):
        return 0.0
    # A rival that nobody has named yet would begin with nothing.
    lead = float(voted.sum())
    if len(known) > 1:
        lead = float(np.log(known[0] / known[1])) * temperature
    return keeps_the_lead(lead, weights, skill, float(known[0]), max(1, len(known) - 1))
