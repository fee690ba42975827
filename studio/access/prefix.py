"""A server under a path of a proxy: requests with and without the path, and links that have it."""

from __future__ import annotations

import re
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..telemetry.watch import is_its_own

_LINKS = (b"location", b"content-location")
_OWN = re.compile(rb"(?<=[\"'`(])/(?=(?:static|api|v1|login|logout)[/\"'`)])")
"""Addresses of our own server in our own page."""


class Prefix:
    """ASGI middleware for a proxy that publishes the server under a path.

    It does not matter whether the proxy removes the path before it passes a request on.

    Args:
        app: The application.
        path: The path, such as `/ensemble`.
    """

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Remove the path from the request, and write it into links of the reply."""
        if scope["type"] not in ("http", "websocket") or is_its_own(scope):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path == self._path and scope["type"] == "http":
            await self._to_page(send)
            return
        if path.startswith(self._path + "/"):
            path = path[len(self._path) :]
        scope = {**scope, "path": path, "raw_path": path.encode(), "root_path": ""}
        ours = path == "/" or (path.startswith("/static/") and path.endswith((".js", ".css")))
        if ours:
            # Such a file is rewritten, so it must come whole and not compressed.
            left_out = (b"accept-encoding", b"range", b"if-none-match", b"if-modified-since")
            scope["headers"] = [h for h in scope["headers"] if h[0].lower() not in left_out]
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        await self._app(scope, receive, _Rewriting(send, self._path, host, ours))

    async def _to_page(self, send: Send) -> None:
        headers = [(b"location", self._path.encode() + b"/"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 308, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


class _Rewriting:
    """A `send` that writes the path into links."""

    def __init__(self, send: Send, path: str, host: bytes, whole: bool) -> None:
        self._send = send
        self._here = re.compile(rb"(https?://" + re.escape(host) + rb")?(?=/(?!/))")
        self._path = path.encode()
        self._whole = whole
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            message = {**message, "headers": [self._link(h) for h in message.get("headers", ())]}
            if self._whole:
                self._start = message
                return
        elif kind == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if message.get("more_body", False):
                return
            await self._rewritten()
            return
        await self._send(message)

    async def _rewritten(self) -> None:
        assert self._start is not None  # noqa: S101
        body = _OWN.sub(self._path + b"/", self._body)
        kept = [
            h for h in self._start["headers"] if h[0].lower() not in (b"content-length", b"etag")
        ]
        headers = [*kept, (b"content-length", str(len(body)).encode())]
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    def _link(self, header: Any) -> Any:
        name, value = header
        here = self._here.match(value)
        if name.lower() not in _LINKS or here is None:
            return header
        path = value[here.end() :]
        if path.startswith(self._path + b"/"):
            return header
        return name, here[0] + self._path + path
