"""Admission: so many runs at once, so many requests that wait, and a refusal for the rest."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import deque
from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..telemetry.metrics import REFUSED, WAITING
from ..telemetry.watch import ASKER, Asker, is_its_own
from .refusals import refusal

_STARTS = re.compile(
    r"/v1/(chat/completions|completions|responses)"
    r"|/api/(threads/[^/]+/turns|turns/[^/]+/resume)"
    r"|(/threads/[^/]+)?/runs(/wait|/stream|/batch|/crons)?"
    r"|/threads/[^/]+/commands|/mcp|/a2a/[^/]+"
)


def starts_run(scope: Scope) -> bool:
    """Whether a request starts runs, which cost money.

    Example:
        >>> starts_run({"type": "http", "method": "POST", "path": "/runs/wait"})
        True
        >>> starts_run({"type": "http", "method": "POST", "path": "/threads/search"})
        False
    """
    post = scope["type"] == "http" and scope["method"] == "POST"
    return post and _STARTS.fullmatch(scope["path"].rstrip("/")) is not None


class Slots:
    """Places for runs, and a queue for them, first come, first served.

    Args:
        most: Most runs at once.
        queue: Most that wait.
        seconds: Longest wait.
    """

    def __init__(self, most: int, queue: int, seconds: float) -> None:
        self._free = most
        self._most = most
        self._queue = queue
        self._seconds = seconds
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._usual = 5.0

    async def take(self) -> bool:
        """Take a place; False if too many wait, or it took too long."""
        if self._free and not self._waiting:
            self._free -= 1
            return True
        if len(self._waiting) >= self._queue:
            return False
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        WAITING.inc()
        try:
            async with asyncio.timeout(self._seconds):
                await mine
        except TimeoutError:
            return self._passed_on(mine)
        except asyncio.CancelledError:
            if self._passed_on(mine):
                self.free()
            raise
        finally:
            WAITING.dec()
        return True

    def _passed_on(self, mine: asyncio.Future[None]) -> bool:
        """Stop waiting; True if the place was given at this very moment."""
        if mine in self._waiting:
            self._waiting.remove(mine)
        return mine.done() and not mine.cancelled()

    def free(self, seconds: float | None = None) -> None:
        """Give a place back, after `seconds` of use."""
        if seconds is not None:
            self._usual += 0.1 * (seconds - self._usual)
        while self._waiting:
            following = self._waiting.popleft()
            if not following.done():
                following.set_result(None)
                return
        self._free += 1

    @property
    def retry_after(self) -> int:
        """Seconds after which a place is likely to be free."""
        rounds = (len(self._waiting) + 1) / self._most
        return max(1, min(60, math.ceil(rounds * self._usual)))


class Lease:
    """A place in use, by a request and by the runs that it started.

    A run of the page goes on when the page is closed, and keeps the place.
    """

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._holders = 1
        self._began = time.monotonic()

    def hold(self) -> None:
        """Another one uses the place."""
        self._holders += 1

    def drop(self) -> None:
        """One of them does so no longer; the last one gives the place back."""
        self._holders -= 1
        if not self._holders:
            self._slots.free(time.monotonic() - self._began)


class Admission:
    """ASGI middleware: a request that starts a run takes a place until its reply has ended.

    A request that is turned away gets status 429, with `Retry-After`.

    Args:
        app: The application.
        slots: The places.
    """

    def __init__(self, app: ASGIApp, slots: Slots) -> None:
        self._app = app
        self._slots = slots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for a place and pass the request on, or refuse it."""
        if not starts_run(scope) or is_its_own(scope):
            await self._app(scope, receive, send)
            return
        waiting = Waiting(receive)
        if not await waiting.until(self._slots.take()):
            if not waiting.gone:
                await self._refuse(scope, receive, send)
            return
        lease = Lease(self._slots)
        before = ASKER.set(replace(ASKER.get() or Asker(), lease=lease))
        try:
            await self._app(scope, waiting.receive, send)
        finally:
            ASKER.reset(before)
            lease.drop()

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        REFUSED.labels("busy").inc()
        seconds = self._slots.retry_after
        text = f"the server is busy: too many runs are waiting; try again in {seconds} s"
        answer = refusal(
            scope["path"],
            429,
            text,
            "rate_limit_error",
            "server_busy",
            {"Retry-After": str(seconds)},
        )
        await answer(scope, receive, send)


class Waiting:
    """A request that waits: whether its client is still there.

    Args:
        receive: The request's `receive`; its body has been read by `BodyLimit`.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._held: list[Message] = []
        self.gone = False

    async def until(self, work: Any) -> bool:
        """Await `work`, and end it if the client leaves."""
        task = asyncio.ensure_future(work)
        await asyncio.sleep(0)
        if task.done():
            return task.result()
        leaving = asyncio.ensure_future(self._leaves())
        try:
            await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            self.gone = True
            return False
        finally:
            leaving.cancel()
            task.cancel()
            await asyncio.gather(task, leaving, return_exceptions=True)

    async def _leaves(self) -> None:
        while True:
            message = await self._receive()
            self._held.append(message)
            if message["type"] == "http.disconnect":
                return

    async def receive(self) -> Message:
        """The request's messages, those that came meanwhile first."""
        return self._held.pop(0) if self._held else await self._receive()
