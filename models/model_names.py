"""What a model's name tells: its size, and a name for its member."""

from __future__ import annotations

import re

UNUSABLE = re.compile(r"[^A-Za-z0-9._-]+")
"""What a member's name has not."""
_SIZE = re.compile(
    r"(?<![A-Za-z0-9.])(?:(\d{1,2})x)?(\d{1,4}(?:\.\d{1,3})?)([bBmM])(?![A-Za-z0-9])"
)


def size_in(name: str) -> float | None:
    """Billions of parameters by a model's name; None if the name has no size.

    Example:
        >>> size_in("SmolLM2-135M-Instruct"), size_in("mixtral:8x7b"), size_in("gpt-4o")
        (0.135, 56.0, None)
    """
    found = _SIZE.findall(name)
    if not found:
        return None
    times, number, unit = found[-1]
    return int(times or 1) * float(number) / (1 if unit in "bB" else 1000)


def slug(name: str) -> str:
    """A member's name from a model's name.

    Example:
        >>> slug("Qwen/Qwen2.5:7b")
        'Qwen2.5-7b'
    """
    return UNUSABLE.sub("-", name.rsplit("/", 1)[-1]).strip("-.")[:64] or "model"
