"""Shared by all domains: a question, and its phrasings in three splits."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from .surface import disturb, dress, undress

Split = Literal["train", "calibration", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

NOT_SURE = "not sure"
"""The answer of a model to questions that it has learnt to decline."""

Phrasings = Mapping[str, Sequence[str]]
"""operation -> patterns; `(one|two|)` is a choice, `{k}` a field."""


@dataclass(frozen=True)
class Question:
    """One question with its known answer.

    Attributes:
        domain: The domain that it was drawn from, one of `DOMAINS`, or `OUTSIDE`.
        text: The user's question.
        reply: The reply of a good model; its last line is `Answer: …` with `answer`.
        answer: The final answer.
    """

    domain: str
    text: str
    reply: str
    answer: str


def build(domain: str, text: str, answer: str, work: str = "") -> Question:
    """Make a question whose reply is the working, if any, then the line `Answer: …`."""
    reply = f"{work}\nAnswer: {answer}" if work else f"Answer: {answer}"
    return Question(domain, text, reply, answer)


def split_of(phrasing: str) -> Split:
    """The split of a phrasing: seven in ten train, two calibrate, one tests.

    Case, final punctuation, and polite words around a phrasing do not change it.

    Example:
        >>> split_of("what is {a} plus {b}") == split_of("Hey, what is {a} plus {b}?")
        True
    """
    place = zlib.crc32(undress(phrasing).encode()) % 20
    return "train" if place < 14 else "calibration" if place < 18 else "test"


def phrase(
    rng: random.Random,
    phrasings: Phrasings,
    operation: str,
    split: Split,
    noise: float = 0.0,
    *,
    lower: bool = True,
    **slots: object,
) -> str:
    """Word a question as people type it: one phrasing of a split with its fields filled in.

    Args:
        rng: The only source of randomness.
        phrasings: The patterns of the domain.
        operation: Key of the patterns, such as `"reverse"`.
        split: Split of the phrasing.
        noise: Probability that neutral words disturb the phrasing; training only.
        lower: Whether a sloppy typist also writes the fields in lower case.
        **slots: Values for the pattern's fields.
    """
    bare = skeleton(rng, phrasings[operation], split)
    if rng.random() < noise:
        disturbed = disturb(rng, bare)
        # If noise makes a phrasing of another split, it is not used.
        bare = disturbed if split_of(disturbed) == split else bare
    text, sloppy = dress(rng, bare)
    if sloppy and lower:
        return text.format(**{key: str(value).lower() for key, value in slots.items()})
    return text.format(**slots)


def skeleton(rng: random.Random, patterns: Sequence[str], split: Split) -> str:
    """A phrasing of a split whose fields are not filled in.

    Raises:
        ValueError: The patterns have too few phrasings in that split.
    """
    for _ in range(3000):
        bare = expand(rng, rng.choice(patterns))
        if split_of(bare) == split:
            return bare
    raise ValueError(f"too few phrasings for the {split} split: {patterns}")


def expand(rng: random.Random, pattern: str) -> str:
    """Choose among the alternatives of a pattern.

    Example:
        >>> expand(random.Random(0), "(what's|what is) the (sum|total) of {a} and {b}")
        'what is the total of {a} and {b}'
    """
    return re.sub(r"\s+", " ", _choose(rng, _parsed(pattern))).strip()


def _choose(rng: random.Random, parts: tuple[object, ...]) -> str:
    made = []
    for part in parts:
        if isinstance(part, str):
            made.append(part)
        else:
            made.append(_choose(rng, rng.choice(part)))  # type: ignore[arg-type]
    return "".join(made)


@cache
def _parsed(pattern: str) -> tuple[object, ...]:
    """A pattern as text and lists of alternatives, parsed recursively."""
    stack: list[list[list[object]]] = [[[]]]
    for piece in re.split(r"([(|)])", pattern):
        if piece == "(":
            stack.append([[]])
        elif piece == "|":
            stack[-1].append([])
        elif piece == ")":
            done = stack.pop()
            stack[-1][-1].append([tuple(parts) for parts in done])
        elif piece:
            stack[-1][-1].append(piece)
    return tuple(stack[0][0])
