"""The state of the graphs: plain JSON, so that every checkpoint is readable and portable."""

from __future__ import annotations

import operator
from typing import Annotated, Any

from langchain_core.messages import AIMessage, AnyMessage
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict

from ..records import Call, Draft, Trust


def last_value(_: Any, new: Any) -> Any:
    """Keep the newest value; as a reducer it allows parallel runs of one subgraph."""
    return new


class InputState(TypedDict):
    """The input of every graph."""

    messages: Annotated[list[AnyMessage], add_messages]


class OutputState(TypedDict):
    """The output of every graph."""

    messages: Annotated[list[AnyMessage], add_messages]
    result: Annotated[dict[str, Any], last_value]


class RunState(OutputState):
    """The state of every graph during a run; `prepare` clears it at each new turn."""

    drafts: Annotated[list[Draft], operator.add]
    calls: Annotated[list[Call], operator.add]
    layer: int
    stopped: str | None
    fell_back: Annotated[list[str], operator.add]
    trust: Trust | None
    escalated: str | None
    streamed: str | None
    held: AIMessage | None
    held_result: dict[str, Any]


class RoutedState(RunState):
    """The state of a graph with a task map: the position of the question on the map."""

    vector: list[float]
    cluster: int | None
    position: list[float] | None
    familiarity: float | None
    ranking: list[dict[str, Any]]
    picked: list[str]
