"""Sums, differences and products, worked column by column before the answer."""

from __future__ import annotations

import random

from .base import Phrasings, Question, Split, build, phrase
from .frames import framed

DOMAIN = "arithmetic"

_WRITTEN: Phrasings = {
    "add": {
        "train": (
            "What is {a} + {b}?",
            "Compute {a} + {b}.",
            "Add {a} and {b}.",
            "What is the sum of {a} and {b}?",
            "{a} plus {b} equals what number?",
            "Calculate {a} plus {b}.",
            "How much is {a} + {b}?",
            "Find the total of {a} and {b}.",
        ),
        "calibration": (
            "Please, what is {a} + {b}.",
            "What do I get for {a} + {b}?",
            "What is {a} plus {b}?",
            "Add {a} to {b}.",
            "Give me the sum of {a} and {b}.",
            "How much is {a} plus {b}?",
            "Can you calculate {a} + {b}?",
            "Tell me the sum of {a} and {b}.",
            "I want to add {a} and {b}, what is the total?",
            "Work out {a} plus {b}.",
        ),
        "test": (
            "Could you tell me how much {a} plus {b} is?",
            "Find the sum of {a} and {b}.",
            "What number is {a} + {b}?",
            "I need the total of {a} + {b}.",
        ),
    },
    "subtract": {
        "train": (
            "What is {a} - {b}?",
            "Compute {a} - {b}.",
            "Subtract {b} from {a}.",
            "What is the difference of {a} and {b}?",
            "{a} minus {b} equals what number?",
            "Calculate {a} minus {b}.",
            "How much is {a} - {b}?",
            "Take {b} away from {a}.",
        ),
        "calibration": (
            "Please, what is {a} - {b}.",
            "What do I get for {a} - {b}?",
            "What is {a} minus {b}?",
            "Subtract the number {b} from {a}.",
            "Give me the difference of {a} and {b}.",
            "How much is {a} minus {b}?",
            "Can you calculate {a} - {b}?",
            "Tell me the difference of {a} and {b}.",
            "I want to subtract {b} from {a}, what is it?",
            "Work out {a} minus {b}.",
        ),
        "test": (
            "Could you tell me how much {a} minus {b} is?",
            "Find the difference of {a} and {b}.",
            "What number is {a} - {b}?",
            "I need to subtract {b} from {a}.",
        ),
    },
    "multiply": {
        "train": (
            "What is {a} * {b}?",
            "Compute {a} * {b}.",
            "Multiply {a} by {b}.",
            "What is the product of {a} and {b}?",
            "{a} times {b} equals what number?",
            "Calculate {a} times {b}.",
            "How much is {a} * {b}?",
        ),
        "calibration": (
            "Please, what is {a} * {b}.",
            "What do I get for {a} * {b}?",
            "What is {a} times {b}?",
            "Multiply the numbers {a} and {b}.",
            "Give me the product of {a} and {b}.",
            "How much is {a} times {b}?",
            "Can you calculate {a} * {b}?",
            "Tell me the product of {a} and {b}.",
            "I want to multiply {a} by {b}, what is it?",
            "Work out {a} times {b}.",
        ),
        "test": (
            "Could you tell me how much {a} times {b} is?",
            "Find the product of {a} and {b}.",
            "What number is {a} * {b}?",
            "I need to multiply {a} by {b}.",
        ),
    },
}
_DOING = {
    "add": (
        "add {a} and {b}",
        "add {b} to {a}",
        "work out {a} + {b}",
        "calculate the sum of {a} and {b}",
    ),
    "subtract": (
        "subtract {b} from {a}",
        "take {b} from {a}",
        "work out {a} - {b}",
        "calculate the difference of {a} and {b}",
    ),
    "multiply": (
        "multiply {a} by {b}",
        "multiply {a} with {b}",
        "work out {a} * {b}",
        "calculate the product of {a} and {b}",
    ),
}
_NAMING = {
    "add": (
        "{a} + {b}",
        "{a} plus {b}",
        "the sum of {a} and {b}",
        "the total of {a} plus {b}",
        "the result of {a} + {b}",
    ),
    "subtract": (
        "{a} - {b}",
        "{a} minus {b}",
        "the difference of {a} and {b}",
        "the difference between {a} and {b}",
        "the result of {a} - {b}",
    ),
    "multiply": (
        "{a} * {b}",
        "{a} times {b}",
        "the product of {a} and {b}",
        "{a} multiplied by {b}",
        "the result of {a} * {b}",
    ),
}
PHRASINGS = framed(_WRITTEN, _DOING, _NAMING)


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One sum, difference (never negative) or product of whole numbers."""
    operation = rng.choice(tuple(PHRASINGS))
    if operation == "multiply":
        a, b = rng.randint(100, 9999), rng.randint(2, 9)
    else:
        a, b = rng.randint(100, 9999), rng.randint(100, 9999)
        if operation == "subtract" and a < b:
            a, b = b, a
    answer = {"add": a + b, "subtract": a - b, "multiply": a * b}[operation]
    text = phrase(rng, PHRASINGS, operation, split, noise, a=a, b=b)
    return build(DOMAIN, text, str(answer), columns(operation, a, b))


def columns(operation: str, a: int, b: int) -> str:
    """The working, right to left: two digits, the carry, and the carry and digit they give.

    Example:
        >>> columns("add", 58, 67)
        '8+7+0=15;5+6+1=12;'
    """
    top, carry, steps = str(a)[::-1], 0, []
    bottom = str(b)[::-1] if operation != "multiply" else str(b) * len(top)
    for place in range(max(len(top), len(bottom))):
        x = int(top[place]) if place < len(top) else 0
        y = int(bottom[place]) if place < len(bottom) else 0
        if operation == "subtract":
            digit = x - y - carry
            now, digit = (1, digit + 10) if digit < 0 else (0, digit)
            steps.append(f"{x}-{y}-{carry}={now}{digit};")
        else:
            value = (x * y if operation == "multiply" else x + y) + carry
            now, digit = divmod(value, 10)
            sign = "*" if operation == "multiply" else "+"
            steps.append(f"{x}{sign}{y}+{carry}={now}{digit};")
        carry = now
    return "".join(steps)
