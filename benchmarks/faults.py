"""The graphs while members fail: how many questions are answered, how well, at which cost.

    python benchmarks/faults.py [--questions 200] [--together 16]

Six simulated members answer questions that one of them cannot know alone. With faults 10% of the
requests end in HTTP 500, 5% in 429, 3% hang, 3% of the streams break off, 2% of the replies are no
JSON, one more member is dead, and one verdict of ten cannot be read. Everything else is as shipped,
but for the first row of each graph, which has no faults.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from langgraph_ensemble import Member, Pool, create_avengers, create_moa, create_smoa
from langgraph_ensemble.testing import Model, Question, bank
from rich.console import Console
from rich.table import Table
from simulated_pool import NAMES, Provider, calibrated, models, right, team

FAULTS = {"dead": 0.10, "limited": 0.05, "hang": 0.03, "half": 0.03, "nonsense": 0.02}
TIMEOUT = 5.0
"""Seconds a member may take for an answer, which takes it a tenth of one."""


def pool_of(provider: Provider, names: Sequence[str]) -> Pool:
    members = [
        Member(name=n, model=n, base_url=provider.url, timeout=TIMEOUT, size=70.0) for n in names
    ]
    drafting = [name for name in names if name != "judge"]
    return Pool(members, proposers=drafting, aggregator=NAMES[0], judge="judge")


def serve(provider: Provider, *, faulty: bool) -> None:
    """Tell the provider who answers, and how often they fail."""
    more: dict[str, Any] = {"first_token_ms": 40.0, "token_ms": 0.5}
    each = [replace(model, **more) for model in models()]
    judge = Model("judge", default_skill=0.9, **more)
    dead = Model("dead", fault="dead" if faulty else "", default_skill=0.5, **more)
    if faulty:
        each = [replace(model, faults=FAULTS) for model in each]
        judge = replace(judge, faults=FAULTS | {"empty": 0.10})
    provider.set(*each, judge, dead)


async def run(graph: Any, questions: Sequence[Question], together: int) -> dict[str, Any]:
    """What became of the questions."""
    gate = asyncio.Semaphore(together)
    told: Counter[str] = Counter()
    took: list[float] = []
    compiled = graph.compile()

    async def one(question: Question) -> bool | None:
        async with gate:
            began = time.perf_counter()
            try:
                state = await compiled.ainvoke({"messages": question.text})
            except Exception as error:
                told[type(error).__name__] += 1
                return None
            took.append(time.perf_counter() - began)
        result = state["result"]
        failed = {d["status"] for d in result["drafts"]} - {"ok"}
        told["told"] += bool(failed or result.get("fell_back"))
        return right(question, result["answer"])

    began = time.perf_counter()
    answers = await asyncio.gather(*map(one, questions))
    known = [answer for answer in answers if answer is not None]
    return {
        "answered": 100 * len(known) / len(answers),
        "right": 100 * sum(known) / len(answers),
        "seconds": time.perf_counter() - began,
        "longest": max(took, default=0.0),
        "told": 100 * told.pop("told", 0) / len(answers),
        "errors": dict(told),
    }


async def measure(provider: Provider, options: argparse.Namespace) -> Table:
    table = Table(title=f"{options.questions} questions, {options.together} at once")
    columns = (
        "graph",
        "faults",
        "answered %",
        "right %",
        "calls",
        "seconds",
        "longest s",
        "told %",
    )
    for column in columns:
        table.add_column(column, justify="left" if column == "graph" else "right")
    serve(provider, faulty=False)
    profile = await calibrated(team(provider))
    questions = (bank()[200:400] * (1 + options.questions // 200))[: options.questions]
    for name in ("avengers", "team", "moa", "smoa"):
        for faulty in (False, True):
            serve(provider, faulty=faulty)
            provider.reset()
            # New members: what one run learnt of their health must not help the next.
            pool = pool_of(provider, [*NAMES, "judge", *(["dead"] if faulty else [])])
            graph = {
                "avengers": lambda pool=pool: create_avengers(pool, profile, samples=5),
                "team": lambda pool=pool: create_avengers(pool, profile, strategy="team"),
                "moa": lambda pool=pool: create_moa(pool, layers=3),
                "smoa": lambda pool=pool: create_smoa(pool, k=2, max_rounds=2),
            }[name]()
            found = await run(graph, questions, options.together)
            table.add_row(
                name,
                "yes" if faulty else "no",
                f"{found['answered']:.1f}",
                f"{found['right']:.1f}",
                f"{provider.calls() / len(questions):.1f}",
                f"{found['seconds']:.0f}",
                f"{found['longest']:.1f}",
                f"{found['told']:.0f}",
            )
            if found["errors"]:
                table.caption = f"{table.caption or ''}{name}: {found['errors']}; "
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--together", type=int, default=16)
    options = parser.parse_args()
    with Provider(models()) as provider:
        Console(width=120).print(asyncio.run(measure(provider, options)))


if __name__ == "__main__":
    main()
