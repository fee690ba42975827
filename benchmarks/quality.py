"""Accuracy of the three graphs and of each member alone, on 200 questions of the test provider.

    python benchmarks/quality.py

The members are simulated and independent of each other; each gives an answer that it knows nine
times out of ten. The graphs, the clients and the protocol are real.
"""

from __future__ import annotations

import asyncio
from typing import Any

from langgraph_ensemble import create_avengers, create_moa, create_smoa
from scipy.stats import binomtest
from simulated_pool import TEST, Provider, bank, calibrated, models, one_sample, right, team


async def answered(graph: Any, context: dict[str, Any]) -> tuple[list[bool], float]:
    """Whether each test question was answered right, and the mean number of calls."""
    gate = asyncio.Semaphore(16)
    compiled = graph.compile()

    async def one(question: Any) -> tuple[bool, int]:
        async with gate:
            given = {"messages": [{"role": "user", "content": question.text}]}
            state = await compiled.ainvoke(given, context=context)
        return right(question, state["result"]["answer"]), state["result"]["calls"]

    outcomes = await asyncio.gather(*(one(question) for question in bank()[TEST]))
    return [hit for hit, _ in outcomes], sum(calls for _, calls in outcomes) / len(outcomes)


async def main() -> None:
    with Provider(models()) as provider:
        pool = team(provider)
        rows: list[tuple[str, list[bool], float]] = []
        for name, hits in (await one_sample(pool, bank()[TEST])).items():
            rows.append((f"{name} alone, one sample", hits, 1.0))
        best = max(sum(hits) for _, hits, _ in rows)
        profile = await calibrated(pool)
        graphs = {
            "MoA, 3 layers of 6": (create_moa(pool), {}),
            "MoA-Lite, 2 layers of 6": (create_moa(pool, layers=2), {}),
            "SMoA, 2 rounds, k=2": (create_smoa(pool), {}),
            "Avengers, 10 samples": (create_avengers(pool, profile), {}),
            "Avengers, Model-Switch": (
                create_avengers(pool, profile, top_n=2, strategy="model_switch"),
                {},
            ),
        }
        for name, (graph, context) in graphs.items():
            hits, calls = await answered(graph, context)
            rows.append((name, hits, calls))
        print(f"{'':28} accuracy        95% interval     calls   over best single")
        for name, hits, calls in rows:
            interval = binomtest(sum(hits), len(hits)).proportion_ci(method="wilson")
            low, high = interval.low, interval.high
            gain = (sum(hits) - best) / len(hits)
            print(
                f"{name:28} {sum(hits) / len(hits):7.1%}   {low:7.1%} –{high:7.1%}"
                f"   {calls:6.1f}   {gain:+7.1%}"
            )


if __name__ == "__main__":
    asyncio.run(main())
