"""Grade answers by the accepted answers, or by the user's own grader."""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InputError
from ..nodes.base import Run, Step
from ..pool import Member
from ..voting.counting import samples_of
from ..voting.kinds import kind_of
from ..voting.numbers import number
from ..voting.reading import key, read
from ..voting.texts import plain
from .context import CalibrationContext
from .ledger import Answered, Ledger, Question, content_key
from .resources import Resources

Grader = Callable[[str, list[str], str], Any]
"""From question, accepted answers and a member's text to a score in [0, 1]; may be async."""


def exact(question: str, accepted: Sequence[str], text: str) -> float:
    r"""1 if a text gives an accepted answer, otherwise 0.

    Answers are read and compared as in votes (`voting.reading`): multiple choice by the letter,
    numbers and mathematics by value, literals by kind and value. Unreadable answers are wrong.

    Args:
        question: The question, for its options and the kind of its answer.
        accepted: The accepted answers.
        text: The member's text.

    Example:
        >>> exact("What is half of 1?", ["0.5"], "So we get\nAnswer: \\frac12")
        1.0
    """
    kind = kind_of(question, [text])
    if kind in ("text", "classification"):
        # The accepted answer says more about the kind than such a question.
        kind = "number" if all(number(plain(right)) is not None for right in accepted) else "auto"
    given = read(text, question, kind if kind != "auto" else "classification")
    if given is None:
        return 0.0
    wanted = {key(read(right, question, kind) or right, kind) for right in accepted}
    return float(key(given, kind) in wanted)


def make_grade(resources: Resources) -> Step:
    """The node that grades a batch of answers; stored grades are reused."""

    async def grade(state: Any, run: Run[CalibrationContext]) -> dict[str, Any]:
        knobs = run.knobs
        start = state["graded"]
        stop = min(start + resources.lap(state["limit"], 500), state["cursor"])
        async with resources.ledger(state) as ledger:
            for question, name in await asyncio.to_thread(ledger.planned, start, stop):
                await _grade_pair(resources, knobs, ledger, question, resources.member(name))
        resources.tell(run, state, "grade", stop, state["limit"])
        return {"graded": stop}

    return grade


async def _grade_pair(
    resources: Resources,
    knobs: CalibrationContext,
    ledger: Ledger,
    question: Question,
    member: Member,
) -> None:
    for answered in await asyncio.to_thread(
        ledger.answers, resources.pair(question, member, knobs)
    ):
        key = grade_key(resources, question, answered)
        if await asyncio.to_thread(ledger.grades, key) is None:
            scores = [
                await _score(resources, question.query, question.answers, text)
                for text in answered.texts
            ]
            await asyncio.to_thread(ledger.keep_grades, key, scores)


def pair_score(
    resources: Resources,
    knobs: CalibrationContext,
    ledger: Ledger,
    question: Question,
    member: Member,
) -> tuple[float | None, float | None]:
    """The mean grade and mean cost of a member's samples; None if unknown."""
    answers = ledger.answers(resources.pair(question, member, knobs))
    graded = [ledger.grades(grade_key(resources, question, answered)) or [] for answered in answers]
    samples = [score for scores in graded for score in scores][: knobs.samples]
    if not samples:
        return None, None  # The score is unknown.
    paid = [answered.cost_usd for answered in answers]
    total = sum(cost for cost in paid if cost is not None)
    texts = sum(len(answered.texts) for answered in answers)
    return sum(samples) / len(samples), None if None in paid else total / texts


def grade_key(resources: Resources, question: Question, answered: Answered) -> str:
    """The key of a grade: a hash of grader, question, accepted answers and texts."""
    return content_key(resources.grader_name, question.query, question.answers, answered.texts)


async def grade_recorded(resources: Resources, rows: Sequence[dict[str, Any]]) -> None:
    """Grade recorded answers without a score, in place; of samples the mean grade counts.

    Raises:
        InputError: An answer is calls of tools, which the default grader does not grade.
    """
    for row in rows:
        for name, said in row["said"].items():
            if name not in row["scores"]:
                samples = samples_of(said)
                if resources.grader is None and any(not isinstance(one, str) for one in samples):
                    raise InputError(
                        f"{row['query']!r}: calls of tools by '{name}' need a score: add it to "
                        "'scores'"
                    )
                grades = [await _score(resources, row["query"], row["answers"], s) for s in samples]
                row["scores"][name] = sum(grades) / len(grades) if grades else 0.0


async def _score(resources: Resources, query: str, answers: list[str], text: Any) -> float:
    if resources.grader is None:
        # Computer algebra is slow, so it must not block the event loop.
        return await asyncio.to_thread(exact, query, answers, text)
    grade = resources.grader(query, answers, text)
    if inspect.isawaitable(grade):
        grade = await grade
    score = float(grade)
    if math.isnan(score) or not 0.0 <= score <= 1.0:
        raise InputError(f"the grader gave {grade!r}, not a number from 0 to 1")
    return score
