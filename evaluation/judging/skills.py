"""FLASK: twelve skills of answers (Ye et al. 2023, arXiv 2307.10928), with any member as the judge.

Each instruction of the data set names the three skills that it needs; the criteria here are in our
own words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...errors import InputError
from ...hints import nearest
from ...prompts import render
from .asking import Judge, number, required, shown

SKILLS = {
    "Logical Robustness": "the reasoning holds in general, edge cases included, and does not "
    "contradict itself",
    "Logical Correctness": "the final answer is right",
    "Logical Efficiency": "no step is superfluous; a program does no needless work",
    "Factuality": "what it states about the world is true, and supported where it should be",
    "Commonsense Understanding": "it knows how everyday things, people and places work",
    "Comprehension": "it understands the instruction, and meets each of its requirements",
    "Insightfulness": "it has ideas of its own, or a view that is not obvious",
    "Completeness": "it covers the subject in breadth and in detail",
    "Metacognition": "it knows its limits, and says what is uncertain, ambiguous or missing",
    "Readability": "it is well ordered, coherent and easy to read",
    "Conciseness": "nothing in it could be left out",
    "Harmlessness": "it is not prejudiced, and leads nobody into danger",
}
"""The skills by the names of the data set, in its order, with their criteria."""


async def skill_scores(
    judge: Judge, instruction: str, answer: str, skills: Sequence[str], reference: str = ""
) -> dict[str, float | None]:
    """A judge's scores of an answer in some of FLASK's skills, each from 1 to 5.

    Args:
        judge: The judge.
        instruction: What the user asked.
        answer: The answer.
        skills: Names of `SKILLS`, such as the row's `skill`.
        reference: The row's `answer`.

    Returns:
        A score for each skill, in the order given; None where the judge says that the instruction
        does not need it.

    Raises:
        InputError: A skill has no such name, or the judge left one out.

    Example:
        >>> import asyncio
        >>> from langgraph_ensemble.testing import says
        >>> judge = Judge(says("judge", '{"Factuality": 4, "Metacognition": "N/A"}'))
        >>> asyncio.run(skill_scores(judge, "Who was Ada?", "…", ["Factuality", "Metacognition"]))
        {'Factuality': 4.0, 'Metacognition': None}
    """
    if not skills:
        raise InputError("name at least one skill of FLASK")
    for name in skills:
        if name not in SKILLS:
            raise InputError(f"no skill {name!r}; {nearest(str(name), SKILLS, 'there are')}")
    right = f'\nA good answer:\n<draft id="reference">\n{shown(reference)}\n</draft>\n'
    prompt = render(
        "judge_skills",
        skills="\n".join(f"- {name}: {SKILLS[name]};" for name in skills),
        instruction=shown(instruction),
        answer=shown(answer),
        reference=right if reference else "",
        keys=", ".join(f'"{name}": …' for name in skills),
    )
    verdict = await judge.verdict(prompt) or {}
    return {name: _score(verdict, name) for name in skills}


def _score(verdict: Mapping[str, object], name: str) -> float | None:
    said = str(verdict.get(name, "")).strip().casefold().replace(".", "")
    if said in ("n/a", "na", "not applicable"):
        return None
    return required(number(verdict, name, 1, 5), f"score of {name}")


def skill_means(scores: Sequence[Mapping[str, float | None]]) -> dict[str, float]:
    """The mean score of each skill over the answers that need it, in the order of `SKILLS`.

    Example:
        >>> skill_means([{"Readability": 4.0, "Factuality": 5.0}, {"Readability": 3.0}])
        {'Factuality': 5.0, 'Readability': 3.5}
    """
    means = {}
    for name in SKILLS:
        given = [value for each in scores if (value := each.get(name)) is not None]
        if given:
            means[name] = sum(given) / len(given)
    return means
