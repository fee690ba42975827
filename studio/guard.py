"""Who may ask the server: its own page, programs, and the pages of other origins that were named.

A page of any site can make a browser send requests to this machine. The browser keeps the reply
from it, but a request that runs a model has cost its money by then. So every request is looked at
before anything else happens, to our own routes and to LangGraph's.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import InputError

_WITH_BODY = ("POST", "PUT", "PATCH")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Guard:
    """ASGI middleware that refuses what another site's page sends.

    - 403: the request's `Origin` is neither the server's own address nor one of `origins`.
    - 415: a POST, PUT or PATCH has a body that is not said to be JSON; a page can send other types
      without asking the server first.
    - 404: `/internal/…`, LangGraph's own housekeeping, which empties threads among other things.

    Args:
        app: The application behind it.
        origins: Further origins, such as `http://localhost:3000`.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str] = ()) -> None:
        self._app = app
        self._origins = {_plain(each) for each in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or hand it on."""
        refusal = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is not None and not self._known(origin, headers.get("host", "")):
            allow = f"start the server with --allow-origin {origin}"
            return _line(403, f"pages of {origin} may not ask this server; to let them, {allow}")
        if scope["path"].lstrip("/").split("/")[0] == "internal":
            return _line(404, "there is nothing here")
        if scope.get("method") in _WITH_BODY and _has_body(headers) and not _is_json(headers):
            return _line(415, "send the body as application/json")
        return None

    def _known(self, origin: str, host: str) -> bool:
        plain = _plain(origin)
        scheme = plain.partition("://")[0]
        own = host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ":"))
        return plain in self._origins or plain == f"{scheme}://{own}"


def checked_origin(text: str) -> str:
    """An origin as a browser sends it.

    Raises:
        InputError: It has a path, no scheme, or means every origin.

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
    """Lower case, no slash at the end, no port that goes without saying."""
    text = origin.strip().lower().removesuffix("/")
    return text.removesuffix(_DEFAULT_PORTS.get(text.partition("://")[0], "/"))


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _is_json(headers: Headers) -> bool:
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def _line(status: int, text: str) -> Response:
    """A refusal as clients of the OpenAI protocol and of LangGraph read it."""
    error = {"message": text, "type": "invalid_request_error", "param": None, "code": None}
    return JSONResponse({"error": error, "detail": text}, status_code=status)
