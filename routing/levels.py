"""Difficulties of the calibration questions by content, as the baseline of new members."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .cache import key

Array = np.ndarray


@dataclass(frozen=True)
class Levels:
    """Difficulties of questions, by the hash of their text.

    Attributes:
        keys: Sorted hashes, uint64 [n].
        values: Difficulties, float32 [n]: the mean score of an average member.
    """

    keys: Array
    values: Array

    @classmethod
    def of(cls, queries: Sequence[str], level: Array) -> "Levels":
        """Keep the levels that are not NaN; of equal questions the last one.

        Example:
            >>> Levels.of(["a", "b"], np.array([0.25, np.nan])).find(["a", "b"]).tolist()
            [0.25, nan]
        """
        known = {k: v for k, v in zip(_keys(queries), level, strict=True) if not np.isnan(v)}
        order = sorted(known)
        values = np.array([known[k] for k in order], dtype=np.float32)
        return cls(np.array(order, dtype=np.uint64), values)

    def find(self, queries: Sequence[str]) -> Array:
        """The level of each question, float64 [n], NaN if it is unknown."""
        wanted = np.array(list(_keys(queries)), dtype=np.uint64)
        if not len(self.keys):
            return np.full(len(wanted), np.nan)
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[place] == wanted, self.values[place].astype(np.float64), np.nan)


def _keys(queries: Iterable[str]) -> Iterable[int]:
    return (int.from_bytes(key(q)[:8], "big") for q in queries)
