"""FinQA: a number from a financial report (arXiv 2109.00122), to the precision of the answer."""

from __future__ import annotations

import re
from fractions import Fraction

from ...voting.numbers import number
from ...voting.reading import read, same
from ...voting.texts import plain
from .extracting import boxes
from .mathematics import gold, published_equal

_FIRST = re.compile(r"-?\d+(?:\.\d+)?")
_UNIT = re.compile(r"\s*(?:million|billion|thousand|dollars?|usd|per\s?cent)s?\b.*$", re.IGNORECASE)
_PER_CENT = re.compile(r"%|\bper\s?cent", re.IGNORECASE)


def finance(question: str, answer: object, text: str) -> float:
    """1 if a text's number, rounded as the accepted answer is, equals it; otherwise 0.

    A share may be given in per cent: 0.141, 14.1% and 14.1 are one answer where either side has a
    per cent sign.

    Args:
        question: The question.
        answer: The accepted answer, such as "14.1%", "-0.4", "380" or "yes".
        text: The text of a model.

    Example:
        >>> finance("What is the growth?", "14.1%", "Answer: 0.1412")
        1.0
        >>> finance("What is the share?", "0.45", "Answer: 0.12")
        0.0
    """
    right = _UNIT.sub("", gold(answer)) if not _PER_CENT.search(str(answer)) else gold(answer)
    wanted = _value(right)
    if wanted is None:
        given = read(text, question, "classification")
        return float(given is not None and same(given, right, "classification"))
    given = read(text, "", "number")
    value = None if given is None else _value(_UNIT.sub("", given))
    if given is None or value is None:
        return 0.0
    scales = {Fraction(1)}
    if ("%" in right) != ("%" in given):
        scales.add(Fraction(1, 100) if "%" in right else Fraction(100))
    close = _precision(right)
    return float(any(abs(value * scale - wanted) <= close for scale in scales))


def _value(text: str) -> Fraction | None:
    return number(plain(text).replace(" ", ""))


def _precision(right: str) -> Fraction:
    """Half a unit of the last decimal of the accepted answer."""
    digits = re.search(r"\.(\d+)", right)
    unit = Fraction(1, 10 ** len(digits[1])) if digits else Fraction(1)
    return unit / (200 if "%" in right else 2)


def published_finance(answer: object, text: str) -> float:
    r"""The published rule: the last box; otherwise both first numbers, rounded to integers.

    Example:
        >>> published_finance("0.45", "\\boxed{0.12}")
        1.0
    """
    right, said = gold(answer), next(reversed(boxes(text)), "")
    return published_equal(said, right) or float(_rounded(said) == _rounded(right))


def _rounded(text: str) -> str:
    found = _FIRST.search(text)
    return str(round(float(found[0]), 0)) if found else text
