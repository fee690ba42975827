"""Small operations on a list of whole numbers."""

from __future__ import annotations

import random

from .base import Phrasings, Question, Split, build, phrase
from .frames import framed

DOMAIN = "lists"

_WRITTEN: Phrasings = {
    "ascending": {
        "train": (
            "Sort the list {s}.",
            "Sort {s} in ascending order.",
            "Put the numbers {s} in ascending order.",
            "Order the list {s} from small to large.",
            "What is the list {s} in ascending order?",
            "Arrange {s} from smallest to largest.",
        ),
        "calibration": (
            "Sort the list {s} in ascending order.",
            "Arrange the numbers {s} in ascending order.",
            "Can you sort the numbers {s}?",
            "I want the list {s} from smallest to largest.",
            "Put {s} in order from small to large.",
        ),
        "test": (
            "Please arrange the list {s} in ascending order.",
            "What are the numbers {s} from smallest to largest?",
            "Could you sort {s} from small to large?",
        ),
    },
    "descending": {
        "train": (
            "Sort the list {s} from large to small.",
            "Sort {s} in descending order.",
            "Put the numbers {s} in descending order.",
            "Order the list {s} from large to small.",
            "What is the list {s} in descending order?",
            "Arrange {s} from largest to smallest.",
        ),
        "calibration": (
            "Sort the list {s} in descending order.",
            "Arrange the numbers {s} in descending order.",
            "Can you sort the numbers {s} in descending order?",
            "I want the list {s} from largest to smallest.",
            "Put {s} in order from large to small.",
        ),
        "test": (
            "Please arrange the list {s} in descending order.",
            "What are the numbers {s} from largest to smallest?",
            "Could you sort {s} from large to small?",
        ),
    },
    "reverse": {
        "train": (
            "Reverse the list {s}.",
            "Reverse {s}.",
            "Write the list {s} in reverse.",
            "What is the list {s} in reverse?",
            "Give the numbers {s} in reverse.",
            "Turn the list {s} around.",
        ),
        "calibration": (
            "Reverse the numbers in {s}.",
            "What is {s} in reverse?",
            "Can you reverse the numbers {s}?",
            "I want the list {s} in reverse.",
            "Turn {s} around.",
        ),
        "test": (
            "Please give the list {s} in reverse.",
            "What are the numbers {s} in reverse?",
            "Could you turn around the list {s}?",
        ),
    },
    "maximum": {
        "train": (
            "What is the largest number in {s}?",
            "Find the maximum of {s}.",
            "What is the maximum of the list {s}?",
            "Which number in {s} is the largest?",
            "Give the largest value of {s}.",
        ),
        "calibration": (
            "What is the maximum of {s}?",
            "Which number is the largest in {s}?",
            "Can you find the largest value in the list {s}?",
            "Tell me the maximum of {s}.",
            "I want the largest number of {s}.",
        ),
        "test": (
            "Which number is the maximum of {s}?",
            "Find the largest number in the list {s}.",
            "What is the largest value in {s}?",
        ),
    },
    "minimum": {
        "train": (
            "What is the smallest number in {s}?",
            "Find the minimum of {s}.",
            "What is the minimum of the list {s}?",
            "Which number in {s} is the smallest?",
            "Give the smallest value of {s}.",
        ),
        "calibration": (
            "What is the minimum of {s}?",
            "Which number is the smallest in {s}?",
            "Can you find the smallest value in the list {s}?",
            "Tell me the minimum of {s}.",
            "I want the smallest number of {s}.",
        ),
        "test": (
            "Which number is the minimum of {s}?",
            "Find the smallest number in the list {s}.",
            "What is the smallest value in {s}?",
        ),
    },
    "even": {
        "train": (
            "Keep only the even numbers of {s}.",
            "Which numbers in {s} are even?",
            "List the even numbers in {s}.",
            "Remove the odd numbers from {s}.",
            "Take the odd numbers out of the list {s}.",
        ),
        "calibration": (
            "Keep the even numbers in {s}.",
            "Which even numbers are in {s}?",
            "Can you remove the odd numbers from the list {s}?",
            "I want only the even numbers of the list {s}.",
            "Tell me which numbers of {s} are even.",
        ),
        "test": (
            "Which numbers in the list {s} are even?",
            "Please keep only the even numbers in {s}.",
            "Could you take the odd numbers out of {s}?",
        ),
    },
    "unique": {
        "train": (
            "Remove the duplicates from {s}.",
            "Remove repeated numbers from the list {s}.",
            "Delete the duplicates in {s}.",
            "What is the list {s} without duplicates?",
            "Keep the first of each repeated number in {s}.",
        ),
        "calibration": (
            "Remove the repeated numbers in {s}.",
            "Delete duplicates from {s}.",
            "Can you delete the duplicates from the list {s}?",
            "I want the list {s} without repeated numbers.",
            "Take the duplicates out of {s}.",
        ),
        "test": (
            "Please remove the duplicates in the list {s}.",
            "What is {s} without repeated numbers?",
            "Could you delete repeated numbers from {s}?",
        ),
    },
}
_DOING = {
    "ascending": (
        "sort {s}",
        "sort the list {s} from small to large",
        "put {s} in ascending order",
        "arrange the list {s} from smallest to largest",
    ),
    "descending": (
        "sort {s} from large to small",
        "sort the list {s} in descending order",
        "put {s} in descending order",
        "arrange the list {s} from largest to smallest",
    ),
    "reverse": (
        "reverse {s}",
        "reverse the numbers of {s}",
        "turn the list {s} around",
        "write {s} in reverse",
    ),
    "maximum": (
        "find the largest number of {s}",
        "find the maximum in the list {s}",
        "take the largest number of {s}",
    ),
    "minimum": (
        "find the smallest number of {s}",
        "find the minimum in the list {s}",
        "take the smallest number of {s}",
    ),
    "even": (
        "keep the even numbers of {s}",
        "remove the odd numbers of {s}",
        "find the even numbers in the list {s}",
        "take the odd numbers from {s} out",
    ),
    "unique": (
        "remove the duplicates of {s}",
        "delete the repeated numbers of {s}",
        "keep each number of {s} once",
        "take the duplicates out of the list {s}",
    ),
}
_NAMING = {
    "ascending": (
        "{s} in ascending order",
        "the list {s} from small to large",
        "the numbers {s} from smallest to largest",
    ),
    "descending": (
        "{s} in descending order",
        "the list {s} from large to small",
        "the numbers {s} from largest to smallest",
    ),
    "reverse": (
        "{s} in reverse",
        "the reverse of {s}",
        "the numbers of {s} from last to first",
    ),
    "maximum": (
        "the maximum of {s}",
        "the largest number in {s}",
        "the largest of the numbers {s}",
    ),
    "minimum": (
        "the minimum of {s}",
        "the smallest number in {s}",
        "the smallest of the numbers {s}",
    ),
    "even": (
        "the even numbers of {s}",
        "{s} without the odd numbers",
        "only the even numbers in {s}",
    ),
    "unique": (
        "{s} without duplicates",
        "the list {s} with each number once",
        "the numbers {s} with no duplicates",
    ),
}
PHRASINGS = framed(_WRITTEN, _DOING, _NAMING)


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One list of four to eight numbers below a hundred, and what to do with it."""
    operation = rng.choice(tuple(PHRASINGS))
    numbers = [rng.randint(0, 99) for _ in range(rng.randint(4, 8))]
    if operation == "unique":
        for _ in range(rng.randint(1, 3)):
            numbers[rng.randrange(len(numbers))] = rng.choice(numbers)
    if operation == "even" and all(number % 2 for number in numbers):
        numbers[0] -= 1
    text = phrase(rng, PHRASINGS, operation, split, noise, s=numbers)
    return build(DOMAIN, text, str(apply(operation, numbers)))


def apply(operation: str, numbers: list[int]) -> list[int] | int:
    """What the operation makes of the numbers."""
    if operation in ("ascending", "descending"):
        return sorted(numbers, reverse=operation == "descending")
    if operation == "reverse":
        return numbers[::-1]
    if operation == "maximum":
        return max(numbers)
    if operation == "minimum":
        return min(numbers)
    if operation == "even":
        return [number for number in numbers if number % 2 == 0]
    return list(dict.fromkeys(numbers))
