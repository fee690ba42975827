"""How Studio and other agent builders draw the knobs: sliders, switches, groups by node."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, create_model

from ..nodes.context import CalibrationContext

_WIDGETS: dict[str, dict[str, Any]] = {
    "temperature": {"type": "slider", "min": 0, "max": 2, "step": 0.1},
    "layers": {"type": "slider", "min": 2, "max": 10, "step": 1},
    "rounds": {"type": "slider", "min": 1, "max": 10, "step": 1},
    "k": {"type": "slider", "min": 1, "max": 20, "step": 1},
    "agreement": {"type": "slider", "min": 0.1, "max": 1, "step": 0.05},
    "samples": {"type": "slider", "min": 1, "max": 100, "step": 1},
    "top_n": {"type": "slider", "min": 1, "max": 20, "step": 1},
    "threshold": {"type": "slider", "min": 0, "max": 1, "step": 0.05},
    "alpha": {"type": "slider", "min": 0, "max": 1, "step": 0.05},
    "sticky": {"type": "slider", "min": 0, "max": 1, "step": 0.05},
    "confidence": {"type": "slider", "min": 0, "max": 1, "step": 0.05},
    "answer_format": {"type": "json"},
    "answer_tools": {"type": "json"},
    "answer_tool_choice": {"type": "json"},
}
# Which steps a knob is about; a name that ends in "_" means every node that begins so.
_PLACES = {
    "temperature": ("propose_", "sample_", "aggregate"),
    "max_tokens": ("propose_", "sample_", "aggregate"),
    "quorum": ("propose_", "sample_"),
    "deadline": ("propose_", "sample_"),
    "draft_tokens": ("propose_", "sample_"),
    "max_seconds": ("propose_", "sample_", "aggregate", "choose"),
    "layers": ("layer",),
    "max_calls": ("layer", "moderate", "vote"),
    "max_total_tokens": ("layer", "moderate", "vote"),
    "budget_usd": ("layer", "moderate", "vote"),
    "k": ("judge", "select"),
    "rounds": ("moderate",),
    "agreement": ("moderate",),
    "samples": ("sample_", "route"),
    "wave_seconds": ("vote", "route"),
    "top_n": ("route",),
    "mode": ("route",),
    "alpha": ("route",),
    "sticky": ("route",),
    "strategy": ("vote",),
    "threshold": ("vote",),
    "confidence": ("vote", "aggregate", "choose", "escalate"),
    "seed": ("prepare",),
    "answer_format": ("aggregate", "sample_"),
    "answer_tools": ("aggregate",),
    "answer_tool_choice": ("aggregate",),
}
_CALIBRATION = {"seed": ("load", "answer", "cluster")}


def dressed(schema: type[BaseModel], nodes: list[str]) -> type[BaseModel]:
    """`schema` with hints for forms; its instances still are instances of `schema`.

    Args:
        schema: A context schema.
        nodes: The graph's nodes, to which the knobs are attached.
    """
    fields: dict[str, Any] = {}
    for name, info in schema.model_fields.items():
        hinted = info._copy()  # pyright: ignore[reportPrivateUsage]
        places = [node for node in nodes if any(_at(node, at) for at in _places(schema, name))]
        widget = {**_WIDGETS.get(name, _plain(info)), "default": info.default}
        widget["description"] = info.description
        hints: dict[str, Any] = {"x_oap_ui_config": widget, "langgraph_nodes": places}
        hinted.json_schema_extra = hints
        fields[name] = (info.annotation, hinted)
    return create_model(schema.__name__, __base__=schema, __doc__=schema.__doc__, **fields)


def _places(schema: type[BaseModel], name: str) -> tuple[str, ...]:
    if issubclass(schema, CalibrationContext):
        return _CALIBRATION.get(name, ("answer",))
    return _PLACES[name]


def _at(node: str, place: str) -> bool:
    return node.startswith(place) if place.endswith("_") else node == place


def _plain(info: Any) -> dict[str, Any]:
    choices = getattr(info.annotation, "__args__", ())
    if choices and all(isinstance(choice, str) for choice in choices):
        return {"type": "select", "options": [{"label": c, "value": c} for c in choices]}
    return {"type": "number"}
