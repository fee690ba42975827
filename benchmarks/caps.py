"""Random budgets over all graphs: is a cap ever passed, counted at the provider?

    python benchmarks/caps.py [--budgets 1000] [--together 64] [--seed 7]

Half of the budgets are shared by 4, 16 or 64 runs side by side (a `Budget` around them), the others
are the knobs of one run among 64. Each has one to three of the caps on calls, tokens and dollars,
drawn between one call and about what the runs can use. The graphs are MoA, SMoA and Avengers, an
SMoA with an MoA in its pool, and an MoA with an SMoA chat model in its pool, some of them invoked
in threads, some with a quorum. Members have different prices and answer lengths. One request in
five fails and is retried, one member ignores `n`, one repeats itself and is stopped.

An overshoot is a budget with a cap below what the provider has counted; uncounted are shared
budgets that know of less than the provider has counted, whether or not it passed a cap. The share
used is that of the fullest cap, over the budgets that forbade a call. A call is made only if its
worst case fits, so the last part of a cap on tokens or dollars cannot be used.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from langgraph_ensemble import (
    Budget,
    EnsembleChatModel,
    Member,
    NoUsableDraftError,
    Pool,
    create_avengers,
    create_moa,
    create_smoa,
)
from langgraph_ensemble.models.budget import NOT_MADE, cap_in
from langgraph_ensemble.testing import Model, Provider, bank
from langgraph_ensemble.testing.wire import usage
from rich.console import Console
from rich.table import Table

FAULTS = {"dead": 0.06, "limited": 0.04, "half": 0.04, "nonsense": 0.03, "no_usage": 0.03}
LOOP = "The same words come again and again. " * 60
MOST = {"max_calls": 24, "max_total_tokens": 25_000, "budget_usd": 0.06}
"""About the largest caps of one run; those of a shared budget grow with its runs."""
PRICES = {"ann": (1.0, 1.0), "ben": (0.2, 0.6), "cat": (3.0, 15.0), "one": (0.5, 2.0)}
"""US dollars per million tokens read and written; the others are free."""
TAG = re.compile(r"\[budget (\d+)\]")


@dataclass
class Case:
    """One budget: its caps, what its runs came to, and what the provider has counted."""

    number: int
    kind: str
    caps: dict[str, Any]
    used: dict[str, float] = field(default_factory=lambda: dict.fromkeys(MOST, 0.0))
    runs: int = 0
    answered: int = 0
    forbade: bool = False
    spent: dict[str, float] = field(default_factory=dict)
    """What the `Budget` itself says, where it is shared."""

    @property
    def uncounted(self) -> bool:
        """Whether the provider has counted more than the `Budget` knows."""
        return any(self.used[name] > spent * (1 + 1e-9) for name, spent in self.spent.items())

    @property
    def share(self) -> float:
        """Share of the fullest cap that was used."""
        return max(self.used[name] / cap for name, cap in self.caps.items())


def serve(provider: Provider) -> None:
    """Tell the provider who answers, and how often they fail."""
    models = [Model(name, default_skill=0.3, faults=FAULTS) for name in ("ann", "ben", "cat")]
    models.append(Model("dan", default_skill=0.3, faults=FAULTS))
    models.append(Model("one", default_skill=0.3, faults=FAULTS, honours_n=False))
    models.append(Model("eve", answers={"[budget": LOOP}))
    provider.set(*models)


def graphs(provider: Provider) -> dict[str, Any]:
    """The compiled graphs, by name."""

    def member(name: str, tokens: int, **more: Any) -> Member:
        price = dict(zip(("input", "output"), PRICES.get(name, (0, 0)), strict=True))
        usual = {"base_url": provider.url, "size": 7.0, "max_tokens": tokens, "price": price}
        return Member(name=name, model=name, **usual, **more)

    sound = [member("ann", 64), member("ben", 128), member("cat", 100, native_n=True)]
    sound += [member("dan", 256), member("one", 64)]
    pool = Pool([*sound, member("eve", 300)], aggregator="ann", judge="ben")
    inner = Pool(sound[:3])
    nested = {
        "MoA": create_moa(inner, layers=2).compile(),
        "SMoA": EnsembleChatModel(create_smoa(inner, max_rounds=2)),
    }
    return {
        "MoA": create_moa(pool, layers=3).compile(),
        "SMoA": create_smoa(pool, max_rounds=3, moderator="dan").compile(),
        "Avengers": create_avengers(pool, None, samples=12).compile(),
        "MoA in SMoA": create_smoa([*sound, nested["MoA"]], judge="ben", max_rounds=2).compile(),
        "SMoA in MoA": create_moa([*sound, nested["SMoA"]], layers=2).compile(),
    }


def caps(draw: random.Random, runs: int) -> dict[str, Any]:
    """One to three caps for so many runs."""
    found: dict[str, Any] = {}
    for name in draw.sample(list(MOST), draw.choice((1, 1, 2, 3))):
        cap = MOST[name] * runs**0.65 * draw.random() ** 2
        found[name] = max(1e-6, cap) if name == "budget_usd" else max(1, int(cap))
    return found


async def run(graph: Any, knobs: dict[str, Any], case: Case, place: int) -> None:
    """One run; its question names the budget, so that the provider's log can be told apart."""
    draw = random.Random(f"{case.number} {place}")
    knobs = {**knobs, **({"quorum": 2} if draw.random() < 0.2 else {})}
    given = {"messages": f"{draw.choice(bank()).text} [budget {case.number}]"}
    case.runs += 1
    try:
        if draw.random() < 0.1:
            state = await asyncio.to_thread(graph.invoke, given, context=knobs)
        else:
            state = await graph.ainvoke(given, context=knobs)
    except NoUsableDraftError as error:
        case.forbade |= NOT_MADE in str(error)
        return
    result = state["result"]
    case.answered += bool(result["answer"])
    told = [each["error"] for each in (*result["drafts"], *result["steps"])]
    case.forbade |= result["stopped"] in MOST or any(map(cap_in, told))


async def shared(compiled: dict[str, Any], case: Case, runs: int) -> None:
    """Runs side by side within one `Budget`."""
    draw = random.Random(f"graphs of {case.number}")
    with Budget(**case.caps) as budget:
        names = [draw.choice(list(compiled)) for _ in range(runs)]
        await asyncio.gather(*(run(compiled[n], {}, case, i) for i, n in enumerate(names)))
    case.spent = dict(zip(MOST, vars(budget.spent).values(), strict=True))


async def batch(
    provider: Provider, works: Sequence[Coroutine[Any, Any, None]], cases: dict[int, Case]
) -> int:
    """Do the works together, and tally what the provider has counted; the number of requests."""
    provider.reset()
    await asyncio.gather(*works)
    # What was cancelled may still be written: the provider has counted it in full already.
    log = await asyncio.to_thread(provider.log)
    for entry in log:
        tagged = TAG.search(str(entry["messages"]))
        if tagged is None:
            raise RuntimeError(f"a request that names no budget: {entry['messages']}")
        used = cases[int(tagged[1])].used
        used["max_calls"] += 1
        if not entry["tokens"]:
            continue
        read = usage(entry["messages"], [])["total_tokens"]
        price = PRICES.get(entry["model"], (0, 0))
        used["max_total_tokens"] += entry["tokens"]
        used["budget_usd"] += (read * price[0] + (entry["tokens"] - read) * price[1]) / 1e6
    return len(log)


async def measure(provider: Provider, options: argparse.Namespace) -> Table:
    """All budgets, in batches of so many runs."""
    draw, compiled = random.Random(options.seed), graphs(provider)
    cases: dict[int, Case] = {}
    works: list[tuple[int, Coroutine[Any, Any, None]]] = []
    for number in range(options.budgets):
        if number % 2:
            name = draw.choice(list(compiled))
            case = Case(number, f"one run of {name}", caps(draw, 1))
            works.append((1, run(compiled[name], case.caps, case, 0)))
        else:
            runs = draw.choice((4, 4, 4, 16, 16, options.together))
            case = Case(number, f"{runs} runs together", caps(draw, runs))
            works.append((runs, shared(compiled, case, runs)))
        cases[number] = case
    works.sort(key=lambda each: each[0])
    began, calls = time.perf_counter(), 0
    while works:
        size, now = 0, []
        while works and size < options.together:
            runs, work = works.pop(0)
            size += runs
            now.append(work)
        calls += await batch(provider, now, cases)
    seconds = time.perf_counter() - began
    return table(list(cases.values()), f"{calls:,} requests in {seconds:.0f} s")


def over(case: Case) -> list[str]:
    """The caps of a budget that were passed; sums of floats may differ in their last digits."""
    return [name for name, cap in case.caps.items() if case.used[name] > cap * (1 + 1e-9)]


def table(cases: Sequence[Case], title: str) -> Table:
    found = Table(title=title)
    for column in (
        "budget of",
        "budgets",
        "forbade",
        "overshoots",
        "uncounted",
        "largest",
        "mean",
        "answered",
    ):
        found.add_column(column, justify="left" if column == "budget of" else "right")
    kinds = sorted({case.kind for case in cases}, key=lambda kind: (kind[0] == "o", len(kind)))
    for kind in [*kinds, "all"]:
        some = [case for case in cases if kind in (case.kind, "all")]
        shares = [case.share for case in some if case.forbade]
        runs, answered = sum(c.runs for c in some), sum(c.answered for c in some)
        found.add_row(
            kind,
            str(len(some)),
            str(len(shares)),
            str(sum(bool(over(case)) for case in some)),
            str(sum(case.uncounted for case in some)),
            f"{100 * max((case.share for case in some), default=0):.1f}%",
            f"{100 * fmean(shares):.0f}%" if shares else "-",
            f"{answered:,} of {runs:,}",
            end_section=kind == kinds[-1],
        )
    for case in cases:
        if over(case) or case.uncounted:
            told = f"{case.kind}: {case.caps}, spent {case.spent}, used {case.used}"
            found.caption = f"{found.caption or ''}{told}\n"
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--budgets", type=int, default=1000)
    parser.add_argument("--together", type=int, default=64)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with Provider() as provider:
        serve(provider)
        Console(width=120).print(asyncio.run(measure(provider, options)))


if __name__ == "__main__":
    main()
