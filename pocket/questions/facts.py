"""A closed book: facts a model can only answer from its weights.

Every fact appears in training; the phrasings of the `calibration` and `test` splits do not.
"""

from __future__ import annotations

import random

from .base import Phrasings, Question, Split, build, phrase
from .book import FACTS
from .frames import framed

DOMAIN = "facts"

_WRITTEN: Phrasings = {
    "capital": {
        "train": (
            "What is the capital of {k}?",
            "Name the capital city of {k}.",
            "Which city is the capital of {k}?",
            "The capital of {k} is which city?",
            "{k} has what capital?",
        ),
        "calibration": (
            "What is the capital city of {k}?",
            "Which city is {k}'s capital?",
            "Name the capital of {k}.",
            "Tell me the capital of {k}.",
            "Which capital city does {k} have?",
            "Do you know the capital of {k}?",
        ),
        "test": (
            "Can you name the capital of {k}?",
            "What city is the capital city of {k}?",
            "I want to know the capital of {k}.",
        ),
    },
    "continent": {
        "train": (
            "Which continent is {k} in?",
            "On what continent is {k}?",
            "Name the continent of {k}.",
            "{k} is part of which continent?",
            "What continent does {k} belong to?",
        ),
        "calibration": (
            "What continent is {k} on?",
            "Which continent does {k} belong to?",
            "Name the continent that {k} is in.",
            "Tell me the continent of {k}.",
            "{k} is on which continent?",
            "Do you know what continent {k} is on?",
        ),
        "test": (
            "Can you name the continent {k} is in?",
            "What is the continent of {k}?",
            "I want to know which continent {k} belongs to.",
        ),
    },
    "symbol": {
        "train": (
            "What is the chemical symbol for {k}?",
            "Name the chemical symbol of {k}.",
            "Which symbol does the element {k} have?",
            "The element {k} is written with what symbol?",
            "Give the symbol of the element {k}.",
        ),
        "calibration": (
            "What is the symbol of {k}?",
            "Which symbol is used for {k}?",
            "Name the symbol for {k}.",
            "Tell me the chemical symbol of {k}.",
            "Which chemical symbol stands for {k}?",
            "Do you know the symbol for the element {k}?",
        ),
        "test": (
            "Can you name the symbol of the element {k}?",
            "What symbol stands for the element {k}?",
            "I want to know the chemical symbol for {k}.",
        ),
    },
    "currency": {
        "train": (
            "What is the currency of {k}?",
            "Name the money used in {k}.",
            "Which currency is used in {k}?",
            "{k} uses which currency?",
            "What money do people pay with in {k}?",
        ),
        "calibration": (
            "What is the money of {k} called?",
            "Which currency do people in {k} use?",
            "Name the currency of {k}.",
            "Tell me the currency used in {k}.",
            "Which money does {k} use?",
            "Do you know the currency of {k}?",
        ),
        "test": (
            "Can you name the currency used in {k}?",
            "What currency do people use in {k}?",
            "I want to know the currency of {k}.",
        ),
    },
    "author": {
        "train": (
            "Who wrote {k}?",
            "Who is the author of {k}?",
            "Name the author of {k}.",
            "{k} was written by whom?",
            "Which author wrote {k}?",
        ),
        "calibration": (
            "What is the name of the author of {k}?",
            "Who was {k} written by?",
            "Name the writer of {k}.",
            "Tell me who wrote {k}.",
            "Which writer is the author of {k}?",
            "Do you know the author of {k}?",
        ),
        "test": (
            "Can you name the author of {k}?",
            "By whom was {k} written?",
            "I want to know who wrote {k}.",
        ),
    },
    "young": {
        "train": (
            "What is a young {k} called?",
            "What do you call a baby {k}?",
            "Name the young of a {k}.",
            "A baby {k} is called what?",
            "What is the name for the young of a {k}?",
        ),
        "calibration": (
            "What is a baby {k} called?",
            "What do you call the young of a {k}?",
            "Name a young {k}.",
            "Tell me what a young {k} is called.",
            "Which word names a baby {k}?",
            "Do you know the name of a young {k}?",
        ),
        "test": (
            "Can you name the young of a {k}?",
            "What is the name of a baby {k}?",
            "I want to know what a baby {k} is called.",
        ),
    },
}
_DOING = {
    "capital": (
        "name the capital of {k}",
        "name the capital city of {k}",
    ),
    "continent": (
        "name the continent of {k}",
        "name the continent {k} is on",
        "say which continent {k} is on",
    ),
    "symbol": (
        "name the symbol of {k}",
        "name the chemical symbol of the element {k}",
    ),
    "currency": (
        "name the currency of {k}",
        "name the money people use in {k}",
        "say which currency {k} has",
    ),
    "author": (
        "name the author of {k}",
        "name the writer who wrote {k}",
        "say who the author of {k} is",
    ),
    "young": (
        "name a baby {k}",
        "name the young of a {k}",
        "say what a young {k} is called",
    ),
}
_NAMING = {
    "capital": (
        "the capital of {k}",
        "{k}'s capital city",
        "the name of the capital of {k}",
    ),
    "continent": (
        "the continent of {k}",
        "the continent {k} is part of",
    ),
    "symbol": (
        "the symbol of {k}",
        "the symbol for the element {k}",
        "the chemical symbol {k} has",
    ),
    "currency": (
        "the currency of {k}",
        "the money used in {k}",
    ),
    "author": (
        "the author of {k}",
        "the name of the writer of {k}",
    ),
    "young": (
        "the name for a baby {k}",
        "the word for the young of a {k}",
    ),
}
PHRASINGS = framed(_WRITTEN, _DOING, _NAMING)


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One fact, every fact as likely as any other."""
    relation, key = rng.choice(ALL)
    text = phrase(rng, PHRASINGS, relation, split, noise, k=key)
    return build(DOMAIN, text, FACTS[relation][key])


ALL = tuple((relation, key) for relation, book in FACTS.items() for key in book)
