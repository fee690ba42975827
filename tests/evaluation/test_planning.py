"""Plans within a budget, and predictions for RouterArena."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langgraph_ensemble import InputError, Profile
from langgraph_ensemble.evaluation.planning import plan
from langgraph_ensemble.evaluation.routerarena import export


def outcomes(
    accuracy: float, count: int, seed: int, cost: float | None = 0.01
) -> list[dict[str, Any]]:
    draws = np.random.default_rng(seed).random(count) < accuracy
    return [
        {"score": float(right), "cost_usd": cost, "seconds": 1.0, "calls": 1} for right in draws
    ]


def test_the_best_within_the_budget_is_chosen() -> None:
    systems = {
        "dear": outcomes(0.95, 200, 1, cost=1.0),
        "good": outcomes(0.8, 200, 2, cost=0.1),
        "cheap": outcomes(0.5, 200, 3, cost=0.01),
    }
    assert plan(systems).system == "dear"
    made = plan(systems, budget_usd=0.5)
    assert made.system == "good"
    assert made.cost_usd is not None
    assert made.cost_usd.mean == pytest.approx(0.1)
    assert plan(systems, accuracy=0.7).system == "good"
    assert [each.fits for each in made.candidates] == [True, True, False]
    with pytest.raises(InputError, match="the most accurate is dear"):
        plan(systems, accuracy=0.99)


def test_an_unknown_price_keeps_no_budget() -> None:
    systems = {"free": outcomes(0.9, 50, 1, cost=None), "paid": outcomes(0.5, 50, 2)}
    assert plan(systems, budget_usd=1.0).system == "paid"
    with pytest.raises(InputError, match="no price is known"):
        plan({"free": systems["free"]}, budget_usd=1.0)


def test_a_plan_needs_questions_that_all_answered() -> None:
    with pytest.raises(InputError, match="at least 20 questions"):
        plan({"one": outcomes(0.5, 30, 1), "other": [*outcomes(0.5, 10, 2), *[None] * 20]})


def test_the_expected_accuracy_is_not_that_of_the_lucky_one() -> None:
    """Twenty equal systems: the best of them is so by chance, and the plan knows."""
    seen, expected, held = [], [], 0
    for round_ in range(20):
        systems = {f"s{i}": outcomes(0.6, 60, 100 * round_ + i) for i in range(20)}
        made = plan(systems)
        seen.append(made.candidates[0].accuracy)
        expected.append(made.accuracy.mean)
        held += made.accuracy.low < 0.6 < made.accuracy.high
    assert np.mean(seen) > 0.7
    assert abs(float(np.mean(expected)) - 0.6) < 0.04
    assert held >= 18


@pytest.fixture
def task_map() -> Profile:
    rows = [{"query": f"add {i} to 2", "scores": {"a": 1.0, "b": 0.0}} for i in range(20)]
    words = ["cat", "dog", "sun", "moon", "tree", "house"]
    rhymes = [{"query": f"rhyme on {word}", "scores": {"a": 0.0, "b": 1.0}} for word in words]
    return Profile.fit([*rows, *rhymes])


def test_predictions_for_routerarena(task_map: Profile, tmp_path: Path) -> None:
    data = tmp_path / "router_data.json"
    asked = [
        {"global index": f"Sums_{i}", "prompt_formatted": f"add {i} to 2"} for i in range(30, 33)
    ]
    data.write_text(json.dumps(asked))
    config, predictions = export(task_map, data, tmp_path, "mine", models={"a": "gpt-4o-mini"})
    assert json.loads(config.read_text()) == {
        "pipeline_params": {"router_name": "mine", "models": ["gpt-4o-mini"]}
    }
    rows = json.loads(predictions.read_text())
    assert [row["global index"] for row in rows] == ["Sums_30", "Sums_31", "Sums_32"]
    assert {row["prediction"] for row in rows} == {"gpt-4o-mini"}
    assert all(row["generated_result"] is None for row in rows)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "there is no question"),
        ('[{"prompt": "?"}]', "entry 1"),
        ('{"a": 1}', "entry 1"),
        ('[{"global index": "S_1", "prompt": "add 3 to 2"}]', "calibrated on 1 of the 1"),
    ],
)
def test_bad_questions_are_refused(task_map: Profile, tmp_path: Path, text: str, said: str) -> None:
    data = tmp_path / "router_data.json"
    data.write_text(text)
    with pytest.raises(InputError, match=said):
        export(task_map, data, tmp_path, "mine")
    with pytest.raises(InputError, match="cannot be read"):
        export(task_map, tmp_path / "none.json", tmp_path, "mine")
