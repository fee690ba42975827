"""What the branches of one superstep know of each other: a quorum, and how long the others took.

A LangGraph superstep ends with its last branch. Branches of one layer therefore share a gate: each
finished usable draft is counted, and when the quorum is reached, the others end as `cancelled`.
Finished branches are checkpointed as usual; after a crash the count starts again. A call that is
silent is measured by the time that the others took (`models.patience`).
"""

from __future__ import annotations

import asyncio
import weakref


class Gate:
    """Counts usable drafts of one layer, and opens when the quorum is reached."""

    def __init__(self) -> None:
        self.count: int = 0
        self.opened: asyncio.Event = asyncio.Event()
        self.joined = 0
        """Number of calls that have begun."""
        self.paces: list[float] = []
        """Seconds that finished calls took."""

    def arrived(self, usable: int, quorum: int | None) -> None:
        """Count `usable` more drafts, and open the gate when `quorum` is reached."""
        self.count += usable
        if quorum is not None and self.count >= quorum:
            self.opened.set()


_gates: weakref.WeakValueDictionary[tuple[str, int], Gate] = weakref.WeakValueDictionary()


def gate_of(name: str) -> Gate:
    """The gate that all branches with this name share within the running event loop."""
    key = (name, id(asyncio.get_running_loop()))
    gate = _gates.get(key)
    if gate is None:
        gate = _gates[key] = Gate()
    return gate
