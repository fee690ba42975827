"""Mathematical equality by math-verify, guarded: what is compared was written by a model."""

from __future__ import annotations

import logging
import re
from functools import lru_cache

# Only what looks like mathematics is worth a computer algebra system, and only what is small is
# safe for one: towers of powers and factorials could keep it busy for hours.
_MATHEMATICS = re.compile(r"[\d\\^√π]")
_DANGEROUS = re.compile(
    r"\^\s*\{?[^}\s]*\^|\^\s*\{?\s*-?\d{3,}|\*\*|!|\d{16,}|\\(?:sum|prod|int|lim)"
)
_LONGEST = 80


@lru_cache(maxsize=4096)
def same_mathematics(one: str, other: str) -> bool:
    r"""Whether two answers are mathematically equal; False where either is not mathematics.

    Args:
        one: An answer, plain or in LaTeX.
        other: Another one.

    Example:
        >>> same_mathematics("2\\sqrt{3}", "\\sqrt{12}")
        True
    """
    if one == other:
        return True
    if not (_comparable(one) and _comparable(other)):
        return False
    from math_verify import parse, verify

    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    try:
        # No timeouts: the library's own work by signals, which only the main thread may use.
        left = parse(f"${one}$", parsing_timeout=None)  # pyright: ignore[reportArgumentType]
        right = parse(f"${other}$", parsing_timeout=None)  # pyright: ignore[reportArgumentType]
        return bool(left and right and verify(left, right, timeout_seconds=None))
    except Exception:  # Whatever a parser says of a model's text, it is no equality.
        return False


def _comparable(text: str) -> bool:
    return (
        len(text) <= _LONGEST
        and _MATHEMATICS.search(text) is not None
        and _DANGEROUS.search(text) is None
        and not re.search(r"[a-z]{4,}", re.sub(r"\\[a-z]+", "", text))
    )
