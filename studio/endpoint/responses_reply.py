"""Build the replies and the events of OpenAI's Responses."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from typing import Any

from ...calls_told import CallsTold
from ...decoding import RESTART, Told
from ...events import lean
from .errors import public
from .reply import account_of, finish_reason, scores_of, tool_calls, usage_of
from .request import ChatRequest
from .responses_items import call_item, message_item, text_part
from .responses_request import ResponsesRequest


class Reply:
    """The reply to one request."""

    def __init__(self, asked: ResponsesRequest, chat: ChatRequest, stores: bool) -> None:
        self._number = uuid.uuid4().hex
        self.id = f"resp_{self._number}"
        self._account = chat.shows_account
        self._scored = chat.logprobs
        given = asked.model_dump()
        form = (given["text"] or {}).get("format") or {"type": "text"}
        self._common: dict[str, Any] = {
            "id": self.id,
            "object": "response",
            "created_at": int(time.time()),
            "model": asked.model,
            **{key: given[key] for key in _ECHOED},
            "tool_choice": asked.tool_choice or "auto",
            "parallel_tool_calls": asked.parallel_tool_calls is not False,
            "text": {"format": form},
            "metadata": asked.metadata or {},
            "truncation": "disabled",
            "store": stores,
        }

    def named(self, kind: str, place: int) -> str:
        """The id of an output item, which holds that of the response."""
        return f"{kind}_{self._number}_{place}"

    def body(self, status: str, output: Sequence[Any] = (), **more: Any) -> dict[str, Any]:
        """The response in some state."""
        unset = {"error": None, "incomplete_details": None, "usage": None}
        return {**self._common, "status": status, "output": list(output), **unset, **more}

    def scores(self, end: Told) -> list[dict[str, Any]]:
        """The log probabilities of the answer, if they are wanted and known."""
        found = scores_of(end) if self._scored else None
        return found["content"] if found else []

    def output(self, end: Told) -> list[dict[str, Any]]:
        """The items of an answer."""
        text = str(end.data["message"].text)
        calls = tool_calls(end)
        items: list[dict[str, Any]] = []
        if text or not calls:
            items.append(message_item(self.named("msg", 0), text, self.scores(end)))
        for call in calls:
            function = {"id": call["id"], "name": call["function"]["name"]}
            name = self.named("fc", len(items))
            items.append(call_item(name, function, call["function"]["arguments"]))
        return items

    def ended(self, end: Told, output: Sequence[Any] | None = None) -> dict[str, Any]:
        """The response of a run that has ended."""
        cut = finish_reason(end) == "length"
        more: dict[str, Any] = {"usage": _usage(end)}
        if cut:
            more["incomplete_details"] = {"reason": "max_output_tokens"}
        if self._account:
            more["ensemble"] = account_of(end)
        items = self.output(end) if output is None else output
        return self.body("incomplete" if cut else "completed", items, **more)

    def failed(self, body: dict[str, Any]) -> dict[str, Any]:
        """The response of a run that has failed, from an error of the protocol."""
        error = body["error"]
        code = error["code"] or error["type"]
        return self.body("failed", error={"code": code, "message": error["message"]})


_ECHOED = (
    "instructions",
    "previous_response_id",
    "max_output_tokens",
    "temperature",
    "top_p",
    "tools",
    "reasoning",
    "top_logprobs",
)
"""Fields of the request that are repeated in the reply."""


def _usage(end: Told) -> dict[str, Any] | None:
    usage = usage_of([end])
    if usage is None:
        return None
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.total_tokens,
    }


class Events:
    """The events of one streamed response, in the order that the protocol demands.

    Args:
        reply: Its reply.
        calls: Numbers its tool calls.
    """

    def __init__(self, reply: Reply, calls: CallsTold) -> None:
        self._reply = reply
        self._calls = calls
        self._sent = 0
        self._items: list[dict[str, Any]] = []
        self._text: int | None = None
        self._places: dict[int, int] = {}

    def event(self, kind: str, **data: Any) -> bytes:
        """One event, with the next number."""
        body = {"type": kind, "sequence_number": self._sent, **data}
        self._sent += 1
        text = json.dumps(body, ensure_ascii=False, default=str)
        return f"event: {kind}\ndata: {text}\n\n".encode()

    def begin(self) -> list[bytes]:
        """The events before the first word."""
        body = self._reply.body("in_progress")
        return [self.event(f"response.{k}", response=body) for k in ("created", "in_progress")]

    def told(self, told: Told) -> list[bytes]:
        """The events of one item of the run."""
        self._calls.check(told)
        if told.kind == "event":
            return [self.event("response.ensemble.event", event=public(lean(told.data)))]
        if told.kind in ("token", "restart"):
            return self._more_text(RESTART if told.kind == "restart" else told.data)
        if told.kind == "call":
            return self._more_call(self._calls.piece(told.data))
        return []

    def end(self, end: Told) -> tuple[list[bytes], dict[str, Any]]:
        """The events that finish the items, and the whole response."""
        events: list[bytes] = []
        text, calls = str(end.data["message"].text), tool_calls(end)
        if self._text is None and (text or not (calls or self._calls.begun)):
            events += self._more_text(text)
        if not self._calls.begun:
            for index, call in enumerate(calls):
                function = call["function"]
                piece = {"index": index, "id": call["id"], "name": function["name"]}
                events += self._more_call({**piece, "args": function["arguments"]})
        for place in range(len(self._items)):
            more = (
                self._end_text(place, text, end) if place == self._text else self._end_call(place)
            )
            events += more
        return events, self._reply.ended(end, self._items)

    def _open(self, item: dict[str, Any]) -> bytes:
        self._items.append(item)
        place = len(self._items) - 1
        return self.event("response.output_item.added", output_index=place, item=item)

    def _at(self, place: int) -> dict[str, Any]:
        return {"item_id": self._items[place]["id"], "output_index": place}

    def _more_text(self, text: str) -> list[bytes]:
        events: list[bytes] = []
        if self._text is None:
            self._text = len(self._items)
            name = self._reply.named("msg", self._text)
            events.append(self._open(message_item(name, "", status="in_progress")))
            part = {"content_index": 0, "part": text_part("")}
            events.append(self.event("response.content_part.added", **self._at(self._text), **part))
        more = {"content_index": 0, "delta": text, "logprobs": []}
        if text:
            place = self._at(self._text)
            events.append(self.event("response.output_text.delta", **place, **more))
        return events

    def _end_text(self, place: int, text: str, end: Told) -> list[bytes]:
        scores = self._reply.scores(end)
        at, part = {**self._at(place), "content_index": 0}, text_part(text, scores)
        item = self._items[place] = message_item(self._items[place]["id"], text, scores)
        told = {"text": text, "logprobs": part["logprobs"]}
        return [
            self.event("response.output_text.done", **at, **told),
            self.event("response.content_part.done", **at, part=part),
            self.event("response.output_item.done", output_index=place, item=item),
        ]

    def _more_call(self, piece: Any) -> list[bytes]:
        events: list[bytes] = []
        place = self._places.get(piece["index"])
        if place is None:
            place = self._places[piece["index"]] = len(self._items)
            name = self._reply.named("fc", place)
            events.append(self._open(call_item(name, piece, "", "in_progress")))
        if arguments := piece["args"]:
            # A copy, for what was sent is not changed.
            item = dict(self._items[place])
            item["arguments"] += arguments
            self._items[place] = item
            kind = "response.function_call_arguments.delta"
            events.append(self.event(kind, **self._at(place), delta=arguments))
        return events

    def _end_call(self, place: int) -> list[bytes]:
        item = self._items[place] = {**self._items[place], "status": "completed"}
        told = {"name": item["name"], "arguments": item["arguments"]}
        return [
            self.event("response.function_call_arguments.done", **self._at(place), **told),
            self.event("response.output_item.done", output_index=place, item=item),
        ]
