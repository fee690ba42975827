"""Avengers report when they are not sure, and use the whole pool without a profile."""

from __future__ import annotations

import pytest
from helpers import ask, member, profile, question, thread
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_ensemble import InputError, NoUsableDraftError, Pool, Profile, create_avengers
from langgraph_ensemble.models.request import ANSWER
from langgraph_ensemble.testing import Model, Provider

STRANGE = "Whither goest thou, quaint wanderer?"
DECLINE = "We would rather not guess."


@pytest.fixture(scope="module")
def task_map() -> Profile:
    return profile(ann=["algebra"], ben=["chemistry"], cat=["grammar"])


def team(provider: Provider, **said: str) -> Pool:
    """Members with fixed texts for questions that they do not know."""
    provider.set(*(Model(name, says=text) for name, text in said.items()))
    return Pool([member(provider, name) for name in said])


async def answer(graph, text: str = STRANGE, **context: object) -> dict:
    state = await graph.compile().ainvoke(ask(text), context=context)
    assert state["messages"][-1].text == state["result"]["answer"]
    return state["result"]


async def streamed(graph, text: str = STRANGE) -> tuple[list[str], dict]:
    """The texts of the visible messages, each whole, and the result."""
    seen: dict[str, str] = {}
    result = {}
    async for mode, event in graph.compile().astream(ask(text), stream_mode=["messages", "values"]):
        if mode == "values":
            result = event.get("result") or result
        elif ANSWER in (event[1].get("tags") or []):
            seen[event[0].id] = seen.get(event[0].id, "") + event[0].text
    return list(seen.values()), result


async def test_without_a_profile_the_pool_shares_the_samples_and_votes(provider, pool) -> None:
    graph = create_avengers(pool, None).compile()
    state = await graph.ainvoke(ask(question().text))
    assert [(e["model"], e["n"]) for e in sorted(provider.log(), key=lambda e: e["model"])] == [
        ("ann", 4),
        ("ben", 3),
        ("cat", 3),
    ]
    result = state["result"]
    assert result["routing"]["profile"] is False
    assert result["routing"]["picked"] == ["ann", "ben", "cat"]
    assert result["routing"]["cluster"] is None
    assert sum(vote["count"] for vote in result["votes"]) == 10
    assert set(result["confidence_parts"]) == {"share", "record", "familiarity"}
    assert result["confidence"] == result["confidence_parts"]["share"]
    assert "embed" not in graph.get_graph().nodes
    assert ("prepare", "route") in {(e.source, e.target) for e in graph.get_graph().edges}


async def test_without_a_profile_one_sample_asks_one_and_the_next_stands_in(provider, pool) -> None:
    provider.set(Model("ann", fault="dead"))
    state = await create_avengers(pool, None, samples=1).compile().ainvoke(ask(question().text))
    assert [e["model"] for e in provider.log()] == ["ann", "ben"]
    assert "ann" in state["result"]["fell_back"][0]


async def test_without_a_profile_model_switch_asks_in_order(provider) -> None:
    pool = team(provider, ann="Answer: not sure", ben="Answer: 4", cat="Answer: 5")
    graph = create_avengers(pool, None, samples=9, strategy="model_switch")
    result = await answer(graph)
    assert [e["model"] for e in provider.log()] == ["ann", "ben", "cat"]
    assert (result["answer"], result["abstained"]) == ("Answer: 4", 3)
    provider.reset()
    provider.set(Model("ann", says="Answer: 3"))
    assert (await answer(graph))["answer"] == "Answer: 3"
    assert [e["model"] for e in provider.log()] == ["ann"]


async def test_a_member_that_cannot_answer_is_not_asked_without_a_profile(provider) -> None:
    pool = Pool(
        [
            member(provider, "ann", structured="text"),
            member(provider, "ben", structured="json_object"),
        ]
    )
    graph = create_avengers(pool, None, samples=2).compile()
    form = {"answer_format": {"type": "json_object"}}
    state = await graph.ainvoke(ask(question().text), context=form)
    assert state["result"]["routing"]["picked"] == ["ben"]


async def test_the_weakest_part_is_the_confidence(provider, task_map) -> None:
    pool = team(provider, ann="Answer: 4", ben="Answer: 4", cat="Answer: 4")
    usual = await answer(create_avengers(pool, task_map), question().text)
    parts = usual["confidence_parts"]
    assert usual["confidence"] == min(parts.values())
    assert parts["familiarity"] == 1.0
    assert usual["routing"]["familiarity"] > 0.05
    assert parts["record"] == pytest.approx(0.8, abs=0.15)
    assert usual["unsure"] is False
    odd = await answer(create_avengers(pool, task_map), STRANGE)
    assert odd["confidence_parts"]["share"] == 1.0
    assert (odd["confidence"], odd["confidence_parts"]["familiarity"]) == (0.0, 0.0)
    assert odd["unsure"] is False, "never unsure by default"
    assert (await answer(create_avengers(pool, task_map), STRANGE, confidence=0.1))["unsure"]


async def test_without_text_to_decline_the_unsure_answer_is_given_as_it_is(provider) -> None:
    pool = team(provider, ann="Answer: 4", ben="Answer: 5", cat="Answer: not sure")
    result = await answer(create_avengers(pool, None, samples=3, confidence=0.5))
    assert (result["answer"], result["unsure"]) == ("Answer: 4", True)
    assert result["confidence"] == pytest.approx(1 / 3, abs=1e-5)
    assert (result["declined"], result["guess"], result["abstained"]) == (False, None, 1)


async def test_an_unsure_answer_is_declined_and_the_guess_is_kept(provider) -> None:
    pool = team(provider, ann="Answer: 4", ben="Answer: 5", cat="Answer: 6")
    graph = create_avengers(pool, None, samples=3, confidence=0.5, decline=DECLINE)
    texts, result = await streamed(graph)
    assert texts == [DECLINE]
    assert (result["answer"], result["guess"]) == (DECLINE, "Answer: 4")
    assert (result["unsure"], result["declined"]) == (True, True)
    assert (await answer(graph, confidence=0.3))["answer"] == "Answer: 4"


async def test_if_everybody_abstains_nothing_is_certain(provider) -> None:
    pool = team(provider, ann="Answer: not sure", ben="I don't know.")
    result = await answer(create_avengers(pool, None, samples=4))
    assert (result["answer"], result["unsure"], result["confidence"]) == (
        "Answer: not sure",
        True,
        0.0,
    )
    assert result["abstained"] == 4


@pytest.mark.parametrize("samples", [1, 4])
async def test_an_unsure_answer_is_never_shown_before_it_is_escalated(provider, samples) -> None:
    pool = team(provider, ann="Answer: not sure", dan="The answer.\nAnswer: 42")
    options = {"samples": samples, "confidence": 0.5, "decline": DECLINE}
    graph = create_avengers(pool, None, escalate_to="dan", **options)
    texts, result = await streamed(graph)
    assert texts == ["The answer.\nAnswer: 42"]
    assert (result["answer"], result["escalated_to"]) == (texts[0], "dan")
    assert result["guess"] == "Answer: not sure"
    draft = result["drafts"][-1]
    assert (draft["member"], draft["id"]) == ("dan", result["winner"])
    assert draft["usage"]
    assert draft["cost_usd"] > 0
    assert [step["stage"] for step in result["steps"]] == ["escalate"]
    assert result["calls"] == len(provider.log()) == 2
    assert provider.log()[-1]["stream"] is True


async def test_a_sure_answer_is_not_escalated_and_one_sample_is_replayed(provider) -> None:
    pool = team(provider, ann="Answer: 7", dan="Answer: 42")
    graph = create_avengers(pool, None, samples=1, confidence=0.5, escalate_to="dan")
    texts, result = await streamed(graph)
    assert (texts, result["escalated_to"]) == (["Answer: 7"], None)
    assert [e["model"] for e in provider.log()] == ["ann"]
    texts, result = await streamed(create_avengers(pool, None, samples=1, escalate_to="dan"))
    assert provider.log()[-1]["stream"] is True, "without the knob it streams while written"


@pytest.mark.parametrize(
    ("dan", "why"),
    [
        (Model("dan", fault="dead"), "on fire"),
        (Model("dan", says="I'm not sure."), "does not know either"),
    ],
)
async def test_where_escalating_fails_the_best_answer_stays(provider, dan, why) -> None:
    pool = team(provider, ann="Answer: 4", ben="Answer: 5", dan="")
    provider.set(dan)
    options = {"samples": 2, "confidence": 0.9, "escalate_to": "dan"}
    result = await answer(create_avengers(pool, None, **options))
    assert (result["answer"], result["escalated_to"], result["unsure"]) == ("Answer: 4", None, True)
    assert [line for line in result["fell_back"] if "escalation to dan" in line and why in line]
    result = await answer(create_avengers(pool, None, decline=DECLINE, **options))
    assert (result["answer"], result["guess"]) == (DECLINE, "Answer: 4")


async def test_limits_hold_for_the_escalation(provider) -> None:
    pool = team(provider, ann="Answer: not sure", dan="Answer: 42")
    graph = create_avengers(pool, None, samples=2, confidence=0.5, escalate_to="dan")
    result = await answer(graph, max_calls=1)
    assert (result["escalated_to"], result["unsure"]) == (None, True)
    assert "max_calls" in result["fell_back"][0]
    assert {e["model"] for e in provider.log()} == {"ann"}


async def test_a_team_that_fails_is_escalated_too(provider) -> None:
    pool = team(provider, ann="", dan="Answer: 42")
    provider.set(Model("ann", fault="dead"))
    options = {"confidence": 0.5, "escalate_to": "dan", "decline": DECLINE}
    result = await answer(create_avengers(pool, None, **options))
    assert (result["answer"], result["guess"]) == ("Answer: 42", None)
    provider.set(Model("dan", fault="dead"))
    with pytest.raises(NoUsableDraftError, match="dan"):
        await answer(create_avengers(pool, None, **options))


async def test_an_answer_that_must_be_json_is_never_declined(provider) -> None:
    pool = team(provider, ann="Answer: 4", ben="Answer: 5")
    graph = create_avengers(pool, None, samples=2, confidence=0.9, decline=DECLINE)
    result = await answer(graph, answer_format={"type": "json_object"})
    assert (result["unsure"], result["declined"]) == (True, False)
    assert result["answer"].startswith("{")


async def test_the_edge_to_escalate_is_drawn_only_where_a_member_is_named(provider, pool) -> None:
    drawn = create_avengers(pool, None).compile().get_graph()
    assert "escalate" not in drawn.nodes
    drawn = create_avengers(pool, None, escalate_to="cat").compile().get_graph()
    edges = {(edge.source, edge.target) for edge in drawn.edges}
    assert {("vote", "escalate"), ("escalate", "answer"), ("vote", "answer")} <= edges
    assert "sample_cat" not in drawn.nodes, "the member that is asked last is not part of the team"


async def test_a_run_goes_on_at_the_escalation_and_the_next_turn_begins_anew(provider) -> None:
    pool = team(provider, ann="Answer: not sure", dan="Answer: 42")
    graph = create_avengers(pool, None, samples=2, confidence=0.5, escalate_to="dan").compile(
        checkpointer=InMemorySaver(), interrupt_before=["escalate"]
    )
    config = thread("t")
    await graph.ainvoke(ask(STRANGE), config)
    state = await graph.aget_state(config)
    assert state.next == ("escalate",)
    assert state.values["trust"]["then"] == "escalate"
    done = await graph.ainvoke(None, config)
    assert done["result"]["escalated_to"] == "dan"
    provider.set(Model("ann", says="Answer: 3"))
    done = await graph.ainvoke(ask(STRANGE), config)
    assert (done["result"]["answer"], done["result"]["escalated_to"]) == ("Answer: 3", None)


def test_the_pool_decides_where_the_builder_says_nothing(provider) -> None:
    members = [member(provider, name) for name in ("ann", "ben", "dan")]
    pool = Pool(members, confidence=0.4, decline=DECLINE, escalate_to="dan")
    assert pool.proposers == ["ann", "ben"]
    assert pool.subset(["ann", "ben"]).escalate_to is None
    assert (pool.subset(["ann"]).confidence, pool.subset(["ann"]).decline) == (0.4, DECLINE)
    graph = create_avengers(pool, None)
    assert graph.context_schema().confidence == 0.4  # pyright: ignore
    assert "escalate" in graph.nodes
    assert "escalate" not in create_avengers(pool, None, escalate_to="").nodes
    assert create_avengers(pool, None, confidence=0.0).context_schema().confidence == 0  # pyright: ignore
    with pytest.raises(InputError, match="escalate_to 'eve' is not in the pool"):
        create_avengers(pool, None, escalate_to="eve")
    with pytest.raises(InputError, match="confidence"):
        create_avengers(pool, None, confidence=1.5)
    with pytest.raises(InputError, match="confidence must lie from 0 to 1, not 2"):
        Pool(members, confidence=2)


def test_a_profile_without_usual_questions_says_so(provider, task_map) -> None:
    from dataclasses import replace

    pool = team(provider, ann="Answer: 4", ben="Answer: 4", cat="Answer: 4")
    old = replace(task_map, usual=None)
    result = create_avengers(pool, old).compile().invoke(ask(question().text))["result"]
    assert result["confidence_parts"]["familiarity"] is None
    assert result["routing"]["familiarity"] is None
