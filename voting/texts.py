"""A draft's text made ready for reading: bounded, without thinking, without Markdown dress."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 60_000
"""Characters at the end of a draft that are read: an answer stands at the end."""

_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
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
    r"""`text` as it is read: its end alone where it is very long, and no private thinking.

    A base model that goes on with a question of its own is cut there.

    Example:
        >>> prepared("<think>hm</think>Answer: 4\n\nQuestion: What is 3+3?\nAnswer: 6")
        'Answer: 4'
    """
    # A surrogate without its partner is no character; it cannot be encoded, sent or stored.
    text = text[-LONGEST:].encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    text = _THINKING.sub("", text) if "<think" in text.casefold() else text
    run_on = _RUN_ON.search(text, 1)
    if run_on is not None and text[: run_on.start()].strip():
        text = text[: run_on.start()]
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def plain(text: str) -> str:
    r"""Without Markdown, dollar signs and LaTeX text commands around it.

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
    """What stands between the brace before `start` and its partner; None where it has none."""
    depth = 1
    for place in range(start, min(len(text), start + 5000)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start:place]
    return None
