"""What a run tells while it goes on: typed events on LangGraph's custom stream.

Drafts are told here and never as message tokens. Every event is plain JSON.
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
    """One thing that happened.

    `started`, `token`, `done` and `failed` belong to one call of one member; `selected` names the
    drafts that the next step reads; the others tell a decision.
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
    """How far a calibration is.

    `done` of `total` pairs of question and member (in `embed` and `grade`: questions), those known
    from earlier runs included; `calls` and `cost_usd` over all runs, None where a cost is unknown.
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
    """How a node tells events: the run's stream writer, or nothing where there is none."""
    return runtime.stream_writer if runtime is not None else lambda _: None


def listening(emit: Emit) -> bool:
    """Whether somebody reads the custom stream, so that streaming drafts is worth its cost.

    LangGraph has no public question for this. Its writers that lead nowhere close over nothing,
    those that lead somewhere close over the stream. A wrong yes only costs time; a test pins both.
    """
    return getattr(emit, "__closure__", True) is not None


def selected(stage: str, layer: int, drafts: list[str]) -> Event:
    """The event that names the drafts which the next step reads."""
    return {"type": "selected", "stage": stage, "layer": layer, "data": {"drafts": drafts}}


def lean(event: dict[str, Any]) -> dict[str, Any]:
    """A token with only the beginning of its author's role, which `started` has told in full.

    Example:
        >>> len(lean({"type": "token", "role": "r" * 99})["role"])
        40
    """
    role = event.get("role")
    return {**event, "role": role[:40]} if role and event["type"] == "token" else event
