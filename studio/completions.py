"""`/v1`: every graph and preset as a model of the OpenAI protocol.

Runs take place in this process and store nothing: the client sends the whole conversation each
time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..decoding import RESTART, Told
from ..events import lean
from ..nodes.knob import check_knobs
from ..presets import PRESETS, Preset
from ..seeds import derive
from ..streaming import afollow
from .catalogue import Catalogue, NoSuchModelError
from .openai_reply import Shape, account_of, error_body, finish_reason, tool_calls, usage_of
from .openai_request import ChatRequest, RefusedError, read
from .problems import plain_words
from .sse import event, event_stream


class Completions:
    """The endpoints over one catalogue."""

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def routes(self) -> list[Route]:
        """The routes to mount."""
        return [
            Route("/v1/models", self.models),
            Route("/v1/models/{name:path}", self.model),
            Route("/v1/chat/completions", self.chat, methods=["POST"]),
        ]

    async def models(self, _: Request) -> Response:
        """All models."""
        data = [_card(each) for each in PRESETS]
        return JSONResponse({"object": "list", "data": data})

    async def model(self, request: Request) -> Response:
        """One model."""
        try:
            return JSONResponse(_card(self._catalogue().find(request.path_params["name"])))
        except NoSuchModelError as error:
            return _refusal(error)

    async def chat(self, request: Request) -> Response:
        """Answer a conversation."""
        catalogue = self._catalogue()
        try:
            asked = _read(await request.body())
            name = catalogue.find(asked.model).name
            knobs = _knobs(catalogue.knobs(name), asked)
            messages = asked.conversation()
        except Exception as error:
            return _refusal(error)
        graph = catalogue.graph(name)
        seed = knobs.get("seed", graph.context_schema().seed)  # pyright: ignore
        runs = [
            afollow(
                graph,
                {"messages": messages},
                context={**knobs, "seed": seed if i == 0 else derive(seed, "choice", i)},
                events=asked.events,
                stop=asked.stop,
            )
            for i in range(asked.n)
        ]
        shape, secrets = Shape(asked.model), catalogue.pool.secrets
        if asked.stream:
            return event_stream(_stream(runs, asked, shape, secrets))
        try:
            reply = await _unless_gone(request, _whole(runs, asked, shape))
        except Exception as error:
            return _refusal(error, secrets)
        return JSONResponse(reply)


def _card(form: Preset) -> dict[str, Any]:
    return {
        "id": form.name,
        "object": "model",
        "created": 0,
        "owned_by": "langgraph-ensemble",
        "ensemble": {"about": form.about, "method": form.method},
    }


def _knobs(schema: type[BaseModel], asked: ChatRequest) -> dict[str, Any]:
    given = asked.knobs()
    if "answer_schema" not in schema.model_fields and "answer_schema" not in asked.ensemble:
        # The schema of a vote; graphs whose answer is written have no such knob.
        given.pop("answer_schema", None)
    return check_knobs(schema, given)


def _read(body: bytes) -> ChatRequest:
    try:
        return read(json.loads(body))
    except ValueError as error:
        if isinstance(error, RefusedError):
            raise
        raise RefusedError("the body is not JSON") from None


async def _whole(
    runs: Sequence[AsyncIterator[Told]], asked: ChatRequest, shape: Shape
) -> dict[str, Any]:
    async def one(run: AsyncIterator[Told]) -> Told:
        ends = [told async for told in run if told.kind == "end"]
        return ends[0]

    ends = await asyncio.gather(*(one(run) for run in runs))
    return shape.whole(ends, asked.shows_account)


async def _stream(
    runs: Sequence[AsyncIterator[Told]], asked: ChatRequest, shape: Shape, secrets: frozenset[str]
) -> AsyncIterator[bytes]:
    """Server-sent events of all choices; an error is the last event."""
    ends: list[Told] = []
    for index in range(len(runs)):
        yield event(shape.chunk(index, {"role": "assistant", "content": ""}))
    try:
        async for index, told in _together(runs):
            if told.kind == "event":
                more = {"choice": index} if asked.n > 1 else {}
                yield event(shape.aside(ensemble={"event": lean(told.data), **more}))
            elif told.kind == "token":
                yield event(shape.chunk(index, {"content": told.data}))
            elif told.kind == "restart":
                yield event(shape.chunk(index, {"content": RESTART}))
            else:
                if calls := tool_calls(told):
                    numbered = [{"index": i, **call} for i, call in enumerate(calls)]
                    yield event(shape.chunk(index, {"tool_calls": numbered}))
                ends.append(told)
                reason = finish_reason(told)
                more = {"ensemble": account_of(told)} if asked.shows_account else {}
                yield event(shape.chunk(index, {}, finish_reason=reason, **more))
    except Exception as error:
        _, body = _error(error, secrets)
        yield event(body)
    else:
        if asked.stream_options and asked.stream_options.include_usage:
            yield event(shape.aside(usage=usage_of(ends)))
    yield b"data: [DONE]\n\n"


async def _together(runs: Sequence[AsyncIterator[Told]]) -> AsyncIterator[tuple[int, Told]]:
    """The items of several runs in the order of arrival; when the reader leaves, all runs end.

    Each run is a task of its own, which is cancelled once and then ends its calls in order. The
    server's own cancellation of a response repeats at every await, which LangGraph does not handle.
    """
    queue: asyncio.Queue[tuple[int, Told | Exception | None]] = asyncio.Queue()

    async def pump(index: int, run: AsyncIterator[Told]) -> None:
        try:
            async for told in run:
                queue.put_nowait((index, told))
            queue.put_nowait((index, None))
        except Exception as error:
            queue.put_nowait((index, error))

    tasks = [asyncio.create_task(pump(i, run)) for i, run in enumerate(runs)]
    try:
        left = len(tasks)
        while left:
            index, told = await queue.get()
            if isinstance(told, Exception):
                raise told
            if told is None:
                left -= 1
            else:
                yield index, told
    finally:
        for task in tasks:
            task.cancel()


async def _unless_gone(request: Request, work: Coroutine[Any, Any, Any]) -> Any:
    """The result of `work`, which is cancelled if the client disconnects, to save calls."""
    running = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait({running, gone}, return_when=asyncio.FIRST_COMPLETED)
        return running.result() if running.done() else {}
    finally:
        running.cancel()
        gone.cancel()


def _refusal(error: Exception, secrets: frozenset[str] = frozenset()) -> Response:
    status, body = _error(error, secrets)
    return JSONResponse(body, status_code=status)


def _error(error: Exception, secrets: frozenset[str]) -> tuple[int, dict[str, Any]]:
    if isinstance(error, NoSuchModelError):
        return 404, error_body(str(error), "invalid_request_error", "model_not_found", "model")
    kind, text = plain_words(error, secrets)
    if kind == "invalid":
        param = getattr(error, "param", None)
        return 400, error_body(text, "invalid_request_error", None, param)
    if kind == "no_usable_draft":
        return 502, error_body(text, "server_error", "no_usable_draft", None)
    return 500, error_body(text, "server_error", "internal", None)
