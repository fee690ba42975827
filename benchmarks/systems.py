"""Every system on the simulated provider: accuracy, calls and tokens per question.

    python benchmarks/systems.py                                # all
    python benchmarks/systems.py --questions 50 ranker debate   # some, on fewer questions

The members are simulated and independent of each other: each gives an answer that it knows nine
times out of ten, and drafts that it reads count as votes beside its own opinion. Real models agree
in their errors, so the gains are larger here than they are with them. The task map, the skills and
the learned routers are fitted on the members' answers to 200 other questions. The graphs, the
clients and the protocol are real.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from langgraph_ensemble import (
    Pool,
    Profile,
    Skills,
    create_avengers,
    create_debate,
    create_moa,
    create_ranker,
    create_smoa,
    create_symbolic_moe,
)
from langgraph_ensemble.presets import arguments_of
from langgraph_ensemble.routing.learned import ContrastiveRouter, FactorRouter
from scipy.stats import binomtest
from simulated_pool import CALIBRATION, TEST, Provider, bank, models, one_sample, right, team


class Known(NamedTuple):
    """What the calibration half of the bank tells."""

    pool: Pool
    best: str
    profile: Profile
    skills: Skills
    records: list[dict[str, Any]]


class Outcome(NamedTuple):
    """What a system did on the test half."""

    hits: list[bool]
    calls: float
    tokens: float


async def calibration(pool: Pool) -> Known:
    """Ask every member the calibration half once, and fit what is fitted."""
    asked = bank()[CALIBRATION]
    hits = await one_sample(pool, asked)
    records = [
        {
            "query": each.text,
            "scores": {name: float(line[i]) for name, line in hits.items()},
            "keywords": [each.domain, "knowledge"],
        }
        for i, each in enumerate(asked)
    ]
    best = max(hits, key=lambda name: sum(hits[name]))
    return Known(pool, best, Profile.fit(records), Skills.fit(records), records)


def systems(known: Known) -> dict[str, Callable[[], Any]]:
    """The builder of each system, by its name."""
    pool, profile, best = known.pool, known.profile, known.best
    avengers, moa = arguments_of("avengers"), arguments_of("moa")
    one: dict[str, Any] = {"proposers": [best]}
    smoa = arguments_of("smoa")
    debate, symbolic = arguments_of("debate"), arguments_of("symbolic_moe")
    flat = Profile.fit(known.records, clusters=8, families=1, views=1, method="published")
    told = {f: fit.fit(known.records) for f, fit in LEARNED.items()}
    return {
        f"single: {best}": lambda: create_avengers(pool, None, samples=1, **one),
        "self-consistency": lambda: create_avengers(
            pool, None, **avengers["self-consistency"] | one
        ),
        "self-moa": lambda: create_moa(pool, aggregator=best, **moa["self-moa"] | one),
        "majority of all": lambda: create_avengers(pool, None, samples=len(pool)),
        "model-switch": lambda: create_avengers(pool, profile, **avengers["model-switch"]),
        "model-switch-eager": lambda: create_avengers(
            pool, profile, **avengers["model-switch-eager"]
        ),
        "ranker": lambda: create_ranker(pool, ranker=best),
        "debate-published": lambda: create_debate(pool, **debate["debate-published"]),
        "debate": lambda: create_debate(pool, **debate["debate"]),
        "moa-lite-published": lambda: create_moa(pool, **moa["moa-lite-published"]),
        "moa-published": lambda: create_moa(pool, **moa["moa-published"]),
        "moa-oracle": lambda: create_moa(pool, profile=profile, **moa["moa-oracle"]),
        "moa-adaptive": lambda: create_moa(pool, profile=profile, **moa["moa-adaptive"]),
        "smoa-published": lambda: create_smoa(pool, **smoa["smoa-published"]),
        "smoa": lambda: create_smoa(pool),
        "symbolic-moe": lambda: create_symbolic_moe(pool, known.skills, **symbolic["symbolic-moe"]),
        "llm-router": lambda: create_avengers(
            pool, None, descriptions=ABILITIES, **avengers["llm-router"]
        ),
        **{
            f"router: {name}": lambda router=router: create_avengers(pool, None, router=router)
            for name, router in told.items()
        },
        "avengers-published": lambda: create_avengers(pool, flat, **avengers["avengers-published"]),
        "avengers-code": lambda: create_avengers(pool, flat, **avengers["avengers-code"]),
        "avengers": lambda: create_avengers(pool, profile),
        "avengers, team": lambda: create_avengers(pool, profile, strategy="team"),
    }


LEARNED = {"EmbedLLM-style": FactorRouter, "RouterDC-style": ContrastiveRouter}
ABILITIES = {
    "ann": "Knows algebra.",
    "ben": "Knows history.",
    "cat": "Knows chemistry.",
    "dan": "Knows grammar.",
    "eva": "Knows a little of everything.",
    "fay": "Knows a little of everything, and a little more.",
}


async def outcome(graph: Any, count: int) -> Outcome:
    """Ask a system the first questions of the test half."""
    gate = asyncio.Semaphore(16)
    compiled = graph.compile()

    async def one(question: Any) -> tuple[bool, int, int]:
        async with gate:
            given = {"messages": [{"role": "user", "content": question.text}]}
            result = (await compiled.ainvoke(given))["result"]
        tokens = result["usage"]["total_tokens"]
        return right(question, result["answer"]), result["calls"], tokens

    each = await asyncio.gather(*(one(question) for question in bank()[TEST][:count]))
    hits, calls, tokens = zip(*each, strict=True)
    return Outcome(list(hits), sum(calls) / len(each), sum(tokens) / len(each))


async def main(wanted: list[str], count: int) -> None:
    with Provider(models(tokens=12)) as provider:
        known = await calibration(team(provider))
        built = systems(known)
        if unknown := [name for name in wanted if name not in built]:
            sys.exit(f"no system {unknown[0]!r}; there are {', '.join(built)}")
        single = await outcome(next(iter(built.values()))(), count)
        print(f"{'':22} accuracy        95% interval     calls   tokens   over best single")
        for name, build in built.items():
            if wanted and name not in wanted:
                continue
            done = await outcome(build(), count)
            hits, asked = sum(done.hits), len(done.hits)
            interval = binomtest(hits, asked).proportion_ci(method="wilson")
            gain = (hits - sum(single.hits)) / asked
            print(
                f"{name:22} {hits / asked:7.1%}   {interval.low:7.1%} –{interval.high:7.1%}"
                f"   {done.calls:6.1f}   {done.tokens:6.0f}   {gain:+7.1%}",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("systems", nargs="*", help="names of systems; by default all")
    parser.add_argument("--questions", type=int, default=200, help="of the test half, at most 200")
    given = parser.parse_args()
    asyncio.run(main(given.systems, given.questions))
