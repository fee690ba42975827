"""Milliseconds to judge a program with ten tests in each kind of isolation.

.venv/bin/python benchmarks/sandbox.py [RUNS]
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from langgraph_ensemble.errors import InputError
from langgraph_ensemble.evaluation.sandbox import isolation, run_tests

PROGRAM = "def double(n):\n    return n + n\n"
TESTS = [f"assert double({n}) == {2 * n}" for n in range(10)]


def milliseconds(kind: str, runs: int, workers: int) -> tuple[float, float]:
    """Milliseconds for a program with ten tests: on the wall clock, and of processors."""
    started, spent = time.monotonic(), processors()
    with ThreadPoolExecutor(workers) as pool:
        outcomes = list(pool.map(lambda _: run_tests(PROGRAM, TESTS, isolate=kind), range(runs)))
    assert {outcome.status for outcome in outcomes} == {"passed"}  # noqa: S101
    wall = time.monotonic() - started
    return 1000 * wall / runs, 1000 * (processors() - spent) / runs


def processors() -> float:
    """Processor seconds of this process and of those that have ended."""
    times = os.times()
    return sum(times[:4])


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print(f"{'isolation':12} {'alone':>8} {'4 at a time':>12} {'processor':>10}")
    for kind in ("bubblewrap", "monty"):
        try:
            isolation(kind)
        except InputError:
            print(f"{kind:12} cannot isolate here")
            continue
        (alone, _), (together, spent) = (milliseconds(kind, runs, count) for count in (1, 4))
        print(f"{kind:12} {alone:8.0f} {together:12.0f} {spent:10.0f}")


if __name__ == "__main__":
    main()
