"""Parts that the sections of a Markdown report share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..routing.picture_page import escape as escape_html

_MARKUP = re.compile(r"([\\`*_\[\]|~#$!])")


def plain(text: str) -> str:
    r"""A text in one line that Markdown shows as it is.

    Example:
        >>> plain("<b> a|b")
        '&lt;b&gt; a\\|b'
    """
    line = " ".join(escape_html(text).split())
    return _MARKUP.sub(r"\\\1", line.replace("&#x27;", "'").replace("&quot;", '"'))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is aligned to the left; cells are Markdown."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
