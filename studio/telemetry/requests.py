"""The outermost layer: request ids, a line in the log for each request, and its metrics."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .logs import Log
from .metrics import REQUEST_SECONDS, REQUESTS
from .watch import ASKER, ID_HEADER, KEY_HEADER, TRACE_HEADER, Asker, is_its_own

_ID = re.compile(r"[A-Za-z0-9][\w.:/@+=-]{0,127}")
_REFUSED = frozenset({400, 401, 403, 404, 405, 415, 422})
_FIRST = frozenset(
    {
        *("v1", "api", "static", "threads", "runs", "assistants", "store", "health", "ready"),
        *("live", "metrics", "login", "logout", "mcp", "a2a", "docs", "openapi.json", "ok", "info"),
        *("ui", "crons"),
    }
)
_ROUTES = re.compile(
    r"/v1/(models|models/(?P<a>[^/]+)|(chat/)?completions|usage"
    r"|responses(/(?P<b>[^/]+)(/input_items)?)?)"
    r"|/api/(models|threads(/(?P<c>[^/]+)(/(turns|restore))?)?|turns/(?P<d>[^/]+)(/(stop|resume))?)"
    r"|(/threads/(?P<e>[^/]+))?/runs(/(wait|stream|batch|cancel|crons(/(search|count))?"
    r"|(?P<f>[^/]+)(/(join|stream|cancel))?))?"
    r"|/threads(/(search|count|prune|(?P<g>[^/]+)(/(state(/checkpoint)?|history|copy|storage"
    r"|stream(/events)?|commands))?))?"
    r"|/assistants(/(search|count|(?P<h>[^/]+)(/(graph|schemas|versions|latest|subgraphs))?))?"
    r"|/store/(items(/search)?|namespaces)"
)
"""Paths that are told apart; a named group is an id."""


class Requests:
    """ASGI middleware: gives each request an id, logs it, and counts it.

    The client's `x-request-id` is kept if it is a short plain text; the reply has it too.

    Args:
        app: The application.
        log: Gives the log, once it is open.
    """

    def __init__(self, app: ASGIApp, log: Any) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        if scope["type"] not in ("http", "websocket") or is_its_own(scope):
            # LangGraph's own calls of itself belong to the request that caused them.
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(ID_HEADER, "")
        request = given if _ID.fullmatch(given) else uuid.uuid4().hex
        ours = ((ID_HEADER.encode(), request.encode()),)
        # Nobody else may say whose key it was.
        kept = [
            h for h in scope["headers"] if h[0].decode("latin-1") not in (ID_HEADER, KEY_HEADER)
        ]
        scope = {**scope, "headers": [*kept, *ours], "asked": {}}
        before = ASKER.set(Asker(request, None, headers.get(TRACE_HEADER)))
        began, status = time.perf_counter(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*_others(message.get("headers", ())), *ours]}
            await send(message)

        try:
            await self._app(scope, receive, sent if scope["type"] == "http" else send)
        except Exception:
            status = status or 500
            raise
        finally:
            ASKER.reset(before)
            self._told(scope, request, status, time.perf_counter() - began)

    def _told(self, scope: Scope, request: str, status: int, seconds: float) -> None:
        # Whatever strangers ask for must not make series without end.
        route = "refused" if status in _REFUSED else route_of(scope["path"])
        REQUESTS.labels(route, str(status or "gone")).inc()
        REQUEST_SECONDS.labels(route).observe(seconds)
        log: Log | None = self._log()
        if log is not None:
            log.tell(
                "request",
                request_id=request,
                key=scope["asked"].get("key"),
                method=scope.get("method"),
                path=scope["path"][:200],
                status=status or None,
                seconds=round(seconds, 4),
                client=(scope.get("client") or [None])[0],
            )


def _others(headers: Any) -> list[Any]:
    return [header for header in headers if header[0].lower() != ID_HEADER.encode()]


def route_of(path: str) -> str:
    """A path without ids, so that metrics have few series.

    Example:
        >>> route_of("/threads/1b4e28ba-2fa1-11d2-883f-0016d3cca427/runs/wait")
        '/threads/-/runs/wait'
        >>> route_of("/wp-login.php")
        'other'
    """
    first = path.split("/")[1] if path.startswith("/") else ""
    if not first:
        return "/"
    if first not in _FIRST:
        return "other"
    if first == "static":
        return "/static"
    if (known := _ROUTES.fullmatch(path)) is None:
        return f"/{first}" if path.count("/") == 1 else f"/{first}/-"
    for start, end in sorted(map(known.span, known.groupdict()), reverse=True):
        path = path[:start] + "-" + path[end:] if start >= 0 else path
    return path
