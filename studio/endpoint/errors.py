"""Errors of the OpenAI protocol: status, body, and whether a client should try again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from ...records import Failure
from ..access.refusals import error_body
from ..catalogue import NoSuchModelError
from ..problems import plain_words

_REFUSALS: dict[Failure, tuple[int, str]] = {
    "overflow": (400, "context_length_exceeded"),
    "request": (400, "no_usable_draft"),
    "setup": (424, "no_usable_draft"),
    "passing": (502, "no_usable_draft"),
}
"""Status and code of a run without an answer. 424 says that what the server depends on failed."""

# An absolute path of Unix or Windows with at least two parts; routes such as /v1/chat are none.
_PATH = re.compile(
    r"(?<![\w:/.~-])(?:~|/(?!v\d+/|v\d+\b|api/)[\w.@+~%-]+)(?:/[\w.@+~%-]+)+/?"
    r"|(?<!\w)[A-Za-z]:\\[^\s'\",;:)\]]+"
)
_SPOKEN = ("error", "fell_back", "instead", "problem")
"""Fields of an account in which texts of providers stand."""


def without_paths(text: str) -> str:
    """A text without the paths of files, which tell about the machine of a provider or ours.

    Example:
        >>> without_paths("no model '/srv/models/llama' at http://host/v1/chat")
        "no model '[path]' at http://host/v1/chat"
    """
    return _PATH.sub("[path]", text)


def public(value: Any, spoken: bool = False) -> Any:
    """An account or an event with errors that name no paths.

    Example:
        >>> public({"text": "see /a/b", "error": "no /a/b"})
        {'text': 'see /a/b', 'error': 'no [path]'}
    """
    if isinstance(value, str):
        return without_paths(value) if spoken else value
    if isinstance(value, Mapping):
        return {key: public(each, spoken or key in _SPOKEN) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [public(each, spoken) for each in value]
    return value


def described(error: Exception, secrets: frozenset[str]) -> tuple[int, dict[str, Any]]:
    """Status and body of an error."""
    refused = "invalid_request_error"
    if isinstance(error, NoSuchModelError):
        return 404, error_body(str(error), refused, "model_not_found", "model")
    kind, text = plain_words(error, secrets)
    text = without_paths(text)
    if kind == "invalid":
        code, param = getattr(error, "code", None), getattr(error, "param", None)
        return getattr(error, "status", 400), error_body(text, refused, code, param)
    if kind == "no_usable_draft":
        failure: Failure = getattr(error, "failure", "passing")
        status, code = _REFUSALS[failure]
        name = refused if status == 400 else "server_error"
        return status, error_body(text, name, code)
    return 500, error_body(text, "server_error", "internal")


def refusal(error: Exception, secrets: frozenset[str] = frozenset()) -> Response:
    """The reply to a request that failed.

    OpenAI's clients repeat a request on most errors, and each repetition would cost the run's calls
    again. They are told not to, except where the next try may succeed.
    """
    status, body = described(error, secrets)
    return said(status, body)


def said(status: int, body: dict[str, Any], **headers: str) -> Response:
    """A reply with an error."""
    more = {} if status in (408, 409, 429, 502, 503) else {"x-should-retry": "false"}
    return JSONResponse(body, status_code=status, headers={**more, **headers})


class Nowhere:
    """The ASGI application for every other path and method below `/v1`.

    Args:
        routes: The routes that exist.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = tuple(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reply 405 where the path exists, otherwise 404."""
        known = [r for r in self._routes if r.matches(scope)[0] is not Match.NONE]
        asked = f"{scope['method']} {scope['path']}"
        if known:
            allowed = ", ".join(sorted({m for route in known for m in route.methods or ()}))
            text = f"{asked}: this path takes {allowed}"
            body = error_body(text, "invalid_request_error", "method_not_allowed")
            reply = said(405, body, Allow=allowed)
        else:
            paths = ", ".join(dict.fromkeys(route.path for route in self._routes))
            text = f"{asked}: there is no such path; there are {paths}"
            reply = said(404, error_body(text, "invalid_request_error", "unknown_url"))
        await reply(scope, receive, send)
