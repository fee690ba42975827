"""Calls of tools as an answer gives them: once, each with an id that the conversation has not."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolCall


def called(
    calls: Sequence[Mapping[str, Any]], messages: Sequence[BaseMessage], *, shown: bool = False
) -> list[ToolCall]:
    """The calls of a draft as those of the answer.

    Several samples, and models that count from one, give the same ids more than once.

    Args:
        calls: With their `name` and `args`.
        messages: The conversation so far.
        shown: They were streamed already: an id of their own that is new stays.

    Example:
        >>> one, two = called([{"name": "f", "args": {}}] * 2, [])
        >>> one["name"], one["id"] != two["id"]
        ('f', True)
    """
    used = {c["id"] for m in messages if isinstance(m, AIMessage) for c in m.tool_calls}
    found: list[ToolCall] = []
    for call in calls:
        name = call.get("id") if shown else None
        if not name or name in used:
            name = f"call_{uuid.uuid4().hex[:24]}"
        used.add(name)
        found.append(ToolCall(name=call["name"], args=dict(call["args"]), id=name))
    return found
