"""Refusals that every client can read: those of the OpenAI protocol, of LangGraph, and the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response


def accounts_away(path: str) -> Response:
    """The refusal of a request that must look into the accounts, and cannot.

    Args:
        path: The request's path.
    """
    text = "the database that keeps the accounts does not answer; try again"
    more = {"Retry-After": "5"}
    return refusal(path, 503, text, "api_error", "accounts_away", more)


def error_body(
    message: str, kind: str, code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """An error of the OpenAI protocol."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def refusal(
    path: str,
    status: int,
    text: str,
    kind: str = "invalid_request_error",
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A refused request.

    Args:
        path: The request's path; the page's own endpoints give the text alone.
        status: The HTTP status.
        text: One line that says what to change.
        kind: The `type` of the OpenAI protocol.
        code: The `code` of the OpenAI protocol.
        headers: Further headers, such as `Retry-After`.

    Example:
        >>> refusal("/api/threads", 413, "too large").body
        b'{"error":"too large","detail":"too large"}'
    """
    body = {"error": text} if path.startswith("/api/") else error_body(text, kind, code)
    return JSONResponse({**body, "detail": text}, status, dict(headers or {}))
