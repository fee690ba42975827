"""The OpenAI protocol of the simulated server: its JSON, and the requests that it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from .model import Model, chance

DIMENSIONS = 64
"""Number of dimensions of an embedding."""


class Written(NamedTuple):
    """The output of a model: for each sample its tokens or tool calls, with the usage."""

    samples: list[list[str]]
    ends: list[str]
    calls: list[list[dict[str, Any]]]
    usage: dict[str, int]


def written(model: Model, body: dict[str, Any], texts: list[str], count: int) -> Written:
    """The texts as a server sends them: cut at the limit, counted, or replaced by tool calls."""
    calls = [called(model, body, count, place) for place in range(len(texts))]
    limit = body.get("max_tokens") or body.get("max_completion_tokens") or 10_000
    each = list(zip(texts, calls, strict=True))
    whole = [[] if made else pieces(in_form(body, text)) for text, made in each]
    ends = [
        "tool_calls" if made else "length" if len(text) > limit else "stop"
        for text, made in zip(whole, calls, strict=True)
    ]
    samples = [each[:limit] for each in whole]
    return Written(samples, ends, calls, usage(body["messages"], samples))


def pieces(text: str) -> list[str]:
    """Split a text into tokens: words with the space before them."""
    return re.findall(r"\s*\S+", text)


def usage(messages: list[dict[str, Any]], samples: list[list[str]]) -> dict[str, int]:
    """Tokens read and written."""
    inputs = sum(len(str(message.get("content")).split()) for message in messages)
    outputs = sum(map(len, samples))
    return {
        "prompt_tokens": inputs,
        "completion_tokens": outputs,
        "total_tokens": inputs + outputs,
    }


def refused(model: Model, body: dict[str, Any]) -> str | None:
    """The error of a real server for tool calls without results, or images without vision."""
    open_calls: list[str] = []
    for message in body["messages"]:
        if message["role"] == "tool":
            if message.get("tool_call_id") not in open_calls:
                return "a tool message must follow the call that it answers"
            open_calls.remove(message["tool_call_id"])
        elif open_calls:
            return "a tool call is not followed by its result"
        open_calls += [call["id"] for call in message.get("tool_calls") or []]
        parts = message["content"] if isinstance(message.get("content"), list) else []
        if any(part["type"] == "image_url" for part in parts) and not model.sees:
            return "this model takes no images"
    return None


def called(model: Model, body: dict[str, Any], count: int, place: int) -> list[dict[str, Any]]:
    """The tool calls of one sample: the model's next ones, or one of the chosen or first tool.

    There are none after a tool's result.
    """
    choice = body.get("tool_choice")
    if not body.get("tools") or choice == "none":
        return []
    if any(message["role"] == "tool" for message in body["messages"]):
        return []
    names = [tool["function"]["name"] for tool in body["tools"]]
    name = choice["function"]["name"] if isinstance(choice, dict) else names[0]
    made = [{"name": name, "arguments": model.tool_arguments}]
    if model.calls:
        # The place distinguishes samples of one request, the number distinguishes requests.
        made = model.calls[(count - 1 + place) % len(model.calls)]
    return [
        {"id": f"call_{count}_{i}", "type": "function", "function": _function(call)}
        for i, call in enumerate(made)
    ]


def _function(call: dict[str, Any]) -> dict[str, str]:
    given = call["arguments"]
    arguments = given if isinstance(given, str) else json.dumps(given)
    return {"name": call["name"], "arguments": arguments}


def in_form(body: dict[str, Any], text: str) -> str:
    """The text in the requested response format."""
    form: dict[str, Any] = body.get("response_format") or {"type": "text"}
    if form["type"] == "json_schema":
        fields = form["json_schema"]["schema"].get("properties", {})
        # The simulated model itself decides how a judge or moderator follows its schema.
        decides = text.startswith("{") or {"chosen", "stop", "roles"} & set(fields)
        return text if decides else json.dumps(dict.fromkeys(fields, text))
    if form["type"] == "json_object" and not text.startswith("{"):
        return json.dumps({"answer": text})
    return text


def scores(body: dict[str, Any], tokens: list[str]) -> dict[str, Any] | None:
    """The log probabilities of tokens, if the request wants them; the shorter the likelier."""
    if not body.get("logprobs"):
        return None
    wanted = int(body.get("top_logprobs") or 0)
    each = [(token, -len(token) / 10) for token in tokens]
    content = [
        {
            "token": token,
            "logprob": value,
            "bytes": list(token.encode()),
            "top_logprobs": [
                {"token": f"{token}{'?' * i}", "logprob": value - i, "bytes": None}
                for i in range(wanted)
            ],
        }
        for token, value in each
    ]
    return {"content": content, "refusal": None}


def completion(model: Model, written: Written, body: dict[str, Any]) -> dict[str, Any]:
    """A whole reply."""
    choices = [
        {
            "index": i,
            "message": {
                "role": "assistant",
                **({"content": None, "tool_calls": calls} if calls else {"content": "".join(each)}),
            },
            "finish_reason": end,
            "logprobs": scores(body, each),
        }
        for i, (each, end, calls) in enumerate(
            zip(written.samples, written.ends, written.calls, strict=True)
        )
    ]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": model.name,
        "choices": choices,
        "usage": written.usage,
    }


def event(
    model: Model,
    delta: dict[str, Any] | None,
    finish: str | None = None,
    usage: dict[str, int] | None = None,
    scores: dict[str, Any] | None = None,
) -> bytes:
    """One event of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": scores}
    choices = [] if delta is None else [choice]
    data = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": model.name,
        "choices": choices,
        "usage": usage,
    }
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def call_events(model: Model, calls: list[dict[str, Any]]) -> Iterator[bytes]:
    """The tool calls of a stream, each in several chunks, as servers send them."""
    for index, call in enumerate(calls):
        function = call["function"]
        given = function["arguments"]
        head = {**call, "index": index, "function": {**function, "arguments": given[:3]}}
        yield event(model, {"tool_calls": [head]})
        for start in range(3, len(given), 20):
            tail = {"index": index, "function": {"arguments": given[start : start + 20]}}
            yield event(model, {"tool_calls": [tail]})


def embedding(text: str) -> list[float]:
    """Counts of words, hashed to dimensions and normalised to length 1."""
    vector = [0.0] * DIMENSIONS
    for word in re.findall(r"[a-z]+", text.lower()):
        vector[int(chance(word, "place") * DIMENSIONS)] += 1.0
    norm = sum(value * value for value in vector) ** 0.5 or 1.0
    return [value / norm for value in vector]
