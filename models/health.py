"""The health of a member by its last calls, which limits its retries or pauses its calls.

A member that hangs costs every run its whole timeout, and one that always fails costs its retries.
Immediate failures, such as a refused connection, cost nothing and do not count.
"""

from __future__ import annotations

import time
from collections import deque

_FIRST_REST, _LONGEST_REST = 30.0, 600.0
"""Seconds that a member is not called after a timeout, doubled each time, and their maximum."""
_TRUSTED = 1
"""Number of failed asks in a row after which there are no retries."""
_FEWEST, _LATE = 5, 8
"""Number of answers from which on the longest silence, and the usual one, are known."""
_REMEMBERED = 32
"""Number of last answers whose silence is remembered."""


class Silences:
    """How long a member was silent before its last answers began.

    Streams and whole replies are told apart, and a longer prompt may take longer to read.

    Example:
        >>> silences = Silences()
        >>> for _ in range(5):
        ...     silences.add(0.5, 100, whole=False)
        >>> silences.longest(200, whole=False), silences.longest(50, whole=False)
        (1.0, 0.5)
    """

    def __init__(self) -> None:
        self._last: dict[bool, deque[tuple[float, int]]] = {
            whole: deque(maxlen=_REMEMBERED) for whole in (False, True)
        }

    def add(self, seconds: float, size: int, *, whole: bool) -> None:
        """Remember an answer to a prompt of `size` that began after `seconds`."""
        self._last[whole].append((seconds, max(1, size)))

    def longest(self, size: int, *, whole: bool) -> float | None:
        """The longest silence before an answer to a prompt of `size`; None if too few are known."""
        known = self._scaled(size, whole)
        return known[-1] if len(known) >= _FEWEST else None

    def late(self, size: int, *, whole: bool) -> float | None:
        """The 95th percentile of the silence; None if too few are known."""
        known = self._scaled(size, whole)
        return known[int(0.95 * (len(known) - 1))] if len(known) >= _LATE else None

    def _scaled(self, size: int, whole: bool) -> list[float]:
        return sorted(seconds * max(1.0, size / then) for seconds, then in self._last[whole])


class Health:
    """The health of one member in this process; one success resets it.

    Example:
        >>> health = Health()
        >>> health.timed_out()
        >>> health.resting()
        'not asked: it timed out; asked again in 30 s'
        >>> health.answered()
        >>> health.resting() is None
        True
    """

    def __init__(self) -> None:
        self._failures = 0
        self._timeouts = 0
        self._again = 0.0
        self._last = self._answered = float("-inf")
        self.last_sign = float("-inf")
        """When the member last replied anything at all, by `time.monotonic`."""
        self.silences: Silences = Silences()

    def sign(self, now: float) -> None:
        """Record a sign of life, a refusal too."""
        self.last_sign = max(self.last_sign, now)

    @property
    def worth_retrying(self) -> bool:
        """Whether failed calls are retried, which stops after repeated failures."""
        return self._failures < _TRUSTED

    def answered(self) -> None:
        """Record an answer, good or bad."""
        self._failures = self._timeouts = 0
        self._again = 0.0
        self._answered = time.monotonic()

    def failed(self) -> None:
        """Record that all tries of an ask failed."""
        self._failures += 1

    def timed_out(self, began: float | None = None) -> None:
        """Record a timeout, or that the member was given up.

        Args:
            began: When the call began, by `time.monotonic`. A member that has answered another call
                since then is well.
        """
        now = time.monotonic()
        if began is not None and self._answered > began:
            return
        # Concurrent calls time out together and count once.
        if now - self._last > 1.0:
            self._timeouts += 1
        self._last = now
        self._failures += 1
        rest = min(_LONGEST_REST, _FIRST_REST * 2 ** (self._timeouts - 1))
        self._again = max(self._again, now + rest)

    def resting(self) -> str | None:
        """The reason why the member is not called now; None if it may be called.

        After the pause one call tries; until it ends, others are not made.
        """
        if not self._timeouts:
            return None
        left = self._again - time.monotonic()
        if left <= 0:
            self._again = time.monotonic() + _FIRST_REST
            return None
        times = "it timed out" if self._timeouts == 1 else f"it timed out {self._timeouts} times"
        return f"not asked: {times}; asked again in {max(1, round(left))} s"
