"""Record who is good at what in the team of SmolLM2-135M and the bundled specialists.

    python -m langgraph_ensemble.pocket.training.team            # after new bundled models
    python -m langgraph_ensemble.pocket.training.team --again    # SmolLM2 too: some ten minutes

Asks every member really: hand-written open questions (`open.jsonl`) and the bundled models'
calibration questions. SmolLM2's replies are kept in `open_smollm2.json`, so only new questions are
put to it. Writes the task map that `make real` uses to `pocket/team`, and prints how well routing
does on held-out folds. Needs the `llamacpp` extra.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.messages import HumanMessage

from ...nodes.call import Ask, ask
from ...nodes.prompting import plain
from ...profiles import Profile
from .. import calibration
from ..batch import batch_replies
from ..format import final_answer
from ..grading import accepted
from ..questions import DOMAINS, sample
from ..team import PROFILE, REAL, real_member

HERE = Path(__file__).parent
OPEN, REPLIES = HERE / "open.jsonl", HERE / "open_smollm2.json"
EACH, SAMPLES = 15, 5
"""Calibration questions of each domain that SmolLM2 is asked; of the others it has no record."""


def tell(line: str, end: str = "\n") -> None:
    """Print at once."""
    sys.stdout.write(line + end)
    sys.stdout.flush()


def open_questions() -> list[dict[str, Any]]:
    """The hand-written questions."""
    return [json.loads(line) for line in OPEN.read_text(encoding="utf-8").splitlines()]


async def ask_real(queries: list[str], known: dict[str, str]) -> dict[str, str]:
    """SmolLM2's reply to every query; those it has given before are kept."""
    member = real_member()
    missing = [query for query in dict.fromkeys(queries) if query not in known]

    async def one(query: str) -> str:
        messages = plain([HumanMessage(query)], member, [], member.tokens("propose"))
        what = Ask(member=member, messages=messages, stage="propose", temperature=0.0, seed=1)
        sample = (await ask(what, lambda _: None)).first
        if sample.status in ("failed", "cancelled"):
            raise SystemExit(f"{REAL} failed: {sample.error}")
        return sample.text

    for start in range(0, len(missing), 16):
        some = missing[start : start + 16]
        known |= dict(zip(some, await asyncio.gather(*map(one, some)), strict=True))
        REPLIES.write_text(json.dumps(known, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
        tell(f"\r{REAL}: {start + len(some)} of {len(missing)} new questions", end="")
    return known


def records(each: int, again: bool) -> list[dict[str, Any]]:
    """Every member's score on every question.

    Args:
        each: Calibration questions of each domain.
        again: Ask SmolLM2 even what it has answered before.
    """
    rows = open_questions()
    drawn = [q for domain in DOMAINS for q in sample(domain, each, 0, "calibration")]
    # The first questions of a domain are the same whatever their number.
    chosen = [q for domain in DOMAINS for q in sample(domain, EACH, 0, "calibration")]
    known = {} if again or not REPLIES.exists() else json.loads(REPLIES.read_text(encoding="utf-8"))
    texts = [row["query"] for row in rows]
    replies = asyncio.run(ask_real([*texts, *(q.text for q in chosen)], known))
    found: list[dict[str, Any]] = []
    for row in rows:
        score = float(accepted(row["answer"], replies[row["query"]]))
        kind = f"open/{row['kind']}"
        found.append({"query": row["query"], "dataset": kind, "scores": {REAL: score}})
    for name in calibration.MEMBERS:
        # Several times: a specialist's lucky guess at yes or no is none of its abilities.
        made = batch_replies(name, texts, n=SAMPLES, temperature=0.7, seed=0, max_tokens=80)
        for row, each_reply, record in zip(rows, made, found, strict=True):
            hits = [accepted(row["answer"], final_answer(reply)) for reply in each_reply]
            record["scores"][name] = sum(hits) / len(hits)
    asked: list[dict[str, Any]] = [{**record} for record in calibration.calibration_records(n=each)]
    real = {q.text: float(accepted([q.answer], replies[q.text])) for q in chosen}
    for question, record in zip(drawn, asked, strict=True):
        if question.text in real:
            record["scores"] = {**record["scores"], REAL: real[question.text]}
    return [*found, *asked]


def held_out(rows: list[dict[str, Any]], folds: int = 5) -> None:
    """Print routed accuracy on folds that the task map has not seen."""
    kinds: dict[str, list[tuple[float, float, float]]] = {}
    for fold in range(folds):
        # By the text, so that a question asked twice is in one fold.
        inside = [zlib.crc32(row["query"].encode()) % folds == fold for row in rows]
        train = [row for row, out in zip(rows, inside, strict=True) if not out]
        profile = Profile.fit(train, **calibration.SETTINGS)
        tested = [r for r, out in zip(rows, inside, strict=True) if out and REAL in r["scores"]]
        for row, choice in zip(tested, profile.route([r["query"] for r in tested]), strict=True):
            scores = row["scores"]
            others = max(score for name, score in scores.items() if name != REAL)
            kind = row["dataset"].split("/")[0]
            line = (scores[choice[0].member], scores[REAL], others)
            kinds.setdefault(kind, []).append(line)
    tell(f"\n{'questions':<12}{'n':>5}{'routed':>9}{REAL:>14}{'best specialist (oracle)':>26}")
    for kind, lines in kinds.items():
        routed, real, others = np.mean(lines, axis=0)
        tell(f"{kind:<12}{len(lines):>5}{routed:>9.2f}{real:>14.2f}{others:>26.2f}")


def main() -> None:
    """Ask, measure, fit, save."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--again", action="store_true", help="ask SmolLM2 everything anew")
    options.add_argument("--each", type=int, default=150, help="questions of each domain")
    given = options.parse_args()
    rows = records(given.each, given.again)
    held_out(rows)
    Profile.fit(rows, **calibration.SETTINGS).save(PROFILE)
    tell(f"\nwrote {PROFILE}")


if __name__ == "__main__":
    main()
