"""Server-sent events with a heartbeat, so that no proxy ends a long answer for its silence."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import EventSourceResponse

PING = 15
"""Seconds between two heartbeats."""


def event(data: Any) -> bytes:
    r"""One event.

    Example:
        >>> event({"a": 1})
        b'data: {"a": 1}\n\n'
    """
    return b"data: " + json.dumps(data, ensure_ascii=False, default=str).encode() + b"\n\n"


def event_stream(events: AsyncIterator[bytes], ping: int | float = PING) -> EventSourceResponse:
    """A response of events as they come; when the client leaves, they are closed.

    Args:
        events: From `event`.
        ping: Seconds between two heartbeats, comments that every client ignores.
    """
    return EventSourceResponse(events, ping=ping, sep="\n")  # pyright: ignore[reportArgumentType]
