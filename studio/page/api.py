"""`/api`: the page's endpoints, in JSON; a turn in progress is a stream of server-sent events."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...errors import InputError
from ...nodes.knob import check_knobs
from ..catalogue import Catalogue
from ..endpoint.request import read_json
from ..sse import event, event_stream
from .cards import home
from .conversation import checked_images
from .store import Store
from .turns import Turn, Turns

TOO_LONG = "this conversation is too long, begin a new conversation"
_NAME = re.compile(r"[0-9a-fA-F-]{32,36}")
_BUSY = "an answer of this conversation is being written; stop it first"
_LONGEST_TITLE = 200


class Rooms(NamedTuple):
    """The objects that the endpoints use."""

    catalogue: Catalogue
    store: Store
    turns: Turns
    longest: int
    """Most characters of questions, answers and images in a conversation."""

    async def busy(self, thread: str, panel: str | None = None) -> bool:
        """Whether a turn of the thread is in progress, here or on another server.

        Turns of one `panel`, which answer a question side by side, do not wait for each other.
        """
        return self.turns.busy(thread, panel) or await self.store.elsewhere(thread)


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
            Route("/api/threads/{thread}", self.change, methods=["PATCH"]),
            Route("/api/threads/{thread}/restore", self.restore, methods=["POST"]),
            Route("/api/threads/{thread}/turns", self.ask, methods=["POST"]),
            Route("/api/turns/{turn}", self.watch),
            Route("/api/turns/{turn}/stop", self.stop, methods=["POST"]),
            Route("/api/turns/{turn}/resume", self.resume, methods=["POST"]),
        ]

    async def models(self, request: Request) -> Response:
        """The models with their knobs, the members, the task map, and who has signed in."""
        key = request.scope.get("key")
        name = key.name if key else None
        return JSONResponse({**home(self._rooms().catalogue), "key": name})

    async def threads(self, request: Request) -> Response:
        """The newest threads; with `?search=` those that contain a text."""
        await self._empty_bin()
        search = request.query_params.get("search", "").strip()
        return JSONResponse({"threads": await self._rooms().store.branches.threads(search)})

    async def thread(self, request: Request) -> Response:
        """A thread: title, instructions, turns."""
        store, thread = self._rooms().store, request.path_params["thread"]
        about = await store.branches.about(thread)
        if about is None:
            return _problem(404, "there is no such conversation")
        return JSONResponse({**about, "turns": await store.turns(thread)})

    async def change(self, request: Request) -> Response:
        """Change the title or the instructions (`system`) of a thread."""
        branches, thread = self._rooms().store.branches, request.path_params["thread"]
        try:
            body = await _body(request)
        except InputError as error:
            return _problem(400, str(error))
        title, system = body.get("title"), body.get("system")
        if not any(isinstance(each, str) for each in (title, system)):
            return _problem(400, "send {title} or {system}")
        if await branches.about(thread) is None:
            return _problem(404, "there is no such conversation")
        if isinstance(title, str) and title.strip():
            await branches.rename(thread, " ".join(title.split())[:_LONGEST_TITLE])
        if isinstance(system, str):
            await branches.instruct(thread, system)
        return JSONResponse(await branches.about(thread))

    async def delete(self, request: Request) -> Response:
        """Stop a thread's turns and put it into the bin, which is emptied after a minute."""
        rooms, thread = self._rooms(), request.path_params["thread"]
        await rooms.turns.stop_thread(thread)
        if await rooms.busy(thread):
            return _problem(409, _BUSY)
        await rooms.store.branches.discard(thread)
        return JSONResponse({})

    async def restore(self, request: Request) -> Response:
        """Take a thread out of the bin."""
        if await self._rooms().store.branches.restore(request.path_params["thread"]):
            return JSONResponse({})
        return _problem(404, "the conversation has been deleted for good")

    async def _empty_bin(self) -> None:
        rooms = self._rooms()
        for thread in await rooms.store.branches.expired():
            if await rooms.busy(thread):
                continue
            # The thread's own name is that of its checkpoints in earlier versions.
            names = [thread, *(turn["id"] for turn in await rooms.store.turns(thread))]
            await rooms.store.delete(thread)
            for name in names if rooms.catalogue.checkpointer else ():
                await rooms.catalogue.checkpointer.adelete_thread(name)  # pyright: ignore

    async def ask(self, request: Request) -> Response:
        """Begin a turn and stream it; one that has begun already under its id is followed."""
        rooms, thread = self._rooms(), request.path_params["thread"]
        if not _is_json(request):
            return _problem(415, "send application/json")
        try:
            about = _asked(rooms.catalogue, thread, await _body(request))
        except InputError as error:
            return _problem(400, str(error))
        except (ValueError, KeyError, TypeError):
            return _problem(400, "send {question, model, knobs}")
        if (running := rooms.turns.find(about.get("id", ""))) is not None:
            return _streaming(running)
        if await rooms.busy(thread, about["panel"]):
            return _problem(409, _BUSY)
        if "id" in about and await rooms.store.turn(about["id"]):
            return _problem(409, "this question has been answered")
        if "parent" not in about:
            turns = await rooms.store.turns(thread)
            about["parent"] = turns[-1]["id"] if turns else None
        new = len(about["question"]) + sum(map(len, about["images"]))
        if await rooms.store.size(thread) + new > rooms.longest:
            return _problem(413, f"{TOO_LONG}: more than {rooms.longest} characters")
        # Those of a thread that has turns are changed by `change`.
        if about.get("system") and about["parent"] is None:
            await rooms.store.branches.instruct(thread, about["system"])
        return _streaming(rooms.turns.start(about))

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
        turns = await rooms.store.turns(turn["thread"])
        turn = next(each for each in turns if each["id"] == turn["id"])
        if any(each["parent"] == turn["id"] for each in turns):
            return _problem(409, "the conversation has a later turn")
        if await rooms.busy(turn["thread"], turn["panel"]):
            return _problem(409, _BUSY)
        return _streaming(rooms.turns.resume(turn))


def _streaming(turn: Turn) -> Response:
    async def events() -> AsyncIterator[bytes]:
        async for batch in turn.watch():
            yield b"".join(map(event, batch))

    return event_stream(events())


async def _body(request: Request) -> dict[str, Any]:
    body = read_json(await request.body())
    if not isinstance(body, dict):
        raise InputError("the body must be a JSON object")
    return body


def _asked(catalogue: Catalogue, thread: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a turn begins with, checked."""
    question = str(body["question"]).strip()
    if not question:
        raise InputError("the question is empty")
    if not _NAME.fullmatch(thread):
        raise InputError("a conversation is named by a UUID")
    model = catalogue.find(body["model"]).name
    about = {
        "thread": thread,
        "question": question,
        "model": model,
        "knobs": check_knobs(catalogue.knobs(model), body.get("knobs") or {}),
        "images": checked_images(
            body.get("images"), seen=any(member.vision for member in catalogue.pool)
        ),
        "panel": _name(body, "panel"),
    }
    if body.get("id"):
        about["id"] = _name(body, "id")
    if "parent" in body:
        about["parent"] = _name(body, "parent")
    if isinstance(body.get("system"), str):
        about["system"] = body["system"]
    return about


def _name(body: dict[str, Any], key: str) -> str | None:
    value = body.get(key)
    if value is not None and not (isinstance(value, str) and _NAME.fullmatch(value)):
        raise InputError(f"{key!r} is a UUID, or null")
    return value


def _is_json(request: Request) -> bool:
    """Whether the type is JSON, which another site's form cannot send without a preflight."""
    return request.headers.get("content-type", "").split(";")[0].strip() == "application/json"


def _problem(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status_code=status)
