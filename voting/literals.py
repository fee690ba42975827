"""Literals of Python and JSON by value; nothing is executed."""

from __future__ import annotations

import ast
import json
import math
import re
import warnings
from typing import Any

LONGEST = 20_000
DEEPEST = 60
"""Limits of characters and open brackets of a literal; a longer or deeper one is a text."""

_ASSERTED = re.compile(r"(?:assert\b[^\n]*?|\boutput\b[^\n]*?|\bf\([^\n]*?)==[ \t]*([^\n#]+)")
_CODE = re.compile(r"`([^`\n]+)`")


class NotALiteralError(ValueError):
    """The text is not a literal, or is too large to parse."""


def value_of(text: str) -> Any:
    """The value of a literal of Python or JSON.

    Raises:
        NotALiteralError: It is not a literal, or it is too long or too deep.

    Example:
        >>> value_of("(1, 'a')"), value_of("[true, null]")
        ((1, 'a'), [True, None])
    """
    text = text.strip()
    if not text or len(text) > LONGEST or _depth(text) > DEEPEST:
        raise NotALiteralError
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # "\d" in a string is a warning, which does not matter here.
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NotALiteralError from None


def literal_key(text: str) -> str:
    """A key that is equal for equal values; a text that is not a literal is a string.

    Types differ as in Python: a list is not a tuple, `"1"` is not `1`, but `1.0` equals `1`.

    Example:
        >>> literal_key("{'b': 1.0, 'a': [2]}") == literal_key('{"a": [2], "b": 1}')
        True
        >>> literal_key("'Ab'") == literal_key("Ab"), literal_key("Ab") == literal_key("ab")
        (True, False)
    """
    try:
        return key_of(value_of(text))
    except NotALiteralError:
        return key_of(text.strip())


def key_of(value: Any) -> str:
    """A key that is equal for equal values of plain Python types."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float):
        if isinstance(value, float) and value.is_integer() and math.isfinite(value):
            value = int(value)
        return f"{value:d}" if isinstance(value, int) and abs(value) < 10**300 else repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=True)
    if isinstance(value, bytes):
        return f"b{value!r}"
    if isinstance(value, dict):
        pairs = sorted((key_of(key), key_of(each)) for key, each in value.items())
        return "{" + ",".join(f"{key}:{each}" for key, each in pairs) + "}"
    if isinstance(value, set | frozenset):
        return "set(" + ",".join(sorted(map(key_of, value))) + ")"
    if isinstance(value, list | tuple):
        left, right = "[]" if isinstance(value, list) else "()"
        return left + ",".join(map(key_of, value)) + right
    return repr(value)


def literal_in(text: str) -> str | None:
    """The last literal of a text without a mark: asserted, in code, or the whole text."""
    for found in (_ASSERTED.findall(text), _CODE.findall(text)):
        for said in reversed(found[-5:]):
            said = said.strip().rstrip("`").strip()
            try:
                value_of(said)
            except NotALiteralError:
                continue
            return said
    short = text.strip()
    return short if len(short) <= 300 and "\n" not in short else None


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
        elif character in "-+~!" and depth > DEEPEST:
            break
    # A thousand signs in a row nest as deeply as a thousand brackets.
    signs = max((len(run) for run in re.findall(r"[-+~ ]{50,}", text)), default=0)
    return max(deepest, signs)
