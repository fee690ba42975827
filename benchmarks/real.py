"""Every graph compared with its best member, on real small models behind OpenAI-style servers.

    ENSEMBLE_ROUTING_DATA=… python benchmarks/real.py \
        --member Qwen2.5-Coder-0.5B=http://127.0.0.1:8804/v1 \
        --member SmolLM2-135M=http://127.0.0.1:8807/v1 [--nonsense] [--arc 40] [--gsm 20]

The first member is the pool's aggregator. Everything runs at its defaults, one question after the
other. Every outcome is printed as a line of JSON on standard error, the table at the end on
standard output. `--nonsense` adds a member that repeats one sentence until its token limit, served
by a process of its own. Questions: ARC-Challenge of RouterBench, and GSM8K (`ENSEMBLE_ROUTING_DATA`
names the folder that holds `routing_11_with_costs` and `recorded`). A run of over 60 seconds counts
as cut off and wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import os
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from langgraph_ensemble import Member, Pool, create_avengers, create_moa, create_smoa
from langgraph_ensemble.models.soundness import looping
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.voting import read
from scipy.stats import binomtest

LIMIT = 60.0
LOOP = "The answer is that the answer is what the answer is, as it was said before. " * 200


class Question(NamedTuple):
    """One question with its accepted answer."""

    kind: str
    text: str
    answer: str


class Outcome(NamedTuple):
    """The result of one system on one question."""

    right: bool
    seconds: float
    tokens: int
    cut_off: bool
    looped: bool


def arc(data: Path, n: int, seed: int) -> list[Question]:
    """ARC-Challenge questions with the letter that most models marked right have given."""
    rows = _lines(data / "routing_11_with_costs" / "arc_challenge_test.jsonl.gz")
    questions = []
    for row in rows:
        said = Counter(
            answer["response"].strip()[:1] for answer in row["models"].values() if answer["score"]
        )
        letters = [letter for letter, _ in said.most_common() if letter in "ABCD"]
        text = row["query"].strip().split("\n\n")[-1].rsplit("\nAnswer:", 1)[0]
        if letters:
            questions.append(Question("arc", text, letters[0]))
    random.Random(seed).shuffle(questions)
    return questions[:n]


def gsm(data: Path, n: int, seed: int) -> list[Question]:
    """GSM8K questions."""
    rows = _lines(data / "recorded" / "gsm" / "questions.jsonl.gz")
    questions = [Question("gsm", row["query"], str(row["answer"])) for row in rows]
    random.Random(seed).shuffle(questions)
    return questions[:n]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def right(question: Question, text: str) -> bool:
    """Whether a final answer holds the accepted one; all systems share one reader."""
    answer = read(text, question.text if question.kind == "arc" else "How many?")
    if answer is None:
        return False
    if question.kind == "arc":
        return answer == question.answer
    with contextlib.suppress(ValueError):
        return float(answer.replace(",", "")) == float(question.answer.replace(",", ""))
    return False


async def ask(graph: Any, question: Question) -> Outcome:
    """Ask one system one question."""
    given = {"messages": [{"role": "user", "content": question.text}]}
    began = time.perf_counter()
    try:
        state = await asyncio.wait_for(graph.ainvoke(given), LIMIT)
    except TimeoutError:
        return Outcome(False, LIMIT, 0, True, False)
    seconds = time.perf_counter() - began
    result = state["result"]
    used = [call["usage"] for call in result["steps"]] + [d["usage"] for d in result["drafts"]]
    tokens = sum(usage["total_tokens"] for usage in used if usage)
    answer = str(state["messages"][-1].text)
    return Outcome(right(question, answer), seconds, tokens, False, looping(answer) is not None)


def systems(pool: Pool) -> dict[str, Any]:
    """The systems that are compared, each at its defaults."""
    alone = {f"{m.name} alone": create_avengers([m], None, samples=1) for m in pool}
    return {
        **alone,
        "self-consistency of the first, 10": create_avengers([pool[0]], None),
        "Avengers without a profile, 10": create_avengers(pool, None),
        "MoA-Lite": create_moa(pool, layers=2),
        "MoA": create_moa(pool),
        "SMoA": create_smoa(pool),
    }


def report(outcomes: dict[str, list[Outcome]], questions: list[Question]) -> Iterator[str]:
    """One row for each system; differences and times are relative to the best single member."""
    alone = [name for name in outcomes if name.endswith(" alone")]
    best = max(alone, key=lambda name: sum(o.right for o in outcomes[name]))
    pace = statistics.mean(o.seconds for o in outcomes[best])
    yield f"{len(questions)} questions; best single member: {best}"
    for name, own in outcomes.items():
        hits = [o.right for o in own]
        interval = binomtest(sum(hits), len(hits)).proportion_ci(method="wilson")
        low, high = interval.low, interval.high
        kinds: dict[str, int] = dict.fromkeys((q.kind for q in questions), 0)
        for hit, question in zip(hits, questions, strict=False):
            kinds[question.kind] += hit
        each = ", ".join(f"{kind} {count}" for kind, count in kinds.items())
        seconds = [o.seconds for o in own]
        yield (
            f"{name:34} {sum(hits):3d} ({each}) [{low:.0%}, {high:.0%}]"
            f"  {paired(hits, [o.right for o in outcomes[best]])}"
            f"  {statistics.mean(seconds):6.2f} s mean {statistics.median(seconds):6.2f} median"
            f" {max(seconds):5.1f} max  x{statistics.mean(seconds) / pace:4.1f}"
            f"  {statistics.mean(o.tokens for o in own):6.0f} tokens"
            f"  {sum(o.cut_off for o in own)} cut off, {sum(o.looped for o in own)} looping"
        )


def paired(own: list[bool], best: list[bool], draws: int = 10_000) -> str:
    """The difference in right answers with a paired bootstrap interval of 95%."""
    each = np.array(own, dtype=int) - np.array(best[: len(own)], dtype=int)
    random_ = np.random.default_rng(1)
    sums = random_.choice(each, (draws, len(each))).sum(axis=1)
    low, high = np.percentile(sums, [2.5, 97.5])
    return f"{each.sum():+d} [{low:+.0f}, {high:+.0f}]"


async def main() -> None:
    parser = argparse.ArgumentParser(description="Every graph beside its best member.")
    parser.add_argument("--member", action="append", required=True, help="NAME=BASE_URL")
    parser.add_argument("--nonsense", action="store_true")
    parser.add_argument("--arc", type=int, default=40)
    parser.add_argument("--gsm", type=int, default=20)
    parser.add_argument("--skip", type=int, default=0, help="questions asked in a run before")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", action="append", help="systems whose name contains this")
    parser.add_argument("--data", type=Path, default=os.environ.get("ENSEMBLE_ROUTING_DATA"))
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the folder of the questions: --data, or ENSEMBLE_ROUTING_DATA")
    questions = arc(options.data, options.arc, options.seed)
    questions = (questions + gsm(options.data, options.gsm, options.seed))[options.skip :]
    members = [
        Member(name=name, model=name, base_url=url)
        for name, url in (item.split("=", 1) for item in options.member)
    ]
    with Provider([Model("nonsense", says=LOOP, token_ms=20)]) as provider:
        if options.nonsense:
            members.append(Member(name="nonsense", model="nonsense", base_url=provider.url))
        compared = {
            name: graph.compile()
            for name, graph in systems(Pool(members)).items()
            if any(part in name for part in options.only or [""])
        }
        outcomes: dict[str, list[Outcome]] = {name: [] for name in compared}
        # Question by question, so that a slow minute of the machine affects all systems alike.
        for number, question in enumerate(questions, options.skip + 1):
            for name, graph in compared.items():
                outcomes[name].append(outcome := await ask(graph, question))
                line = {"question": number, "kind": question.kind, "system": name}
                print(json.dumps(line | outcome._asdict()), file=sys.stderr, flush=True)
        for row in report(outcomes, questions):
            print(row, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
