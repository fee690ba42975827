"""Access control: the server's own page, programs, and pages of allowed origins may call it.

A page of any site can make a browser send requests to this machine. The browser withholds the
reply, but by then the request may have run a model and cost money. So every request to our own
routes and to LangGraph's is checked first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ...errors import InputError
from .refusals import refusal

_WITH_BODY = ("POST", "PUT", "PATCH")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_HIDDEN = frozenset({"internal", "deploy"})
"""LangGraph's routes that empty threads, and that send the working folder to its makers' cloud."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""Starlette routes a path with a line break at its end like the one without; checks do not."""


class Guard:
    """ASGI middleware that refuses requests of other sites' pages.

    - 403: the request's `Origin` is neither the server's own address nor one of `origins`, or
      another site's page requests it as a picture, a script or the like.
    - 415: a POST, PUT or PATCH has a body whose type is not JSON; pages can send other types
      without a preflight request.
    - 404: `/internal/…` and `/deploy`, LangGraph's routes that empty threads and that send files
      to its makers' cloud, and paths with control characters.
    - 403: WebSockets. One could carry any number of runs past limits and accounts, which are those
      of requests; everything can be done with requests.

    Args:
        app: The application that is guarded.
        origins: Further origins, such as `http://localhost:3000`.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str] = ()) -> None:
        self._app = app
        self._origins = {_plain(each) for each in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is not None and not self._known(origin, headers.get("host", "")):
            allow = f"start the server with --allow-origin {origin}"
            return _line(403, f"pages of {origin} may not call this server; to allow them, {allow}")
        if _foreign(headers):
            return _line(403, "pages of other sites may not call this server")
        path: str = scope["path"]
        if path.lstrip("/").split("/")[0] in _HIDDEN or _CONTROL.search(path):
            return _line(404, "there is no such route")
        plain = _has_body(headers) and not _is_json(headers)
        if scope["method"] in _WITH_BODY and plain and not _is_login(scope, headers):
            return _line(415, "send the body as application/json")
        return None

    def _known(self, origin: str, host: str) -> bool:
        plain = _plain(origin)
        scheme = plain.partition("://")[0]
        own = host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ":"))
        return plain in self._origins or plain == f"{scheme}://{own}"


def checked_origin(text: str) -> str:
    """An origin in the form that browsers send.

    Raises:
        InputError: It has a path or no scheme, or stands for every origin.

    Example:
        >>> checked_origin("HTTP://localhost:3000/")
        'http://localhost:3000'
    """
    plain = _plain(text)
    parts = urlsplit(plain)
    if parts.scheme not in _DEFAULT_PORTS or not parts.netloc or parts.path or "*" in plain:
        raise InputError(
            f"--allow-origin {text!r}: write scheme, host and port, such as http://localhost:3000"
        )
    return plain


def _plain(origin: str) -> str:
    """Normalise: lower case, no slash at the end, no default port."""
    text = origin.strip().lower().removesuffix("/")
    return text.removesuffix(_DEFAULT_PORTS.get(text.partition("://")[0], "/"))


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _is_json(headers: Headers) -> bool:
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def _foreign(headers: Headers) -> bool:
    """Whether another site's page requests this as a picture, a script or the like.

    Browsers send no `Origin` with such requests, but say where they come from.
    """
    site, mode = headers.get("sec-fetch-site", ""), headers.get("sec-fetch-mode")
    without = "origin" not in headers and mode != "navigate"
    return without and site in ("cross-site", "same-site")


def _is_login(scope: Scope, headers: Headers) -> bool:
    """Whether it is the form in which a key is given, which only our own page can send."""
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    form = kind == "application/x-www-form-urlencoded"
    return form and scope["path"] == "/login" and "origin" in headers


def _line(status: int, text: str) -> Response:
    """A refusal that clients of the OpenAI protocol and of LangGraph can read."""
    return refusal("", status, text)
