"""Where requests are made: in this process, or by workers elsewhere.

Only the request itself goes elsewhere. Limits, retries, budgets, records and the graphs stay here,
so that a worker that dies loses nothing but its requests in flight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

from langchain_core.messages import BaseMessage

from .arguments import Options
from .clients import clients_of
from .raw import Raw
from .request import request

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from ..member import Member


class Place(Protocol):
    """Somewhere else, where requests can be made."""

    def takes(self, member: Member) -> bool:
        """Whether requests to a member can be made there."""
        ...

    def slot(self, member: Member) -> AbstractAsyncContextManager[None]:
        """Wait until one more request to a member may be made there."""
        ...

    async def request(
        self, member: Member, messages: Sequence[BaseMessage], options: Options
    ) -> Raw:
        """Make a request to a member."""
        ...


_place: ContextVar[Place | None] = ContextVar("place", default=None)


@contextmanager
def elsewhere(place: Place) -> Iterator[None]:
    """Make the requests inside at another place, if it takes the member."""
    around = _place.set(place)
    try:
        yield
    finally:
        _place.reset(around)


def slot_of(member: Member) -> AbstractAsyncContextManager[None]:
    """Wait until one more request to a member may be made."""
    place = _place.get()
    if place is None or not place.takes(member):
        return clients_of(member).slot(member)
    return place.slot(member)


async def placed(
    model: Runnable[Any, Any], member: Member, messages: Sequence[BaseMessage], options: Options
) -> Raw:
    """Call `model` once, wherever requests are made; as `request.request`."""
    place = _place.get()
    if place is None or not place.takes(member):
        return await request(model, member, messages, options)
    return await place.request(member, messages, options)
