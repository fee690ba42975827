"""Multiple choice: the letter of an option."""

from __future__ import annotations

from collections.abc import Mapping

from ...voting.choices import chosen
from ...voting.marked import marked
from ...voting.reading import abstains
from ...voting.texts import prepared
from .extracting import published_letter


def choice(options: Mapping[str, str], answer: str, text: str) -> float:
    r"""1 if a text chooses the right option, by its letter or in its words; otherwise 0.

    Args:
        options: The options by letter.
        answer: The right letter.
        text: The text of a model.

    Example:
        >>> choice({"A": "a bird", "B": "a fish"}, "B", "It swims.\n**Answer**: (B) a fish")
        1.0
    """
    text = prepared(text)
    if not text or abstains(text):
        return 0.0
    return float(chosen(text, dict(options), marked(text)) == answer)


def published_choice(options: Mapping[str, str], answer: str, text: str) -> float:
    """The published rule: the last `Answer: X`, compared as text.

    Example:
        >>> published_choice({"A": "a bird", "B": "a fish"}, "B", "Answer: (B)")
        0.0
    """
    return float(published_letter(text, "".join(options)) == answer)
