"""Numbers as people choose and spell them."""

from __future__ import annotations

import random

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def spelled(n: int) -> str:
    """A number from 0 to 999 in words.

    Example:
        >>> spelled(42), spelled(100), spelled(305)
        ('forty-two', 'one hundred', 'three hundred and five')
    """
    if n < 20:
        return _ONES[n]
    if n < 100:
        tens, one = _TENS[n // 10 - 2], n % 10
        return f"{tens}-{_ONES[one]}" if one else tens
    rest = f" and {spelled(n % 100)}" if n % 100 else ""
    return f"{_ONES[n // 100]} hundred{rest}"


WORDS: dict[str, int] = {
    word: n for n in range(101) for word in (spelled(n), spelled(n).replace("-", " "))
}
"""Numbers in words, with and without the hyphen."""


def number(rng: random.Random, digits: int = 4) -> int:
    """A number of one to `digits` digits; short and round ones are the most frequent."""
    n = rng.choices((1, 2, 3, 4)[:digits], (4, 5, 3, 3)[:digits])[0]
    if n > 1 and rng.random() < 0.15:
        return rng.randint(1, 9) * 10 ** (n - 1)
    return rng.randint(10 ** (n - 1) if n > 1 else 0, 10**n - 1)
