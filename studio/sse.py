"""Server-sent events with a heartbeat, so that no proxy closes a silent connection."""

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
    """A streaming response of events, which are closed when the client leaves.

    Args:
        events: Events made by `event`.
        ping: Seconds between two heartbeats, comments that every client ignores.
    """
    return EventSourceResponse(events, ping=ping, sep="\n")  # pyright: ignore[reportArgumentType]
