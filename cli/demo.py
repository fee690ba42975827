"""A demonstration on the bundled models: route, sample, vote, and a scoreboard.

    python -m langgraph_ensemble.cli.demo [--seed N]

Every model is a real language model, the questions are drawn at random, and the models have never
seen their phrasings. No data leaves the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..graphs.avengers import create_avengers
from ..graphs.moa import create_moa
from ..graphs.smoa import create_smoa
from ..pocket.calibration import PROFILE
from ..pocket.chat import ChatPocket
from ..pocket.format import final_answer
from ..pocket.questions import DOMAINS, Question, correct, sample
from ..pool import Pool
from ..profiles import Profile

SHOWN = ("arithmetic", "facts", "logic", "strings", "units")
DRAFTED = "units"
SECONDS = 1.7
"""Seconds that the scoreboard may take; it asks as many questions as fit."""


@dataclass
class Score:
    """Right answers of one contestant."""

    right: int = 0
    asked: int = 0
    declined: int = 0
    by_domain: dict[str, int] = field(default_factory=dict)

    def add(self, domain: str, hit: bool) -> None:
        """Count one answer."""
        self.asked += 1
        self.right += hit
        self.by_domain[domain] = self.by_domain.get(domain, 0) + hit


async def show(console: Console, graph: Any, profile: Profile, questions: list[Question]) -> None:
    """Ask a few questions and print cluster, member, samples and vote of each."""
    for question in questions:
        state = await graph.ainvoke({"messages": [{"role": "user", "content": question.text}]})
        result = state["result"]
        card = profile.describe_cluster(result["routing"]["cluster"])
        console.print(Text(question.text, style="bold"))
        words = ", ".join(card["words"][:4])
        picked = ", ".join(result["routing"]["picked"])
        console.print(f"  cluster {card['id']} ({words}) → [cyan]{picked}[/]", highlight=False)
        votes = "  ".join(f"{v['answer']} ×{v['count']}" for v in result["votes"][:4])
        margin = f", margin {result['margin']:.0%}" if result["margin"] is not None else ""
        console.print(f"  {len(result['drafts'])} samples: {votes}{margin}", highlight=False)
        hit = correct(question, result["answer"])
        won = result["votes"][0]["answer"] if result["votes"] else "no readable answer"
        mark = "[green]right[/]" if hit else f"[red]wrong[/], it is {question.answer}"
        if result["declined"]:
            sure = f"confidence {result['confidence']:.0%}"
            mark = f"[yellow]not said: {sure}[/]; it is {question.answer}"
        console.print(f"  answer: [bold]{won}[/] ({mark})\n", highlight=False)


async def show_drafting(console: Console, pool: Pool, profile: Profile, question: Question) -> None:
    """Three routed experts draft, then the aggregator or the judge chooses."""
    given = {"messages": [{"role": "user", "content": question.text}]}
    console.print(Text(f"Three experts draft: {question.text}", style="bold"))
    moa = await create_moa(pool, layers=2, profile=profile).compile().ainvoke(given)
    smoa = await create_smoa(pool, max_rounds=2, profile=profile).compile().ainvoke(given)
    first = [draft for draft in moa["result"]["drafts"] if draft["layer"] == 1]
    answers = {final_answer(draft["text"]) for draft in first}
    console.print(f"  {len(first)} drafts, {len(answers)} different answers", highlight=False)
    judged = smoa["result"]["rounds"][-1]
    says = {
        "mixture of agents": "the aggregator writes",
        "sparse mixture": f"the judge, round {judged['round']}: {judged['reason']};",
    }
    for (name, said), state in zip(says.items(), (moa, smoa), strict=True):
        text = state["messages"][-1].text
        mark = "[green]right[/]" if correct(question, text) else "[red]wrong[/]"
        console.print(f"  {name}: {said} [bold]{final_answer(text)}[/] ({mark})", highlight=False)
    console.print()


def scoreboard(graph: Any, seed: int) -> dict[str, Score]:
    """Score the team, the generalist and each specialist on the same new questions.

    Each round has one question of every domain; there are at least three rounds, and more while
    time remains. Specialists take part in two, because their results outside of their domains vary
    little.
    """
    alone = {name: ChatPocket(model=name, max_tokens=80) for name in ("generalist", *DOMAINS)}
    scores = {name: Score() for name in ("team", *alone)}
    rounds = [sample(domain, 40, seed + 1) for domain in DOMAINS]
    ends = time.perf_counter() + SECONDS

    def ask(model: ChatPocket, question: Question) -> bool:
        return correct(question, str(model.invoke(question.text).text))

    with ThreadPoolExecutor(2) as workers:
        for number, questions in enumerate(zip(*rounds, strict=True)):
            if number >= 3 and time.perf_counter() > ends:
                break
            for name, model in alone.items():
                if name in DOMAINS and number >= 2:
                    continue
                hits = workers.map(lambda q, model=model: ask(model, q), questions)
                for question, hit in zip(questions, hits, strict=True):
                    scores[name].add(question.domain, hit)
            for question, result in zip(questions, _team(graph, questions), strict=True):
                scores["team"].add(question.domain, correct(question, result["answer"]))
                scores["team"].declined += bool(result["declined"])
    return scores


def _team(graph: Any, questions: Sequence[Question]) -> list[dict[str, Any]]:
    inputs = [{"messages": [{"role": "user", "content": q.text}]} for q in questions]
    return [state["result"] for state in asyncio.run(_batch(graph, inputs))]


async def _batch(graph: Any, inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list(await asyncio.gather(*(graph.ainvoke(given) for given in inputs)))


def table(scores: dict[str, Score]) -> Table:
    """The scoreboard as a table."""
    # Imported here, because it takes a second and is needed only at the end.
    from scipy.stats import binomtest

    board = Table(box=None, padding=(0, 2, 0, 0))
    for head in ("", "right", "declined", "95% interval", "where it is right"):
        board.add_column(head)
    for name, score in scores.items():
        asked = score.asked // len(DOMAINS)
        interval = binomtest(score.right, score.asked).proportion_ci(method="wilson")
        good = [d for d in DOMAINS if score.by_domain[d] * 2 > asked]
        where = "everywhere" if len(good) == len(DOMAINS) else ", ".join(good) or "nowhere"
        label = {
            "team": "the team, routed, vote of 10",
            "generalist": "one larger generalist",
        }.get(name, f"{name} specialist")
        style = "bold" if name == "team" else ""
        board.add_row(
            label,
            f"{score.right}/{score.asked}",
            str(score.declined) if name == "team" else "",
            f"{interval.low:.0%} – {interval.high:.0%}",
            where,
            style=style,
        )
    return board


def main() -> None:
    """Run the demonstration."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    options.add_argument("--seed", type=int, help="draws the questions; a fresh one by default")
    seed = options.parse_args().seed
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    console = Console()
    pool, profile = Pool.pocket(), Profile.load(PROFILE)
    team = pool.subset(DOMAINS)
    graph = create_avengers(team, profile, samples=10).compile()
    console.print(
        f"\n[bold]{len(team)} specialists, one team.[/] Real language models of "
        f"at most {max(map(_size, DOMAINS)):,} parameters each, on this machine, offline. "
        f"Seed {seed}.\n",
        highlight=False,
    )
    shown = [sample(domain, 1, seed)[0] for domain in SHOWN]
    asyncio.run(show(console, graph, profile, shown))
    asyncio.run(show_drafting(console, pool, profile, sample(DRAFTED, 1, seed + 2)[0]))
    scores = scoreboard(graph, seed)
    console.print(table(scores))
    ratio = _size("generalist") / statistics.median(map(_size, DOMAINS))
    console.print(
        f"\nNew questions in unseen phrasings. The generalist is {ratio:.0f} times as large as "
        f"a usual specialist. A declined question counts as not right.\n"
        f"For tighter intervals: python benchmarks/pocket.py\n\n"
        f"To add a real open model (98 MB, once):\n"
        f"  make real\n\n"
        f"To use your own models, on any OpenAI-compatible server:\n"
        f"  ensemble pool init --base-url http://localhost:11434/v1\n"
        f"  ensemble pool check\n"
        f'  ensemble ask "Why is the sky dark at night?" --graph moa\n'
        f"(the command is {sys.prefix}/bin/ensemble)",
        highlight=False,
        soft_wrap=True,
    )


def _size(name: str) -> int:
    """The number of parameters of a bundled model."""
    import json

    record = json.loads((PROFILE.parent / "weights" / "training.json").read_text())
    return int(record[name]["parameters"])


if __name__ == "__main__":
    main()
