"""The nearest known name, for error texts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


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
