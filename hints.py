"""Values and suggestions in error texts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def shown(value: object) -> str:
    """A value for an error text: the repr of plain values, the class name of other objects.

    The repr of a chat model may be long and may contain private data.

    Example:
        >>> shown("qwen"), shown(3), shown({"key": "value"})
        ("'qwen'", '3', 'dict')
    """
    plain = value is None or isinstance(value, str | int | float)
    return repr(value)[:200] if plain else type(value).__name__


def nearest(name: object, known: Iterable[str], what: str, cutoff: float = 0.6) -> str:
    """A hint for an unknown name: the most similar known one, or all of them.

    Args:
        name: The unknown name.
        known: The known names.
        what: Text before the list of all names, which is given if none is similar.
        cutoff: Least similarity of a suggestion, from 0 to 1.

    Example:
        >>> nearest("layer", ["layers", "k"], "known knobs:")
        "did you mean 'layers'?"
        >>> nearest("tools", ["layers", "k"], "known knobs:")
        'known knobs: layers, k'
    """
    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=cutoff)
    return f"did you mean {near[0]!r}?" if near else f"{what} {', '.join(names)}"
