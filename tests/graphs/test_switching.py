"""Self-consistency of one member, and Model-Switch, lazy and eager, against a real provider."""

from __future__ import annotations

import pytest
from helpers import ask, member, question, thread
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_ensemble import InputError, NoUsableDraftError, create_avengers
from langgraph_ensemble.graphs.avengers import PRESETS
from langgraph_ensemble.testing import Model, says

Q = question()
ASKED = "Which number solves the equation?"
LAZY, EAGER = PRESETS["model-switch"], PRESETS["model-switch-eager"]
NAMES = ("ann", "ben", "cat")


def team(provider, **answers: str) -> list:
    provider.set(*(Model(n, answers={"equation": said}) for n, said in answers.items()))
    return [member(provider, name) for name in answers]


def asked(provider) -> list[tuple[str, int]]:
    return sorted((entry["model"], entry["n"]) for entry in provider.log())


async def test_both_forms_differ_in_calls_and_not_in_an_answer_that_is_sure(provider) -> None:
    pair = team(provider, ann="10", ben="20")
    lazy = (await create_avengers(pair, None, **LAZY).compile().ainvoke(ask(ASKED)))["result"]
    assert asked(provider) == [("ann", 5)]
    provider.reset()
    eager = (await create_avengers(pair, None, **EAGER).compile().ainvoke(ask(ASKED)))["result"]
    assert asked(provider) == [("ann", 5), ("ben", 5)]
    assert lazy["answer"] == eager["answer"] == "Answer: 10"
    assert lazy["stopped"] == eager["stopped"] == "sure"
    assert [(vote["answer"], vote["count"]) for vote in eager["votes"]] == [("10", 5)]
    assert eager["calls"] == 2


async def test_an_eager_first_member_that_is_not_sure_is_pooled_with_the_second(provider) -> None:
    provider.set(Model("ann", default_skill=0.5), Model("ben", default_skill=0.5))
    pair = [member(provider, n) for n in ("ann", "ben")]
    graph = create_avengers(pair, None, **EAGER).compile()
    stops = set()
    for number in range(12):
        result = (await graph.ainvoke(ask(question(number=number).text)))["result"]
        first = [d["answer"] for d in result["drafts"] if d["member"] == "ann"]
        sure = max(map(first.count, first)) / len(first) >= 0.8
        assert result["stopped"] == ("sure" if sure else "vote")
        assert sum(vote["count"] for vote in result["votes"]) == (5 if sure else 10)
        stops.add(result["stopped"])
    assert stops == {"sure", "vote"}


@pytest.mark.parametrize("form", [LAZY, EAGER], ids=["lazy", "eager"])
async def test_a_dead_or_unreadable_first_member_is_replaced(provider, form) -> None:
    trio = team(provider, ann="10", ben="20", cat="30")
    provider.set(Model("ann", fault="dead"))
    result = (await create_avengers(trio, None, **form).compile().ainvoke(ask(ASKED)))["result"]
    assert result["answer"] == "Answer: 20"
    assert any("ann" in note for note in result["fell_back"])
    provider.set(Model("ann", fault="empty"))
    graph = create_avengers(trio, None, **form).compile()
    result = (await graph.ainvoke(ask(ASKED)))["result"]
    assert result["answer"] == "Answer: 20"
    provider.set(*(Model(n, fault="dead") for n in NAMES))
    with pytest.raises(NoUsableDraftError, match="on fire"):
        await graph.ainvoke(ask(ASKED))


async def test_a_budget_stops_the_switch_and_resuming_repeats_no_call(provider) -> None:
    pair = team(provider, ann="10", ben="20")
    graph = create_avengers(pair, None, **EAGER).compile(
        checkpointer=InMemorySaver(), interrupt_before=["vote"]
    )
    await graph.ainvoke(ask(ASKED), thread("t"))
    assert provider.calls() == 2
    state = await graph.ainvoke(None, thread("t"))
    assert (provider.calls(), state["result"]["calls"]) == (2, 2)
    capped = create_avengers(pair, None, **LAZY | {"threshold": 1.0}).compile()
    provider.set(Model("ann", default_skill=0.0))
    result = (await capped.ainvoke(ask(Q.text), context={"max_calls": 1}))["result"]
    assert result["calls"] == 1
    assert result["stopped"] in ("max_calls", "sure")


async def test_self_consistency_has_the_others_as_substitutes_unless_one_is_named(
    provider,
) -> None:
    trio = team(provider, ann="10", ben="20", cat="30")
    one = PRESETS["self-consistency"] | {"proposers": ["cat"]}
    graph = create_avengers(trio, None, **one)
    result = (await graph.compile().ainvoke(ask(ASKED)))["result"]
    assert asked(provider) == [("cat", 10)]
    assert result["answer"] == "Answer: 30"
    assert {node for node in graph.nodes if node.startswith("sample_")} == {"sample_cat"}
    with pytest.raises(InputError, match="proposer 'zoe' is not in the pool"):
        create_avengers([says("ann")], None, proposers=["zoe"])
