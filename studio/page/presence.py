"""Which servers on one database are alive.

Each server has a name and holds a lease on it while it runs. The operating system, or PostgreSQL,
frees the lease of one that is killed, so that nobody needs to wait for a silent server.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from ...graphs.thread_lease import done, lease_of


class Presence:
    """The name of this server, and who else is there.

    Args:
        saver: The checkpointer on the database that the servers share.

    Example:
        >>> import asyncio
        >>> from langgraph.checkpoint.memory import InMemorySaver
        >>> asyncio.run(Presence(InMemorySaver()).alive("another"))
        False
    """

    def __init__(self, saver: BaseCheckpointSaver[Any]) -> None:
        self.name: str = uuid.uuid4().hex
        self._saver = saver
        self._lease: Any = None

    async def begin(self) -> None:
        """Be alive from now on, as far as other servers can see."""
        self._lease = await lease_of(self._saver, _thread(self.name))
        if self._lease is not None:
            await done(self._lease.take())

    async def end(self) -> None:
        """Leave; turns that this server has not ended count as interrupted."""
        lease, self._lease = self._lease, None
        if lease is not None:
            # The database may be what has failed.
            with suppress(Exception):
                await done(lease.give_back())

    async def alive(self, name: str) -> bool:
        """Whether the server of that name runs."""
        if name == self.name:
            return True
        lease = await lease_of(self._saver, _thread(name))
        if lease is None:
            return False
        if not await done(lease.take()):
            return True
        await done(lease.give_back())
        return False


def _thread(name: str) -> str:
    return f"server {name}"
