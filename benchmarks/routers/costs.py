"""The trade-off between quality and cost, against every single model."""

from pathlib import Path

import numpy as np
from langgraph_ensemble.profiles import Profile

from .data import load


def costs(data: Path) -> None:
    """Item 3: the trade-off between quality and cost, against every single model."""
    names = ("arc_challenge", "mbpp")
    base = data / "routing_11_with_costs"
    train = load(*(base / f"{n}_train.jsonl.gz" for n in names))
    test = load(*(base / f"{n}_test.jsonl.gz" for n in names), members=train.members)
    profile = Profile.fit(train.records, members=train.members)
    vectors = profile.embed(test.queries)
    number = {m: i for i, m in enumerate(test.members)}
    rows = np.arange(len(test.queries))
    curve = []
    for alpha in np.round(np.linspace(0, 1, 41), 3).tolist():
        picks = np.array([number[c[0].member] for c in profile.route_vectors(vectors, alpha=alpha)])
        score, cost = test.scores[rows, picks], test.costs[rows, picks]
        curve.append((alpha, 100 * np.nanmean(score), 1000 * np.nanmean(cost)))
    singles = [
        (m, 100 * float(np.nanmean(test.scores[:, i])), 1000 * float(np.nanmean(test.costs[:, i])))
        for i, m in enumerate(test.members)
    ]
    print("\nrouting_11_with_costs: accuracy in %, US dollars per 1000 questions")
    last = None
    for alpha, score, cost in curve:
        if (score, cost) != last:
            print(f"  alpha {alpha:5.3f} {score:8.2f} {cost:9.4f}")
        last = (score, cost)
    above = 0
    for name, score, cost in sorted(singles, key=lambda s: -s[1]):
        reached = max((a for _, a, c in curve if c <= cost + 1e-12), default=-np.inf)
        frontier = max(reached, mixed(curve, cost))
        above += score > frontier + 1e-9
        print(f"  {name:36s} {score:8.2f} {cost:9.4f}   the curve at this cost: {frontier:6.2f}")
    best = max(singles, key=lambda s: s[1])
    enough = min((c for _, a, c in curve if a >= best[1]), default=float("nan"))
    print(f"single models above the curve: {above} (target: 0)")
    print(f"cost saved at the accuracy of {best[0]}: {100 * (1 - enough / best[2]):.1f}%")


def mixed(curve: list[tuple[float, float, float]], cost: float) -> float:
    """The accuracy that the best mixture of two points of the curve reaches at a cost."""
    best = -np.inf
    for _, a1, c1 in curve:
        for _, a2, c2 in curve:
            if c1 <= cost < c2:
                best = max(best, a1 + (a2 - a1) * (cost - c1) / (c2 - c1))
    return best
