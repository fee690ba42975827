"""The gain of routing over the best single member, with its interval."""

from typing import Any

import numpy as np

from .capability import Z95, difficulty
from .crossval import held_out_records, picked_scores
from .table import Table

Array = np.ndarray


def cross_validated_gain(profile: Any, data: Table, vectors: Array, seed: int) -> dict[str, Any]:
    """The gain of routing on held-out questions.

    The clusters are made from the questions without scores; five folds are held out in turn. The
    best single member is chosen in hindsight on all questions, so the comparison favours it.

    Args:
        profile: The fitted `Profile`.
        data: Its calibration data, with columns in the profile's order.
        vectors: The embedded questions [n, d].
        seed: Seed of the folds.

    Returns:
        The result of `compare`.
    """
    scored = np.flatnonzero(~np.isnan(data.scores).all(axis=1))
    scores = data.scores[scored]
    views = [(view.assign(vectors[scored]), view.family) for view in profile.views]
    records = held_out_records(scores, views, profile.views[0].shrinkage, seed=seed)
    picks = records.argmax(axis=1)
    return compare(scores, picks, data.members)


def compare(
    scores: Array, picks: Array, members: list[str], best: str | None = None
) -> dict[str, Any]:
    """Compare routed accuracy with the best single member and the oracle, as plain JSON.

    Args:
        scores: float [n, M], NaN for missing scores (which count as the question's difficulty).
        picks: The picked member of each question, int [n].
        members: The members' names.
        best: The best single member, if it was chosen on more questions than these.

    Returns:
        `questions`; `routed`, `best_single`, `oracle` and `gain` (routed minus best single), each
        with `mean` and a 95% interval `low` to `high` (normal, paired by question for the gain;
        None for a single question).

    Example:
        >>> gain = compare(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1]), ["a", "b"])
        >>> gain["routed"]["mean"], gain["best_single"]["mean"], gain["gain"]["mean"]
        (1.0, 0.5, 0.5)
    """
    routed = picked_scores(scores, picks)
    singles = [picked_scores(scores, np.full(len(scores), m)) for m in range(len(members))]
    ranked = sorted(range(len(members)), key=lambda m: -round(float(singles[m].mean()), 12))
    chosen = ranked[0] if best is None else members.index(best)
    level = difficulty(scores)
    oracle = np.nanmax(np.column_stack([scores, level]), axis=1)
    return {
        "questions": len(scores),
        "routed": interval(routed),
        "best_single": {"member": members[chosen], **interval(singles[chosen])},
        "oracle": interval(oracle),
        "gain": interval(routed - singles[chosen], least=-1.0),
    }


def interval(values: Array, least: float = 0.0) -> dict[str, float | None]:
    """Mean and its normal 95% interval, clipped to `least` and 1.

    Example:
        >>> interval(np.array([0.0, 1.0]))["mean"]
        0.5
    """
    mean, low, high = float(values.mean()), None, None
    if len(values) > 1:
        reach = Z95 * float(values.std(ddof=1)) / len(values) ** 0.5
        low, high = round(max(least, mean - reach), 6), round(min(1.0, mean + reach), 6)
    return {"mean": round(mean, 6), "low": low, "high": high}
