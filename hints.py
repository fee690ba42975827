"""What was written and what may have been meant, for error texts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def shown(value: object) -> str:
    """A value as an error may print it: plain values as they are, of any other object its class.

    The repr of a chat model may hold much, and what it holds is nobody's business.

    Example:
        >>> shown("qwen"), shown(3), shown({"key": "value"})
        ("'qwen'", '3', 'dict')
    """
    plain = value is None or isinstance(value, str | int | float)
    return repr(value)[:200] if plain else type(value).__name__


def nearest(name: object, known: Iterable[str], what: str, cutoff: float = 0.6) -> str:
    """What a person who wrote `name` may have meant.

    Args:
        name: What was written.
        known: The names there are.
        what: Begins the list of all names, where none is near.
        cutoff: How alike a name must be, from 0 to 1.

    Example:
        >>> nearest("layer", ["layers", "k"], "known knobs:")
        "did you mean 'layers'?"
        >>> nearest("tools", ["layers", "k"], "known knobs:")
        'known knobs: layers, k'
    """
    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=cutoff)
    return f"did you mean {near[0]!r}?" if near else f"{what} {', '.join(names)}"
