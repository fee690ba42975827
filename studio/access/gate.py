"""What a key may do now: its budget, and how often it may start runs."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import Any

from ...models.budget import Budget, Spend
from ..telemetry.usage import Usage, of_call
from ..telemetry.watch import Run, Sink
from .keys import Key, Keys

_MINUTE = 60.0


class Gate(Sink):
    """The keys of a server with their budgets and rates; it also keeps the accounts.

    A budget is a hard cap: each call reserves its worst case before it is made, over all runs of
    the key. After a restart a budget begins with what the file of the usage says.

    Args:
        keys: The keys; without any, usage is counted for nobody in particular.
        usage: The usage so far.
    """

    def __init__(self, keys: Keys, usage: Usage) -> None:
        self.keys = keys
        self.usage = usage
        self._budgets: dict[str, tuple[float, Budget]] = {}
        self._starts: dict[str, deque[float]] = {}

    def budget(self, name: str) -> Budget | None:
        """The budget of a key in its current period; None if it has none."""
        key = self.keys.named(name)
        if key is None or (key.budget_usd is None and key.max_calls is None):
            return None
        begins = key.begins(time.time())
        held = self._budgets.get(name)
        if held is None or held[0] != begins:
            used = self.usage.total(name, begins)
            spent = Spend(used["calls"], 0, used["bound_usd"])
            budget = Budget(max_calls=key.max_calls, budget_usd=key.budget_usd, spent=spent)
            held = self._budgets[name] = begins, budget
        return held[1]

    def knows(self, name: str | None) -> bool:
        """Whether there is such a key; without keys everybody is known."""
        return not self.keys or self.keys.named(name) is not None

    def used_up(self, key: Key) -> str | None:
        """The limit that a key has reached, in words; None if it may go on."""
        budget = self.budget(key.name)
        if budget is None:
            return None
        if key.max_calls is not None and budget.spent.calls >= key.max_calls:
            return f"the {key.max_calls} calls of this key are used up{_until(key)}"
        if key.budget_usd is not None and budget.spent.usd >= key.budget_usd:
            return f"the budget of this key, ${key.budget_usd:g}, is used up{_until(key)}"
        return None

    def wait(self, key: Key, now: float | None = None) -> int:
        """Seconds until a key may start another run; 0 counts this one as started."""
        if key.runs_per_minute is None:
            return 0
        now = now if now is not None else time.monotonic()
        starts = self._starts.setdefault(key.name, deque())
        while starts and starts[0] <= now - _MINUTE:
            starts.popleft()
        if len(starts) >= key.runs_per_minute:
            return max(1, math.ceil(starts[0] + _MINUTE - now))
        starts.append(now)
        return 0

    def ended(self, run: Run) -> None:
        """See `Sink`: the run's calls are counted as they end, the run itself here."""
        self.usage.add(run.asker.key, run.graph, {"runs": 1})

    def called(self, run: Run, what: Any, samples: Any, call: Any, *, nested: bool) -> None:
        """See `Sink`."""
        if not nested:
            self.usage.add(run.asker.key, run.graph, of_call(call))

    def report(self, key: Key | None) -> dict[str, Any]:
        """The usage of a key in its period; of all keys for an administrator, or without keys."""
        if key is not None and not key.admin:
            return {"object": "usage", "keys": [self._account(key)]}
        accounts = [self._account(each) for each in self.keys]
        graphs = self.usage.report()
        return {"object": "usage", **({"keys": accounts} if accounts else {}), "graphs": graphs}

    def _account(self, key: Key) -> dict[str, Any]:
        begins = key.begins(time.time())
        used = self.usage.total(key.name, begins)
        left = None if key.budget_usd is None else max(0.0, key.budget_usd - used["bound_usd"])
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


def _until(key: Key) -> str:
    return "" if key.period == "total" else f" until the next {key.period} (UTC)"
