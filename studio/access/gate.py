"""What a key may do now: its budget, and how often it may start runs."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from ...models.budget import Budget
from ..telemetry.usage import of_call
from ..telemetry.watch import Run, Sink
from .accounts import Accounts, is_over
from .keys import Key, Keys


class Gate(Sink):
    """The keys of a server with their budgets and rates; it also keeps the accounts.

    A budget is a hard cap: each call reserves its worst case before it is made, over all runs of
    the key.

    Args:
        keys: The keys; without any, usage is counted for nobody in particular.
        accounts: The usage so far, of this server or of all that share a database.
    """

    def __init__(self, keys: Keys, accounts: Accounts) -> None:
        self.keys = keys
        self._accounts = accounts

    def budget(self, name: str, graph: str) -> Budget | None:
        """The budget of a key in its current period, for a graph's calls; None if it has none."""
        key = self.keys.named(name)
        if key is None or not _limited(key):
            return None
        return self._accounts.budget(key, graph)

    def knows(self, name: str | None) -> bool:
        """Whether there is such a key; without keys everybody is known."""
        return not self.keys or self.keys.named(name) is not None

    async def used_up(self, key: Key) -> str | None:
        """The limit that a key has reached, in words; None if it may go on.

        Raises:
            TimeoutError: The database that keeps the accounts is away.
        """
        over = is_over(key, await self._accounts.spent(key)) if _limited(key) else None
        if over is None:
            return None
        calls = f"the {key.max_calls} calls of this key are"
        dollars = f"the budget of this key, ${key.budget_usd or 0:g}, is"
        return f"{calls if over == 'max_calls' else dollars} used up{_until(key)}"

    async def wait(self, key: Key) -> int:
        """Seconds until a key may start another run; 0 counts this one as started.

        Raises:
            TimeoutError: The database that keeps the accounts is away.
        """
        return 0 if key.runs_per_minute is None else await self._accounts.start(key)

    def ended(self, run: Run) -> None:
        """See `Sink`: the run's calls are counted as they end, the run itself here."""
        self._accounts.add(run.asker.key, run.graph, {"runs": 1})

    def called(self, run: Run, what: Any, samples: Any, call: Any, *, nested: bool) -> None:
        """See `Sink`."""
        if not nested:
            self._accounts.add(run.asker.key, run.graph, of_call(call))

    async def report(self, key: Key | None) -> dict[str, Any]:
        """The usage of a key in its period; of all keys for an administrator, or without keys.

        Raises:
            TimeoutError: The database that keeps the accounts is away.
        """
        if key is not None and not key.admin:
            return {"object": "usage", "keys": [await self._account(key)]}
        accounts = [await self._account(each) for each in self.keys]
        graphs = await asyncio.to_thread(self._accounts.report)
        return {"object": "usage", **({"keys": accounts} if accounts else {}), "graphs": graphs}

    async def _account(self, key: Key) -> dict[str, Any]:
        begins = key.begins(time.time())
        used = await asyncio.to_thread(self._accounts.total, key.name, begins)
        left = None
        if key.budget_usd is not None:
            left = max(0.0, key.budget_usd - (await self._accounts.spent(key)).usd)
        return {
            "key": key.name,
            "period": key.period,
            "since": int(begins),
            "budget_usd": key.budget_usd,
            "left_usd": None if left is None else round(left, 9),
            "max_calls": key.max_calls,
            "runs_per_minute": key.runs_per_minute,
            "used": used,
        }


def _limited(key: Key) -> bool:
    return key.budget_usd is not None or key.max_calls is not None


def _until(key: Key) -> str:
    return "" if key.period == "total" else f" until the next {key.period} (UTC)"
