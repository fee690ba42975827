"""Numbers as people write them, by value."""

from __future__ import annotations

import re
from fractions import Fraction

_DIGITS = r"(?:\d{1,3}(?:[,  ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_CURRENCY = r"(?:US\$|\\?\$|€|£|¥|USD|EUR|GBP)?"
_NUMBER = re.compile(
    rf"([-+]?)\s*{_CURRENCY}\s*([-+]?)({_DIGITS})(?:e([-+]?\d{{1,3}}))?\s*(\\?%|percent\b)?",
    re.IGNORECASE,
)
_IN_TEXT = re.compile(
    rf"(?<![\w.\\])[-−]?{_CURRENCY}[-−]?{_DIGITS}(?:e[-+]?\d{{1,3}})?(?:/\d+)?\s?\\?%?(?![\w])"
    rf"|(?<![\w.\\])[-−]?{_CURRENCY}[-−]?{_DIGITS}",
    re.IGNORECASE,
)
_MIXED = re.compile(r"([-+]?)(\d{1,9})(?:\s+|\s*\+\s*)(\d{1,9})\s*/\s*(\d{1,9})")
_RATIO = re.compile(r"([-+]?\d{1,15})\s*/\s*([-+]?\d{1,15})")
_TEX_RATIO = re.compile(
    r"(-?)(\d{1,6}\s*)?\\[dtc]?frac\s*(?:\{\s*(-?\d{1,15})\s*\}|(\d))\s*(?:\{\s*(-?\d{1,15})\s*\}|(\d))"
)
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d{1,2}")
_LONGEST = 60
_LARGEST_POWER = 300


def number(text: str) -> Fraction | None:
    r"""The value of a text that is only a number; None for any other text.

    It reads currency signs, grouped thousands, per cent, mixed numbers, and fractions in plain text
    and in LaTeX; "1, 2" and "3,5" are not numbers.

    Example:
        >>> number("$1,000.50"), number("3 1/2"), number("\\frac12"), number("1, 2")
        (Fraction(2001, 2), Fraction(7, 2), Fraction(1, 2), None)
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    if match := _TEX_RATIO.fullmatch(text):
        sign, whole = match[1], int(match[2] or 0)
        return _signed(sign, _over(match[3] or match[4], match[5] or match[6]), whole)
    if match := _MIXED.fullmatch(text):
        return _signed(match[1], _over(match[3], match[4]), int(match[2]))
    if match := _RATIO.fullmatch(text):
        return _over(match[1], match[2])
    match = _NUMBER.fullmatch(text)
    if match is None or (match[1] and match[2]):
        return None
    value = Fraction(re.sub(r"[,  ]", "", match[3]))
    if match[4]:
        power = int(match[4])
        if abs(power) > _LARGEST_POWER:
            return None
        value *= Fraction(10) ** power
    value = -value if "-" in (match[1], match[2]) else value
    return value / 100 if match[5] else value


def last_number(text: str) -> str | None:
    """The last number in a text, unchanged.

    Example:
        >>> last_number("So 16 - 7 = 9 eggs, which is $18 a day.")
        '$18'
    """
    found = [match[0].strip() for match in _IN_TEXT.finditer(text[-20_000:])]
    return found[-1] if found else None


def decimal_comma(text: str) -> str:
    """Rewrite the decimal comma of `3,5` as `3.5`; grouped thousands do not change."""
    return text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text.strip()) else text


def _over(top: str, bottom: str) -> Fraction | None:
    return Fraction(int(top), int(bottom)) if int(bottom) else None


def _signed(sign: str, part: Fraction | None, whole: int) -> Fraction | None:
    if part is None or (whole and part < 0):
        return None
    return -(whole + part) if sign == "-" else whole + part
