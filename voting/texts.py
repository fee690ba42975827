"""Prepare a draft's text for reading: bounded, without private thinking and Markdown."""

from __future__ import annotations

import re
import unicodedata

from ..thoughts import without_thoughts

LONGEST = 60_000
"""Number of characters at the end of a draft that are read, because the answer stands there."""

_RUN_ON = re.compile(
    r"\n[ \t]*(?:\*\*)?(?:Question|Q|Problem|Exercise|User|Human)(?:\s*\d+)?\s*(?:\*\*)?\s*[:.]",
    re.IGNORECASE,
)
_COMMANDS = re.compile(
    r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathit|mbox|operatorname)\s*\{([^{}]*)\}"
)
_SPACING = re.compile(r"\\[()\[\],!;: ]|\\(?:left|right|displaystyle|quad|qquad)(?![a-zA-Z])|~")
_WRAPPERS = "*_`$ \t\n\r"


def prepared(text: str) -> str:
    r"""The part of a text that is read: the end of a long text, without private thinking.

    If a base model continues with a question of its own, the text is cut there.

    Example:
        >>> prepared("<think>hm</think>Answer: 4\n\nQuestion: What is 3+3?\nAnswer: 6")
        'Answer: 4'
    """
    # A lone surrogate is not a character; it cannot be encoded, sent or stored.
    text = without_thoughts(text)[-LONGEST:].encode("utf-8", "replace").decode("utf-8")
    text = text.replace("\0", "")
    run_on = _RUN_ON.search(text, 1)
    if run_on is not None and text[: run_on.start()].strip():
        text = text[: run_on.start()]
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def plain(text: str) -> str:
    r"""Remove surrounding Markdown, dollar signs and LaTeX text commands.

    Example:
        >>> plain("**\\text{Paris}**.")
        'Paris'
    """
    text = unicodedata.normalize("NFKC", text).replace("−", "-")
    if "\\" in text:
        text = _COMMANDS.sub(r"\1", text)
        text = _SPACING.sub("", text)
    return text.strip(_WRAPPERS).rstrip(".。").strip(_WRAPPERS)


def braced(text: str, start: int) -> str | None:
    """The text between the brace before `start` and its partner; None if it has none."""
    depth = 1
    for place in range(start, min(len(text), start + 5000)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start:place]
    return None
