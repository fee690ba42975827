"""Tool calls, compared by value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .literals import key_of

ToolCalls = Sequence[Mapping[str, Any]]
"""Tool calls with `name` and `args`, as in LangChain's messages."""


def calls_key(calls: ToolCalls) -> str:
    """A key that is equal for calls with equal names and argument values, in any order.

    Example:
        >>> one = [{"name": "add", "args": {"a": 1, "b": 2.0}}, {"name": "stop", "args": {}}]
        >>> two = [{"name": "stop", "args": "{}"}, {"name": "add", "args": '{"b": 2, "a": 1}'}]
        >>> calls_key(one) == calls_key(two)
        True
    """
    return ";".join(sorted(f"{call.get('name')}{key_of(_arguments(call))}" for call in calls))


def calls_text(calls: ToolCalls) -> str:
    """Calls as JSON, for display."""
    shown = [{"name": call.get("name"), "args": _arguments(call)} for call in calls]
    return json.dumps(shown, ensure_ascii=False, default=str)


def canonical(calls: ToolCalls) -> str:
    """Calls as JSON, with the same text for equal calls.

    Example:
        >>> canonical([{"name": "b", "args": {"y": 2.0, "x": 1}, "id": "7"}, {"name": "a"}])
        '[{"name": "a", "args": {}}, {"name": "b", "args": {"x": 1, "y": 2}}]'
    """
    ordered = sorted(calls, key=lambda call: calls_key([call]))
    shown = [{"name": call.get("name"), "args": plainest(_arguments(call))} for call in ordered]
    return json.dumps(shown, ensure_ascii=False, default=str)


def plainest(value: Any) -> Any:
    """The canonical form of a JSON value: fields in order, whole numbers without a point.

    Example:
        >>> plainest({"b": [2.0, 0.5], "a": True})
        {'a': True, 'b': [2, 0.5]}
    """
    if isinstance(value, Mapping):
        return {key: plainest(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [plainest(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def is_calls(said: Any) -> bool:
    """Whether a member's output is tool calls, and not a text or a list of samples."""
    return (
        isinstance(said, Sequence)
        and not isinstance(said, str | bytes)
        and len(said) > 0
        and all(isinstance(call, Mapping) and "name" in call for call in said)
    )


def _arguments(call: Mapping[str, Any]) -> Any:
    """Arguments as values; text that is not JSON stays text."""
    given = call.get("args", {})
    if isinstance(given, str):
        try:
            return json.loads(given or "{}")
        except (ValueError, RecursionError):
            return given
    return given
