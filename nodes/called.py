"""The tool calls of an answer, each with an id that is new in the conversation."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolCall


def called(
    calls: Sequence[Mapping[str, Any]], messages: Sequence[BaseMessage], *, shown: bool = False
) -> list[ToolCall]:
    """Make the answer's tool calls from those of a draft.

    Several samples, and models that count from one, repeat ids.

    Args:
        calls: Calls with `name` and `args`.
        messages: The conversation so far.
        shown: Whether they were already streamed; their own ids are then kept if they are new.

    Example:
        >>> one, two = called([{"name": "f", "args": {}}] * 2, [])
        >>> one["name"], one["id"] != two["id"]
        ('f', True)
    """
    used = {c["id"] for m in messages if isinstance(m, AIMessage) for c in m.tool_calls}
    result: list[ToolCall] = []
    for call in calls:
        name = call.get("id") if shown else None
        if not name or name in used:
            name = f"call_{uuid.uuid4().hex[:24]}"
        used.add(name)
        result.append(ToolCall(name=call["name"], args=dict(call["args"]), id=name))
    return result
