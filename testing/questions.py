"""The question bank: questions with known answers in several domains."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

DOMAINS = ("algebra", "history", "chemistry", "grammar")
"""The domains of the bank's questions."""

_LETTERS = "ABCD"


@dataclass(frozen=True)
class Question:
    """A question of the bank.

    Attributes:
        domain: One of `DOMAINS`.
        text: The question; some offer letters to choose from.
        answer: The right answer.
        wrong: Three answers that are wrong.
    """

    domain: str
    text: str
    answer: str
    wrong: tuple[str, ...]


@cache
def bank(size: int = 400, seed: int = 7) -> tuple[Question, ...]:
    """Questions with known answers, alternating between the domains.

    Args:
        size: Number of questions.
        seed: Seed of the numbers and names in them. Simulated models know the bank of seed 7.

    Example:
        >>> bank()[0].domain, bank()[0].answer
        ('algebra', '254')
    """
    rng = random.Random(seed)
    makers = {"algebra": _algebra, "history": _history, "chemistry": _choice, "grammar": _choice}
    questions: dict[str, Question] = {}
    number = 0
    while len(questions) < size:
        domain = DOMAINS[number % len(DOMAINS)]
        question = makers[domain](rng, domain, number)
        questions.setdefault(question.text, question)
        number += 1
    return tuple(questions.values())


def _algebra(rng: random.Random, domain: str, number: int) -> Question:
    a, b = rng.randint(2, 99), rng.randint(100, 999)
    text = rng.choice(
        (
            "Solve for x: {a} x = {c}. What number is x?",
            "In algebra, which x makes {a} times x equal to {c}?",
            "Find the unknown x in the equation {a}x - {c} = 0.",
        )
    ).format(a=a, c=a * b)
    return Question(domain, text, str(b), (str(b + 1), str(b - 10), str(b * 2)))


def _history(rng: random.Random, domain: str, number: int) -> Question:
    year = rng.randint(1000, 1950)
    town = rng.choice(("Arlen", "Brack", "Corvo", "Dunmere", "Eltz", "Farrow"))
    event = rng.choice(("battle", "treaty", "siege", "council"))
    text = f"In which year of the chronicle was the {event} of {town} number {number}?"
    return Question(domain, text, str(year), (str(year + 1), str(year - 20), str(year + 100)))


def _choice(rng: random.Random, domain: str, number: int) -> Question:
    subject = {
        "chemistry": "Which compound of the table reacts with the acid in sample",
        "grammar": "Which sentence uses the verb in the correct tense in exercise",
    }[domain]
    right = rng.choice(_LETTERS)
    lines = [f"{letter}) {domain} option {rng.randint(100, 999)}" for letter in _LETTERS]
    text = f"{subject} {number}?\n" + "\n".join(lines)
    return Question(domain, text, right, tuple(sorted(set(_LETTERS) - {right})))
