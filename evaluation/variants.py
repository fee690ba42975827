"""Names of systems with options of their own: `moa:layers=2`, `team:settled=0.95`.

An option is an argument of the graph's builder or one of its knobs. Members, as in
`moa-lite:proposers=ann+ben`, are joined by `+`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ..errors import InputError
from .finished import AGGREGATING, PROPOSING

_OPTION = re.compile(r":(?=[a-z_]+=)")
_REFUSED = ("name", "profile", "knobs", "seed", "router", "descriptions")
"""Arguments that are no text, or that an evaluation sets by itself."""
TESTS = {"aggregators": AGGREGATING, "proposers": PROPOSING}
"""Names that stand for such a system of each member."""


def parsed(name: str) -> tuple[str, dict[str, Any]]:
    """The form of a system and its options.

    Raises:
        InputError: An option is none that can be set here.

    Example:
        >>> parsed("moa:layers=2:proposers=ann+ben"), parsed("single:a")
        (('moa', {'layers': 2, 'proposers': ['ann', 'ben']}), ('single:a', {}))
    """
    form, *given = _OPTION.split(name)
    options: dict[str, Any] = {}
    for each in given:
        key, _, text = each.partition("=")
        if key in _REFUSED or not text:
            raise InputError(f"the system {name!r}: {key!r} has no value, or is none for a name")

        options[key] = _value(key, text)
    if "aggregator" in options:
        # Who is named to aggregate does so, however small.
        options.setdefault("finish", "write")
    return form, options


def _value(key: str, text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    return text.split("+") if key == "proposers" and not isinstance(value, int) else value
