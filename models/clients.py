"""The runtime state of a member: its clients, its limits, and what its calls have shown."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from ..redact import secrets_in
from . import machines, openai
from .discreet_logs import hush
from .echoes import Echoes
from .health import Health
from .loops import PerLoop
from .provider import provider_of
from .threads import Threads

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from ..member import Member


class ClientCache:
    """Models and semaphores per event loop, because loops cannot share them."""

    def __init__(self) -> None:
        self._models = PerLoop[Any]()
        self._slots = PerLoop[asyncio.Semaphore]()
        self._rate: Any = None
        self._hushed = False
        self.echoes: Echoes = Echoes()
        """The member's keys, as its replies may hold them."""
        self.shared: tuple[str, int] | None = None
        """The machine that the member shares with others, and its concurrency."""
        self.native_n: bool | None = None
        """Whether the server supports `n`; None until that was tried."""
        self.health: Health = Health()
        self.structured = True
        """False once the server refused a response format."""
        self.refuses: set[str] = set()
        """Sampling options that the server has refused."""
        self.reports_usage: bool | None = None
        """Whether the server reports the tokens of a stream: None until that was tried."""
        self.blocking = False
        """True once its asynchronous calls were found to be missing."""
        self.threads: Threads = Threads()
        """Where a model is called that has none."""

    def model(self, member: Member) -> Runnable[Any, Any]:
        """The member's model for the running event loop, built at first use."""
        model = self._models.get(lambda: self._made(member))
        if not self._hushed:
            # Once it is built, its own keys are known too.
            self._hushed = True
            secrets = secrets_of(member)
            hush(self, secrets)
            self.echoes = Echoes(secrets)
        return model

    def _made(self, member: Member) -> Runnable[Any, Any]:
        self._hushed = False
        given = member.model
        built = isinstance(given, str)
        return provider_of(member).build(member) if built else openai.in_this_loop(given)

    @property
    def built(self) -> list[Runnable[Any, Any]]:
        """The models built so far, which hold their keys."""
        return self._models.values

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
        most = member.max_concurrency
        return self._slots.get(lambda: asyncio.Semaphore(most))


def clients_of(member: Member) -> ClientCache:
    """The clients of a member; copies of a member share them."""
    # Asked for at every token: a cache is made only where there is none.
    known = member.shelf.get("clients")
    return known if known is not None else member.shelf.setdefault("clients", ClientCache())


def secrets_of(member: Member) -> set[str]:
    """The secrets of a member.

    They are in its environment variable, in its address and parameters, and in fields of its chat
    model and of the objects inside.
    """
    secrets = {os.environ.get(variable, "")} if (variable := member.key_variable) else set()
    secrets |= {*secrets_in(member.base_url), *secrets_in(member.params)}
    for model in (member.model, *clients_of(member).built):
        secrets |= set(secrets_in(model))
    for each in member.fallbacks:
        secrets |= secrets_of(each)
    # Placeholders for servers that need no key.
    return secrets - {"", "none", "not-needed"}


def share(members: Iterable[Member]) -> None:
    """Give the members of each machine the smallest concurrency that one of them sets."""
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        if (shared := machines.machine_of(member)) is not None:
            groups[shared].append(member)
    for name, group in groups.items():
        limits = [m.max_concurrency for m in group if m.max_concurrency is not None]
        for member in group if limits else ():
            clients_of(member).shared = (name, min(limits))
