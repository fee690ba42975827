"""What the provider saw of a run that was killed: which calls ended, and which were repeated."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

SETTLED = 0.2
"""Seconds after a kill in which nothing new is begun: what arrives was sent by the dead process."""


@dataclass
class Count:
    """The account of the runs of one row of the table.

    Attributes:
        runs: Runs.
        kills: Kills that hit a living process.
        wrong: Runs whose final state differs from that of a run that nobody killed.
        ended: Calls that had ended when their process was killed.
        ages: For each of them that was made again, the milliseconds from the end of its reply at
            the provider to the kill.
        doubled: Calls that were made twice although no kill lay between.
        lost: Calls that `result["calls"]` lacks, or has too many, in all runs together.
    """

    runs: int = 0
    kills: int = 0
    wrong: int = 0
    ended: int = 0
    ages: list[float] = field(default_factory=list)
    doubled: int = 0
    lost: int = 0

    def add(self, log: Sequence[Any], kills: Sequence[float]) -> None:
        """Count one run by the provider's log and the times of its kills."""
        self.runs += 1
        self.kills += len(kills)
        ends = [*sorted(kills), float("inf")]
        seen: dict[str, list[tuple[int, float]]] = {}
        for entry in log:
            life = sum(kill + SETTLED < entry["began"] for kill in kills)
            if entry["status"] == 200 and entry["ended"] < ends[life]:
                what = json.dumps([entry[key] for key in ("model", "seed", "n", "messages")])
                seen.setdefault(what, []).append((life, entry["ended"]))
        for made in seen.values():
            self.ended += made[0][0] < len(kills)
            for (life, ended), (next_life, _) in pairwise(sorted(made)):
                if life == next_life:
                    self.doubled += 1
                else:
                    self.ages.append((ends[life] - ended) * 1000)

    @classmethod
    def of(cls, counts: Iterable[Count]) -> Count:
        """The sum of several rows."""
        total = cls()
        for count in counts:
            for name, value in vars(count).items():
                setattr(total, name, getattr(total, name) + value)
        return total
