"""Items of OpenAI's Responses as messages of its chat completions, in both directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .request import RefusedError

_TEXTS = {"input_text": "text", "output_text": "text", "text": "text", "refusal": "refusal"}
"""Types of text in a message, with the fields that hold it."""


def messages_of(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A conversation as chat messages.

    Calls that follow each other, and the text before them, are one message of the assistant.
    Reasoning is left out, because other models cannot read it.

    Raises:
        RefusedError: An item is of a kind that an ensemble cannot read, or lacks a field.

    Example:
        >>> messages_of([{"role": "user", "content": "hi"}])
        [{'role': 'user', 'content': 'hi'}]
    """
    said: list[dict[str, Any]] = []
    for place, item in enumerate(items):
        kind = item.get("type") or ("message" if "role" in item else None)
        if kind == "message":
            role = _field(item, "role", place)
            said.append({"role": role, "content": _content(item.get("content"), role, place)})
        elif kind == "function_call":
            if not said or said[-1]["role"] != "assistant":
                said.append({"role": "assistant", "content": ""})
            said[-1].setdefault("tool_calls", []).append(_call(item, place))
        elif kind == "function_call_output":
            told = _content(item.get("output"), "tool", place)
            name = _field(item, "call_id", place)
            said.append({"role": "tool", "tool_call_id": name, "content": told})
        elif kind != "reasoning":
            raise RefusedError(
                f"input.{place}: items of the type {str(kind)[:40]!r} are not supported; an "
                "ensemble reads message, function_call, function_call_output and reasoning",
                "input",
            )
    return said


def _field(item: Mapping[str, Any], name: str, place: int) -> str:
    found = item.get(name)
    if not isinstance(found, str) or not found:
        raise RefusedError(f"input.{place}.{name}: a text is missing", "input")
    return found


def _call(item: Mapping[str, Any], place: int) -> dict[str, Any]:
    arguments = item.get("arguments")
    function = {
        "name": _field(item, "name", place),
        "arguments": arguments if isinstance(arguments, str) else "{}",
    }
    return {"id": _field(item, "call_id", place), "type": "function", "function": function}


def _content(content: Any, role: str, place: int) -> str | list[dict[str, Any]]:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise RefusedError(f"input.{place}: the content is a text or a list of parts", "input")
    parts = [_part(part, place) for part in content]
    texts = [part["text"] for part in parts if part["type"] == "text"]
    # Not every server reads parts in the turns of others than the user.
    if role != "user" and len(texts) == len(parts):
        return "\n".join(texts)
    return parts


def _part(part: Any, place: int) -> dict[str, Any]:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind in _TEXTS and isinstance(part.get(_TEXTS[kind]), str):
        return {"type": "text", "text": part[_TEXTS[kind]]}
    if kind == "input_image" and isinstance(part.get("image_url"), str):
        detail = {"detail": part["detail"]} if part.get("detail") else {}
        return {"type": "image_url", "image_url": {"url": part["image_url"], **detail}}
    raise RefusedError(
        f"input.{place}: content of the type {str(kind)[:40]!r} is not supported; an ensemble "
        "reads input_text, and input_image with an image_url",
        "input",
    )


def message_item(
    name: str, text: str, scores: Any = None, status: str = "completed"
) -> dict[str, Any]:
    """An answer's text as an item.

    Example:
        >>> message_item("msg_1", "Paris")["content"][0]["text"]
        'Paris'
    """
    return {
        "id": name,
        "type": "message",
        "role": "assistant",
        "status": status,
        "content": [text_part(text, scores)] if status == "completed" else [],
    }


def text_part(text: str, scores: Any = None) -> dict[str, Any]:
    """A text as the content of an item."""
    return {
        "type": "output_text",
        "text": text,
        "annotations": [],
        "logprobs": [_score(each) for each in scores or ()],
    }


def _score(each: Mapping[str, Any]) -> dict[str, Any]:
    """The probability of a token; unlike chat completions, responses always have its bytes."""
    others = [_score(other) for other in each.get("top_logprobs") or ()]
    token = str(each["token"])
    plain = {"token": token, "logprob": each["logprob"]}
    more = {"top_logprobs": others} if "top_logprobs" in each else {}
    return {**plain, "bytes": each.get("bytes") or list(token.encode()), **more}


def call_item(
    name: str, call: Mapping[str, Any], arguments: str, status: str = "completed"
) -> dict[str, Any]:
    """A tool call as an item.

    Example:
        >>> call_item("fc_1", {"id": "call_1", "name": "f"}, "{}")["call_id"]
        'call_1'
    """
    return {
        "id": name,
        "type": "function_call",
        "call_id": call["id"],
        "name": call["name"],
        "arguments": arguments,
        "status": status,
    }
