"""Access by key: who asks, and whether they may."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..telemetry.metrics import REFUSED
from ..telemetry.watch import ASKER, KEY_HEADER, Asker, is_its_own
from .admission import starts_run
from .gate import Gate
from .keys import Key
from .refusals import accounts_away, refusal

COOKIE = "ensemble_session"
_OPEN = frozenset({"/health", "/ready", "/live", "/ok", "/login", "/logout"})
_SECRET = (b"authorization", b"x-api-key", b"cookie")
_ADMIN = ("/metrics",)
_SCHEDULE = re.compile(r"(/threads/[^/]+)?/runs/crons(?!/search$|/count$)(/[^/]+)?")


class Access:
    """ASGI middleware that lets a request with a known key pass.

    The key is in `Authorization: Bearer …`, in `x-api-key` (as langgraph-sdk sends it), or a
    browser has signed in with it at `/login`. No key goes further than this: its name takes its
    place, and the headers that held it are dropped.

    - 401: no key, or an unknown one; the page is led to `/login`.
    - 403: the metrics are for keys of administrators; runs on a schedule would belong to no key,
      and a batch of runs would count as one start.
    - 429: the key's budget is used up, or it starts too many runs; with `Retry-After` for the
      latter, and `x-should-retry: false` for the former.
    - 503: the database that keeps the accounts does not answer.

    Args:
        app: The application.
        gate: Gives the keys with their budgets, once the server is open.
        prefix: The path under which a proxy publishes the server.
    """

    def __init__(self, app: ASGIApp, gate: Callable[[], Gate], prefix: str = "") -> None:
        self._app = app
        self._gate = gate
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with the name of its key, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if is_its_own(scope):
            await self._app(_named(scope, (ASKER.get() or Asker()).key), receive, send)
            return
        gate = self._gate()
        key = _key_of(scope, gate) if gate.keys else None
        answer = await self._refused(scope, gate, key) if gate.keys else None
        if answer is not None:
            await answer(scope, receive, send)
            return
        name = key.name if key else None
        if "asked" in scope:
            scope["asked"]["key"] = name
        before = ASKER.set(replace(ASKER.get() or Asker(), key=name))
        try:
            await self._app({**_named(scope, name), "key": key}, receive, send)
        finally:
            ASKER.reset(before)

    async def _refused(self, scope: Scope, gate: Gate, key: Key | None) -> Response | None:
        path, headers = scope["path"], Headers(scope=scope)
        free = path in _OPEN or path.startswith("/static/") or scope["method"] == "OPTIONS"
        if key is None:
            if free:
                return None
            REFUSED.labels("key").inc()
            if path == "/" and "text/html" in headers.get("accept", ""):
                return RedirectResponse(f"{self._prefix}/login", 303)
            given = any(name in headers for name in ("authorization", "x-api-key"))
            text = "this key is not known" if given else "send a key: Authorization: Bearer KEY"
            if path.startswith("/api/"):
                text = "you are not signed in: reload the page, and give your key"
            named = {"WWW-Authenticate": "Bearer"}
            return refusal(path, 401, text, "authentication_error", "invalid_api_key", named)
        if path in _ADMIN and not key.admin:
            return refusal(path, 403, "this needs the key of an administrator", "permission_error")
        if scope["method"] in ("POST", "PATCH") and _SCHEDULE.fullmatch(path.rstrip("/")):
            text = "a server with keys starts no runs on a schedule, which would belong to no key"
            return refusal(path, 403, text, "permission_error")
        return await self._limited(path, gate, key) if starts_run(scope) else None

    async def _limited(self, path: str, gate: Gate, key: Key) -> Response | None:
        if key.runs_per_minute is not None and path.rstrip("/").endswith("/runs/batch"):
            text = "this key may start only so many runs a minute: start them one by one"
            return refusal(path, 403, text, "permission_error")
        try:
            reached = await gate.used_up(key)
            seconds = 0 if reached else await gate.wait(key)
        except TimeoutError:
            REFUSED.labels("accounts").inc()
            return accounts_away(path)
        if reached:
            REFUSED.labels("budget").inc()
            named = {"x-should-retry": "false"}
            return refusal(path, 429, reached, "insufficient_quota", "insufficient_quota", named)
        if seconds:
            REFUSED.labels("rate").inc()
            text = f"this key may start {key.runs_per_minute} runs a minute; wait {seconds} s"
            named = {"Retry-After": str(seconds)}
            return refusal(path, 429, text, "rate_limit_error", "rate_limit_exceeded", named)
        return None


def _key_of(scope: Scope, gate: Gate) -> Key | None:
    headers = Headers(scope=scope)
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer.strip():
        return gate.keys.find(bearer.strip())
    if given := headers.get("x-api-key"):
        return gate.keys.find(given.strip())
    cookies: Any = Request(scope).cookies
    session = cookies.get(COOKIE)
    return gate.keys.signed(session) if session else None


def _named(scope: Scope, name: str | None) -> Scope:
    """The scope without secrets, and with the name of the key."""
    dropped = (*_SECRET, KEY_HEADER.encode())
    headers = [header for header in scope["headers"] if header[0].lower() not in dropped]
    if name is not None:
        headers.append((KEY_HEADER.encode(), name.encode()))
    return {**scope, "headers": headers}
