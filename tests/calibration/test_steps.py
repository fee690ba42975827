"""Each step of a calibration by itself, called with a dict."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph_ensemble import Pool, Profile
from langgraph_ensemble.calibration.cluster import make_cluster, make_profile
from langgraph_ensemble.calibration.collect import make_collect
from langgraph_ensemble.calibration.context import CalibrationContext
from langgraph_ensemble.calibration.embed import make_embed
from langgraph_ensemble.calibration.grade import make_grade
from langgraph_ensemble.calibration.load import make_load
from langgraph_ensemble.calibration.plan import make_plan
from langgraph_ensemble.calibration.resources import Resources
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.nodes.base import Run
from langgraph_ensemble.testing import says

ROWS = [{"query": f"What is {i} and 2?", "answer": "4"} for i in range(8)]


def resources(tmp_path, pool: Pool | None, rows: Any = ROWS) -> Resources:
    """The resources of a calibration in a folder of its own."""
    out = tmp_path / "profile"
    out.mkdir()
    return Resources(pool, rows, out, out / "calibration.sqlite", None, "lexical")


async def test_from_questions_to_a_saved_profile(tmp_path) -> None:
    events: list[Any] = []
    run = Run(CalibrationContext(samples=1), events.append)
    parts = resources(tmp_path, Pool([says("ann", "Answer: 4"), says("ben", "Answer: 5")]))
    state: dict[str, Any] = {}

    state |= await make_load(parts)(state, run)
    assert (state["questions"], state["calls"], state["bad"]) == (8, 0, 0)
    state |= await make_embed(parts)(state, run)
    state |= await make_plan(parts)(state, run)
    assert (state["pairs"], state["round"]) == (16, 1)
    while state["cursor"] < state["pairs"]:
        state |= await make_collect(parts)(state, run)
    assert state["calls"] == 16
    while state["graded"] < state["cursor"]:
        state |= await make_grade(parts)(state, run)
    state |= await make_cluster(parts)(state, run)
    state |= await make_profile(parts)(state, run)

    assert state["result"]["gain"]["best_single"]["member"] == "ann"
    assert Profile.load(parts.out).members == ["ann", "ben"]
    stages = list(dict.fromkeys(event["stage"] for event in events))
    assert stages == ["load", "embed", "answer", "grade", "cluster", "profile"]


async def test_recorded_scores_leave_nothing_to_ask(tmp_path) -> None:
    rows = [{"query": f"question {i}", "scores": {"ann": 1.0, "ben": 0.0}} for i in range(8)]
    parts = resources(tmp_path, None, rows)
    run = Run(CalibrationContext())
    state = await make_load(parts)({}, run)
    state |= await make_embed(parts)(state, run)
    state |= await make_plan(parts)(state, run)
    assert state["pairs"] == 0


async def test_load_says_what_is_wrong_with_the_rows(tmp_path) -> None:
    parts = resources(tmp_path, Pool([says("ann")]), [{"question": "2+2?"}])
    with pytest.raises(InputError, match="no scores"):
        await make_load(parts)({}, Run(CalibrationContext()))
