"""Private thinking in a model's text: where it ends, and whether it ever did.

Reasoning models write it first, between `<think>` and `</think>`, where their server does not
separate it. A tag further back is more often one that the text speaks about.
"""

from __future__ import annotations

import re

_OPEN = re.compile(r"\s*+<think(?:ing)?>", re.IGNORECASE)
_LATER = re.compile(r"^[ \t]*+<think(?:ing)?>", re.IGNORECASE | re.MULTILINE)
_CLOSE = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_FENCE = "```"


def without_thoughts(text: str) -> str:
    """A text without its thoughts.

    These are thoughts: what it begins with, up to the closing tag or, without one, all of it; and
    closed ones that begin a line further back, outside of code. Other tags are part of the text.

    Example:
        >>> without_thoughts("<think>2 + 2?</think>Answer: 4"), without_thoughts("<think>2 + 2")
        ('Answer: 4', '')
        >>> without_thoughts("Models write <think> before they answer.")
        'Models write <think> before they answer.'
    """
    start = _end_of_first(text)
    if start is None:
        return ""
    pieces: list[str] = []
    at, counted, fences = start, start, 0
    closed: re.Match[str] | None = None
    for opened in _LATER.finditer(text, start):
        if opened.start() < at:
            continue
        fences += text.count(_FENCE, counted, opened.start())
        counted = opened.start()
        if closed is None or closed.start() < opened.end():
            closed = _CLOSE.search(text, opened.end())
        if closed is None:
            break
        if fences % 2 == 0:
            pieces.append(text[at : opened.start()])
            at = closed.end()
    return "".join([*pieces, text[at:]])


def never_answers(text: str) -> bool:
    """Whether a text begins with a thought that is not closed, so that no answer follows.

    Example:
        >>> never_answers("<think>Let me see."), never_answers("<think>hm</think>")
        (True, False)
    """
    return _end_of_first(text) is None


def _end_of_first(text: str) -> int | None:
    """Where the thoughts at the beginning end; None if the last of them is not closed."""
    end = 0
    while opened := _OPEN.match(text, end):
        closed = _CLOSE.search(text, opened.end())
        if closed is None:
            return None
        end = closed.end()
    return end
