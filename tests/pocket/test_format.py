"""Prompts with delimited drafts, as graphs write them and as sloppy writers do."""

from __future__ import annotations

from langgraph_ensemble.pocket.format import (
    aggregator_prompt,
    check_prompt,
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


def test_the_referee_reads_the_end_of_the_working_and_the_start_of_the_answer() -> None:
    draft = "a" * 99 + "b" * 9 + "\nAnswer: " + "x" * 99
    assert check_prompt("q", draft) == f"q\n{'a' * 55}{'b' * 9}\nAnswer: {'x' * 40}\nRight?"
    assert check_prompt("q", "so\nit is 5\n") == "q\n\nAnswer: it is 5\nRight?"
    assert check_prompt("q", "") == "q\n\nAnswer: \nRight?"
