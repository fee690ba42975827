"""A team of a real open model and the bundled specialists, on questions that people type.

    python -m langgraph_ensemble.cli.real [--seed N]

SmolLM2-135M, run by llama.cpp on this machine, has some general knowledge; the specialists know
only their subjects. Each question goes to the specialist that was best on its cluster of the task
map; unsure answers go to the real model. The first run downloads 98 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from importlib.util import find_spec
from typing import Any, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ..errors import InputError
from ..graphs.avengers import create_avengers
from ..models.catalogue import CATALOGUE
from ..models.llamacpp_process import stop_all
from ..models.weights import weights
from ..pocket.calibration import MEMBERS, PROFILE
from ..pocket.grading import grade
from ..pocket.questions import DOMAINS, sample
from ..pocket.team import REAL, real_member, team_pool
from ..profiles import Profile

OPEN = {
    "What colour are strawberries?": "red",
    "What is a baby duck called?": "duckling",
    "Which animal barks?": "dog",
    "What is the opposite of tall?": "short",
    "What is another word for quick?": "fast/rapid/swift/speedy",
    "Complete the saying: look before you": "leap",
    "What does a farmer grow?": "crops/food/vegetables/grain/plants/wheat/fruits",
    "Which organ digests food?": "stomach/intestine/digestive",
    "What do you wear when it rains?": "raincoat/coat/jacket/boots/umbrella",
    "Who wrote Macbeth?": "Shakespeare",
    "In which country is Mount Fuji?": "Japan",
    "Which meal do people eat at noon?": "lunch",
}
SHOWN = 3
"""Number of questions of each kind that are shown one by one."""


class Asked(NamedTuple):
    """A question with its accepted answers."""

    text: str
    answers: list[str]


def questions(seed: int) -> list[Asked]:
    """Everyday questions, and the same number of the specialists' subjects in unseen phrasings."""
    drawn = [q for domain in DOMAINS for q in sample(domain, 2, seed)]
    chosen = random.Random(seed).sample(drawn, min(len(OPEN), len(drawn)))
    known = [Asked(question.text, [question.answer]) for question in chosen]
    free = [Asked(text, accepted.split("/")) for text, accepted in OPEN.items()]
    return [one for pair in zip(free, known, strict=False) for one in pair]


async def answers(graph: Any, asked: list[Asked]) -> list[dict[str, Any]]:
    """Each question's account, with the answer's text and grade; four runs are concurrent."""
    gate = asyncio.Semaphore(4)

    async def one(question: Asked) -> dict[str, Any]:
        async with gate:
            given = {"messages": [{"role": "user", "content": question.text}]}
            state = await graph.ainvoke(given)
        text, result = state["messages"][-1].text, state["result"]
        return {**result, "text": text, "grade": grade(question.answers, text, result)}

    return list(await asyncio.gather(*map(one, asked)))


def show(console: Console, profile: Profile, question: Asked, result: dict[str, Any]) -> None:
    """Print a question's members, cluster, answer and grade."""
    words = profile.describe_cluster(result["routing"]["cluster"])["words"][:4]
    asked = result["routing"]["picked"]
    if result["escalated_to"]:
        asked = [*asked, f"not sure → {result['escalated_to']}"]
    picked = ", ".join(asked)
    colours = {"right": "green", "declined": "yellow", "wrong": "red"}
    mark = f"[{colours[result['grade']]}]{result['grade']}[/]"
    console.print(Text(question.text, style="bold"))
    console.print(f"  cluster ({', '.join(words)}) → [cyan]{picked}[/]", highlight=False)
    answer = " ".join(result["text"].split())[:100]
    console.print(f"  {escape(answer)} ({mark})\n", highlight=False)


def table(outcomes: dict[str, list[dict[str, Any]]]) -> Table:
    """A table of right, declined and wrong answers of each contestant."""
    # Imported here, because it takes a second and is needed only at the end.
    from scipy.stats import binomtest

    board = Table(box=None, padding=(0, 2, 0, 0))
    for head in ("", "right", "95% interval", "declined", "wrong"):
        board.add_column(head)
    for name, results in outcomes.items():
        grades = [result["grade"] for result in results]
        right, count = grades.count("right"), len(grades)
        share = binomtest(right, count).proportion_ci(method="wilson")
        declined, wrong = str(grades.count("declined")), str(grades.count("wrong"))
        interval = f"{share.low:.0%} – {share.high:.0%}"
        style = "bold" if name == "the team" else ""
        board.add_row(name, f"{right}/{count}", interval, declined, wrong, style=style)
    return board


async def run(console: Console, seed: int) -> None:
    """Ask all three contestants, show some answers, and print the scoreboard."""
    pool, profile, asked = team_pool(), Profile.load(PROFILE), questions(seed)
    specialists = pool.subset(MEMBERS)
    contestants = {
        "the team": create_avengers(pool, profile, samples=3),
        f"{REAL} alone": create_avengers([real_member()], None, samples=1),
        "the specialists alone": create_avengers(specialists, profile, samples=3),
    }
    outcomes = {}
    for name, graph in contestants.items():
        outcomes[name] = await answers(graph.compile(), asked)
        if name == "the team":
            for question, result in list(zip(asked, outcomes[name], strict=True))[: 2 * SHOWN]:
                show(console, profile, question, result)
    console.print(table(outcomes))


def main() -> None:
    """Run the demonstration."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--seed", type=int, help="draws the questions; a fresh one by default")
    seed = options.parse_args().seed
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    console = Console()
    try:
        if find_spec("xllamacpp") is None:
            raise InputError("first install llama.cpp: pip install 'langgraph-ensemble[llamacpp]'")
        weights(CATALOGUE[REAL])
    except InputError as error:
        sys.stderr.write(f"make real: {error}\n")
        sys.exit(2)
    console.print(
        f"\n[bold]{len(MEMBERS)} bundled specialists and {REAL}, one team.[/] Everything runs on "
        f"this machine. Seed {seed}.\n",
        highlight=False,
    )
    asyncio.run(run(console, seed))
    stop_all()
    console.print(
        "\nHalf of the questions are open ones, half are in the specialists' subjects.\n"
        "To use more real models, or a running server:\n"
        "  ensemble pool local\n"
        "  ensemble pool check\n"
        '  ensemble ask "Why is the sky dark at night?" --graph moa\n'
        f"(the command is {sys.prefix}/bin/ensemble)",
        highlight=False,
        soft_wrap=True,
    )


if __name__ == "__main__":
    main()
