"""The state of the graphs: plain JSON, so that every checkpoint is readable and portable."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import NAMESPACE_OID, uuid5

from langchain_core.messages import (
    AnyMessage,
    convert_to_messages,
    message_chunk_to_message,
)
from langgraph.channels.delta import DeltaChannel
from langgraph.graph.message import add_messages
from langgraph.types import Overwrite
from typing_extensions import TypedDict

from ..records import Call, Draft, Trust


def conversation(before: list[AnyMessage], writes: Sequence[Any]) -> list[AnyMessage]:
    """Messages with what several steps add to them, as `add_messages` would have them.

    A message without an id gets one that its place and its text fix: the same one whenever a thread
    is read again.

    Example:
        >>> first = conversation([], [[("user", "hi")]])
        >>> first == conversation([], [[("user", "hi")]]), len(conversation(first, [first]))
        (True, 1)
    """
    for write in writes:
        many = write if isinstance(write, list) else [write]
        given = [message_chunk_to_message(m) for m in convert_to_messages(many)]  # pyright: ignore
        for place, message in enumerate(given):
            if message.id is None:
                named = f"{len(before) + place} {message.type} {message.content}"
                given[place] = message.model_copy(update={"id": str(uuid5(NAMESPACE_OID, named))})
        before = add_messages(before, given)  # pyright: ignore
    return before


def newest(before: Any, writes: Sequence[Any]) -> Any:
    """The last of several values.

    Example:
        >>> newest(1, [2, 3]), newest(1, [])
        (3, 1)
    """
    return writes[-1] if writes else before


def appended(before: list[Any], writes: Sequence[list[Any]]) -> list[Any]:
    """A list with what several steps add to it.

    Example:
        >>> appended([1], [[2], [3, 4]])
        [1, 2, 3, 4]
    """
    return [*before, *(item for write in writes for item in write)]


Growing = DeltaChannel(appended)
"""A list whose items are stored once, by the step that adds them. An ordinary channel is stored
whole, in every checkpoint."""


Conversation = DeltaChannel(conversation)
"""Messages that are stored once, as the items of `Growing` are."""

Account = DeltaChannel(newest, dict)
"""`result`, stored once, by the step that writes it."""


class InputState(TypedDict):
    """The input of every graph."""

    messages: Annotated[list[AnyMessage], Conversation]


class OutputState(TypedDict):
    """The output of every graph."""

    messages: Annotated[list[AnyMessage], Conversation]
    result: Annotated[dict[str, Any], Account]


class RunState(OutputState):
    """The state of every graph during a run; `prepare` clears it at each new turn."""

    drafts: Annotated[list[Draft], Growing]
    calls: Annotated[list[Call], Growing]
    layer: int
    stopped: str | None
    fell_back: Annotated[list[str], operator.add]
    trust: Trust | None
    escalated: str | None
    streamed: str | None
    held: dict[str, Any] | None
    held_result: dict[str, Any]


class RoutedState(RunState):
    """The state of a graph with a task map: the position of the question on the map."""

    vector: list[float]
    cluster: int | None
    position: list[float] | None
    familiarity: float | None
    ranking: list[dict[str, Any]]
    picked: list[str]


class JudgedState(RoutedState):
    """The state of a graph with a judge: its judgement of the last round, and all before."""

    verdict: dict[str, Any] | None
    judged: str
    problem: str | None
    selected: list[str]
    review: str
    judge_stop: bool
    quality: float | None
    rounds: Annotated[list[dict[str, Any]], operator.add]


NO_JUDGEMENT: dict[str, Any] = {
    "verdict": None,
    "judged": "",
    "problem": None,
    "selected": [],
    "review": "",
    "judge_stop": False,
    "quality": None,
    "rounds": Overwrite([]),
}
"""The channels of `JudgedState` at the start of a turn."""
