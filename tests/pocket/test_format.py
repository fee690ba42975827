"""Prompts with delimited drafts, as graphs write them and as sloppy writers do."""

from __future__ import annotations

from langgraph_ensemble.pocket.format import (
    aggregator_prompt,
    compact_prompt,
    final_answer,
    parse_prompt,
)


def test_a_prompt_reads_back() -> None:
    prompt = aggregator_prompt("1 + 1?", ["Answer: 2", "I say\nAnswer: 3"])
    assert parse_prompt(prompt) == ("1 + 1?", [(1, "Answer: 2"), (2, "I say\nAnswer: 3")])


def test_a_plain_question_is_itself() -> None:
    assert parse_prompt("  1 + 1? ") == ("1 + 1?", [])


def test_parsing_is_tolerant() -> None:
    text = "Intro\n<Question >\nq\n</question >\n<DRAFT id='7' by=x>a</draft><draft>b\n<draft 9>c"
    assert parse_prompt(text) == ("q", [(7, "a"), (2, "b"), (9, "c")])


def test_the_last_answer_counts_else_the_last_line() -> None:
    assert final_answer("Answer: 1\nno,\nAnswer:  2 ") == "2"
    assert final_answer("so\nit is 5\n") == "it is 5"
    assert final_answer("  ") == ""


def test_answers_are_kept_on_one_line_and_short() -> None:
    prompt = compact_prompt("q", ["x" * 99, "a\nb", "", "a b"], "judge")
    assert prompt == f"q\n1(2) a b\n2(1) {'x' * 40}\nBest draft?"
    assert compact_prompt("q", ["", ""], "judge") == "q\n1(2) -\nBest draft?"
