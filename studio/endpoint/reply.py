"""Build the replies of the OpenAI protocol."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import BaseModel

from ...decoding import Told
from ...models.exchange import logprobs_of
from .errors import public
from .request import ChatRequest


class Shape:
    """The replies to one request, validated by the types of OpenAI's own client."""

    def __init__(self, model: str) -> None:
        self._common: dict[str, Any] = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": model,
        }

    def whole(self, ends: Sequence[Told], asked: ChatRequest) -> dict[str, Any]:
        """The reply to a request that does not stream."""
        alone = asked.shows_account and len(ends) == 1
        reply = {
            **self._common,
            "object": "chat.completion",
            "choices": [_choice(i, end, asked, alone) for i, end in enumerate(ends)],
            "usage": usage_of(ends),
            **({"ensemble": account_of(ends[0])} if alone else {}),
        }
        return _checked(ChatCompletion, reply)

    def chunk(self, index: int, delta: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """One piece of a streamed choice."""
        last = {key: more.pop(key, None) for key in ("finish_reason", "logprobs")}
        choice = {"index": index, "delta": dict(delta), **last}
        return self._chunk([choice], more)

    def aside(self, **more: Any) -> dict[str, Any]:
        """A chunk without a choice: usage, or an event."""
        return self._chunk([], more)

    def _chunk(self, choices: list[dict[str, Any]], more: Mapping[str, Any]) -> dict[str, Any]:
        chunk = {**self._common, "object": "chat.completion.chunk", "choices": choices, **more}
        return _checked(ChatCompletionChunk, chunk)


def _choice(index: int, end: Told, asked: ChatRequest, alone: bool) -> dict[str, Any]:
    text = str(end.data["message"].text)
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
    if calls := tool_calls(end):
        message |= {"content": text or None, "tool_calls": calls}
    choice = {"index": index, "message": message, "finish_reason": finish_reason(end)}
    more = {"ensemble": account_of(end)} if asked.shows_account and not alone else {}
    return {**choice, "logprobs": scores_of(end) if asked.logprobs else None, **more}


def _checked(kind: type[BaseModel], reply: Mapping[str, Any]) -> dict[str, Any]:
    return kind.model_validate(reply).model_dump(mode="json", exclude_unset=True)


def tool_calls(end: Told) -> list[dict[str, Any]]:
    """The answer's tool calls, with their arguments as JSON text."""
    message = end.data["message"]
    said = [(call["id"], call["name"], json.dumps(call["args"])) for call in message.tool_calls]
    said += [(call["id"], call["name"], call["args"]) for call in message.invalid_tool_calls]
    return [
        {
            "id": name or f"call_{uuid.uuid4().hex[:24]}",
            "type": "function",
            "function": {"name": called or "", "arguments": arguments or ""},
        }
        for name, called, arguments in said
    ]


def finish_reason(end: Told) -> Literal["tool_calls", "length", "stop"]:
    """Why the answer ended: `tool_calls`, `length` if its writer said so, otherwise `stop`."""
    if tool_calls(end):
        return "tool_calls"
    reason = end.data["message"].response_metadata.get("finish_reason")
    return "length" if reason == "length" else "stop"


def account_of(end: Told) -> dict[str, Any]:
    """`result` without the answer, which the reply holds already."""
    return public({key: value for key, value in end.data["result"].items() if key != "answer"})


def scores_of(end: Told) -> dict[str, Any] | None:
    """The log probabilities of the answer's tokens; None if its member has none.

    Only the tokens of the text that is shown are left: what stands before it (a model's thinking)
    and after it (from a stop sequence on) is not part of the answer.
    """
    message = end.data["message"]
    scores = logprobs_of(message) or []
    text = str(message.text)
    start = "".join(str(each["token"]) for each in scores).find(text)
    if not text or start < 0:
        return None
    kept, place = [], 0
    for each in scores:
        size = len(str(each["token"]))
        if place + size > start and place < start + len(text):
            kept.append(each)
        place += size
    return {"content": kept, "refusal": None}


def usage_of(ends: Sequence[Told]) -> CompletionUsage | None:
    """Tokens of every call of every run; None if a member did not report them."""
    each = [end.data["result"]["usage"] for end in ends]
    if any(usage is None for usage in each):
        return None
    return CompletionUsage(
        prompt_tokens=sum(usage["input_tokens"] for usage in each),
        completion_tokens=sum(usage["output_tokens"] for usage in each),
        total_tokens=sum(usage["total_tokens"] for usage in each),
    )
