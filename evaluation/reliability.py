"""How well a system's own probability says whether its answer is right."""

from __future__ import annotations

from typing import Any

import numpy as np

from .finished import Finished
from .rows import plain
from .statistics import mean_of

BINS = 10


def reliability(done: Finished) -> list[dict[str, Any]]:
    """The stated probability against the share that is right, for each system that states one.

    A system states `probability`, the vote's, or else `confidence`. The expected calibration error
    (ECE; Naeini et al. 2015, Guo et al. 2017) is the mean distance between both over bins of equal
    width, weighted by the number of questions.

    Returns:
        Rows with `system`, `field`, `n`, `ece`, `bins` (each with `n`, `stated`, the mean stated
        probability, and the accuracy with its interval), and `stated` and `right`, their means.
    """
    found = []
    for name, outcomes in done.outcomes.items():
        fields = [f for f in ("probability", "confidence") if any(_stated(o, f) for o in outcomes)]
        if not fields:
            continue
        known = [i for i, one in enumerate(outcomes) if _stated(one, fields[0])]
        stated = np.array([float(outcomes[i][fields[0]]) for i in known])
        right = done.scores[name][known]
        if np.ptp(stated) == 0:
            # The same number for every question says nothing about any of them.
            continue
        bins = _bins(stated, right)
        error = sum(b["n"] * abs(b["stated"] - b["mean"]) for b in bins) / len(known)
        found.append(
            {
                "system": name,
                "field": fields[0],
                "n": len(known),
                "ece": error,
                "stated": float(stated.mean()),
                "right": float(right.mean()),
                "bins": bins,
            }
        )
    return sorted(found, key=lambda row: row["ece"])


def _stated(outcome: Any, field: str) -> bool:
    return isinstance(outcome.get(field), int | float)


def _bins(stated: np.ndarray, right: np.ndarray) -> list[dict[str, Any]]:
    place = np.minimum((stated * BINS).astype(int), BINS - 1)
    return [
        {
            "n": int((place == i).sum()),
            "stated": float(stated[place == i].mean()),
            **plain(mean_of(right[place == i])),
        }
        for i in range(BINS)
        if (place == i).any()
    ]
