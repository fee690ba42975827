"""Grading free answers: right, declined, wrong."""

from __future__ import annotations

import pytest
from langgraph_ensemble.pocket.grading import grade


@pytest.mark.parametrize(
    ("answers", "text", "wanted"),
    [
        (["4"], "2 + 2 = 4.", "right"),
        (["4"], "Answer: four", "right"),
        (["4"], "It is 24.", "wrong"),
        (["4"], "It is 4.5.", "wrong"),
        (["1000"], "About 1,000 of them", "right"),
        (["Tokyo"], "The capital of Japan is **Tokyo**!", "right"),
        (["cat"], "A category", "wrong"),
        (["yes"], "Yes, it is.", "right"),
        (["yes"], "No. Yes would be wrong.", "wrong"),
        (["no"], "Answer: no", "right"),
        (["no"], "It is known to all.", "wrong"),
        (["HELLO"], "hello in capitals", "wrong"),
        (["*greeting"], "Hello! How can I help?", "right"),
        (["4"], "I'm not sure: these models are tiny.", "declined"),
        ([], "It is 4.", "wrong"),
    ],
)
def test_grades(answers: list[str], text: str, wanted: str) -> None:
    assert grade(answers, text) == wanted


def test_an_unsure_run_has_declined() -> None:
    assert grade(["4"], "4", {"unsure": True}) == "declined"
