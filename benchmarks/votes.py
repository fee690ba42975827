"""The learnt vote and early stopping on recorded answers of real models, beside baselines.

    ENSEMBLE_RECORDED=… python benchmarks/votes.py [--seeds 5] [--only mmlu_pro]

`ENSEMBLE_RECORDED` names the folder of recorded answers (one folder per data set, with
`questions.jsonl.gz` and `answers/MODEL.jsonl.gz`). One half of each set calibrates, the other
tests. The public reader reads the answers, which are graded against the accepted answer. Only the
question's text is known, never its category; function-calling tasks have no text here.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from langgraph_ensemble import Profile
from langgraph_ensemble.calibration import recorded
from langgraph_ensemble.voting import read, vote
from langgraph_ensemble.voting.calls import is_calls
from langgraph_ensemble.voting.reading import key
from langgraph_ensemble.voting.stopping import settled
from rich.console import Console
from rich.table import Table

NINE = [
    "Meta-Llama-3-8B-Instruct",
    "Meta-Llama-3.1-8B-Instruct",
    "Phi-3.5-mini-instruct",
    "Qwen2-7B-Instruct",
    "Qwen2.5-3B-Instruct",
    "Qwen2.5-7B-Instruct",
    "Yi-1.5-9B-Chat",
    "gemma-2-2b-it",
    "gemma-2-9b-it",
]
TWELVE_B = [
    "Meta-Llama-3-8B-Instruct",
    "Meta-Llama-3.1-8B-Instruct",
    "Mistral-Nemo-Instruct-2407",
    "Phi-3.5-mini-instruct",
    "Qwen2-7B-Instruct",
    "Yi-1.5-9B-Chat",
    "gemma-2-2b-it",
    "gemma-2-9b-it",
]
FIVE = [
    "Meta-Llama-3_1-8B-Instruct",
    "mathstral-7B",
    "Phi-3-mini-4k-instruct",
    "Mixtral-8x7B-Instruct-v0.1",
    "gemma-7b",
]
EIGHT = [
    "Qwen1.5-72B-Chat",
    "Meta-Llama-3_1-70B-Instruct",
    "Meta-Llama-3_1-70B",
    "Meta-Llama-3-70B",
    "DeepSeek-Coder-V2",
    "gemini-1.5-pro-002",
    "jamba-1.5-large",
    "Qwen1.5-110B",
]


SYSTEMS = ("single", "routed", "majority", "learnt", "stopped", "oracle")


class Bench(NamedTuple):
    """One pool on one set: `members` by name, or the places of a ranking by accuracy."""

    name: str
    folder: str
    kind: str
    members: Sequence[str] | slice
    target: float
    whole: bool = False


POOLS = [
    Bench("mmlu_pro, five small", "mmlu_pro", "choice", FIVE, 54.5),
    Bench("mmlu_pro, eight large", "mmlu_pro", "choice", EIGHT, 76.3, True),
    Bench("gsm, eight up to 12B", "gsm", "number", TWELVE_B, 92.3),
    Bench("crux, nine up to 9B", "crux", "literal", NINE, 60.0),
    Bench("math_l5, nine up to 9B", "math_l5", "math", NINE, 50.8),
    Bench("gsm, one far ahead", "gsm", "number", [*NINE[:2], "Qwen2-72B-Instruct"], 0.0),
    Bench("crux, one far ahead", "crux", "literal", [*NINE[:3], "Mistral-Large-2"], 0.0),
    Bench("bfcl, seven weakest", "bfcl", "tool_calls", slice(0, 7), 89.5),
    Bench("bfcl, seven middle", "bfcl", "tool_calls", slice(8, 15), 89.5),
]


@cache
def rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def members_of(root: Path, bench: Bench) -> list[str]:
    if not isinstance(bench.members, slice):
        return list(bench.members)
    files = sorted((root / bench.folder / "answers").glob("*.jsonl.gz"))
    right = {p.name.removesuffix(".jsonl.gz"): [r["correct"] for r in rows(p)] for p in files}
    return sorted(right, key=lambda name: float(np.mean(right[name])))[bench.members]


def records(root: Path, bench: Bench) -> list[dict[str, Any]]:
    """The set as records with answers; answers that are read already, which saves reading anew."""
    names = members_of(root, bench)
    made = []
    for _, row in recorded.rows(root / bench.folder, names):
        calls = bench.kind == "tool_calls"
        record = {"query": "a task" if calls else row["query"], "scores": {}, "answers": {}}
        for member, said in row["answers"].items():
            if calls:
                record["answers"][member] = said if is_calls(said) else "no call"
                record["scores"][member] = row["scores"][member]
                continue
            answer = read(said, record["query"], bench.kind)
            record["scores"][member] = 0.0
            if answer is not None:
                record["answers"][member] = f"<answer>{answer}</answer>"
                good = key(answer, bench.kind) == key(row["answer"], bench.kind)
                record["scores"][member] = float(good)
        if record["scores"] and (not bench.whole or len(record["scores"]) == len(names)):
            made.append(record)
    return made


class Tally:
    """Right answers of one pool's systems over all seeds."""

    def __init__(self) -> None:
        self.right: dict[str, list[float]] = {}
        self.said: list[float] = []
        self.hit: list[bool] = []
        self.asked: list[float] = []
        self.plans: Counter[str] = Counter()
        self.clusters: Counter[str] = Counter()

    def note(self, system: str, hits: Sequence[float]) -> None:
        """Add the share of right answers of one split."""
        self.right.setdefault(system, []).append(100 * float(np.mean(hits)))

    def calibration(self) -> float:
        """Expected calibration error over ten bins, in per cent."""
        said, hit = np.array(self.said), np.array(self.hit)
        bins = np.clip((said * 10).astype(int), 0, 9)
        return 100 * sum(
            abs(said[bins == b].mean() - hit[bins == b].mean()) * (bins == b).mean()
            for b in set(bins.tolist())
        )

    def surer_half(self) -> float:
        """Accuracy of the more confident half minus that of the whole, in points."""
        said, hit = np.array(self.said), np.array(self.hit)
        top = np.argsort(-said, kind="stable")[: len(said) // 2]
        return 100 * float(hit[top].mean() - hit.mean())


def measure(
    data: list[dict[str, Any]], seed: int, bench: Bench, confidence: float | None, tally: Tally
) -> None:
    """Add the results of one split to the tally."""
    order = np.random.default_rng(seed).permutation(len(data))
    learn = [data[i] for i in order[: len(data) // 2]]
    test = [data[i] for i in order[len(data) // 2 :]]
    profile = Profile.fit(learn, seed=seed)
    team = profile.votes
    if team is None:
        sys.exit(f"{bench.name}: nothing was learnt")
    tally.plans[f"{team.plan['choice']} {team.plan['size']}"] += 1
    for each in team.plan["clusters"] or []:
        tally.clusters[f"{each['choice']} {each['size']}"] += 1
    vectors = profile.embed([r["query"] for r in test])
    expected = profile.records(vectors)
    best = team.plan["member"]
    hits: dict[str, list[float]] = {
        n: [] for n in ("single", "routed", "majority", "learnt", "stopped", "oracle")
    }
    skill = {
        name: float(np.mean([r["scores"].get(name, 0.0) for r in learn]))
        for name in profile.members
    }
    for record, here, vector in zip(test, expected, vectors, strict=True):
        local = team.at(profile.cluster(vector))
        drafts, asked = record["answers"], record["query"]

        def right(result: Any, drafts: Any = drafts, record: Any = record) -> float:
            return record["scores"].get(result.member, 0.0) if result.answer is not None else 0.0

        options = {"question": asked, "kind": bench.kind, "seed": seed}
        hits["single"].append(record["scores"].get(best, 0.0))
        routed = max(record["scores"], key=lambda name: here[name])
        hits["routed"].append(record["scores"][routed])
        # Ties go to the member that is better on the half that calibrates.
        ties = {name: 1.0 + 1e-4 * skill[name] for name in drafts}
        hits["majority"].append(right(vote(drafts, weights=ties, question=asked, kind=bench.kind)))
        learnt = local.vote(drafts, here, **options)
        hits["learnt"].append(right(learnt))
        hits["oracle"].append(max(record["scores"].values()))
        if learnt.probability is not None:
            tally.said.append(learnt.probability)
            tally.hit.append(hits["learnt"][-1] > 0.5)
        line = [name for name in local.order(here) if name in record["scores"]]
        heard: dict[str, Any] = {}
        asked_of = 0
        for place, name in enumerate(line):
            asked_of += 1
            if name in drafts:
                heard[name] = drafts[name]
            if local.settled(heard, line[place + 1 :], here, confidence=confidence, **options):
                break
        hits["stopped"].append(right(local.vote(heard, here, **options)))
        tally.asked.append(asked_of / len(line))
    for system, each in hits.items():
        tally.note(system, each)


def samples(root: Path) -> Iterator[str]:
    """Early stopping among ten samples of one model."""
    every = [
        ([key(said, "literal") for said in row["samples"]], row["correct"])
        for path in sorted((root / "crux_samples").glob("*.jsonl.gz"))
        for row in rows(path)
    ]

    def winner(said: Sequence[str]) -> str:
        return Counter(said).most_common(1)[0][0]

    drawn = whole = early = 0
    for number, (said, correct) in enumerate(every):
        order = np.random.default_rng(number).permutation(len(said))
        line = [said[i] for i in order]
        truth = dict(zip(said, correct, strict=True))
        whole += truth[winner(line)]
        count = 1
        while not settled([n for _, n in Counter(line[:count]).most_common()], len(line) - count):
            if count == len(line):
                break
            count += 1
        drawn += count
        early += truth[winner(line[:count])]
    n = len(every)
    yield (
        f"crux_samples: {100 * early / n:.2f} with {100 * drawn / (10 * n):.1f}% of ten samples, "
        f"{100 * whole / n:.2f} with all (target: within 0.4 at 33%)"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--only", default="", help="pools whose name holds this")
    options.add_argument("--confidence", type=float, help="default: what the fit measured")
    given = options.parse_args()
    root = os.environ.get("ENSEMBLE_RECORDED")
    if not root or not Path(root).is_dir():
        sys.exit("set ENSEMBLE_RECORDED to the folder of recorded answers; nothing was measured")
    table = Table(title="right answers in per cent, mean ± sd over splits")
    for column in ("pool", *SYSTEMS, "target", "asked %", "ECE", "surer half", "chosen"):
        table.add_column(column, justify="left" if column == "pool" else "right")
    for bench in (b for b in POOLS if given.only in b.name):
        data, tally = records(Path(root), bench), Tally()
        for seed in range(given.seeds):
            measure(data, seed, bench, given.confidence, tally)
        cells = [f"{np.mean(tally.right[s]):.1f} ± {np.std(tally.right[s]):.1f}" for s in SYSTEMS]
        chosen = ", ".join(f"{name}: {count}" for name, count in tally.plans.items())
        chosen += "; clusters: " + ", ".join(f"{n}: {c}" for n, c in tally.clusters.items())
        table.add_row(
            bench.name,
            *cells,
            f"{bench.target:.1f}" if bench.target else "–",
            f"{100 * np.mean(tally.asked):.0f}",
            f"{tally.calibration():.1f}",
            f"+{tally.surer_half():.1f}",
            chosen,
        )
    Console(width=170).print(table)
    for line in samples(Path(root)):
        print(line)


if __name__ == "__main__":
    main()
