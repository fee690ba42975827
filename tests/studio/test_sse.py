"""Server-sent events: a heartbeat while nothing happens, and an end when the client leaves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import uvicorn
from langgraph_ensemble.studio.sse import event, event_stream
from langgraph_ensemble.testing.serving import free_port
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LEFT = threading.Event()


async def slow() -> AsyncIterator[bytes]:
    try:
        yield event({"text": "déjà"})
        await asyncio.sleep(30)
    finally:
        LEFT.set()


async def answer(_: Request) -> Response:
    return event_stream(slow(), ping=0.1)


@pytest.fixture
def url() -> Iterator[str]:
    port = free_port()
    app = Starlette(routes=[Route("/", answer)])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.05)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join()


def test_silence_is_filled_with_comments_and_a_client_that_leaves_ends_the_work(url):
    LEFT.clear()
    heard: list[str] = []
    with httpx.stream("GET", url) as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        assert reply.headers["cache-control"] == "no-store"
        for line in reply.iter_lines():
            heard.append(line)
            if sum(line.startswith(":") for line in heard) == 2:
                break
    assert heard[0] == 'data: {"text": "déjà"}'
    assert LEFT.wait(5)
