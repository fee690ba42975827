"""The published rules, compared with a second, plain implementation."""

import math

import numpy as np
import pytest
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.routing.modes import costs_of, dial, reference_scores
from langgraph_ensemble.routing.ranking import select


def by_hand(query, centres, accuracy, top_k: int, beta: float) -> list[float]:
    """The reference code's rule with loops and dictionaries."""
    far = sorted((1 - sum(a * b for a, b in zip(c, query, strict=True)), i)
                 for i, c in enumerate(centres))[:top_k]  # fmt: skip
    total = sum(math.exp(-beta * d) for d, _ in far)
    out = [0.0] * len(accuracy[0])
    for d, cluster in far:
        members = [m for m, a in enumerate(accuracy[cluster]) if a is not None]
        ranking = sorted(members, key=lambda m: -accuracy[cluster][m])
        for rank, member in enumerate(ranking):
            out[member] += math.exp(-beta * d) / total / (rank + 0.1)
    return [s or 1 / 999 for s in out]


@pytest.mark.parametrize(("top_k", "beta"), [(1, 6.0), (2, 6.0), (11, 3.0)])
def test_the_reference_rule(top_k: int, beta: float) -> None:
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(5, 4))
    accuracy = rng.integers(0, 4, size=(5, 6)) / 4  # ties keep the members' order
    seen = rng.random((5, 6)) > 0.3
    seen[:, 5] = False  # a member without any record
    queries = rng.normal(size=(20, 4))
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    scored = reference_scores(queries, centres, accuracy, seen, top_k=top_k, beta=beta)
    table = [[a if s else None for a, s in zip(*row, strict=True)]
             for row in zip(accuracy.tolist(), seen.tolist(), strict=True)]  # fmt: skip
    for query, scores in zip(queries.tolist(), scored, strict=True):
        assert scores == pytest.approx(by_hand(query, centres.tolist(), table, top_k, beta))


def test_the_dial_of_avengers_pro() -> None:
    quality, cost = np.array([0.9, 0.6, 0.3]), np.array([4.0, 2.0, 1.0])
    assert dial(quality, cost, 1.0).tolist() == pytest.approx([1.0, 0.5, 0.0])
    assert dial(quality, cost, 0.0).tolist() == pytest.approx([0.0, 0.5, 0.75])
    assert dial(quality, cost, 0.7).tolist() == pytest.approx([0.7, 0.5, 0.225])
    assert dial(np.array([0.5, 0.5]), np.zeros(2), 0.5).tolist() == [1.0, 1.0]


def test_a_member_without_price_is_not_free() -> None:
    none = np.zeros((2, 2))
    with pytest.raises(InputError, match="'b' has no price"):
        costs_of(["a", "b"], {"a": 1.0}, none, none)
    with pytest.raises(InputError, match="'a' has no price"):
        costs_of(["a", "b"], None, none, none)
    with pytest.raises(InputError, match="'b' has no price"):
        costs_of(["a", "b"], {"a": 1.0, "b": float("nan")}, none, none)


def test_measured_costs_fall_back_to_the_members_mean() -> None:
    cost, priced = np.array([[4.0], [0.0]]), np.array([[2.0], [0.0]])
    assert costs_of(["a"], None, cost, priced).tolist() == [[2.0], [2.0]]


def test_selection_by_cluster_ranks() -> None:
    accuracy = np.array([[0.9, 0.8, 0.1], [0.2, 0.8, 0.1], [0.3, 0.2, 0.9]])
    assert select(accuracy, 2) == [0, 1]  # 1 + 1/2 + 1/2, then 1/2 + 1 + 1/3
