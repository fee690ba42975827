"""Metadata of a context's fields as knobs, beside type, bounds and description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from ..errors import InputError
from ..hints import nearest


@dataclass(frozen=True)
class Knob:
    """Metadata of a knob: `sticky: Annotated[float, Knob("route")] = Field(…)`.

    Studio's form, the page and the tables in `docs/` derive from it and from the field itself.

    Attributes:
        at: The steps in which it acts, separated by spaces; a name that ends in `_` means every
            node with this prefix.
        label: Its name on the page; None takes its own name.
        limit: Whether the page shows it among "Sampling and limits", which every graph has.
        hidden: Whether only programs can set it, and not the page.
        usual: Its default in words, if the graph computes one.
    """

    at: str
    label: str | None = None
    limit: bool = False
    hidden: bool = False
    usual: str | None = None

    def nodes(self, nodes: list[str]) -> list[str]:
        """The nodes of a graph in which it acts.

        Example:
            >>> Knob("sample_ vote").nodes(["route", "sample_ann", "vote"])
            ['sample_ann', 'vote']
        """
        return [node for node in nodes if any(_matches(node, place) for place in self.at.split())]


def knobs_of(schema: type[BaseModel]) -> dict[str, Knob]:
    """The metadata of every field of a context.

    Raises:
        TypeError: A field has none.

    Example:
        >>> from .context import AvengersContext
        >>> knobs_of(AvengersContext)["sticky"].at
        'route'
    """
    knobs: dict[str, Knob] = {}
    for name, info in schema.model_fields.items():
        said = [each for each in info.metadata if isinstance(each, Knob)]
        if not said:
            raise TypeError(f"{schema.__name__}.{name}: annotate it with a Knob")
        knobs[name] = said[-1]
    return knobs


def bounds(info: Any) -> dict[str, Any]:
    """The bounds of a field, of `ge`, `gt`, `le`, `lt`.

    Example:
        >>> from .context import AvengersContext
        >>> bounds(AvengersContext.model_fields["sticky"])
        {'ge': 0, 'le': 1}
    """
    limits: dict[str, Any] = {}
    for each in info.metadata:
        for name in ("ge", "gt", "le", "lt"):
            if (value := getattr(each, name, None)) is not None:
                limits[name] = value
    return limits


def _matches(node: str, place: str) -> bool:
    return node.startswith(place) if place.endswith("_") else node == place


def check_knobs(schema: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """The knobs of one run, checked before it begins.

    Raises:
        InputError: An unknown knob, with the nearest known one, or a value out of bounds.
    """
    known = schema.model_fields
    for name in given:
        if name not in known:
            raise InputError(f"unknown knob {name!r}; {nearest(name, known, 'known knobs:')}")
    try:
        schema(**given)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"knob {first['loc'][0]!r}: {first['msg'].lower()}") from None
    return dict(given)
