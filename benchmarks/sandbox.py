"""Milliseconds to judge a program in each kind of isolation, alone and four at a time.

.venv/bin/python benchmarks/sandbox.py [RUNS]
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from langgraph_ensemble.errors import InputError
from langgraph_ensemble.evaluation.sandbox import isolation, run_tests

PROGRAM = "def double(n):\n    return n + n\n"
TESTS = [f"assert double({n}) == {2 * n}" for n in range(10)]


def milliseconds(kind: str, runs: int, workers: int) -> float:
    """Milliseconds of wall-clock time for a program with ten tests."""
    started = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        outcomes = list(pool.map(lambda _: run_tests(PROGRAM, TESTS, isolate=kind), range(runs)))
    assert {outcome.status for outcome in outcomes} == {"passed"}  # noqa: S101
    return 1000 * (time.monotonic() - started) / runs


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print(f"{'isolation':12} {'alone':>8} {'4 at a time':>12}   ms for a program with 10 tests")
    for kind in ("bubblewrap", "monty"):
        try:
            isolation(kind)
        except InputError:
            print(f"{kind:12} cannot isolate here")
            continue
        alone, together = (milliseconds(kind, runs, workers) for workers in (1, 4))
        print(f"{kind:12} {alone:8.0f} {together:12.0f}")


if __name__ == "__main__":
    main()
