"""Models on one machine take turns.

Two model servers on one laptop compete for the same cores, and their threads wait for each other at
every token: two llama.cpp servers that answered concurrently on two cores wrote 2 tokens per second
together; each of them alone writes 25 to 85. So one server of a machine answers at a time; calls of
the same server run together, because it batches them. If a member of a machine sets
`max_concurrency`, it also limits all members of the machine together.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .loops import PerLoop
from .provider import provider_of

if TYPE_CHECKING:
    from ..member import Member

HERE = "this machine"
Slots = dict[tuple[str, int], asyncio.Semaphore]

_slots = PerLoop[Slots]()
_turns = PerLoop["dict[str, Turns]"]()


@lru_cache(maxsize=1024)
def machine(base_url: str | None) -> str | None:
    """The machine that a local address names; None for an address on the public network.

    Example:
        >>> machine("http://localhost:11434/v1") == machine("http://127.0.0.1:8080/v1")
        True
        >>> machine("https://api.together.xyz/v1") is None
        True
    """
    host = urlsplit(base_url or "").hostname
    if host is None:
        return None
    if host == "localhost":
        return HERE
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if address.is_loopback or address.is_unspecified:
        return HERE
    return str(address) if address.is_private else None


def machine_of(member: Member) -> str | None:
    """The machine that runs a member, by its `machine` or its address; None if unknown."""
    if member.machine is not None:
        return member.machine
    # Our own servers run here, on ports that are known only after their start.
    return HERE if provider_of(member).serves_here else machine(member.base_url)


def slots(shared: tuple[str, int]) -> asyncio.Semaphore:
    """The slots of a machine in the running event loop."""
    known = _slots.get(dict)
    return known.setdefault(shared, asyncio.Semaphore(shared[1]))


@asynccontextmanager
async def turn(member: Member) -> AsyncIterator[None]:
    """Wait until no other server of the member's machine answers.

    The machine is the one that the member names, or this one if its address is a loopback address,
    unless this machine has several GPUs, which servers usually do not share.
    """
    name = machine_of(member)
    if name is None or (member.machine is None and (name != HERE or _several_gpus())):
        yield
        return
    known = _turns.get(dict)
    turns = known.setdefault(name, Turns())
    server = _server(member)
    await turns.enter(server)
    try:
        yield
    finally:
        turns.leave()


class Turns:
    """One machine's turns: calls of one server at a time, in order of arrival.

    A call joins the running calls of its own server unless another server waits; when they have
    ended, the server that has waited longest gets its turn, with all its waiting calls.
    """

    def __init__(self) -> None:
        self._server: str | None = None
        self._running = 0
        self._waiting: deque[tuple[str, asyncio.Future[None]]] = deque()

    async def enter(self, server: str) -> None:
        """Wait for the server's turn."""
        if self._running == 0 or (server == self._server and not self._waiting):
            self._server = server
            self._running += 1
            return
        let_in = asyncio.get_running_loop().create_future()
        self._waiting.append((server, let_in))
        try:
            await let_in
        except asyncio.CancelledError:
            if not let_in.cancelled():
                # The call got its turn and was cancelled in the same moment, so it passes it on.
                self.leave()
            raise

    def leave(self) -> None:
        """End one call; after the last call of its server the next server gets its turn."""
        self._running -= 1
        self._waiting = deque(one for one in self._waiting if not one[1].done())
        if self._running or not self._waiting:
            return
        self._server = self._waiting[0][0]
        for server, let_in in self._waiting:
            if server == self._server:
                self._running += 1
                let_in.set_result(None)


def _server(member: Member) -> str:
    """The unit that takes turns: an address or, if the member names its machine, each model.

    A server such as Ollama runs several models at one address, each with its own threads.
    """
    if member.base_url is None or member.machine is not None:
        return f"{member.base_url} {member.model}"
    return member.base_url


@cache
def _several_gpus() -> bool:
    return len(list(Path("/dev").glob("nvidia[0-9]*"))) > 1
