"""The test that chooses an aggregator: one right draft among wrong ones."""

from __future__ import annotations

import pytest
from helpers import member
from langgraph_ensemble import InputError, Pool, Skills, create_symbolic_moe
from langgraph_ensemble.evaluation.aggregators import WRONG, aggregation_test
from langgraph_ensemble.evaluation.store import Store
from langgraph_ensemble.testing import Model, bank

# github.com/dinobby/Symbolic-MoE: one right and two wrong drafts.
PUBLISHED_WRONG = 2


def rows(count: int) -> list[dict]:
    made = []
    for number, q in enumerate(bank()[:count]):
        said = {"x": f"Answer: {q.answer}", "y": "Answer: 1", "z": ["Answer: 2", "Answer: 3"]}
        row = {"query": q.text, "answers": [q.answer], "dataset": f"set {number % 2}", "said": said}
        made.append(row)
    return made


async def test_who_finds_the_right_draft_is_the_aggregator(provider, tmp_path) -> None:
    # A member that knows the answer finds it; one that knows nothing follows the drafts.
    provider.set(Model("ann", default_skill=0.0), Model("ben", default_skill=1.0))
    pool = Pool([member(provider, name) for name in ("ann", "ben")])
    asked = rows(8)
    with_holes = [
        *asked,
        {**asked[0], "query": "only right", "said": {"x": asked[0]["answers"][0]}},
    ]
    store = Store(tmp_path / "calls.sqlite")
    tested = await aggregation_test(with_holes, pool, store)
    assert [each.member for each in tested] == ["ben", "ann"]
    assert tested[0].accuracy > tested[1].accuracy
    assert tested[0].low <= tested[0].accuracy <= tested[0].high
    assert {each.questions for each in tested} == {len(asked)}
    assert set(tested[0].datasets) == {"set 0", "set 1"}
    # Drafts are recorded answers: only the candidates were asked, each question once.
    assert provider.calls() == 2 * len(asked)
    text = str(provider.log()[0]["messages"])
    assert text.count("Answer: ") >= 1 + WRONG
    again = await aggregation_test(with_holes, pool, store)
    assert again == tested
    assert provider.calls() == 2 * len(asked)
    store.close()
    graph = create_symbolic_moe(pool, Skills.unknown(pool.names), aggregator=tested[0].member)
    assert "aggregate" in graph.nodes


def test_as_many_wrong_drafts_as_published() -> None:
    assert WRONG == PUBLISHED_WRONG


async def test_no_question_with_drafts_to_choose_from(provider, tmp_path) -> None:
    pool = Pool([member(provider, "ann")])
    store = Store(tmp_path / "calls.sqlite")
    bare = [{"query": "2 + 2?", "answers": ["4"], "said": {"x": "4", "y": "5"}}]
    with pytest.raises(InputError, match="none of 1 questions has recorded answers"):
        await aggregation_test(bare, pool, store)
    dry = Store(tmp_path / "dry.sqlite", live=False)
    with pytest.raises(InputError, match="lacks 2 calls"):
        await aggregation_test(rows(2), pool, dry)
    assert provider.calls() == 0
