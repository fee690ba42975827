"""The tool calls of an answer while they are written, piece by piece."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolCallChunk

from .decoding import Told
from .nodes.aggregate import NoUsableDraftError


class CallsTold:
    """Numbers the calls of one answer from 0, and gives each an id that is new in its conversation.

    Args:
        messages: The conversation so far; models that count from one repeat ids.

    Attributes:
        begun: Number of calls that have begun.

    Example:
        >>> told = CallsTold()
        >>> first = {"name": "f", "args": "{", "id": "call_1", "index": 3}
        >>> [told.piece(each)["index"] for each in (first, {**first, "id": None, "args": "}"})]
        [0, 0]
    """

    def __init__(self, messages: Iterable[BaseMessage] = ()) -> None:
        said = (message for message in messages if isinstance(message, AIMessage))
        self._used = {call["id"] for message in said for call in message.tool_calls}
        self._places: dict[Any, int] = {}

    @property
    def begun(self) -> int:
        """Number of calls that have begun."""
        return len(self._places)

    def piece(self, chunk: ToolCallChunk) -> ToolCallChunk:
        """A piece with its call's number, and with an id if it begins the call.

        Providers number the parts of an answer, or leave the numbers out.
        """
        given = chunk["index"] if chunk["index"] is not None else chunk["id"] or self.begun - 1
        if (place := self._places.get(given)) is not None:
            more = {"index": place, "id": None}
            return ToolCallChunk(name=chunk["name"], args=chunk["args"], **more)
        place = self._places[given] = self.begun
        name = chunk["id"]
        if not name or name in self._used:
            name = f"call_{uuid.uuid4().hex[:24]}"
        self._used.add(name)
        return ToolCallChunk(name=chunk["name"] or "", args=chunk["args"], id=name, index=place)

    def check(self, told: Told) -> None:
        """Refuse an answer that starts again after a part of a call was sent.

        Raises:
            NoUsableDraftError: Half a call would be made, for it cannot be withdrawn.
        """
        if told.kind == "restart" and self.begun:
            raise NoUsableDraftError(
                "the answer broke off within a tool call that was already sent; ask again"
            )
