"""Wall time of one question relative to the ideal critical path.

    python benchmarks/latency.py

The provider takes 50 ms to the first token and 2 ms a token. The ideal is the sum over stages of
the slowest call's nominal time: the time of an implementation without any overhead. Each figure is
the median of several questions, after one warm-up question.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from typing import Any

from langgraph_ensemble import create_avengers, create_moa, create_smoa
from simulated_pool import Provider, bank, calibrated, models, team

FIRST_TOKEN_MS, TOKEN_MS, TOKENS = 50.0, 2.0, 100


def ideal(result: dict[str, Any]) -> float:
    """The sum over stages of the slowest call's nominal time, in seconds."""
    slowest: dict[tuple[str, int], float] = {}
    drafts = [{**draft, "stage": "propose"} for draft in result["drafts"]]
    for call in [*drafts, *result["steps"]]:
        nominal = (FIRST_TOKEN_MS + TOKEN_MS * call["usage"]["output_tokens"]) / 1000
        key = (call["stage"], call["layer"])
        slowest[key] = max(slowest.get(key, 0.0), nominal)
    return sum(slowest.values())


async def measure(graph: Any, runs: int, stream: bool) -> tuple[float, float]:
    """Median wall time and median ratio to the ideal."""
    compiled = graph.compile()
    walls, ratios = [], []
    for number in range(runs + 1):
        given = {"messages": [{"role": "user", "content": bank()[200 + number].text}]}
        began = time.perf_counter()
        state: dict[str, Any] = {}
        if stream:
            modes = ["values", "messages", "custom"]
            async for mode, event in compiled.astream(given, stream_mode=modes):
                state = event if mode == "values" else state
        else:
            state = await compiled.ainvoke(given)
        wall = time.perf_counter() - began
        if number:
            walls.append(wall)
            ratios.append(wall / ideal(state["result"]))
    return statistics.median(walls), statistics.median(ratios)


async def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=9)
    runs = options.parse_args().runs
    timing = {"first_token_ms": FIRST_TOKEN_MS, "token_ms": TOKEN_MS, "tokens": TOKENS}
    with Provider(models()) as provider:
        profile = await calibrated(team(provider))
        provider.set(*models(**timing))
        # Members of unknown size on this machine would otherwise draw samples one by one.
        pool = team(provider, native_n=True)
        single = team(provider, native_n=False)
        graphs = {
            "Avengers, n=10": create_avengers(pool, profile),
            "Avengers, n=10, server ignores n": create_avengers(single, profile),
            "MoA 3×6": create_moa(pool),
            "SMoA, 2 rounds of 6": create_smoa(pool, agreement=1.0),
        }
        print(f"{'':34} wall, ms   over ideal   streamed to a reader")
        for name, graph in graphs.items():
            wall, ratio = await measure(graph, runs, stream=False)
            _, streamed = await measure(graph, runs, stream=True)
            print(f"{name:34} {wall * 1000:8.0f}   {ratio:10.3f}   {streamed:10.3f}")


if __name__ == "__main__":
    asyncio.run(main())
