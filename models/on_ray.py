"""Requests made by Ray's workers, on this machine or on a cluster.

The pool's models are loaded by every worker. A worker that dies is started again; what it was asked
is asked of another one.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from langchain_core.messages import BaseMessage

from ..errors import InputError
from .arguments import Options
from .clients import clients_of
from .elsewhere import elsewhere
from .loops import PerLoop
from .raw import Raw
from .ray_worker import Worker, asked, is_local, places_of, replied

if TYPE_CHECKING:
    from ..member import Member

AT_ONCE = 8
"""Requests to models of its own machine that a worker has in flight."""
_TRIES = 20
"""How often a request may meet a worker that dies."""
_LOOK = 0.25
"""Seconds between two looks whether a worker that died is back."""


class Workers:
    """Workers of Ray, as a `Place`.

    Args:
        actors: Handles of the workers.
        processes: Numbers of their processes at the start.
        pool: The members as they are here.

    Attributes:
        processes: As given.
        replies: Number of replies, failures included.
    """

    def __init__(
        self, actors: Sequence[Any], processes: Sequence[int], pool: Iterable[Member]
    ) -> None:
        self._actors = list(actors)
        self.processes: Sequence[int] = processes
        self.replies: int = 0
        self._numbers = {id(m.shelf): n for n, m in enumerate(places_of(pool))}
        self._flying = [0] * len(self._actors)
        self._back: dict[int, asyncio.Future[None]] = {}
        self._room = PerLoop[asyncio.Semaphore]()

    def takes(self, member: Member) -> bool:
        """Whether a member is one of the pool file's; objects of Python stay where they are."""
        return isinstance(member.model, str) and id(member.shelf) in self._numbers

    @asynccontextmanager
    async def slot(self, member: Member) -> AsyncIterator[None]:
        """Wait for a worker with room, or for the member's own limits."""
        room = self._room.get(lambda: asyncio.Semaphore(AT_ONCE * len(self._actors)))
        async with room if is_local(member) else clients_of(member).slot(member):
            yield

    async def request(
        self, member: Member, messages: Sequence[BaseMessage], options: Options
    ) -> Raw:
        """Make a request by the worker that has the fewest."""
        import ray  # pyright: ignore[reportMissingImports]
        from ray.exceptions import RayActorError  # pyright: ignore[reportMissingImports]

        text = asked(self._numbers[id(member.shelf)], messages, options)
        deaths = 0
        while True:
            place = await self._free()
            self._flying[place] += 1
            sent = self._actors[place].request.remote(text)
            try:
                reply = await sent
                self.replies += 1
                return replied(reply)
            except RayActorError:
                deaths += 1
                if deaths == _TRIES:
                    raise
                if place not in self._back:
                    self._back[place] = asyncio.ensure_future(self._alive(place))
            except asyncio.CancelledError:
                ray.cancel(sent)
                raise
            finally:
                self._flying[place] -= 1

    async def _free(self) -> int:
        """The worker with the fewest requests, of those that have not just died."""
        while len(self._back) == len(self._actors):
            await asyncio.wait(self._back.values(), return_when=asyncio.FIRST_COMPLETED)
        alive = [place for place in range(len(self._actors)) if place not in self._back]
        return min(alive, key=self._flying.__getitem__)

    async def _alive(self, place: int) -> None:
        """Wait until a worker that died has loaded its models again."""
        from ray.exceptions import RayError  # pyright: ignore[reportMissingImports]

        try:
            while True:
                with suppress(RayError):
                    await self._actors[place].ready.remote()
                    return
                await asyncio.sleep(_LOOK)
        finally:
            del self._back[place]


@contextmanager
def on_ray(
    pool: Iterable[Member],
    load: Callable[..., Iterable[Member]],
    *given: Any,
    workers: int | None = None,
) -> Iterator[Workers]:
    """Make the requests inside by workers of Ray.

    It joins the cluster that `RAY_ADDRESS` names, or starts Ray on this machine for as long as the
    block runs. Every machine needs this package, what `load` reads, and the keys of its members in
    its environment.

    Args:
        pool: The pool.
        load: A function of a module that makes the same pool in a worker.
        given: Its arguments.
        workers: Number of workers; by default the processors of the cluster.

    Raises:
        InputError: Ray is not installed, or its cluster cannot be joined.

    Example:
        >>> from langgraph_ensemble import Pool, create_moa
        >>> pool = Pool.pocket()
        >>> with on_ray(pool, Pool.pocket):  # doctest: +SKIP
        ...     create_moa(pool).compile().invoke({"messages": "2 + 2?"})
    """
    try:
        # It reports its use to its makers otherwise.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        raise InputError("Ray is not installed; pip install 'langgraph-ensemble[ray]'") from None
    started = not ray.is_initialized()
    if started:
        _join(ray)
    actors: list[Any] = []
    try:
        count = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        kind = ray.remote(num_cpus=0, max_restarts=-1, max_concurrency=1000)(Worker)
        spread = kind.options(scheduling_strategy="SPREAD")
        actors += [spread.remote(load, given) for _ in range(count)]
        try:
            processes = ray.get([actor.ready.remote() for actor in actors])
        except ray.exceptions.RayError as error:
            lines = [line for line in str(error).splitlines() if line.strip()]
            raise InputError(f"a worker of Ray cannot load the pool: {lines[-1]}") from None
        place = Workers(actors, processes, pool)
        with elsewhere(place):
            yield place
    finally:
        for actor in actors:
            ray.kill(actor)
        if started:
            ray.shutdown()


def _join(ray: Any) -> None:
    address = os.environ.get("RAY_ADDRESS")
    if address:
        knock(address)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            ray.init(include_dashboard=False, **quiet)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise InputError(
            f"Ray cannot be reached at RAY_ADDRESS={address!r}: {str(error).splitlines()[0]}"
            if address
            else f"Ray cannot be started: {str(error).splitlines()[0]}"
        ) from None


def knock(address: str) -> None:
    """Refuse an address where nobody answers, for which Ray waits for minutes."""
    place = urlsplit(address if "://" in address else f"ray://{address}")
    try:
        if place.hostname and place.port:
            socket.create_connection((place.hostname, place.port), timeout=5).close()
    except (OSError, ValueError) as error:
        raise InputError(
            f"no cluster of Ray answers at RAY_ADDRESS={address} ({error}); start one with "
            "'ray start --head', or unset it to use this machine"
        ) from None
