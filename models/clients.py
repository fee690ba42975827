"""The running side of a member: its clients, its limits, and what was learnt by calling it."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from ..redact import secrets_in
from . import machines
from .discreet_logs import hush
from .health import Health
from .provider import provider_of

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from ..member import Member


class ClientCache:
    """Models and semaphores per event loop, for neither can be shared between loops."""

    def __init__(self) -> None:
        self._models: weakref.WeakKeyDictionary[Any, Runnable] = weakref.WeakKeyDictionary()
        self._slots: weakref.WeakKeyDictionary[Any, asyncio.Semaphore] = weakref.WeakKeyDictionary()
        self._rate: Any = None
        self._hushed = False
        self.shared: tuple[str, int] | None = None
        """The machine that the member shares with others, and how many calls it takes at once."""
        self.native_n: bool | None = None
        """Whether to ask for several samples at once: None until that was tried."""
        self.health = Health()
        self.structured = True
        """False once the server refused a response format."""

    def model(self, member: Member) -> Runnable:
        """The member's model for the running event loop, built when first asked for."""
        if not isinstance(member.model, str):
            if not self._hushed:
                self._hushed = True
                hush(self, secrets_of(member))
            return member.model
        loop = asyncio.get_running_loop()
        if loop not in self._models:
            self._models[loop] = provider_of(member).build(member)
            hush(self, secrets_of(member))
        return self._models[loop]

    @property
    def built(self) -> list[Runnable]:
        """The models built so far; they know their keys."""
        return list(self._models.values())

    @asynccontextmanager
    async def slot(self, member: Member) -> AsyncIterator[None]:
        """Wait until the member's rate, its concurrency and its machine allow one more call."""
        if member.requests_per_second is not None:
            if self._rate is None:
                from langchain_core.rate_limiters import InMemoryRateLimiter

                self._rate = InMemoryRateLimiter(
                    requests_per_second=member.requests_per_second,
                    check_every_n_seconds=0.02,
                    max_bucket_size=max(1.0, member.requests_per_second),
                )
            await self._rate.aacquire()
        async with self._place(member), machines.turn(member):
            yield

    def _place(self, member: Member) -> AbstractAsyncContextManager[Any]:
        if self.shared is not None:
            return machines.slots(self.shared)
        if member.max_concurrency is None:
            return nullcontext()
        loop = asyncio.get_running_loop()
        return self._slots.setdefault(loop, asyncio.Semaphore(member.max_concurrency))


def clients_of(member: Member) -> ClientCache:
    """The clients of a member; copies of a member share them."""
    return member.shelf.setdefault("clients", ClientCache())


def secrets_of(member: Member) -> set[str]:
    """The keys a member uses.

    They stand in its environment variable, in its address and parameters, and in fields of its chat
    model and of what that is made of.
    """
    found = {os.environ.get(variable, "")} if (variable := member.key_variable) else set()
    found |= {*secrets_in(member.base_url), *secrets_in(member.params)}
    for model in (member.model, *clients_of(member).built):
        found |= set(secrets_in(model))
    # What stands for a key where a server wants none.
    return found - {"", "none", "not-needed"}


def share(members: Iterable[Member]) -> None:
    """Let the members of each machine run at the smallest concurrency that one of them names."""
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        if (found := machines.machine_of(member)) is not None:
            groups[found].append(member)
    for name, group in groups.items():
        limits = [m.max_concurrency for m in group if m.max_concurrency is not None]
        for member in group if limits else ():
            clients_of(member).shared = (name, min(limits))
