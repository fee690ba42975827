"""The live graphs on a provider that replays recorded texts vote as the offline vote does."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
from helpers import ask, member
from langgraph_ensemble import Pool, Profile, create_avengers
from langgraph_ensemble.calibration import recorded as answers
from langgraph_ensemble.calibration.grade import exact
from langgraph_ensemble.testing import Model
from langgraph_ensemble.voting import vote

SMALL = ["Meta-Llama-3_1-8B-Instruct", "Phi-3-mini-4k-instruct", "gemma-7b", "mathstral-7B"]
UP_TO_9B = [
    "Meta-Llama-3-8B-Instruct",
    "Phi-3.5-mini-instruct",
    "Qwen2-7B-Instruct",
    "gemma-2-9b-it",
]


def made_up(count: int) -> list[dict[str, Any]]:
    """Recorded answers of three members in the many ways in which models give them."""
    draw, ways = random.Random(5), ("Answer: {}", "So it is **{}**.\n\\boxed{{}}", "#### {}")
    rows = []
    for i in range(count):
        right, said = i + 2, {}
        for name, skill in (("ann", 0.8), ("ben", 0.6), ("cat", 0.5)):
            given = right if draw.random() < skill else right + draw.randint(1, 3)
            said[name] = draw.choice(ways).replace("{}", str(given))
        scores = {
            n: float(str(right) in text.replace("}", " ").split()[-1]) for n, text in said.items()
        }
        query = f"How much is {i} plus 2? Think step by step."
        rows.append({"query": query, "answers": said, "scores": scores})
    return rows


def recorded(name: str, members: list[str], count: int) -> list[dict[str, Any]]:
    """The first rows of a recorded set that all members answered, graded by the accepted answer."""
    root = os.environ.get("ENSEMBLE_RECORDED")
    if not root or not Path(root, name).is_dir():
        pytest.skip("ENSEMBLE_RECORDED names no folder of recorded answers")
    kept: list[dict[str, Any]] = []
    for _, row in answers.rows(Path(root, name)):
        said = {each: row["answers"].get(each) for each in members}
        if len(kept) < count and all(said.values()):
            accepted = [str(row["answer"])]
            scores = {n: exact(row["query"], accepted, text) for n, text in said.items()}
            kept.append({"query": row["query"], "answers": said, "scores": scores})
    return kept


CASES = {
    "made up": lambda: (made_up(260), ["ann", "ben", "cat"]),
    "mmlu_pro": lambda: (recorded("mmlu_pro", SMALL, 400), SMALL),
    "gsm": lambda: (recorded("gsm", UP_TO_9B, 400), UP_TO_9B),
}


@pytest.mark.parametrize("case", CASES)
async def test_the_graph_votes_as_the_profile_does(provider, case) -> None:
    rows, names = CASES[case]()
    half = len(rows) // 2
    learn, test = rows[:half], rows[half : half + 60]
    profile = Profile.fit(learn, clusters=4, views=1, families=1, kappa=10.0)
    provider.set(
        *(Model(n, recorded={r["query"].strip(): r["answers"][n] for r in test}) for n in names)
    )
    pool = Pool([member(provider, name) for name in names])
    everybody = {"samples": len(names), "top_n": len(names)}
    graphs = {
        "vote": create_avengers(pool, profile, **everybody).compile(),
        "plain": create_avengers(pool, None, **everybody).compile(),
        "team": create_avengers(pool, profile, strategy="team").compile(),
    }
    asked = whole = 0
    for row in test:
        result = {}
        for name, graph in graphs.items():
            result[name] = (await graph.ainvoke(ask(row["query"])))["result"]
        # Some recorded texts run away (a loop of 9 kB), and are stopped here.
        said: dict[str, list[str]] = {}
        for draft in result["vote"]["drafts"]:
            if draft["status"] == "ok":
                said.setdefault(draft["member"], []).append(draft["text"])
        whole += said == {name: [text.strip()] for name, text in row["answers"].items()}
        learnt, plain = profile.vote(row["query"], said), vote(said, question=row["query"])
        won = result["vote"]["votes"][0]["members"][0] if result["vote"]["votes"] else None
        assert row["scores"].get(won) == row["scores"].get(learnt.member)
        # The router's records are told with six digits.
        assert result["vote"]["probability"] == pytest.approx(learnt.probability, abs=1e-5)
        assert sorted(result["plain"]["tally"].values()) == sorted(plain.tally.values())
        asked += len(result["team"]["drafts"])
    assert whole >= 0.8 * len(test)
    assert asked < len(names) * len(test)
