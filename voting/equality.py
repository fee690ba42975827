"""Mathematical equality by a key of each answer, so that equality is transitive.

math-verify parses; what is compared was written by a model, so it is bounded first. The key of a
constant is its value to ten digits, that of a formula its values at three points: two formulas that
agree there agree everywhere, but for a chance too small to happen. Sets have no order, intervals
and tuples have one; `x = 5` is 5, `x > 3` is the interval.
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
"""Characters of an answer that computer algebra may see."""

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
    r"""A text that is equal for mathematically equal answers; None for what is no mathematics.

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
    r"""Whether two answers are mathematically equal; False where either is not mathematics.

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
        # No timeouts: the library's own work by signals, which only the main thread may use.
        found = parse(f"${text}$", parsing_timeout=None)  # pyright: ignore[reportArgumentType]
        return _key(found[0]) if found and not isinstance(found[0], str) else None
    except Exception:  # Whatever a parser says of a model's text, it is no mathematics.
        return None


def _key(found: Any) -> str:
    """The key of what math-verify made of an answer."""
    import sympy

    if isinstance(found, sympy.FiniteSet):
        each = sorted({_key(item) for item in found})
        return each[0] if len(each) == 1 else f"set({';'.join(each)})"
    if isinstance(found, sympy.Interval):
        ends = f"{_key(found.start)};{_key(found.end)}"
        return f"interval({ends};{bool(found.left_open)};{bool(found.right_open)})"
    if isinstance(found, sympy.Union):
        return f"union({';'.join(sorted(_key(item) for item in found.args))})"
    if isinstance(found, sympy.MatrixBase):
        return f"matrix({found.shape};{';'.join(_key(item) for item in found)})"
    if isinstance(found, sympy.Tuple | tuple | list):
        return f"tuple({';'.join(_key(item) for item in found)})"
    if isinstance(found, sympy.Equality):
        return _equation(found)
    if isinstance(found, sympy.core.relational.Relational):
        return _inequality(found)
    return _value(found)


def _equation(found: Any) -> str:
    left, right = found.lhs, found.rhs
    if left.is_Symbol and left not in right.free_symbols:
        return _key(right)
    # Both sides may be multiplied by anything: what counts is where their difference vanishes.
    first, *rest = (value.real for value in _values(left - right))
    if abs(first) < 1e-12:
        return str(found)
    return "equation(" + ";".join(_digits(value / first) for value in rest) + ")"


def _inequality(found: Any) -> str:
    if len(found.free_symbols) == 1:
        # Where sympy can write down no set, the sides have to do.
        with suppress(Exception):
            return _key(found.as_set())
    return f"{type(found).__name__}({_value(found.lhs - found.rhs)})"


def _value(found: Any) -> str:
    if getattr(found, "is_Rational", False):
        return str(number(str(found)) or found)
    if getattr(found, "is_infinite", False):
        return str(found)
    if not hasattr(found, "free_symbols") or not hasattr(found, "evalf"):
        return str(found)
    names = sorted(str(symbol) for symbol in found.free_symbols)
    values = _values(found)
    if not names:
        return _complex(values[0])
    return f"{','.join(names)}({';'.join(map(_complex, values))})"


def _values(found: Any) -> list[complex]:
    """The values of an expression, its variables put at three points each."""
    symbols = sorted(found.free_symbols, key=str)
    values = []
    for point in _POINTS[: 3 if symbols else 1]:
        places = {symbol: point + 0.37 * i for i, symbol in enumerate(symbols)}
        values.append(complex(found.evalf(18, subs=places)))
    return values


def _complex(value: complex) -> str:
    scale = abs(value) or 1.0
    real = 0.0 if abs(value.real) < 1e-12 * scale else value.real
    imaginary = 0.0 if abs(value.imag) < 1e-12 * scale else value.imag
    return _digits(real) if not imaginary else f"{_digits(real)}+{_digits(imaginary)}i"


def _digits(value: float) -> str:
    return f"{0.0 if abs(value) < 1e-12 else value:.9e}"
