"""The health of a member by its last calls, which limits its retries or pauses its calls.

A member that hangs costs every run its whole timeout, and one that always fails costs its retries.
Immediate failures, such as a refused connection, cost nothing and do not count.
"""

from __future__ import annotations

import time

_FIRST_REST, _LONGEST_REST = 30.0, 600.0
"""Seconds that a member is not called after a timeout, doubled each time, and their maximum."""
_TRUSTED = 2
"""Number of failed asks in a row after which there are no retries."""


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
        self._last = float("-inf")

    @property
    def worth_retrying(self) -> bool:
        """Whether failed calls are retried, which stops after repeated failures."""
        return self._failures < _TRUSTED

    def answered(self) -> None:
        """Record an answer, good or bad."""
        self._failures = self._timeouts = 0
        self._again = 0.0

    def failed(self) -> None:
        """Record that all tries of an ask failed."""
        self._failures += 1

    def timed_out(self) -> None:
        """Record a timeout."""
        now = time.monotonic()
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
