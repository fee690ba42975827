"""Mathematical equality by a key of each answer, so that equality is transitive.

math-verify parses the answers, which are bounded first because models wrote them. The key of a
constant is its value to ten digits, the key of a formula its values at three points: formulas that
agree there are almost certainly equal. Sets are unordered, intervals and tuples are ordered; `x =
5` is 5, `x > 3` is the interval.
"""

from __future__ import annotations

import logging
import math
import re
from contextlib import suppress
from functools import lru_cache
from typing import Any

from .numbers import number
from .texts import plain

LONGEST = 160
"""The largest number of characters of an answer for computer algebra."""

_MATHEMATICS = re.compile(r"[\d\\^√π]|^[a-z](?:[-+*/][a-z])*$")
# Towers of powers, long numbers and large factorials could keep computer algebra busy for hours.
_DANGEROUS = re.compile(
    r"\^\s*\{?[^}\s]*\^|\^\s*[({]*\s*-?\d{4,}|\*\*|\d{3,}\s*!|!\s*!|\)\s*!|\d{16,}"
    r"|\\(?:sum|prod|int|lim|overline|bar|ldots|dots|cdots|underbrace|begin\{(?!p|b|v|matrix))"
)
_POWER = re.compile(r"\^\s*[({]*\s*-?(\d+)")
_LARGEST_POWER = 3000
_DEEPEST = 24
_WORD = re.compile(r"[A-Za-z]{4,}")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_SPACE = re.compile(r"\s+|\\[,;:!]")
_POINTS = (0.6180339887, 1.3247179572, 2.5029078750)


def mathematical_key(answer: str) -> str | None:
    r"""A key that is equal for mathematically equal answers; None if it is not mathematics.

    Example:
        >>> mathematical_key("2\\sqrt{3}") == mathematical_key("\\sqrt{12}")
        True
        >>> mathematical_key("x = 1 or x = 2") == mathematical_key("\\{2, 1\\}")
        True
        >>> mathematical_key("1, 2") == mathematical_key("12"), mathematical_key("Paris")
        (False, None)
    """
    text = _SPACE.sub(" ", plain(answer)).strip()
    if (value := number(text)) is not None:
        return str(value)
    text = re.sub(r"\\[dt]frac", r"\\frac", text)
    return _parsed(text) if _comparable(text) else None


def same_mathematics(one: str, other: str) -> bool:
    r"""Whether two answers are mathematically equal; False if one of them is not mathematics.

    Example:
        >>> same_mathematics("2\\sqrt{3}", "\\sqrt{12}")
        True
    """
    if one == other:
        return True
    key = mathematical_key(one)
    return key is not None and key == mathematical_key(other)


def _comparable(text: str) -> bool:
    if not text or len(text) > LONGEST or not _MATHEMATICS.search(text):
        return False
    if _DANGEROUS.search(text) or max(text.count("("), text.count("{")) > _DEEPEST:
        return False
    powers = math.prod(int(power) or 1 for power in _POWER.findall(text))
    return powers <= _LARGEST_POWER and not _WORD.search(_COMMAND.sub("", text))


@lru_cache(maxsize=8192)
def _parsed(text: str) -> str | None:
    from math_verify import parse

    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    try:
        # No timeouts, because the library's own use signals, which only the main thread may use.
        parsed = parse(f"${text}$", parsing_timeout=None)  # pyright: ignore[reportArgumentType]
        return _key(parsed[0]) if parsed and not isinstance(parsed[0], str) else None
    except (
        Exception
    ):  # A parser may raise anything on a model's text, which is then no mathematics.
        return None


def _key(parsed: Any) -> str:
    """The key of an answer that math-verify has parsed."""
    import sympy

    if isinstance(parsed, sympy.FiniteSet):
        each = sorted({_key(item) for item in parsed})
        return each[0] if len(each) == 1 else f"set({';'.join(each)})"
    if isinstance(parsed, sympy.Interval):
        ends = f"{_key(parsed.start)};{_key(parsed.end)}"
        return f"interval({ends};{bool(parsed.left_open)};{bool(parsed.right_open)})"
    if isinstance(parsed, sympy.Union):
        return f"union({';'.join(sorted(_key(item) for item in parsed.args))})"
    if isinstance(parsed, sympy.MatrixBase):
        return f"matrix({parsed.shape};{';'.join(_key(item) for item in parsed)})"
    if isinstance(parsed, sympy.Tuple | tuple | list):
        return f"tuple({';'.join(_key(item) for item in parsed)})"
    if isinstance(parsed, sympy.Equality):
        return _equation(parsed)
    if isinstance(parsed, sympy.core.relational.Relational):
        return _inequality(parsed)
    return _value(parsed)


def _equation(equation: Any) -> str:
    left, right = equation.lhs, equation.rhs
    if left.is_Symbol and left not in right.free_symbols:
        return _key(right)
    # Both sides may have any common factor, so the zeros of their difference are compared.
    first, *rest = (value.real for value in _values(left - right))
    if abs(first) < 1e-12:
        return str(equation)
    return "equation(" + ";".join(_digits(value / first) for value in rest) + ")"


def _inequality(relation: Any) -> str:
    if len(relation.free_symbols) == 1:
        # If sympy finds no set, the sides are compared.
        with suppress(Exception):
            return _key(relation.as_set())
    return f"{type(relation).__name__}({_value(relation.lhs - relation.rhs)})"


def _value(expression: Any) -> str:
    if getattr(expression, "is_Rational", False):
        return str(number(str(expression)) or expression)
    if getattr(expression, "is_infinite", False):
        return str(expression)
    if not hasattr(expression, "free_symbols") or not hasattr(expression, "evalf"):
        return str(expression)
    names = sorted(str(symbol) for symbol in expression.free_symbols)
    values = _values(expression)
    if not names:
        return _complex(values[0])
    return f"{','.join(names)}({';'.join(map(_complex, values))})"


def _values(expression: Any) -> list[complex]:
    """The values of an expression at three points of its variables."""
    symbols = sorted(expression.free_symbols, key=str)
    values = []
    for point in _POINTS[: 3 if symbols else 1]:
        places = {symbol: point + 0.37 * i for i, symbol in enumerate(symbols)}
        values.append(complex(expression.evalf(18, subs=places)))
    return values


def _complex(value: complex) -> str:
    scale = abs(value) or 1.0
    real = 0.0 if abs(value.real) < 1e-12 * scale else value.real
    imaginary = 0.0 if abs(value.imag) < 1e-12 * scale else value.imag
    return _digits(real) if not imaginary else f"{_digits(real)}+{_digits(imaginary)}i"


def _digits(value: float) -> str:
    return f"{0.0 if abs(value) < 1e-12 else value:.9e}"
