"""The accounts of keys: what each has used, what it may still use, and how often it starts runs.

Those of one server are in this process, and what was used is in a file. Servers that share
PostgreSQL share the accounts too: see `accounts_postgres`.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol

from ...models.budget import Budget, Spend
from ..telemetry.usage import Usage
from .keys import Key

MINUTE = 60.0


class Accounts(Protocol):
    """What a server needs of them."""

    def add(self, key: str | None, graph: str, sums: Mapping[str, float]) -> None:
        """Add to what a key has used, in this hour and with this graph."""
        ...

    def total(self, key: str | None, since: float = 0.0) -> dict[str, Any]:
        """What a key has used since a moment, in seconds since 1970, in whole hours."""
        ...

    def report(self, since: float = 0.0) -> list[dict[str, Any]]:
        """What each key has used with each graph since a moment."""
        ...

    def budget(self, key: Key, graph: str) -> Budget:
        """The budget of a key, for calls of a graph."""
        ...

    async def spent(self, key: Key) -> Spend:
        """What the key's budget counts in its period, with the worst case of calls in flight."""
        ...

    async def start(self, key: Key) -> int:
        """Seconds until a key may start another run; 0 counts this one as started."""
        ...

    def close(self) -> None:
        """Write everything."""
        ...


def is_over(key: Key, spent: Spend) -> str | None:
    """The limit that a key has reached: `max_calls` or `budget_usd`; None if it may go on.

    Example:
        >>> is_over(Key(name="ann", max_calls=3), Spend(3)), is_over(Key(name="ben"), Spend(3))
        ('max_calls', None)
    """
    if key.max_calls is not None and spent.calls >= key.max_calls:
        return "max_calls"
    if key.budget_usd is not None and spent.usd >= key.budget_usd:
        return "budget_usd"
    return None


class OwnAccounts:
    """The accounts of one server. Its budgets begin with what the file of the usage says.

    Args:
        usage: The usage so far.

    Example:
        >>> import asyncio, tempfile
        >>> from pathlib import Path
        >>> accounts = OwnAccounts(Usage(Path(tempfile.mkdtemp()) / "usage.sqlite"))
        >>> key = Key(name="ann", runs_per_minute=1)
        >>> asyncio.run(accounts.start(key)), asyncio.run(accounts.start(key)) > 0
        (0, True)
        >>> accounts.close()
    """

    def __init__(self, usage: Usage) -> None:
        self._budgets: dict[str, tuple[float, Budget]] = {}
        self._starts: dict[str, deque[float]] = {}
        self._usage = usage
        self.add = usage.add
        self.total = usage.total
        self.report = usage.report
        self.close = usage.close

    def budget(self, key: Key, graph: str) -> Budget:
        """See `Accounts`."""
        begins = key.begins(time.time())
        held = self._budgets.get(key.name)
        if held is None or held[0] != begins:
            used = self.total(key.name, begins)
            spent = Spend(used["calls"], 0, used["bound_usd"])
            budget = Budget(max_calls=key.max_calls, budget_usd=key.budget_usd, spent=spent)
            held = self._budgets[key.name] = begins, budget
        return held[1]

    async def spent(self, key: Key) -> Spend:
        """See `Accounts`."""
        return self.budget(key, "").spent

    async def start(self, key: Key) -> int:
        """See `Accounts`."""
        now = time.monotonic()
        starts = self._starts.setdefault(key.name, deque())
        while starts and starts[0] <= now - MINUTE:
            starts.popleft()
        if len(starts) >= (key.runs_per_minute or math.inf):
            return max(1, math.ceil(starts[0] + MINUTE - now))
        starts.append(now)
        return 0
