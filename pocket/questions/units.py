"""Units of time and measure, days of the week, months."""

from __future__ import annotations

import random

from .base import Phrasings, Question, Split, build, phrase
from .frames import framed

DOMAIN = "units"

_WRITTEN: Phrasings = {
    "convert": {
        "train": (
            "How many {u} are in {n} {v}?",
            "Convert {n} {v} to {u}.",
            "{n} {v} is how many {u}?",
            "Change {n} {v} into {u}.",
            "How many {u} make {n} {v}?",
        ),
        "calibration": (
            "How many {u} do {n} {v} have?",
            "Change {n} {v} to {u}.",
            "Convert {n} {v} into {u} for me.",
            "{n} {v}: how many {u} is that?",
            "How many {u} in {n} {v}?",
            "Tell me how many {u} are in {n} {v}.",
            "What is {n} {v} in {u}?",
            "I need {n} {v} in {u}.",
        ),
        "test": (
            "Can you convert {n} {v} into {u}?",
            "How many {u} is {n} {v}?",
            "I want to change {n} {v} to {u}.",
        ),
    },
    "weekday": {
        "train": (
            "What day is {n} days after {d}?",
            "Today is {d}. What day is it in {n} days?",
            "Which weekday comes {n} days after {d}?",
            "If today is {d}, which day is it in {n} days?",
            "It is {d} now. Name the day {n} days from now.",
        ),
        "calibration": (
            "If today is {d}, what day is it {n} days from now?",
            "What weekday comes {n} days after {d}?",
            "Today it is {d}. Which day is it in {n} days?",
            "Tell me which day comes {n} days after {d}.",
            "It is {d}. Which weekday is it in {n} days?",
            "Name the weekday {n} days after {d}.",
        ),
        "test": (
            "If it is {d} today, what weekday is it in {n} days?",
            "Which day is {n} days after {d}?",
            "Today is {d}. Name the weekday {n} days from now.",
        ),
    },
    "month": {
        "train": (
            "What month is {n} months after {m}?",
            "It is {m} now. Which month is it in {n} months?",
            "Which month comes {n} months after {m}?",
            "If this month is {m}, what month is it in {n} months?",
        ),
        "calibration": (
            "If it is {m} now, which month is it {n} months from now?",
            "What month comes {n} months after {m}?",
            "Now it is {m}. Name the month in {n} months.",
            "Tell me which month comes {n} months after {m}.",
            "This month is {m}. What month is it in {n} months?",
            "Name the month {n} months after {m}.",
        ),
        "test": (
            "If it is {m} now, what month is it in {n} months?",
            "Which month is {n} months after {m}?",
            "It is {m}. Name the month {n} months from now.",
        ),
    },
}
_DOING = {
    "convert": (
        "convert {n} {v} to {u}",
        "change {n} {v} into {u}",
        "count the {u} in {n} {v}",
        "say how many {u} are in {n} {v}",
    ),
    "weekday": (
        "name the day {n} days after {d}",
        "find the weekday {n} days after {d}",
        "say which day comes {n} days after {d}",
    ),
    "month": (
        "name the month {n} months after {m}",
        "find the month that comes {n} months after {m}",
        "say which month comes {n} months after {m}",
    ),
}
_NAMING = {
    "convert": (
        "{n} {v} in {u}",
        "the number of {u} in {n} {v}",
    ),
    "weekday": (
        "the day {n} days after {d}",
        "the weekday {n} days from {d}",
    ),
    "month": (
        "the month {n} months after {m}",
        "the month {n} months from {m}",
    ),
}
PHRASINGS = framed(_WRITTEN, _DOING, _NAMING)

# (larger unit, smaller unit, how many of the smaller make one of the larger)
RATIOS = (
    ("hours", "minutes", 60),
    ("minutes", "seconds", 60),
    ("days", "hours", 24),
    ("weeks", "days", 7),
    ("years", "months", 12),
    ("feet", "inches", 12),
    ("yards", "feet", 3),
    ("kilometers", "meters", 1000),
    ("meters", "centimeters", 100),
    ("centimeters", "millimeters", 10),
    ("kilograms", "grams", 1000),
    ("liters", "milliliters", 1000),
    ("pounds", "ounces", 16),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One conversion to a smaller unit, one weekday or one month some time ahead."""
    operation = rng.choices(tuple(PHRASINGS), (2, 1, 1))[0]
    if operation == "convert":
        large, small, ratio = rng.choice(RATIOS)
        n = rng.randint(2, 20)
        text = phrase(rng, PHRASINGS, operation, split, noise, n=n, v=large, u=small)
        return build(DOMAIN, text, f"{n * ratio} {small}", f"{n}*{ratio}={n * ratio}")
    n = rng.randint(2, 30)
    if operation == "weekday":
        start = rng.randrange(7)
        text = phrase(rng, PHRASINGS, operation, split, noise, n=n, d=WEEKDAYS[start])
        return build(DOMAIN, text, WEEKDAYS[(start + n) % 7], _ahead(WEEKDAYS, start, n))
    start = rng.randrange(12)
    text = phrase(rng, PHRASINGS, operation, split, noise, n=n, m=MONTHS[start])
    return build(DOMAIN, text, MONTHS[(start + n) % 12], _ahead(MONTHS, start, n))


def _ahead(names: tuple[str, ...], start: int, n: int) -> str:
    """The working: the numbers of the days or months, from 1, and how far the last turn goes.

    Example:
        >>> _ahead(WEEKDAYS, 5, 17)
        ' Saturday=6;17%7=3;6+3=9; Tuesday=2'
    """
    turn, rest = len(names), n % len(names)
    end = (start + n) % turn
    # The space makes a name one token.
    return (
        f" {names[start]}={start + 1};{n}%{turn}={rest};"
        f"{start + 1}+{rest}={start + 1 + rest}; {names[end]}={end + 1}"
    )
