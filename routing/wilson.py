"""The interval of a share, such as right answers of questions asked."""

from __future__ import annotations


def wilson(right: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """The interval of a proportion, which stays within [0, 1] and is honest at its ends.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927).

    Args:
        right: how many of them.
        n: of how many, at least 1.
        z: standard deviations; 1.96 for 95%.

    Example:
        >>> low, high = wilson(90, 100)
        >>> round(low, 3), round(high, 3)
        (0.826, 0.945)
    """
    p, d = right / n, 1 + z * z / n
    centre = (p + z * z / (2 * n)) / d
    half = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5 / d
    return max(0.0, centre - half), min(1.0, centre + half)
