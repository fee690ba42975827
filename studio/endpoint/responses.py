"""`/v1/responses`: the graphs by OpenAI's newer protocol, which remembers conversations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...calls_told import CallsTold
from ..catalogue import Catalogue
from ..sse import event_stream
from .errors import described, refusal
from .request import read_json
from .responses_reply import Events, Reply
from .responses_request import read_response
from .responses_store import ResponseStore
from .runs import Begun, begin, ends_of, together, unless_gone


class _Asked(NamedTuple):
    """One request, read, with its runs and its own items."""

    reply: Reply
    begun: Begun
    items: list[dict[str, Any]]
    streams: bool
    store: ResponseStore | None


class Responses:
    """The endpoints over one catalogue.

    Args:
        catalogue: The models, while the server is open.
        days: The life of a stored response.
        longest: Most characters of responses that follow each other.
    """

    def __init__(self, catalogue: Callable[[], Catalogue], days: float, longest: int) -> None:
        self._catalogue = catalogue
        self._days = days
        self._longest = longest
        self._kept: ResponseStore | None = None

    def routes(self) -> list[Route]:
        """The routes to mount."""
        return [
            Route("/v1/responses", self.create, methods=["POST"]),
            Route("/v1/responses/{id}", self.show),
            Route("/v1/responses/{id}", self.delete, methods=["DELETE"]),
            Route("/v1/responses/{id}/input_items", self.inputs),
        ]

    async def create(self, request: Request) -> Response:
        """Answer, and remember the answer unless the request forbids it."""
        try:
            asked = await self._read(await request.body())
        except Exception as error:
            return refusal(error, self._catalogue().pool.secrets)
        if asked.streams:
            return event_stream(_stream(asked))
        try:
            ends = await unless_gone(request, ends_of(asked.begun.runs))
            if not ends:
                return JSONResponse({})
            body = asked.reply.ended(ends[0])
            await _keep(asked, body)
        except Exception as error:
            return refusal(error, asked.begun.secrets)
        return JSONResponse(body)

    async def show(self, request: Request) -> Response:
        """A stored response."""
        try:
            found = await self._store().find(request.path_params["id"])
        except Exception as error:
            return refusal(error)
        return JSONResponse(found["reply"])

    async def inputs(self, request: Request) -> Response:
        """The input items of a stored response."""
        try:
            items = (await self._store().find(request.path_params["id"]))["input"]
        except Exception as error:
            return refusal(error)
        return JSONResponse({"object": "list", "data": items, "has_more": False})

    async def delete(self, request: Request) -> Response:
        """Delete a stored response."""
        name = request.path_params["id"]
        try:
            await self._store().drop(name)
        except Exception as error:
            return refusal(error)
        return JSONResponse({"id": name, "object": "response", "deleted": True})

    def _store(self) -> ResponseStore:
        """The store over the catalogue's checkpointer, which is open while the server runs."""
        saver = self._catalogue().checkpointer
        if self._kept is None or self._kept.saver is not saver:
            self._kept = ResponseStore(saver, self._days)
        return self._kept

    async def _read(self, body: bytes) -> _Asked:
        asked, store = read_response(read_json(body)), self._store()
        items = await store.whole(asked.items)
        before = await store.conversation(asked.previous_response_id, items, self._longest)
        chat = asked.chat([*before, *items])
        begun = begin(self._catalogue(), chat)
        stores = asked.store and store.remembers
        reply = Reply(asked, chat, stores)
        return _Asked(reply, begun, items, asked.stream, store if stores else None)


async def _keep(asked: _Asked, body: dict[str, Any]) -> None:
    if asked.store is not None:
        await asked.store.keep(asked.reply.id, asked.items, body)


async def _stream(asked: _Asked) -> AsyncIterator[bytes]:
    """The events of a response; a failure is the last event."""
    events = Events(asked.reply, CallsTold(asked.begun.messages))
    for each in events.begin():
        yield each
    try:
        async for _, told in together(asked.begun.runs):
            for each in events.told(told):
                yield each
            if told.kind == "end":
                more, body = events.end(told)
                # A client may name the response as soon as it has read its last event.
                await _keep(asked, body)
                for each in more:
                    yield each
                yield events.event(f"response.{body['status']}", response=body)
    except Exception as error:
        _, problem = described(error, asked.begun.secrets)
        yield events.event("response.failed", response=asked.reply.failed(problem))
