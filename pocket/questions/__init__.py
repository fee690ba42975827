"""Questions with known answers, generated from a seed: what the bundled models learn and face.

Each domain has three splits, ``train``, ``calibration`` and ``test``, which share no phrasing.
No module here needs more than the standard library.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from ...errors import InputError
from . import arithmetic, facts, lists, logic, sentiment, strings, tracing, units
from .base import SPLITS, Question, Split

__all__ = ["DOMAINS", "SPLITS", "Question", "Split", "correct", "sample"]

_MODULES = (arithmetic, strings, logic, facts, lists, units, tracing, sentiment)
_MAKERS: dict[str, Callable[[random.Random, Split, float], Question]] = {
    module.DOMAIN: module.make for module in _MODULES
}

DOMAINS: tuple[str, ...] = tuple(_MAKERS)
"""The domains; each has one specialist of the same name."""


def sample(
    domain: str, n: int, seed: int, split: Split = "test", *, noise: float = 0.0
) -> list[Question]:
    """Draw questions of one domain.

    Args:
        domain: one of `DOMAINS`.
        n: how many.
        seed: the same arguments always give the same questions.
        split: ``train``, ``calibration`` or ``test``; no phrasing is in two of them.
        noise: chance in [0, 1] that neutral words disturb a phrasing; used in training only.

    Raises:
        InputError: an unknown domain or split.

    Example:
        >>> [q.answer for q in sample("facts", 2, seed=1, split="calibration")]
        ['euro', 'Voltaire']
    """
    if domain not in _MAKERS:
        raise InputError(f"unknown domain {domain!r}; choose one of {', '.join(DOMAINS)}")
    if split not in SPLITS:
        raise InputError(f"unknown split {split!r}; choose one of {', '.join(SPLITS)}")
    # A string seed is hashed by value, so it is the same in every process.
    rng = random.Random(f"{domain}/{split}/{seed}")
    return [_MAKERS[domain](rng, split, noise) for _ in range(n)]


def correct(question: Question, reply: str) -> bool:
    """Whether a reply's last line ``Answer: …`` holds the known answer, letter by letter."""
    _, marker, answer = reply.rpartition("Answer:")
    return bool(marker) and answer.strip() == question.answer
