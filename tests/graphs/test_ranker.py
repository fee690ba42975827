"""The LLM ranker against a real provider: it chooses and rewrites nothing."""

from __future__ import annotations

import pytest
from helpers import ask, member, profile, prompt, question, thread
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_ensemble import InputError, NoUsableDraftError, Pool, create_ranker
from langgraph_ensemble.testing import Model, says

Q = question()


def one_knows(provider, **styles: str) -> list:
    """Three members, of which only ann knows anything."""
    skills = {"ann": 1.0, "ben": 0.0, "cat": 0.0}
    provider.set(
        *(Model(n, default_skill=s, judge_style=styles.get(n, "json")) for n, s in skills.items())
    )
    return [member(provider, name) for name in skills]


async def test_the_answer_is_a_draft_word_for_word_and_the_ranker_names_it(provider) -> None:
    state = await create_ranker(one_knows(provider)).compile().ainvoke(ask(Q.text))
    result = state["result"]
    assert provider.calls() == result["calls"] == 3 + 1
    assert [step["stage"] for step in result["steps"]] == ["judge"]
    won = next(d for d in result["drafts"] if d["id"] == result["winner"])
    assert result["answer"] == won["text"] == state["messages"][-1].text
    assert result["rounds"] == [
        {"round": 1, "chosen": [won["id"]], "reason": result["rounds"][0]["reason"]}
    ]
    asked = prompt(provider.log("ann")[-1])
    assert asked.count("<draft id=") == 3
    assert "Find the one" in asked


async def test_a_ranker_outside_of_the_team_sees_numbers_and_no_names(provider) -> None:
    provider.set(*(Model(n) for n in ("ann", "ben", "dan")))
    team = [member(provider, n) for n in ("ann", "ben")]
    graph = create_ranker(team, ranker=member(provider, "dan"), samples=2)
    result = (await graph.compile().ainvoke(ask(Q.text)))["result"]
    assert {d["member"] for d in result["drafts"]} == {"ann", "ben"}
    assert len(result["drafts"]) == 4
    seen = prompt(provider.log("dan")[0])
    assert not any(name in seen for name in ("ann", "ben"))


async def test_an_unreadable_ranking_is_requested_once_more_then_replaced_and_told(
    provider,
) -> None:
    team = one_knows(provider, ann="garbage")
    result = (await create_ranker(team).compile().ainvoke(ask(Q.text)))["result"]
    assert provider.calls() == 3 + 2
    assert "judge ann" in result["fell_back"][0]
    assert result["winner"] in {d["id"] for d in result["drafts"]}


async def test_dead_members_are_left_out_and_a_dead_ranker_costs_one_call(provider) -> None:
    provider.set(Model("ben", fault="dead"), Model("dan", fault="dead"))
    team = [member(provider, n) for n in ("ann", "ben", "cat")]
    graph = create_ranker(team, ranker=member(provider, "dan")).compile()
    result = (await graph.ainvoke(ask(Q.text)))["result"]
    assert provider.calls("dan") == 1
    assert result["answer"]
    assert {d["member"]: d["status"] for d in result["drafts"]}["ben"] == "failed"
    provider.set(Model("ann", fault="dead"), Model("cat", fault="dead"))
    with pytest.raises(NoUsableDraftError, match=r"ann: .*on fire"):
        await graph.ainvoke(ask(Q.text))


async def test_one_usable_draft_needs_no_ranker(provider) -> None:
    provider.set(Model("ben", fault="empty"), Model("cat", fault="dead"))
    team = [member(provider, n) for n in ("ann", "ben", "cat")]
    result = (await create_ranker(team).compile().ainvoke(ask(Q.text)))["result"]
    assert result["winner"] == "1.ann.0"
    assert not result["steps"]
    assert not result["fell_back"]


async def test_interrupt_before_the_choice_lets_a_person_choose(provider) -> None:
    graph = create_ranker(one_knows(provider)).compile(
        checkpointer=InMemorySaver(), interrupt_before=["choose"]
    )
    await graph.ainvoke(ask(Q.text), thread("t"))
    calls = provider.calls()
    await graph.aupdate_state(thread("t"), {"selected": ["1.cat.0"]})
    state = await graph.ainvoke(None, thread("t"))
    assert state["result"]["winner"] == "1.cat.0"
    assert provider.calls() == calls


async def test_a_budget_that_ends_before_the_ranker_takes_what_agrees_most(pool, provider) -> None:
    graph = create_ranker(pool).compile()
    result = (await graph.ainvoke(ask(Q.text), context={"max_calls": 3}))["result"]
    assert provider.calls() <= 3
    assert result["answer"]
    assert "max_calls" in result["fell_back"][0]


async def test_the_task_map_picks_the_proposers_and_an_unsure_answer_is_replaced(provider) -> None:
    task_map = profile(ann=["algebra"], ben=["algebra"], cat=[])
    team = one_knows(provider)
    graph = create_ranker(team, profile=task_map, top_n=2, confidence=1.0, decline="No idea.")
    state = await graph.compile().ainvoke(ask(Q.text))
    assert {d["member"] for d in state["result"]["drafts"]} == {"ann", "ben"}
    assert state["result"]["declined"]
    assert state["messages"][-1].text == "No idea."


async def test_a_small_model_ranks_only_if_it_is_named() -> None:
    team = Pool([says("ann", "Answer: 4", size=0.5), says("ben", "Answer: 4", size=0.5)])
    assert "rank" not in create_ranker(team).nodes
    assert "rank" in create_ranker(team, ranker="ben").nodes
    with pytest.raises(InputError, match="unknown knob 'judge_temp'; did you mean"):
        create_ranker(team, knobs={"judge_temp": 1})
