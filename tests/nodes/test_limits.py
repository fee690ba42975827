"""The default time limit of a run, and the remaining time."""

from __future__ import annotations

import pytest
from langgraph_ensemble import Member, create_avengers, create_moa, create_smoa
from langgraph_ensemble.nodes.limits import RUN_SECONDS, SMALL_RUN_SECONDS, default_seconds

HERE = "http://127.0.0.1:8000/v1"
SMALL = Member(name="a", model="a-0.5b", base_url=HERE)


@pytest.mark.parametrize(
    ("other", "seconds"),
    [
        (Member(name="b", model="b-135m", base_url=HERE), SMALL_RUN_SECONDS),
        (Member(name="b", model="b-7b", base_url=HERE), RUN_SECONDS),
        (Member(name="b", model="b", base_url=HERE), RUN_SECONDS),
        (Member(name="b", model="b-0.5b", base_url="https://example.org/v1"), RUN_SECONDS),
    ],
)
def test_small_models_on_one_machine_have_less_time(other, seconds) -> None:
    assert default_seconds([SMALL, other]) == seconds


@pytest.mark.parametrize("create", [create_avengers, create_moa, create_smoa])
def test_the_limit_is_a_default_that_a_run_can_raise(create) -> None:
    given = (None,) if create is create_avengers else ()
    knobs = create([SMALL], *given).knobs
    assert knobs().max_seconds == SMALL_RUN_SECONDS
    assert knobs(max_seconds=900).max_seconds == 900
