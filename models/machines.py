"""Members that share one machine share its concurrency.

Two servers on one laptop compete for the same cores, whatever their ports are. So where members
are reached at the same local address, and one of them names a `max_concurrency`, it holds for all
of them together.
"""

from __future__ import annotations

import asyncio
import ipaddress
import weakref
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from ..member import Member

HERE = "this machine"
Slots = dict[tuple[str, int], asyncio.Semaphore]

_slots: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Slots] = weakref.WeakKeyDictionary()


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


def share(members: Iterable[Member]) -> None:
    """Let the members of each machine run at the smallest concurrency that one of them names."""
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        # A server of ours runs here, on a port that is found when it starts.
        ours = member.provider == "llamacpp"
        if (found := HERE if ours else machine(member.base_url)) is not None:
            groups[found].append(member)
    for name, group in groups.items():
        limits = [m.max_concurrency for m in group if m.max_concurrency is not None]
        for member in group if limits else ():
            member.live.shared = (name, min(limits))


def slots(shared: tuple[str, int]) -> asyncio.Semaphore:
    """The places of a machine in the running event loop."""
    known = _slots.setdefault(asyncio.get_running_loop(), {})
    return known.setdefault(shared, asyncio.Semaphore(shared[1]))
