"""Limits of requests: the size of a body and the time in which it must arrive."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .refusals import refusal

_WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")
_CLOSE = {"Connection": "close"}
_SLOWEST = 10
"""How many times the longest silence a whole body may take."""


class BodyLimit:
    """ASGI middleware that reads a body in full before anything else is done with it.

    - 413: the body is larger than `most` bytes; what follows is not read.
    - 408: nothing of it arrived for `seconds`, as from a client that died in the middle, or all of
      it took ten times as long.

    A connection with a refused body is closed.

    Args:
        app: The application behind it.
        most: Largest body, in bytes.
        seconds: Longest silence of a client that sends a body.
    """

    def __init__(self, app: ASGIApp, most: int, seconds: float) -> None:
        self._app = app
        self._most = most
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body and pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] not in _WITH_BODY:
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdigit() and int(declared) > self._most:
            await self._too_large(scope, receive, send)
            return
        try:
            async with asyncio.timeout(_SLOWEST * self._seconds):
                body = await self._read(receive)
        except TimeoutError:
            text = f"the body did not arrive in time: nothing came for {self._seconds:g} s"
            await refusal(scope["path"], 408, text, headers=_CLOSE)(scope, receive, send)
            return
        except _GoneError:
            return
        if body is None:
            await self._too_large(scope, receive, send)
        else:
            await self._app(scope, _again(body, receive), send)

    async def _read(self, receive: Receive) -> bytes | None:
        """The body; None once it is too large."""
        parts: list[bytes] = []
        size = 0
        while True:
            async with asyncio.timeout(self._seconds):
                message = await receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            part = message.get("body", b"")
            size += len(part)
            if size > self._most:
                return None
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)

    async def _too_large(self, scope: Scope, receive: Receive, send: Send) -> None:
        text = f"the body is larger than {self._most} bytes: shorten the conversation or its images"
        answer = refusal(scope["path"], 413, text, code="body_too_large", headers=_CLOSE)
        await answer(scope, receive, send)


class _GoneError(Exception):
    """The client left before its body was complete."""


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the whole body, and then what the connection says."""
    given = False

    async def next_message() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return next_message
