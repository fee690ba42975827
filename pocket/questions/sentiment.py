"""Is a short review positive or negative? With negation, and with a turn after "but"."""

from __future__ import annotations

import random
import re

from .base import Phrasings, Question, Split, build, phrase

DOMAIN = "sentiment"

PHRASINGS: Phrasings = {
    "review": {
        "train": (
            "Is this review positive or negative? {r}",
            "What is the sentiment of this review? {r}",
            "{r} Is the review positive or negative?",
            "Review: {r} Positive or negative?",
            "Classify the sentiment. {r}",
            "Classify the review as positive or negative: {r}",
            "Does this review sound positive or negative? {r}",
            "Read the review. {r} Is its sentiment positive or negative?",
        ),
        "calibration": (
            "Is the sentiment of this review positive or negative? {r}",
            "Review: {r} What is the sentiment?",
            "Classify this: {r} Is it positive or negative?",
            "What is the sentiment? {r}",
            "Tell me if the review is positive or negative: {r}",
            "{r} What is the sentiment?",
            "Find the sentiment of the review. {r}",
            "Positive or negative? {r}",
        ),
        "test": (
            "What sentiment does this review have? {r}",
            "{r} Is this positive or negative?",
            "Can you classify this review? {r}",
            "Find out if this review is positive or negative. {r}",
        ),
    },
}

# Frames of a review: {g} takes an adjective of the review's mood, {w} one of the opposite mood.
FRAMES: dict[Split, tuple[str, ...]] = {
    "train": (
        "The {n} was {g}.",
        "The {n} was not {w}.",
        "I think the {n} was {g} and {g}.",
        "The {n} was {w}, but the {m} was {g}.",
        "A {g} {n} with a {g} {m}.",
        "The {m} was {g} and the {n} was not {w} at all.",
        "At first it seemed {w}, but in the end the {n} was {g}.",
        "It was never {w}, it was {g}.",
        "It was {g}.",
        "The {m} was {g}, not {w}.",
        "It seemed {g} and it was {g}.",
        "The {m} was {w} and {w}, but I think the {n} was not {w}.",
        "The {n} and the {m} was never {w}.",
        "It was not {w}, and the {m} was {g}.",
        "{w} at first, but the {n} was {g} in the end.",
        "The {n} was not {w}, but {g}.",
        "It was never {w}, but {g} and {g}.",
        "I think it was not {w}, it was {g}.",
        "The {n} was not {w}, the {m} was {g}.",
        "The {m} was {g}, but the {n} was not {w}, it was {g}.",
    ),
    "calibration": (
        "I think the {n} was not {w} at all.",
        "The {n} seemed {w}, but it was {g}.",
        "A {g} {n}, and the {m} was {g}.",
        "It was not {w}, but {g}.",
    ),
    "test": (
        "In the end the {n} was {g} and not {w}.",
        "The {n} was {g}, it was never {w}.",
        "I think the {m} was {w}, but the {n} was {g}.",
        "At first the {m} seemed {w}, but it was {g}.",
    ),
}
GOOD = [
    "great",
    "wonderful",
    "brilliant",
    "lovely",
    "excellent",
    "superb",
    "charming",
    "delightful",
    "amazing",
    "fantastic",
    "perfect",
    "beautiful",
    "clever",
    "funny",
    "moving",
    "fresh",
    "tasty",
    "friendly",
]
BAD = [
    "terrible",
    "awful",
    "boring",
    "dull",
    "horrible",
    "poor",
    "dreadful",
    "weak",
    "stale",
    "rude",
    "ugly",
    "silly",
    "slow",
    "cold",
    "bland",
    "broken",
    "annoying",
    "messy",
]
NOUNS = [
    "film",
    "book",
    "story",
    "acting",
    "music",
    "plot",
    "food",
    "service",
    "room",
    "hotel",
    "game",
    "show",
    "meal",
    "song",
]


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One review of one sentence; both moods are as likely."""
    mood, other = rng.sample((GOOD, BAD), 2)
    n, m = rng.sample(NOUNS, 2)
    review = ""
    for piece in rng.choice(FRAMES[split]).split("{g}"):
        # Each field takes a word of its own.
        filled = piece.replace("{w}", rng.choice(other)).format(n=n, m=m)
        review += filled + rng.choice(mood)
    review = review[: review.rindex(".") + 1]
    text = phrase(rng, PHRASINGS, "review", split, noise, r=review)
    return build(DOMAIN, text, "positive" if mood is GOOD else "negative", _last(review))


def _last(review: str) -> str:
    """The working: the last judgement, which decides, and its word's own mood.

    Example:
        >>> _last("The food was cold, but the service was never slow.")
        ' never slow-'
    """
    judgement = re.findall(rf"(?: (?:not|never))? (?:{'|'.join(GOOD + BAD)})\b", review)[-1]
    return judgement + ("+" if judgement.split()[-1] in GOOD else "-")
