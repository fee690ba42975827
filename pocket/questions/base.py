"""What every domain shares: a question, its phrasings in three splits, and neutral noise."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Split = Literal["train", "calibration", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

Phrasings = Mapping[str, Mapping[Split, Sequence[str]]]
"""operation -> split -> templates. No template may appear in two splits."""

OPENERS: Mapping[Split, Sequence[str]] = {
    "train": ("Please help me.", "Quick question.", "Hello!", "I have a task for you.", "Now,"),
    "calibration": ("Hi!", "A task:", "Please,", "One question for you.", "I need help."),
    "test": ("Hello, quick task.", "Help me please:", "A question for you.", "Hi, I need you."),
}
CLOSERS: Mapping[Split, Sequence[str]] = {
    "train": ("Thanks!", "Please answer.", "Help me please."),
    "calibration": ("Thanks for the help.", "Answer please."),
    "test": ("Please help, thanks!", "Thanks for your answer."),
}

# Words that never decide what is asked. Training scatters and drops them, so that a model
# listens to the words that do, and an unseen phrasing does not throw it.
NEUTRAL = [
    "please",
    "could",
    "you",
    "tell",
    "me",
    "now",
    "then",
    "just",
    "would",
    "like",
    "to",
    "know",
    "I",
    "need",
    "want",
    "for",
    "the",
    "this",
    "that",
    "here",
    "is",
    "give",
    "find",
    "out",
    "work",
    "show",
    "and",
    "so",
    "us",
    "my",
    "can",
    "will",
    "should",
    "get",
    "help",
    "with",
    "what",
    "let",
    "say",
    "of",
    "a",
    "an",
    "it",
    "do",
    "from",
    "your",
    "see",
    "how",
    "be",
    "are",
    "we",
    "in",
    "on",
]
_NEUTRAL = frozenset(NEUTRAL)


@dataclass(frozen=True)
class Question:
    """One question with its known answer.

    Attributes:
        domain: the domain it was drawn from, one of `DOMAINS`.
        text: what the user asks.
        reply: what a good model replies; its last line is ``Answer: `` and `answer`.
        answer: the final answer alone.
    """

    domain: str
    text: str
    reply: str
    answer: str


def build(domain: str, text: str, answer: str, work: str = "") -> Question:
    """Make a question whose reply is the working, if any, then the line ``Answer: …``."""
    reply = f"{work}\nAnswer: {answer}" if work else f"Answer: {answer}"
    return Question(domain, text, reply, answer)


def phrase(
    rng: random.Random,
    phrasings: Phrasings,
    operation: str,
    split: Split,
    noise: float = 0.0,
    **slots: object,
) -> str:
    """Fill one template of a split, sometimes with an opener or a closer of the same split.

    Args:
        rng: the only source of chance.
        phrasings: the templates of the domain.
        operation: which of them, such as ``"reverse"``.
        split: from which split to draw.
        noise: chance in [0, 1] that a template is disturbed by neutral words; training only.
        **slots: values for the template's fields.
    """
    template = rng.choice(phrasings[operation][split])
    # Drawn by every split alike, so that a split differs from another in wording only.
    opener = rng.random() < 0.2
    closer = rng.random() < 0.1
    if rng.random() < noise:
        template = _disturb(rng, template, _held_out(phrasings[operation]))
    text = template.format(**slots)
    if opener:
        text = f"{rng.choice(OPENERS[split])} {text}"
    if closer:
        text = f"{text} {rng.choice(CLOSERS[split])}"
    return text


def _held_out(splits: Mapping[Split, Sequence[str]]) -> set[str]:
    """The templates that noise must not make by chance."""
    return {template.lower() for split in SPLITS[1:] for template in splits[split]}


def _disturb(rng: random.Random, template: str, held_out: set[str]) -> str:
    """Drop and insert neutral words around the words and fields that matter."""
    words = [
        word for word in template.split(" ") if word.lower() not in _NEUTRAL or rng.random() < 0.7
    ]
    for _ in range(rng.randint(0, 4)):
        words.insert(rng.randint(0, len(words)), rng.choice(NEUTRAL))
    text = " ".join(words)
    return template if text.lower() in held_out else text
