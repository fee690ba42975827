"""Responses that are remembered, as checkpoints: one thread each, in whatever holds the others.

A response holds only its own input and output, and names the one before it. It is found for a
number of days, as at OpenAI; `responses_life` deletes it afterwards.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from .request import RefusedError
from .responses_life import DAY, PREFIX

_ITEM = re.compile(r"(?:msg|fc)_([0-9a-f]{32})_(\d+)")
LONGEST = 1000
"""Responses that may follow each other."""


class NoSuchResponseError(RefusedError):
    """A response or an item is not stored."""

    status = 404

    @property
    def code(self) -> str | None:
        """Clients that read it send the whole conversation."""
        return "previous_response_not_found" if self.param == "previous_response_id" else None


class TooLargeError(RefusedError):
    """The responses before a request are too large with it."""

    status = 413
    code = "conversation_too_large"


class Kept(TypedDict):
    """What is stored of one response: input, output, the id before it, and the reply."""

    response: dict[str, Any]


class ResponseStore:
    """The responses in one checkpointer.

    Args:
        saver: None if nothing is remembered.
        days: The life of a response.
    """

    def __init__(self, saver: BaseCheckpointSaver[Any] | None, days: float = 30.0) -> None:
        self.saver = saver
        self._days = days
        graph = StateGraph(Kept)
        graph.add_node("keep", lambda state: state)
        graph.add_edge(START, "keep")
        graph.add_edge("keep", END)
        self._graph = graph.compile(checkpointer=saver)

    @property
    def remembers(self) -> bool:
        """Whether anything is stored."""
        return self.saver is not None

    async def keep(self, name: str, items: list[dict[str, Any]], reply: dict[str, Any]) -> None:
        """Store a response with its own input items."""
        values = {"response": {"input": items, "reply": reply}}
        await self._graph.aupdate_state(_thread(name), values, as_node="keep")

    async def find(self, name: str) -> dict[str, Any]:
        """The stored response of that id.

        Raises:
            NoSuchResponseError: There is none, or it is too old.
        """
        if self.saver is not None:
            state = await self._graph.aget_state(_thread(name))
            found = state.values.get("response")
            if found and time.time() - found["reply"]["created_at"] < self._days * DAY:
                return found
        raise NoSuchResponseError(
            f"there is no stored response {name[:80]!r}: it was made with 'store': false, it was "
            f"deleted, or it is older than {self._days:g} days; send the whole conversation as "
            "input instead",
            "previous_response_id",
        )

    async def drop(self, name: str) -> None:
        """Delete a response.

        Raises:
            NoSuchResponseError: There is none.
        """
        await self.find(name)
        if self.saver is not None:
            await self.saver.adelete_thread(_thread(name)["configurable"]["thread_id"])  # pyright: ignore[reportTypedDictNotRequiredAccess]

    async def conversation(
        self, name: str | None, new: list[dict[str, Any]], longest: int
    ) -> list[dict[str, Any]]:
        """The items of a response and of all before it, oldest first.

        Args:
            name: The response.
            new: The items that go on from it.
            longest: Most characters of all items, images included.

        Raises:
            NoSuchResponseError: One of them is not stored.
            RefusedError: There are too many, or they are too large.
        """
        turns: list[list[dict[str, Any]]] = []
        size = _size(new)
        while name is not None:
            if len(turns) >= LONGEST:
                raise RefusedError(f"more than {LONGEST} responses follow each other", "input")
            found = await self.find(name)
            turns.append([*found["input"], *found["reply"]["output"]])
            size += _size(turns[-1])
            if size > longest:
                raise TooLargeError(
                    f"this conversation is too long with its images: more than {longest} "
                    "characters; begin a new one, without previous_response_id",
                    "previous_response_id",
                )
            name = found["reply"]["previous_response_id"]
        return [item for turn in reversed(turns) for item in turn]

    async def whole(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Items with references replaced by what they refer to.

        Raises:
            NoSuchResponseError: It is not stored.
        """
        return [await self._meant(i) if i.get("type") == "item_reference" else i for i in items]

    async def _meant(self, item: dict[str, Any]) -> dict[str, Any]:
        name = str(item.get("id"))
        if found := _ITEM.fullmatch(name):
            output = (await self.find(f"resp_{found[1]}"))["reply"]["output"]
            for each in output:
                if each["id"] == name:
                    return each
        raise NoSuchResponseError(
            f"input: there is no stored item {name[:80]!r}; send the item itself", "input"
        )


def _size(value: Any) -> int:
    """The characters of all texts in a value."""
    if isinstance(value, str):
        return len(value)
    inside = value.values() if isinstance(value, dict) else value
    return sum(map(_size, inside)) if isinstance(inside, Iterable) else 0


def _thread(name: str) -> RunnableConfig:
    return {"configurable": {"thread_id": f"{PREFIX}{name}"}}
