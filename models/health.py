"""What a member's last calls say about the next one: fewer tries, or none for a while.

A member that hangs costs every run its whole timeout, one that only fails costs its retries. What
fails at once, such as a refused connection, costs nothing and is asked every time.
"""

from __future__ import annotations

import time

_FIRST_REST, _LONGEST_REST = 30.0, 600.0
"""Seconds that a member is left alone after it timed out, doubled each time, and at most."""
_TRUSTED = 2
"""Asks in a row that fail before there are no retries any more."""


class Health:
    """Of one member, in this process; one success makes it well again.

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
        """Whether a failed call is made again: not by a member that has failed and failed."""
        return self._failures < _TRUSTED

    def answered(self) -> None:
        """It answered, well or badly."""
        self._failures = self._timeouts = 0
        self._again = 0.0

    def failed(self) -> None:
        """All tries of an ask failed."""
        self._failures += 1

    def timed_out(self) -> None:
        """It said nothing until its timeout."""
        now = time.monotonic()
        # Calls that were under way together time out together, and count once.
        if now - self._last > 1.0:
            self._timeouts += 1
        self._last = now
        self._failures += 1
        rest = min(_LONGEST_REST, _FIRST_REST * 2 ** (self._timeouts - 1))
        self._again = max(self._again, now + rest)

    def resting(self) -> str | None:
        """Why it is not asked now; None where it is.

        After its rest one call tries; meanwhile, others are still not made.
        """
        if not self._timeouts:
            return None
        left = self._again - time.monotonic()
        if left <= 0:
            self._again = time.monotonic() + _FIRST_REST
            return None
        times = "it timed out" if self._timeouts == 1 else f"it timed out {self._timeouts} times"
        return f"not asked: {times}; asked again in {max(1, round(left))} s"
