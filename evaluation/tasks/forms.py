"""The forms that several tasks share: multiple choice, mathematics, programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...prompts import render
from .. import graders
from ..graders.mathematics import gold
from .task import Form, Row

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def lettered(options: Mapping[str, str]) -> str:
    r"""Options as lines.

    Example:
        >>> lettered({"A": "a bird", "B": "a fish"})
        'A) a bird\nB) a fish'
    """
    return "\n".join(f"{letter}) {said}" for letter, said in options.items())


def multiple_choice(
    options: Callable[[Row], Mapping[str, str]],
    answer: Callable[[Row], str],
    ask: Callable[[Row], str] | str = "question",
) -> Form:
    """The form of multiple choice.

    Args:
        options: From a row to its options by letter.
        answer: From a row to the right letter.
        ask: The column of the question, or from a row to the whole prompt.
    """

    def prompt(row: Row) -> str:
        if not isinstance(ask, str):
            return ask(row)
        return render("task_choice", question=row[ask], options=lettered(options(row)))

    def right(row: Row) -> str:
        letter = answer(row)
        if letter not in options(row):
            raise ValueError("the answer is none of the options")
        return letter

    return Form(
        ask=prompt,
        answer=right,
        grade=lambda row, text: graders.choice(options(row), right(row), text),
        published=lambda row, text: graders.published_choice(options(row), right(row), text),
    )


def numbered(options: list[str]) -> dict[str, str]:
    """A list of options by letter.

    Example:
        >>> numbered(["a bird", "a fish"])
        {'A': 'a bird', 'B': 'a fish'}
    """
    if not isinstance(options, list):
        raise TypeError("options are a list")
    return dict(zip(LETTERS, map(str, options), strict=False))


def solution(question: str = "question", answer: str = "answer") -> Form:
    """The form of mathematics with one final answer.

    Args:
        question: The column of the question.
        answer: The column of the accepted answer, which may stand in a box of a solution.
    """
    return Form(
        ask=lambda row: render("task_solution", question=row[question]),
        answer=lambda row: gold(row[answer]),
        grade=lambda row, text: graders.mathematics(str(row[question]), row[answer], text),
        published=lambda row, text: graders.published_mathematics(row[answer], text),
    )


def tested(
    question: Callable[[Row], str],
    run: Callable[[Row, str, bool], float],
) -> Form:
    """The form of programs that tests judge.

    Args:
        question: From a row to the prompt.
        run: From a row, a text and whether the rule is the published one to a score.
    """
    return Form(
        ask=question,
        answer=lambda _: "",
        grade=lambda row, text: run(row, text, False),
        published=lambda row, text: run(row, text, True),
    )
