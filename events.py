"""Typed events of a run, on LangGraph's custom stream.

Drafts are streamed as events and never as message tokens. Every event is plain JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NotRequired

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

EventType = Literal[
    "started", "token", "done", "failed", "selected", "routed", "judged", "moderated", "voted"
]


class Event(TypedDict):
    """One event of a run.

    `started`, `token`, `done` and `failed` belong to one call of one member; `selected` names the
    drafts that the next step reads; the others report a decision.
    """

    type: EventType
    stage: str
    layer: int
    member: NotRequired[str]
    role: NotRequired[str | None]
    index: NotRequired[int]
    text: NotRequired[str]
    error: NotRequired[str | None]
    data: NotRequired[dict[str, Any]]


class CalibrationEvent(TypedDict):
    """Progress of a calibration.

    `done` of `total` counts pairs of question and member (in `embed` and `grade`: questions),
    including those of earlier runs; `calls` and `cost_usd` are sums over all runs. `cost_usd` is
    None if a cost is unknown.
    """

    type: Literal["calibrated"]
    stage: Literal["load", "embed", "answer", "grade", "cluster", "profile"]
    done: int
    total: int
    calls: int
    cost_usd: float | None
    failed: int


Emit = Callable[[Event], None]


def emitter(runtime: Runtime[Any] | None) -> Emit:
    """The function with which a node emits events: the run's stream writer, or a no-op."""
    return runtime.stream_writer if runtime is not None else lambda _: None


def listening(emit: Emit) -> bool:
    """Whether the custom stream is read, so that streaming drafts is worth its cost.

    LangGraph has no public API for this. Its no-op writers have no closure; its other writers close
    over the stream. A false yes only costs time. A test checks both cases.
    """
    return getattr(emit, "__closure__", True) is not None


def selected(stage: str, layer: int, drafts: list[str]) -> Event:
    """The event that names the drafts which the next step reads."""
    return {"type": "selected", "stage": stage, "layer": layer, "data": {"drafts": drafts}}


def lean(event: dict[str, Any]) -> dict[str, Any]:
    """Shorten the role in a token event; the `started` event has the whole role.

    Example:
        >>> len(lean({"type": "token", "role": "r" * 99})["role"])
        40
    """
    role = event.get("role")
    return {**event, "role": role[:40]} if role and event["type"] == "token" else event
