"""The axis of costs: linear from zero, or logarithmic where costs differ much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .charts import Axis

RATIO = 25
"""Above this ratio of the largest to the smallest value the axis is logarithmic."""


@dataclass(frozen=True)
class LogAxis(Axis):
    """A logarithmic axis; `step` is not used.

    Example:
        >>> axis = LogAxis(1.0, 100.0, 0.0)
        >>> axis.share(10.0), axis.marks
        (0.5, [1, 10, 100])
    """

    note = ", logarithmic"

    @property
    def marks(self) -> list[float]:
        """Powers of ten, with 2 and 5 times them if there are few."""
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        powers = [10.0**place if place < 0 else 10**place for place in decades]
        inside = [mark for mark in powers if self.low <= mark <= self.high]
        if len(inside) > 2:
            return inside
        every = [each * mark for mark in powers for each in (1, 2, 5)]
        return [mark for mark in every if self.low <= mark <= self.high]

    def share(self, value: float) -> float:
        """Where a value is, from 0 (start) to 1 (end)."""
        if value <= 0:
            return 0.0
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return min(1.0, max(0.0, share))


def across(values: Sequence[float], marks: int) -> Axis:
    """The axis of these costs.

    Args:
        values: The costs.
        marks: About how many marks a linear axis should have.

    Example:
        >>> across([1.0, 2.0], 4).low, across([1.0, 200.0], 4).note
        (0.0, ', logarithmic')
    """
    low, high = min(values), max(values)
    if low <= 0 or high / low < RATIO:
        return Axis.of(values, marks, zero=True)
    return LogAxis(low / 1.5, high * 1.5, 0.0)
