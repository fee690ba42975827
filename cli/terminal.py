"""What others wrote, as a terminal shows it and does not obey it."""

from __future__ import annotations

import json
import re
from typing import Any

from rich.text import Text

from ..records import printable

# Controls that JSON does not have to escape.
_CONTROLS = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def line(text: str, style: str = "") -> Text:
    r"""A text for Rich: neither its escape sequences nor its markup mean anything.

    Example:
        >>> line("[red]\x1b[31m").plain
        '[red]�[31m'
    """
    return Text(printable(text), style=style)


def json_text(value: Any) -> str:
    r"""Indented JSON and a newline; control characters are escaped.

    Example:
        >>> json_text("a\x9bé")
        '"a\\u009bé"\n'
    """
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"
