"""Drop drafts that say in the same words what a better one says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..records import Draft

_WORD = re.compile(r"\w+")


def distinct(drafts: Sequence[Draft], share: float | None) -> list[Draft]:
    """The drafts without duplicates of earlier ones.

    Args:
        drafts: The drafts, best first.
        share: Share of common words (of all words of both) from which on the later of two drafts is
            a duplicate; None keeps all.

    Example:
        >>> distinct([], 0.9)
        []
    """
    if share is None:
        return list(drafts)
    kept: list[tuple[Draft, set[str]]] = []
    for draft in drafts:
        words = set(_WORD.findall(draft["text"].casefold()))
        if all(_common(words, other) < share for _, other in kept):
            kept.append((draft, words))
    return [draft for draft, _ in kept]


def _common(one: set[str], other: set[str]) -> float:
    both = one | other
    return len(one & other) / len(both) if both else 1.0
