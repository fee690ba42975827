"""Questions with known answers, generated from a seed, to train and test the bundled models.

Each domain has three splits, `train`, `calibration` and `test`, which share no phrasing.
The modules of this folder need only the standard library.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from types import ModuleType

from ...errors import InputError
from . import arithmetic, chat, facts, lists, logic, outside, sentiment, snippets, strings, units
from .base import NOT_SURE, SPLITS, Question, Split, build
from .outside import OUTSIDE

__all__ = [
    "DOMAINS",
    "NOT_SURE",
    "OUTSIDE",
    "SPLITS",
    "Question",
    "Split",
    "correct",
    "declined",
    "sample",
]

_MODULES: tuple[ModuleType, ...] = (
    arithmetic,
    strings,
    logic,
    facts,
    lists,
    units,
    snippets,
    sentiment,
    chat,
)
_MAKERS: dict[str, Callable[[random.Random, Split, float], Question]] = {
    module.DOMAIN: module.make for module in _MODULES
}
_NEGATIVES: dict[str, Callable[[random.Random, Split], Question]] = {
    module.DOMAIN: vars(module)["negative"] for module in _MODULES if hasattr(module, "negative")
}

DOMAINS: tuple[str, ...] = tuple(_MAKERS)
"""The domains; each has one specialist of the same name."""


def sample(
    domain: str, n: int, seed: int, split: Split = "test", *, noise: float = 0.0
) -> list[Question]:
    """Draw questions of one domain.

    Args:
        domain: One of `DOMAINS`, or `OUTSIDE` for questions that no bundled model can answer.
        n: Number of questions.
        seed: The same arguments always give the same questions.
        split: `train`, `calibration` or `test`; no phrasing is in two of them.
        noise: Probability that neutral words disturb a phrasing; used in training only.

    Raises:
        InputError: The domain or the split is unknown.

    Example:
        >>> [q.answer for q in sample("sentiment", 2, seed=1, split="calibration")]
        ['positive', 'positive']
    """
    make = outside.make if domain == OUTSIDE else _MAKERS.get(domain)
    if make is None:
        raise InputError(f"unknown domain {domain!r}; choose one of {', '.join(DOMAINS)}")
    rng = _rng(domain, seed, split)
    return [make(rng, split, noise) for _ in range(n)]


def declined(domain: str, n: int, seed: int, split: Split = "train") -> list[Question]:
    """Draw questions that the specialist of a domain must decline, with that reply.

    Half of them are outside of all domains; the others are of other domains, or of its own domain
    but too hard or about something that does not exist.

    Args:
        domain: The specialist's domain, or `"all"` for a model that knows every domain.
        n: Number of questions.
        seed: The same arguments always give the same questions.
        split: As in `sample`.
    """
    rng = _rng(f"declined {domain}", seed, split)
    own = list(_NEGATIVES.values()) if domain == "all" else [_NEGATIVES.get(domain)]
    questions = []
    for _ in range(n):
        kind, near = rng.random(), rng.choice(own)
        if kind < 0.3 and near:
            question = near(rng, split)
        elif kind < 0.6 and domain != "all":
            other = rng.choice([name for name in DOMAINS if name != domain])
            question = _MAKERS[other](rng, split, 0.0)
        else:
            question = outside.make(rng, split, 0.0)
        questions.append(build(domain, question.text, NOT_SURE))
    return questions


def _rng(domain: str, seed: int, split: Split) -> random.Random:
    if split not in SPLITS:
        raise InputError(f"unknown split {split!r}; choose one of {', '.join(SPLITS)}")
    # A string seed is hashed by value, so it is the same in every process.
    return random.Random(f"{domain}/{split}/{seed}")


def correct(question: Question, reply: str) -> bool:
    """Whether a reply's last line `Answer: …` holds exactly the known answer.

    Declining is never right.
    """
    _, marker, answer = reply.rpartition("Answer:")
    return bool(marker) and answer.strip() == question.answer != NOT_SURE
