"""Knights, who always tell the truth, knaves, who always lie, and small boolean formulas."""

from __future__ import annotations

import random
from collections.abc import Callable

from .base import Phrasings, Question, Split, build, phrase
from .frames import framed

DOMAIN = "logic"

_WRITTEN: Phrasings = {
    "knights": {
        "train": (
            "Knights tell the truth and knaves lie. {x} says: {p} {y} says: {q} "
            "Who is a knight and who is a knave?",
            "On an island of knights and knaves, {x} says: {p} {y} says: {q} What are they?",
            "{x} and {y} are knights or knaves. {x} says: {p} {y} says: {q} Who is who?",
            "A knight always tells the truth, a knave always lies. {x} says: {p} {y} says: {q} "
            "What are {x} and {y}?",
            "{x} says: {p} {y} says: {q} Who is a knave and who is a knight?",
            "{x} says: {p} {y} says: {q} What are {x} and {y}?",
            "Who lies? {x} says: {p} {y} says: {q}",
            "Is {x} a knight? Is {y}? {x} says: {p} {y} says: {q}",
            "{x} says: {p} {y} says: {q} One kind is a knight, who tells the truth, "
            "the other a knave, who lies. Name the kind of {x} and {y}.",
            "You meet {x} and {y}. {x} says: {p} {y} says: {q} Find out who is a knight.",
            "Here live knights, who never lie, and knaves, who always do. {x} says: {p} "
            "{y} says: {q} What is each of them?",
        ),
        "calibration": (
            "{x} says: {p} {y} says: {q} Knights tell the truth, knaves lie. Who is who?",
            "{x} says: {p} {y} says: {q} Are they knights or knaves?",
            "{x} and {y} live on an island of knights and knaves. {x} says: {p} {y} says: {q} "
            "Who is a knave?",
            "Knaves always lie and knights tell the truth. {x} says: {p} {y} says: {q} "
            "What is {x} and what is {y}?",
            "Who is a knight? {x} says: {p} {y} says: {q}",
        ),
        "test": (
            "On this island a knight tells the truth and a knave lies. {x} says: {p} "
            "{y} says: {q} Who is who?",
            "Are {x} and {y} knights or knaves? {x} says: {p} {y} says: {q}",
            "Knights and knaves: {x} says: {p} {y} says: {q} Who is a knight?",
        ),
    },
    "formula": {
        "train": (
            "What is {f}?",
            "Is {f} true or false?",
            "Evaluate {f}.",
            "Evaluate the logic formula {f}.",
            "Find the value of {f}.",
        ),
        "calibration": (
            "Evaluate the formula {f}.",
            "What is the value of {f}?",
            "Is it true or false: {f}?",
            "Is the formula {f} true or false?",
            "Tell me the value of the formula {f}.",
            "Work out if {f} is true or false.",
        ),
        "test": (
            "Find out if {f} is true or false.",
            "What is the value of the formula {f}?",
            "Can you evaluate the formula {f}?",
        ),
    },
}
_DOING = {
    "formula": (
        "evaluate {f}",
        "work out the formula {f}",
        "find out whether {f} is true",
        "say whether {f} is true or false",
    ),
}
_NAMING = {
    "formula": (
        "the value of {f}",
        "the truth of {f}",
    ),
}
PHRASINGS = framed(_WRITTEN, _DOING, _NAMING)

NAMES = ("Ann", "Bob", "Cara", "Dan", "Eve", "Finn", "Gina", "Hugo", "Iris", "Jack", "Kim", "Leo")

Claim = tuple[str, Callable[[bool, bool], bool]]
# A claim's truth from (is the speaker a knight, is the other a knight).
CLAIMS: tuple[Claim, ...] = (
    ("{o} is a knight.", lambda s, o: o),
    ("{o} is a knave.", lambda s, o: not o),
    ("We are both knights.", lambda s, o: s and o),
    ("We are both knaves.", lambda s, o: not s and not o),
    ("We are the same kind.", lambda s, o: s == o),
    ("We are different kinds.", lambda s, o: s != o),
    ("At least one of us is a knave.", lambda s, o: not s or not o),
    ("At least one of us is a knight.", lambda s, o: s or o),
    ("I am a knight.", lambda s, o: s),
)


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """A puzzle with exactly one solution, or a formula of four terms."""
    if rng.random() < 0.5:
        return _formula(rng, split, noise)
    while True:
        p, q = rng.randrange(len(CLAIMS)), rng.randrange(len(CLAIMS))
        worlds = solutions(p, q)
        if len(worlds) == 1:
            break
    x, y = rng.sample(NAMES, 2)
    first, second = (("knave", "knight")[kind] for kind in worlds[0])
    slots = {"x": x, "y": y, "p": CLAIMS[p][0].format(o=y), "q": CLAIMS[q][0].format(o=x)}
    text = phrase(rng, PHRASINGS, "knights", split, noise, **slots)
    return build(DOMAIN, text, f"{x} {first}, {y} {second}")


def solutions(p: int, q: int) -> list[tuple[bool, bool]]:
    """Every (first is a knight, second is a knight) that fits the two claims, by number."""
    worlds = [(x, y) for x in (False, True) for y in (False, True)]
    return [(x, y) for x, y in worlds if CLAIMS[p][1](x, y) == x and CLAIMS[q][1](y, x) == y]


def _formula(rng: random.Random, split: Split, noise: float) -> Question:
    left, left_value = _pair(rng)
    right, right_value = _pair(rng)
    joint = rng.choice(("and", "or"))
    value = left_value and right_value if joint == "and" else left_value or right_value
    text = phrase(rng, PHRASINGS, "formula", split, noise, f=f"({left}) {joint} ({right})")
    work = f"{_word(left_value)} {joint} {_word(right_value)}"
    return build(DOMAIN, text, _word(value), work)


def _pair(rng: random.Random) -> tuple[str, bool]:
    (a, x), (b, y) = _term(rng), _term(rng)
    joint = rng.choice(("and", "or"))
    return f"{a} {joint} {b}", (x and y if joint == "and" else x or y)


def _term(rng: random.Random) -> tuple[str, bool]:
    value, negated = rng.random() < 0.5, rng.random() < 0.4
    return (f"not {_word(value)}" if negated else _word(value)), value != negated


def _word(value: bool) -> str:
    return "true" if value else "false"
