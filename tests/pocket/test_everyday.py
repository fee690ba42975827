"""The team on everyday questions that people type: right or declined, and rarely wrong but sure.

`everyday_dev.jsonl` was written by hand for development; no model was trained on it. `*` accepts
any small talk, `-` marks a question that no bundled model can answer.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from langgraph_ensemble import Pool, create_avengers
from langgraph_ensemble.pocket.batch import batch_replies
from langgraph_ensemble.pocket.calibration import MEMBERS, PROFILE
from langgraph_ensemble.pocket.format import final_answer
from langgraph_ensemble.pocket.questions import NOT_SURE
from langgraph_ensemble.profiles import Profile

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "everyday_dev.jsonl").read_text().splitlines()
]


@pytest.fixture(scope="module")
def answered() -> list[tuple[dict, str, float, str]]:
    """Each question with the member it is routed to, that member's record, and its answer."""
    choices = Profile.load(PROFILE).route([row["question"] for row in ROWS])
    return [
        (
            row,
            c[0].member,
            c[0].score,
            final_answer(batch_replies(c[0].member, [row["question"]])[0][0]),
        )
        for row, c in zip(ROWS, choices, strict=True)
    ]


def right(row: dict, member: str, answer: str) -> bool:
    if row["answer"] == "*":
        return member == "chat" and answer != NOT_SURE
    return answer.lower() == row["answer"].lower()


def test_most_everyday_questions_are_answered_and_few_are_wrong(answered) -> None:
    asked = [one for one in answered if one[0]["kind"] != "outside"]
    good = sum(right(row, member, answer) for row, member, _, answer in asked)
    declined = sum(answer == NOT_SURE for *_, answer in asked)
    assert good >= 0.75 * len(asked)
    assert len(asked) - good - declined <= 0.16 * len(asked)


def test_no_arithmetic_is_wrong_for_sure(answered) -> None:
    for row, member, _, answer in answered:
        if row["kind"] == "arithmetic":
            assert right(row, member, answer) or answer == NOT_SURE, row["question"]


def test_what_nobody_knows_is_declined_or_far_from_the_map(answered) -> None:
    asked = [one for one in answered if one[0]["kind"] == "outside"]
    seen = sum(answer == NOT_SURE or score < 0.3 for _, _, score, answer in asked)
    assert seen >= 0.9 * len(asked)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is 2+2?", "4"),
        ("What is 17 plus 25?", "42"),
        ("What is 100 - 37?", "63"),
        ("What is 1000 minus 1?", "999"),
        ("what is 7 squared", "49"),
    ],
)
async def test_what_everybody_asks_first_is_answered(question: str, answer: str) -> None:
    graph = create_avengers(Pool.pocket().subset(MEMBERS), Profile.load(PROFILE)).compile()
    result = (await graph.ainvoke({"messages": [("user", question)]}))["result"]
    assert result["answer"].endswith(f"Answer: {answer}")
    assert not result["unsure"]
