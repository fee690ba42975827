"""Forms of the knobs in Studio, other agent builders and the page, derived from their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, create_model

from ..nodes.knob import bounds, knobs_of

_STEPS = 20
"""Steps of a slider over fractions: 0.05 from 0 to 1."""


def dressed(schema: type[BaseModel], nodes: list[str]) -> type[BaseModel]:
    """`schema` with hints for forms; its instances are also instances of `schema`.

    Args:
        schema: A context schema.
        nodes: The graph's nodes, to which the knobs are attached.
    """
    fields: dict[str, Any] = {}
    for name, knob in knobs_of(schema).items():
        info = schema.model_fields[name]
        hinted = info._copy()  # pyright: ignore[reportPrivateUsage]
        shown: Any = {**widget(info), "default": info.default, "description": info.description}
        hints: Any = {"x_oap_ui_config": shown, "langgraph_nodes": knob.nodes(nodes)}
        hinted.json_schema_extra = hints
        fields[name] = (info.annotation, hinted)
    return create_model(schema.__name__, __base__=schema, __doc__=schema.__doc__, **fields)


def page_form(schema: type[BaseModel], properties: Mapping[str, Any]) -> dict[str, Any]:
    """The page's form: each knob's JSON schema with its label and its group.

    Args:
        schema: A context schema.
        properties: The properties of its JSON schema.
    """
    return {
        name: {**properties[name], "label": knob.label, "limit": knob.limit}
        for name, knob in knobs_of(schema).items()
        if not knob.hidden
    }


def widget(info: Any) -> dict[str, Any]:
    """The input for a field: a slider if both bounds are known, otherwise a box.

    Example:
        >>> from ..nodes.context import AvengersContext
        >>> widget(AvengersContext.model_fields["sticky"])
        {'type': 'slider', 'min': 0, 'max': 1, 'step': 0.05}
        >>> widget(AvengersContext.model_fields["quorum"])
        {'type': 'number'}
    """
    kind, choices, limits = info.annotation, get_args(info.annotation), bounds(info)
    if choices and all(isinstance(choice, str) for choice in choices):
        return {"type": "select", "options": [{"label": c, "value": c} for c in choices]}
    least, most = limits.get("ge", limits.get("gt")), limits.get("le")
    if kind in (int, float) and least is not None and most is not None:
        step = 1 if kind is int else (most - least) / _STEPS
        start = least if "ge" in limits else least + step
        return {"type": "slider", "min": start, "max": most, "step": step}
    if {int, float} & {kind, *choices}:
        return {"type": "number"}
    return {"type": "json"}
