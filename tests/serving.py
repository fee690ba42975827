"""Shared helpers of the HTTP tests: a task map and requests."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from email.message import Message
from pathlib import Path
from typing import Any

from langgraph_ensemble import Profile
from langgraph_ensemble.testing import bank

NAMES = ("ann", "ben", "cat")
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def write_profile(folder: Path, names: Sequence[str] = NAMES) -> Path:
    """A task map over the question bank; each member is good at one domain."""
    domains = sorted({question.domain for question in bank()})
    records = [
        {
            "query": question.text,
            "scores": {
                name: float(domains.index(question.domain) % len(names) == place)
                for place, name in enumerate(names)
            },
        }
        for question in bank()[:120]
    ]
    path = folder / "profile"
    Profile.fit(records, clusters=4).save(path)
    return path


def fetch(url: str, body: object = None, **headers: str) -> tuple[bytes, Message]:
    """Body and headers of the reply to a GET, or a POST with a JSON `body`; errors are raised."""
    data = None if body is None else json.dumps(body).encode()
    named = {} if body is None else {"Content-Type": "application/json"}
    named |= {key.replace("_", "-"): value for key, value in headers.items()}
    request = urllib.request.Request(url, data, named)  # noqa: S310
    with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310
        return reply.read(), reply.headers


def get(url: str) -> dict:
    """The JSON at an address."""
    return json.loads(fetch(url)[0])
