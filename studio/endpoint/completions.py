"""`/v1`: every graph and preset as a model of the OpenAI protocol.

Runs take place in this process. Chat completions and completions store nothing: the client sends
the whole conversation each time. Responses are stored unless a request forbids it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...calls_told import CallsTold
from ...decoding import RESTART, Told
from ...events import lean
from ...presets import PRESETS, Preset
from ..catalogue import Catalogue
from ..sse import event, event_stream
from .errors import Nowhere, public, refusal
from .reply import Shape, account_of, finish_reason, scores_of, tool_calls, usage_of
from .request import ChatRequest, read, read_json
from .responses import Responses
from .runs import Begun, begin, ends_of, unless_gone
from .stream import streamed
from .text_completions import TextCompletions


class Completions:
    """The endpoints over one catalogue.

    Args:
        catalogue: The models, while the server is open.
        response_days: The life of a stored response.
        longest: Most characters of responses that follow each other.
    """

    def __init__(
        self, catalogue: Callable[[], Catalogue], response_days: float, longest: int
    ) -> None:
        self._catalogue = catalogue
        self._responses = Responses(catalogue, response_days, longest)

    def routes(self) -> list[Route]:
        """The routes to mount; the last one answers for all that do not exist."""
        known = [
            Route("/v1/models", self.models),
            Route("/v1/models/{name:path}", self.model),
            Route("/v1/chat/completions", self.chat, methods=["POST"]),
            *TextCompletions(self._catalogue).routes(),
            *self._responses.routes(),
        ]
        return [*known, Route("/v1/{rest:path}", Nowhere(known), include_in_schema=False)]

    async def models(self, _: Request) -> Response:
        """All models."""
        data = [_card(each) for each in PRESETS]
        return JSONResponse({"object": "list", "data": data})

    async def model(self, request: Request) -> Response:
        """One model."""
        try:
            return JSONResponse(_card(self._catalogue().find(request.path_params["name"])))
        except Exception as error:
            return refusal(error)

    async def chat(self, request: Request) -> Response:
        """Answer a conversation."""
        try:
            asked = read(read_json(await request.body()))
            begun = begin(self._catalogue(), asked)
        except Exception as error:
            return refusal(error)
        shape = Shape(asked.model)
        if asked.stream:
            return event_stream(_streamed(begun, asked, shape))
        try:
            ends = await unless_gone(request, ends_of(begun.runs))
        except Exception as error:
            return refusal(error, begun.secrets)
        return JSONResponse(shape.whole(ends, asked) if ends else {})


def _card(form: Preset) -> dict[str, Any]:
    return {
        "id": form.name,
        "object": "model",
        "created": 0,
        "owned_by": "langgraph-ensemble",
        "ensemble": {"about": form.about, "method": form.method},
    }


def _streamed(begun: Begun, asked: ChatRequest, shape: Shape) -> AsyncIterator[bytes]:
    choices = [_Choice(i, asked, shape, CallsTold(begun.messages)) for i in range(asked.n)]
    return streamed(
        begun,
        lambda index, told: choices[index].chunks(told),
        asked.stream_options,
        lambda ends: shape.aside(usage=usage_of(ends)),
        first=[each.chunk({"role": "assistant", "content": ""}) for each in choices],
    )


class _Choice:
    """The events of one choice."""

    def __init__(self, index: int, asked: ChatRequest, shape: Shape, calls: CallsTold) -> None:
        self._index = index
        self._asked = asked
        self._shape = shape
        self._calls = calls

    def chunk(self, delta: dict[str, Any], **more: Any) -> bytes:
        """One piece of the choice."""
        return event(self._shape.chunk(self._index, delta, **more))

    def chunks(self, told: Told) -> list[bytes]:
        """The events of one item of the run."""
        self._calls.check(told)
        if told.kind == "event":
            more = {"choice": self._index} if self._asked.n > 1 else {}
            said = {"event": public(lean(told.data)), **more}
            return [event(self._shape.aside(ensemble=said))]
        if told.kind == "token":
            return [self.chunk({"content": told.data})]
        if told.kind == "restart":
            return [self.chunk({"content": RESTART})]
        if told.kind == "call":
            return [self.chunk({"tool_calls": [_piece(self._calls.piece(told.data))]})]
        return [*self._unsent(told), self._last(told)]

    def _unsent(self, told: Told) -> list[bytes]:
        """The tool calls of an answer that came in one piece."""
        calls = tool_calls(told)
        if not calls or self._calls.begun:
            return []
        numbered = [{"index": i, **call} for i, call in enumerate(calls)]
        return [self.chunk({"tool_calls": numbered})]

    def _last(self, told: Told) -> bytes:
        more: dict[str, Any] = {}
        if self._asked.shows_account:
            more["ensemble"] = account_of(told)
        if self._asked.logprobs:
            more["logprobs"] = scores_of(told)
        return self.chunk({}, finish_reason=finish_reason(told), **more)


def _piece(piece: Any) -> dict[str, Any]:
    function = {"arguments": piece["args"] or ""}
    if piece["id"] is None:
        return {"index": piece["index"], "function": function}
    function = {"name": piece["name"], **function}
    return {"index": piece["index"], "id": piece["id"], "type": "function", "function": function}
