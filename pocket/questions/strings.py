"""Small operations on the letters of a made-up word."""

from __future__ import annotations

import random
import string

from .base import Phrasings, Question, Split, build, phrase
from .frames import framed

DOMAIN = "strings"

_WRITTEN: Phrasings = {
    "reverse": {
        "train": (
            "Reverse the word '{s}'.",
            "Write '{s}' backwards.",
            "What is '{s}' spelled backwards?",
            "Reverse the letters of '{s}'.",
            "Give me the string '{s}' in reverse.",
            "Spell '{s}' backwards.",
        ),
        "calibration": (
            "Reverse the string '{s}'.",
            "Write the word '{s}' backwards.",
            "Spell the letters of '{s}' backwards.",
            "What is the reverse of '{s}'?",
            "Can you reverse the string '{s}'?",
            "How is '{s}' written backwards?",
            "I want '{s}' in reverse, please.",
        ),
        "test": (
            "Please write the letters of '{s}' backwards.",
            "What is the string '{s}' in reverse?",
            "Could you reverse '{s}' for me?",
        ),
    },
    "upper": {
        "train": (
            "Write '{s}' in capital letters.",
            "Put the word '{s}' in upper case.",
            "Change '{s}' to upper case.",
            "What is '{s}' in capitals?",
            "Give me the string '{s}' in capital letters.",
            "Make all letters of '{s}' upper case.",
        ),
        "calibration": (
            "Change the letters of '{s}' to capitals.",
            "Write the word '{s}' in upper case.",
            "What is '{s}' in capital letters?",
            "Can you put '{s}' in capital letters?",
            "How is '{s}' written in upper case?",
            "I want '{s}' in capitals, please.",
        ),
        "test": (
            "Please change the word '{s}' to capital letters.",
            "What is the string '{s}' in upper case?",
            "Could you write '{s}' in capitals for me?",
        ),
    },
    "sort": {
        "train": (
            "Sort the letters of '{s}'.",
            "Put the letters of '{s}' in alphabetical order.",
            "Write '{s}' with its letters in alphabetical order.",
            "What are the letters of '{s}' in alphabetical order?",
            "Order the letters of '{s}' from a to z.",
            "Sort '{s}' by letter.",
        ),
        "calibration": (
            "Sort the letters in the string '{s}'.",
            "Put '{s}' in alphabetical order.",
            "What is '{s}' in alphabetical order?",
            "Can you sort the letters of the word '{s}'?",
            "How is '{s}' written in alphabetical order?",
            "I want the letters of '{s}' sorted from a to z.",
        ),
        "test": (
            "Please sort the string '{s}' in alphabetical order.",
            "What is '{s}' with its letters sorted?",
            "Could you order the letters of '{s}' in alphabetical order?",
        ),
    },
    "vowels": {
        "train": (
            "Remove the vowels from '{s}'.",
            "Write '{s}' without vowels.",
            "Delete all vowels in '{s}'.",
            "What is '{s}' without its vowels?",
            "Give me the string '{s}' with no vowels.",
            "Take the vowels out of '{s}'.",
        ),
        "calibration": (
            "Remove all vowels of '{s}'.",
            "Write the word '{s}' without its vowels.",
            "Take all the vowels out of the string '{s}'.",
            "Can you delete the vowels of the word '{s}'?",
            "How is '{s}' written with no vowels?",
            "I want '{s}' without any vowels.",
        ),
        "test": (
            "Please remove all vowels from the word '{s}'.",
            "What is the string '{s}' without vowels?",
            "Could you take all vowels out of '{s}'?",
        ),
    },
    "double": {
        "train": (
            "Double every letter of '{s}'.",
            "Write every letter of '{s}' twice.",
            "Repeat each letter in '{s}' two times.",
            "What is '{s}' with every letter doubled?",
            "Give me the string '{s}' with each letter twice.",
        ),
        "calibration": (
            "Double the letters of '{s}'.",
            "Write each letter of '{s}' two times.",
            "Repeat every letter of '{s}' twice.",
            "Can you double each letter of the word '{s}'?",
            "How is '{s}' written with every letter twice?",
            "I want each letter of '{s}' doubled.",
        ),
        "test": (
            "Please write each letter of the word '{s}' twice.",
            "What is the string '{s}' with each letter doubled?",
            "Could you double all letters of '{s}'?",
        ),
    },
}
_DOING = {
    "reverse": (
        "reverse '{s}'",
        "reverse the letters of '{s}'",
        "write '{s}' backwards",
        "spell the word '{s}' backwards",
        "turn the letters of '{s}' around",
    ),
    "upper": (
        "write '{s}' in capitals",
        "put '{s}' in upper case",
        "change '{s}' to capital letters",
        "write the letters of '{s}' in upper case",
        "make '{s}' upper case",
    ),
    "sort": (
        "sort '{s}'",
        "sort the letters of '{s}'",
        "put the letters of '{s}' in alphabetical order",
        "order the letters in '{s}' from a to z",
        "write the letters of '{s}' sorted",
        "arrange '{s}' in alphabetical order",
    ),
    "vowels": (
        "remove the vowels of '{s}'",
        "take the vowels out of '{s}'",
        "delete every vowel in '{s}'",
        "write '{s}' without vowels",
        "drop all vowels from '{s}'",
    ),
    "double": (
        "double each letter of '{s}'",
        "write each letter of '{s}' twice",
        "repeat every letter of '{s}'",
        "double the letters in '{s}'",
        "write '{s}' with every letter twice",
    ),
}
_NAMING = {
    "reverse": (
        "the reverse of '{s}'",
        "'{s}' backwards",
        "the word '{s}' in reverse",
        "the letters of '{s}' from last to first",
    ),
    "upper": (
        "'{s}' in upper case",
        "the word '{s}' in capitals",
        "'{s}' in capital letters",
        "the letters of '{s}' as capitals",
    ),
    "sort": (
        "'{s}' sorted",
        "the sorted letters of '{s}'",
        "the letters of '{s}' from a to z",
        "the word '{s}' in alphabetical order",
    ),
    "vowels": (
        "'{s}' without vowels",
        "the word '{s}' with no vowels",
        "the letters of '{s}' that are not vowels",
        "'{s}' with its vowels removed",
    ),
    "double": (
        "'{s}' with its letters doubled",
        "the word '{s}' with each letter twice",
        "'{s}' with every letter repeated",
        "each letter of '{s}' two times",
    ),
}
PHRASINGS = framed(_WRITTEN, _DOING, _NAMING)

VOWELS = "aeiou"


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One word of four to nine letters and what to do with it."""
    operation = rng.choice(tuple(PHRASINGS))
    longest = 6 if operation == "double" else 9
    word = "".join(
        rng.choice(VOWELS if rng.random() < 0.4 else string.ascii_lowercase)
        for _ in range(rng.randint(4, longest))
    )
    if operation == "vowels" and not set(word) - set(VOWELS):
        word += "t"  # an empty answer could not be told from no answer
    text = phrase(rng, PHRASINGS, operation, split, noise, s=word)
    return build(DOMAIN, text, apply(operation, word))


def apply(operation: str, word: str) -> str:
    """What the operation makes of the word."""
    if operation == "reverse":
        return word[::-1]
    if operation == "upper":
        return word.upper()
    if operation == "sort":
        return "".join(sorted(word))
    if operation == "double":
        return "".join(letter * 2 for letter in word)
    return "".join(letter for letter in word if letter not in VOWELS)
