"""Seeds that depend on the identity of a step, and not on the time it runs."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def derive(seed: int, *parts: object) -> int:
    """A 31-bit seed for one step, the same on every machine.

    Args:
        seed: The run's seed.
        parts: Identity of the step: stage, layer, member, index.

    Example:
        >>> derive(42, "propose", 1, "qwen") == derive(42, "propose", 1, "qwen")
        True
    """
    text = "\x1f".join([str(seed), *map(str, parts)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest()) >> 1


def shuffled(items: Sequence[T], seed: int, *parts: object) -> list[T]:
    """`items` in a random order that is determined by the seed and the step."""
    order = list(items)
    random.Random(derive(seed, *parts)).shuffle(order)
    return order


def generator(seed: int, *parts: object) -> random.Random:
    """A random generator that is determined by the seed and the step.

    Example:
        >>> generator(42, "recruit").random() == generator(42, "recruit").random()
        True
    """
    return random.Random(derive(seed, *parts))
