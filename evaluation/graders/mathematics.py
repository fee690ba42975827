r"""Mathematics: an answer that is equal to the accepted one.

Equality is computer algebra's (math-verify, as in votes). The published rule reads boxes only, so a
right answer without one is wrong; it also compares normalised texts first, after the rules of the
MATH data set (arXiv 2103.03874).
"""

from __future__ import annotations

import re

from ...voting.equality import same_mathematics
from ...voting.kinds import kind_of
from ...voting.numbers import number
from ...voting.reading import read, same
from ...voting.texts import plain
from .extracting import boxes, published_box, published_line

_DROPPED = re.compile(r"\\(?:left|right|!|,|;|:|%|\$|displaystyle)|\s+|\$|%|\^\{?\\circ\}?")
_TEXT = re.compile(r"\\(?:text|mbox|mathrm)\s*\{[^{}]*\}\s*$")
_SHORT_FRACTION = re.compile(r"\\frac(\d)(\d)")
_SLASH = re.compile(r"(-?\d+)/(\d+)")


def gold(answer: object) -> str:
    r"""The accepted answer of a row: what its last box holds, or all of it.

    Example:
        >>> gold("Half of 1 is \\boxed{\\frac12}."), gold(7)
        ('\\frac12', '7')
    """
    text = str(answer).strip()
    return next(reversed(boxes(text)), text)


def mathematics(question: str, answer: object, text: str) -> float:
    r"""1 if a text's answer is mathematically equal to the accepted one; otherwise 0.

    Args:
        question: The question, for the kind of its answer.
        answer: The accepted answer; with a box, what is in it.
        text: The text of a model.

    Example:
        >>> mathematics("What is half of 1?", "\\boxed{\\frac12}", "So it is\n**Answer:** 0.5")
        1.0
    """
    right = gold(answer)
    kind = "number" if number(plain(right)) is not None else "math"
    given = read(text, question, kind)
    return float(given is not None and (same(given, right, kind) or same_text(given, right)))


def published_mathematics(answer: object, text: str) -> float:
    """The published rule for AIME, MATH500 and LiveMathBench: the last box.

    Example:
        >>> published_mathematics("5", "**Answer:** 5")
        0.0
    """
    return published_equal(published_box(text), gold(answer))


def logic(question: str, answer: object, text: str) -> float:
    r"""1 if a text gives the answer of a BBH question: a letter, a word, a number or a list.

    Example:
        >>> logic("Is it so?\nOptions:\n(A) yes\n(B) no", "(B)", "Answer: B")
        1.0
    """
    right = gold(answer)
    kind = "choice" if re.fullmatch(r"\([A-Z]\)", right) else kind_of(question, [text])
    kind = kind if kind in ("choice", "number") else "classification"
    given = read(text, question, kind)
    wanted = right.strip("()") if kind == "choice" else right
    return float(given is not None and same(given, wanted, kind))


def published_logic(answer: object, text: str) -> float:
    """The published rule for BBH: a box, otherwise the last line `Answer: …`.

    Example:
        >>> published_logic("(B)", "Answer: B"), published_logic("(B)", "Answer: (B)")
        (0.0, 1.0)
    """
    said = published_box(text) if "\\boxed" in text else published_line(text)
    return published_equal(said, gold(answer))


def published_equal(said: str, right: str) -> float:
    r"""The published equality: as normalised texts, otherwise by computer algebra.

    Example:
        >>> published_equal("\\sqrt{12}", "2\\sqrt3"), published_equal("0.5", "50\\%")
        (1.0, 0.0)
    """
    one, other = _normalised(said), _normalised(right)
    return float(bool(said) and (one == other or same_mathematics(one, other)))


def same_text(one: str, other: str) -> bool:
    r"""Whether two answers are the same after the normalisation of the MATH data set.

    Example:
        >>> same_text("\\dfrac{1}{2}", "1/2"), same_text("x = 5", "5"), same_text("(B)", "B")
        (True, True, False)
    """
    return _normalised(one) == _normalised(other)


def _normalised(text: str) -> str:
    text = _TEXT.sub("", text.strip().rstrip("."))
    text = _DROPPED.sub("", text).replace("\\dfrac", "\\frac").replace("\\tfrac", "\\frac")
    head, equals, tail = text.partition("=")
    text = tail if equals and len(head) <= 2 else text
    text = _SHORT_FRACTION.sub(r"\\frac{\1}{\2}", text)
    if match := _SLASH.fullmatch(text):
        text = f"\\frac{{{match[1]}}}{{{match[2]}}}"
    text = text.replace("0.5", "\\frac{1}{2}") if text == "0.5" else text
    return f"0{text}" if text.startswith(".") else text
