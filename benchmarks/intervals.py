"""Coverage of the intervals of an evaluation: how often a 95% interval holds the true value.

Systems with known accuracies answer simulated questions; those of a pair are correlated through the
questions' difficulty (a normal copula with correlation rho). 2,000 evaluations a row; the standard
error of a coverage of 95% is 0.5 points. "percentile" is the plain percentile bootstrap.

    python benchmarks/intervals.py
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable

import numpy as np
from langgraph_ensemble.evaluation.statistics import difference, mean_of
from rich.console import Console
from rich.table import Table
from scipy.stats import norm

SIZES = (50, 200, 1000)
MEANS = (0.5, 0.7, 0.9, 0.95)
PAIRS = (
    (0.5, 0.5, 0.0),
    (0.5, 0.5, 0.8),
    (0.6, 0.5, 0.8),
    (0.9, 0.9, 0.0),
    (0.9, 0.9, 0.5),
    (0.9, 0.8, 0.5),
    (0.9, 0.8, 0.9),
    (0.9, 0.9, 0.9),
)
Interval = Callable[[np.ndarray], tuple[float, float]]
Cells = tuple[int, int, int]


def percentile(values: np.ndarray) -> tuple[float, float]:
    """The percentile bootstrap without added observations."""
    distinct, counts = np.unique(values, return_counts=True)
    rng = np.random.default_rng(42)
    drawn = rng.multinomial(len(values), counts / len(values), size=2000)
    low, high = np.quantile(drawn @ distinct / len(values), [0.025, 0.975])
    return float(low), float(high)


def of_mean(values: np.ndarray) -> tuple[float, float]:
    estimate = mean_of(values)
    return estimate.low, estimate.high


def of_difference(values: np.ndarray) -> tuple[float, float]:
    estimate = difference(np.maximum(values, 0), np.maximum(-values, 0))
    return estimate.low, estimate.high


def single(accuracy: float, n: int, rng: np.random.Generator) -> Cells:
    """Numbers of questions with a score of 1, of −1 (none) and of 0."""
    right = int((rng.random(n) < accuracy).sum())
    return right, 0, n - right


def pair(one: float, other: float, rho: float, n: int, rng: np.random.Generator) -> Cells:
    """Numbers of questions that only the one, only the other, and both or none get right."""
    shared, own = rng.standard_normal(n), rng.standard_normal(n)
    first = shared < norm.ppf(one)
    second = rho * shared + np.sqrt(1 - rho**2) * own < norm.ppf(other)
    better, worse = int((first & ~second).sum()), int((second & ~first).sum())
    return better, worse, n - better - worse


def coverage(drawn: Counter[Cells], truth: float, interval: Interval) -> float:
    """The share of evaluations whose interval holds the truth; equal ones are computed once."""
    held = 0
    for (up, down, same), times in drawn.items():
        low, high = interval(np.repeat([1.0, -1.0, 0.0], [up, down, same]))
        held += times * (low - 1e-9 <= truth <= high + 1e-9)
    return held / drawn.total()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=2000, help="evaluations of a row")
    times = parser.parse_args().times
    rng = np.random.default_rng(0)
    table = Table("", "questions", "ours, %", "percentile, %", title="Coverage of 95% intervals")
    inside = rows = 0
    cases = [
        (f"mean, accuracy {p}", p, of_mean, lambda n, p=p: single(p, n, rng)) for p in MEANS
    ] + [
        (
            f"{a} − {b}, rho {r}",
            a - b,
            of_difference,
            lambda n, a=a, b=b, r=r: pair(a, b, r, n, rng),
        )
        for a, b, r in PAIRS
    ]
    for name, truth, interval, draw in cases:
        for n in SIZES:
            drawn = Counter(draw(n) for _ in range(times))
            ours, plain = (coverage(drawn, truth, each) for each in (interval, percentile))
            table.add_row(name, str(n), f"{100 * ours:.1f}", f"{100 * plain:.1f}")
            rows, inside = rows + 1, inside + (0.93 <= ours <= 0.97)
    Console().print(table)
    print(f"{inside} of {rows} rows between 93 and 97%")


if __name__ == "__main__":
    main()
