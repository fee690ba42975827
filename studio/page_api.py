"""`/api`: the page's endpoints, in JSON; a turn in progress is a stream of server-sent events."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..errors import InputError
from ..nodes.knob import check_knobs
from ..presets import PRESETS, Preset
from .catalogue import Catalogue
from .forms import page_form
from .openai_request import read_json
from .sse import event, event_stream
from .store import Store
from .turns import Turn, Turns

TOO_LONG = "this conversation is too long, begin a new conversation"
_THREAD = re.compile(r"[0-9a-fA-F-]{32,36}")


class Rooms(NamedTuple):
    """The objects that the endpoints use."""

    catalogue: Catalogue
    store: Store
    turns: Turns
    longest: int = 2_000_000
    """Most characters of questions and answers in a conversation."""

    async def busy(self, thread: str) -> bool:
        """Whether a turn of the thread is in progress, here or on another server."""
        return self.turns.busy(thread) or await self.store.elsewhere(thread)


class PageApi:
    """The endpoints of the page."""

    def __init__(self, rooms: Callable[[], Rooms]) -> None:
        self._rooms = rooms

    def routes(self) -> list[Route]:
        """The routes to mount."""
        return [
            Route("/api/models", self.models),
            Route("/api/threads", self.threads),
            Route("/api/threads/{thread}", self.thread),
            Route("/api/threads/{thread}", self.delete, methods=["DELETE"]),
            Route("/api/threads/{thread}/turns", self.ask, methods=["POST"]),
            Route("/api/turns/{turn}", self.watch),
            Route("/api/turns/{turn}/stop", self.stop, methods=["POST"]),
            Route("/api/turns/{turn}/resume", self.resume, methods=["POST"]),
        ]

    async def models(self, _: Request) -> Response:
        """The models with their knobs, the members, and the task map."""
        catalogue = self._rooms().catalogue
        return JSONResponse(
            {
                "models": [_card(catalogue, each) for each in PRESETS],
                "members": [_member(member) for member in catalogue.pool],
                "map": _map(catalogue),
            }
        )

    async def threads(self, _: Request) -> Response:
        """The newest threads."""
        return JSONResponse({"threads": await self._rooms().store.threads()})

    async def thread(self, request: Request) -> Response:
        """The turns of a thread."""
        turns = await self._rooms().store.turns(request.path_params["thread"])
        return JSONResponse({"turns": turns})

    async def delete(self, request: Request) -> Response:
        """Delete a thread."""
        rooms, thread = self._rooms(), request.path_params["thread"]
        if await rooms.busy(thread):
            return _problem(409, "an answer of this conversation is being written; stop it first")
        await rooms.store.delete(thread)
        if rooms.catalogue.checkpointer is not None:
            await rooms.catalogue.checkpointer.adelete_thread(thread)
        return JSONResponse({})

    async def ask(self, request: Request) -> Response:
        """Begin a turn and stream it."""
        rooms, thread = self._rooms(), request.path_params["thread"]
        if not _is_json(request):
            return _problem(415, "send application/json")
        try:
            body = read_json(await request.body())
            question = str(body["question"]).strip()
            if not question:
                raise InputError("the question is empty")
            if not _THREAD.fullmatch(thread):
                raise InputError("a conversation is named by a UUID")
            model = rooms.catalogue.find(body["model"]).name
            knobs = check_knobs(rooms.catalogue.knobs(model), body.get("knobs") or {})
        except InputError as error:
            return _problem(400, str(error))
        except (ValueError, KeyError, TypeError):
            return _problem(400, "send {question, model, knobs}")
        if await rooms.busy(thread):
            return _problem(409, "an answer of this conversation is being written; stop it first")
        if await rooms.store.size(thread) + len(question) > rooms.longest:
            return _problem(413, f"{TOO_LONG}: more than {rooms.longest} characters")
        return _streaming(rooms.turns.start(thread, model, knobs, question))

    async def watch(self, request: Request) -> Response:
        """Stream a turn that is in progress, from its beginning."""
        turn = self._rooms().turns.find(request.path_params["turn"])
        return _streaming(turn) if turn else _problem(404, "this answer is not being written")

    async def stop(self, request: Request) -> Response:
        """End a turn."""
        stopped = await self._rooms().turns.stop(request.path_params["turn"])
        return JSONResponse({"stopped": stopped})

    async def resume(self, request: Request) -> Response:
        """Resume the last turn of a thread where it broke off, and stream it."""
        rooms = self._rooms()
        if not _is_json(request):
            return _problem(415, "send application/json")
        turn = await rooms.store.turn(request.path_params["turn"])
        if turn is None or turn["status"] in ("done", "running"):
            return _problem(404, "there is no turn to resume")
        last = (await rooms.store.turns(turn["thread"]))[-1]
        if last["id"] != turn["id"] or await rooms.busy(turn["thread"]):
            return _problem(409, "the conversation has a later turn")
        return _streaming(rooms.turns.resume(turn))


def _streaming(turn: Turn) -> Response:
    async def events() -> AsyncIterator[bytes]:
        async for batch in turn.watch():
            yield b"".join(map(event, batch))

    return event_stream(events())


def _is_json(request: Request) -> bool:
    """Whether the type is JSON, which another site's form cannot send without a preflight."""
    return request.headers.get("content-type", "").split(";")[0].strip() == "application/json"


def _problem(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status_code=status)


def _card(catalogue: Catalogue, form: Preset) -> dict[str, Any]:
    properties = (catalogue.graph(form.name).get_context_jsonschema() or {})["properties"]
    return {
        "name": form.name,
        "method": form.method,
        "about": form.about,
        "knobs": page_form(catalogue.knobs(form.name), properties),
    }


def _member(member: Any) -> dict[str, Any]:
    return {"name": member.name, "model": member.model_name, "priced": member.price is not None}


def _map(catalogue: Catalogue) -> list[dict[str, Any]] | None:
    """The clusters with their position, words and best members."""
    if catalogue.profile is None:
        return None
    return [
        {
            **{key: card[key] for key in ("id", "size", "words", "x", "y")},
            "members": {name: round(m["mean"], 3) for name, m in card["members"].items()},
        }
        for card in catalogue.profile.clusters
    ]
