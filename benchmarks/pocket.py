"""Score the bundled models on test phrasings that no model and no profile has seen.

`python benchmarks/pocket.py [--questions 200] [--seed 20260]`. The seed is fresh: no choice in
training or calibration used it, nor any question of the test split.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from langchain_core.messages import HumanMessage
from langgraph_ensemble import create_moa, create_smoa
from langgraph_ensemble.graphs.moa import PRESETS as MOA
from langgraph_ensemble.pocket.batch import batch_replies
from langgraph_ensemble.pocket.calibration import PROFILE
from langgraph_ensemble.pocket.chat import ChatPocket
from langgraph_ensemble.pocket.format import aggregator_prompt, final_answer
from langgraph_ensemble.pocket.questions import DOMAINS, Question, correct, sample
from langgraph_ensemble.pocket.session import WEIGHTS
from langgraph_ensemble.pool import Pool
from langgraph_ensemble.profiles import Profile
from scipy.stats import binomtest

SAMPLES, TEMPERATURE = 10, 0.7


@dataclass
class Scores:
    """Right answers of one way to answer; each array is [domains, questions].

    `sample` is the share of ten samples that is right: the expected accuracy of one sample.
    """

    greedy: np.ndarray
    sample: np.ndarray
    vote: np.ndarray


def bootstrap(values: np.ndarray, seed: int = 0, times: int = 4000) -> tuple[float, float]:
    """The 95% bootstrap interval of the mean of the rows' means; questions are drawn within a row.

    Paired differences keep their pairing, because a question's difference is one value.
    """
    rng = np.random.default_rng(seed)
    n = values.shape[1]
    draws = [row[rng.integers(0, n, (times, n))].mean(axis=1) for row in values]
    low, high = np.quantile(np.mean(draws, axis=0), (0.025, 0.975))
    return float(low), float(high)


def score(choices: list[list[str]], asked: list[list[Question]], seed: int) -> Scores:
    """Let the chosen member of each question answer it greedily and in ten samples."""
    shape = (len(asked), len(asked[0]))
    out = Scores(np.zeros(shape), np.zeros(shape), np.zeros(shape))
    for model in sorted({name for row in choices for name in row}):
        places = [
            (d, i) for d, row in enumerate(choices) for i, name in enumerate(row) if name == model
        ]
        texts = [asked[d][i].text for d, i in places]
        plain = batch_replies(model, texts)
        made = batch_replies(model, texts, n=SAMPLES, temperature=TEMPERATURE, seed=seed)
        for (d, i), greedy, samples in zip(places, plain, made, strict=True):
            question = asked[d][i]
            out.greedy[d, i] = correct(question, greedy[0])
            out.sample[d, i] = np.mean([correct(question, text) for text in samples])
            out.vote[d, i] = vote(samples) == question.answer
        progress(f"{model}: {len(places)} questions done")
    return out


def vote(texts: list[str]) -> str:
    """The most frequent final answer; replies without one do not count; ties go to the first."""
    answers = [final_answer(text) for text in texts if "Answer:" in text]
    return Counter(answers).most_common(1)[0][0] if answers else ""


def everyone(asked: list[list[Question]]) -> dict[str, np.ndarray]:
    """All members draft greedily: accuracy of their plain vote, the aggregator and the judge."""
    questions = [question for row in asked for question in row]
    texts = [question.text for question in questions]
    members = (*DOMAINS, "generalist")
    made = [batch_replies(name, texts, max_tokens=80) for name in members]
    drafts = [[replies[i][0] for replies in made] for i in range(len(texts))]
    progress("everyone has drafted")
    return referees(questions, drafts) | {
        "a draft is right": shaped(
            [
                any(correct(q, text) for text in texts)
                for q, texts in zip(questions, drafts, strict=True)
            ]
        )
    }


def samples_judged(asked: list[list[Question]], seed: int) -> dict[str, np.ndarray]:
    """Six samples of the right specialist: accuracy of their vote, the aggregator and the judge."""
    questions = [question for row in asked for question in row]
    drafts: list[list[str]] = []
    for row in asked:
        texts = [question.text for question in row]
        drafts += batch_replies(row[0].domain, texts, n=6, temperature=TEMPERATURE, seed=seed)
    return referees(questions, drafts)


def referees(questions: list[Question], drafts: list[list[str]]) -> dict[str, np.ndarray]:
    """Accuracy of the vote, the aggregator and the judge on drafts in random order."""
    aggregator, judge = ChatPocket(model="aggregator"), ChatPocket(model="judge")
    rng = np.random.default_rng(0)
    outcomes: dict[str, list[bool]] = {"vote": [], "aggregator": [], "judge": []}
    for question, texts in zip(questions, drafts, strict=True):
        mixed = [texts[i] for i in rng.permutation(len(texts))]
        prompt = aggregator_prompt(question.text, mixed)
        outcomes["vote"].append(vote(mixed) == question.answer)
        outcomes["aggregator"].append(correct(question, aggregator.invoke(prompt).text))
        chosen = json.loads(judge.invoke(prompt).text)["chosen"]
        outcomes["judge"].append(bool(chosen) and correct(question, mixed[chosen[0] - 1]))
    return {name: shaped(right) for name, right in outcomes.items()}


def graphs(asked: list[list[Question]]) -> dict[str, np.ndarray]:
    """Accuracy of the published graphs on the whole bundled pool, with every node run."""
    pool = Pool.pocket()
    forms = {
        "MoA, 3 layers": create_moa(pool, **MOA["moa"]),
        "MoA-Lite, 2 layers": create_moa(pool, **MOA["moa-lite"]),
        "SMoA": create_smoa(pool),
    }
    questions = [question for row in asked for question in row]
    accuracy = {}
    for name, graph in forms.items():
        answers = asyncio.run(answered(graph.compile(), [q.text for q in questions]))
        right = [
            correct(q, f"Answer: {answer}") for q, answer in zip(questions, answers, strict=True)
        ]
        accuracy[name] = shaped(right)
        progress(f"{name}: done")
    return accuracy


async def answered(graph: Any, texts: list[str]) -> list[str]:
    """The final answers, eight questions at a time."""
    gate = asyncio.Semaphore(8)

    async def one(text: str) -> str:
        async with gate:
            state = await graph.ainvoke({"messages": [HumanMessage(text)]})
        return final_answer(state["messages"][-1].text)

    return await asyncio.gather(*(one(text) for text in texts))


def shaped(right: list[bool]) -> np.ndarray:
    """The values as an array [domains, questions]."""
    return np.array(right, dtype=float).reshape(len(DOMAINS), -1)


def latency(questions: list[Question]) -> tuple[float, float]:
    """Median milliseconds of a greedy answer and of ten samples, each by its specialist."""
    greedy, ten = [], []
    for question in questions:
        model = ChatPocket(model=question.domain)
        for settings, times in (({}, greedy), ({"n": 10, "temperature": 0.7, "seed": 1}, ten)):
            began = time.perf_counter()
            model.generate([[HumanMessage(question.text)]], **settings)
            times.append((time.perf_counter() - began) * 1e3)
    return median(greedy), median(ten)


def progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def percent(values: np.ndarray) -> str:
    """A mean with its interval: Wilson for one row of right and wrong, bootstrapped otherwise."""
    flat = values.ravel()
    binary = values.shape[0] == 1 and bool(np.isin(flat, (0, 1)).all())
    if binary:
        share = binomtest(int(flat.sum()), flat.size).proportion_ci(method="wilson")
        low, high = share.low, share.high
    else:
        low, high = bootstrap(values)
    return f"{100 * values.mean():5.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=200, help="of each domain")
    parser.add_argument("--seed", type=int, default=20260)
    parser.add_argument("--everyone", type=int, default=50, help="of each domain, all drafting")
    parser.add_argument("--drafting-only", action="store_true", help="no routing, no team")
    arguments = parser.parse_args()
    asked = [sample(d, arguments.questions, arguments.seed, "test") for d in DOMAINS]
    if arguments.drafting_only:
        drafting(asked, arguments)
        return
    training = json.loads((WEIGHTS / "training.json").read_text())
    profile = Profile.load(PROFILE)
    routes = [[c[0].member for c in profile.route([q.text for q in qs])] for qs in asked]
    hit = np.array(
        [[r == d for r in row] for d, row in zip(DOMAINS, routes, strict=True)], dtype=float
    )
    solo = [["generalist"] * arguments.questions for _ in DOMAINS]
    one, ten = latency([q for qs in asked for q in qs[:5]])
    print(f"greedy answer {one:.0f} ms, ten samples {ten:.0f} ms (medians)")
    print(f"\ntraining\n{'model':12} {'parameters':>10} {'tokens':>10} {'CPU-seconds':>11}")
    for name, record in training.items():
        print(
            f"{name:12} {record['parameters']:10,} {record['tokens']:10,} "
            f"{record['cpu_seconds']:11.0f}"
        )
    team = score(routes, asked, arguments.seed)
    lone = score(solo, asked, arguments.seed)
    table(hit, team, lone)
    if arguments.everyone:
        drafting(asked, arguments)


def drafting(asked: list[list[Question]], arguments: argparse.Namespace) -> None:
    """Print the accuracy of the referees on drafts of all members and on one member's samples."""
    few = [qs[: arguments.everyone] for qs in asked]
    print(f"\nall ten members draft, no routing ({arguments.everyone} questions a domain)")
    for name, values in (everyone(few) | graphs(few)).items():
        print(f"{name:18} {percent(values)}")
    print("\nsix samples of the right specialist")
    for name, values in samples_judged(few, arguments.seed).items():
        print(f"{name:18} {percent(values)}")


def table(hit: np.ndarray, team: Scores, lone: Scores) -> None:
    """Print accuracy and the gain by routing and by the vote, with 95% intervals."""
    print("\naccuracy % [95%]; team = the specialist the profile routes to")
    for d, domain in enumerate((*DOMAINS, "mean")):
        pick = slice(None) if domain == "mean" else slice(d, d + 1)
        print(f"{domain}: routed right {percent(hit[pick])}")
        for name, scores in (("team", team), ("generalist", lone)):
            gain = (scores.vote - scores.sample)[pick]
            low, high = bootstrap(gain)
            sure = "*" if low > 0 or high < 0 else " "
            print(
                f"  {name:10} greedy {percent(scores.greedy[pick])}  "
                f"one sample {percent(scores.sample[pick])}  vote {percent(scores.vote[pick])}  "
                f"vote - sample {100 * gain.mean():+.1f} [{100 * low:.1f}, {100 * high:.1f}]{sure}"
            )
        for way in ("greedy", "vote"):
            gain = (getattr(team, way) - getattr(lone, way))[pick]
            low, high = bootstrap(gain)
            print(
                f"  team - generalist, {way}: {100 * gain.mean():+.1f} "
                f"[{100 * low:.1f}, {100 * high:.1f}]"
            )


if __name__ == "__main__":
    main()
