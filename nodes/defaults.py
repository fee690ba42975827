"""The knobs of a run: a graph's own defaults, and what a caller or a parent graph sets."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, create_model

from ..errors import InputError
from ..hints import nearest, shown

ContextT = TypeVar("ContextT", bound=BaseModel)


def with_defaults(
    schema: type[ContextT], knobs: Mapping[str, Any] | None = None, /, **defaults: Any
) -> type[ContextT]:
    """`schema` with other defaults, so that a form shows the builder's arguments.

    Args:
        schema: A context schema.
        knobs: Defaults of further knobs, as a builder's argument `knobs` has them.
        defaults: Defaults from the builder's other arguments.

    Raises:
        InputError: A default is out of the field's bounds, or there is no such knob.
    """
    for name in knobs or {}:
        if name not in schema.model_fields:
            hint = nearest(name, schema.model_fields, "known knobs:")
            raise InputError(f"knobs: unknown knob {name!r}; {hint}")
    try:
        values = schema(**{**defaults, **(knobs or {})})
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(
            f"{first['loc'][0]}: {first['msg'].lower()}, not {shown(first['input'])}"
        ) from None
    fields: dict[str, Any] = {}
    for name, info in schema.model_fields.items():
        changed = copy(info)
        changed.default = getattr(values, name)
        fields[name] = (info.annotation, changed)
    return create_model(schema.__name__, __base__=schema, __doc__=schema.__doc__, **fields)


def resolve(schema: type[ContextT], given: Any) -> ContextT:
    """The knobs of this run.

    A parent graph passes its own context unchanged to a subgraph, so any type but our own is read
    field by field, and fields that do not fit are ignored.

    Args:
        schema: The graph's context schema.
        given: `runtime.context`: None, our own type, a mapping, or the parent's object.

    Example:
        >>> from langgraph_ensemble.nodes.context import MoaContext
        >>> resolve(MoaContext, {"layers": 2, "theirs": 1}).layers
        2
    """
    if isinstance(given, schema):
        return given
    if given is None:
        return schema()
    values = given if isinstance(given, Mapping) else getattr(given, "__dict__", {})
    fitting = {name: values[name] for name in schema.model_fields if name in values}
    try:
        return schema(**fitting)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"context {first['loc'][0]!r}: {first['msg'].lower()}") from None
