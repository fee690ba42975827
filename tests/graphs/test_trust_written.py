"""MoA and SMoA: which members draft when a map picks them, and how unsure answers are handled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from helpers import ask, member, profile, question
from langgraph_ensemble import InputError, Pool, Profile, create_avengers, create_moa, create_smoa
from langgraph_ensemble.nodes.context import EnsembleContext
from langgraph_ensemble.nodes.trust import agreement_parts, decide, vote_parts
from langgraph_ensemble.testing import Model, Provider

STRANGE = "Whither goest thou, quaint wanderer?"
DECLINE = "We would rather not guess."


def moa(pool: Pool, **more: Any) -> Any:
    return create_moa(pool, layers=2, **more)


def smoa(pool: Pool, **more: Any) -> Any:
    return create_smoa(pool, max_rounds=1, k=1, **more)


both = pytest.mark.parametrize("build", [moa, smoa])


def team(provider: Provider, **said: str) -> Pool:
    provider.set(*(Model(name, says=text) for name, text in said.items()))
    return Pool([member(provider, name) for name in said])


async def streamed(graph: Any, text: str = STRANGE, **context: Any) -> tuple[list[str], dict]:
    """The texts of all messages of the stream, each whole, and the result."""
    seen: dict[str, str] = {}
    state: dict = {}
    async for mode, event in graph.compile().astream(
        ask(text), stream_mode=["messages", "values"], context=context
    ):
        if mode == "values":
            state = event
        else:
            seen[event[0].id] = seen.get(event[0].id, "") + event[0].text
    assert [m.type for m in state["messages"]] == ["human", "ai"]
    assert state["messages"][-1].text == state["result"]["answer"]
    assert state["messages"][-1].id == list(seen)[-1]
    return list(seen.values()), state["result"]


@both
async def test_the_share_of_agreeing_drafts_is_the_confidence(provider, build) -> None:
    pool = team(provider, ann="Answer: 4", ben="Answer: 5", cat="Answer: not sure")
    texts, result = await streamed(build(pool, aggregator="ann"))
    assert texts == ["Answer: 4"]
    assert result["confidence"] == pytest.approx(1 / 3, abs=1e-5)
    assert result["confidence_parts"] == {
        "share": result["confidence"],
        "record": None,
        "familiarity": None,
    }
    assert (result["unsure"], result["declined"], result["escalated_to"]) == (False, False, None)
    assert (await streamed(build(pool), confidence=0.5))[1]["unsure"] is True


@both
async def test_an_essay_is_never_unsure_unless_all_abstain(provider, build) -> None:
    pool = team(provider, ann="One long story. " * 9, ben="Another long story. " * 9)
    _, result = await streamed(build(pool, confidence=0.9))
    assert (result["confidence"], result["unsure"]) == (None, False)
    pool = team(provider, ann="I don't know.", ben="Answer: not sure")
    _, result = await streamed(build(pool))
    assert (result["confidence"], result["unsure"]) == (0.0, True)


@both
async def test_an_unsure_answer_is_declined_unseen(provider, build) -> None:
    pool = team(provider, ann="Answer: 4", ben="Answer: 5", cat="Answer: 6")
    graph = build(pool, aggregator="ann", confidence=0.5, decline=DECLINE)
    texts, result = await streamed(graph)
    assert texts == [DECLINE]
    assert (result["guess"], result["declined"], result["unsure"]) == ("Answer: 4", True, True)
    texts, result = await streamed(graph, confidence=0.2)
    assert texts == ["Answer: 4"]
    assert (result["guess"], result["declined"], result["unsure"]) == (None, False, False)
    texts, result = await streamed(graph, confidence=0.0)
    assert (texts, provider.log()[-1]["stream"]) == (["Answer: 4"], True)


@both
async def test_an_unsure_answer_is_escalated(provider, build) -> None:
    pool = team(provider, ann="Answer: 4", ben="Answer: 5", dan="Answer: 42")
    graph = build(pool, aggregator="ann", confidence=0.9, escalate_to="dan")
    assert "propose_dan" not in graph.nodes
    texts, result = await streamed(graph)
    assert (texts, result["escalated_to"], result["guess"]) == (["Answer: 42"], "dan", "Answer: 4")
    assert result["drafts"][-1]["id"] == result["winner"]
    assert result["calls"] == len(provider.log())
    assert result["steps"][-1]["stage"] == "escalate"
    provider.set(Model("dan", fault="dead"))
    texts, result = await streamed(graph)
    assert (result["answer"], result["escalated_to"]) == ("Answer: 4", None)
    assert [line for line in result["fell_back"] if "escalation to dan" in line]
    _, result = await streamed(graph, max_calls=1)
    assert [line for line in result["fell_back"] if "max_calls" in line]


@both
async def test_the_edges_are_drawn_only_where_an_answer_can_be_replaced(
    provider, pool, build: Callable[..., Any]
) -> None:
    plain = build(pool).compile().get_graph()
    assert not {"escalate", "answer", "embed", "route"} & set(plain.nodes)
    drawn = build(pool, escalate_to="cat").compile().get_graph()
    edges = {(edge.source, edge.target) for edge in drawn.edges}
    assert {
        ("aggregate", "escalate"),
        ("escalate", "answer"),
        ("aggregate", "answer"),
        ("aggregate", "__end__"),
    } <= edges


@pytest.fixture(scope="module")
def task_map() -> Profile:
    return profile(ann=["algebra"], ben=["history"], cat=["chemistry"], dan=["grammar"])


@both
async def test_with_a_map_the_best_members_draft(provider, task_map, build) -> None:
    names = ("ann", "ben", "cat", "dan")
    provider.set(*(Model(name, default_skill=1.0) for name in names))
    pool = Pool([member(provider, name) for name in names])
    graph = build(pool, profile=task_map, top_n=2)
    for domain, best in (("algebra", "ann"), ("chemistry", "cat")):
        asked = question(domain, 5)
        _, result = await streamed(graph, asked.text)
        drafting = {draft["member"] for draft in result["drafts"]}
        assert len(drafting) == 2
        assert best in drafting
        assert result["routing"]["picked"][0] == best
        assert result["routing"]["ranking"][0]["record"] > 0.5
        assert result["confidence_parts"]["familiarity"] == 1.0
        assert result["confidence_parts"]["record"] <= 1
    drawn = graph.compile().get_graph()
    edges = {(edge.source, edge.target) for edge in drawn.edges}
    assert {("prepare", "embed"), ("embed", "route")} <= edges


@both
async def test_a_map_of_strangers_is_refused(provider, pool, build) -> None:
    with pytest.raises(InputError, match="the profile knows zoe, but the pool has only ann"):
        build(pool, profile=profile(zoe=["algebra"]))
    with pytest.raises(InputError, match="top_n must be at least 1"):
        build(pool, profile=profile(ann=["algebra"]), top_n=0)


@both
async def test_the_pools_default_holds_only_where_a_map_picks(provider, task_map, build) -> None:
    members = [member(provider, name) for name in ("ann", "ben")]
    pool = Pool(members, confidence=0.4, decline=DECLINE)
    assert build(pool).context_schema().confidence == 0.0
    assert build(pool, profile=task_map).context_schema().confidence == 0.4
    assert build(pool, confidence=0.3).context_schema().confidence == 0.3


def draft(member: str, text: str, layer: int = 1, status: str = "ok") -> dict:
    return {"id": f"{layer}.{member}", "member": member, "layer": layer, "text": text} | {
        "status": status
    }


RANKING = [{"member": "ann", "record": 0.9}, {"member": "ben", "record": 0.1}]


def test_a_map_weighs_agreement_by_the_record() -> None:
    drafts = [draft("ann", "Answer: 4"), draft("ben", "Answer: 5")]
    assert agreement_parts("4", drafts, "", RANKING, 0.01) == {
        "share": 0.9,
        "record": 0.9,
        "familiarity": 0.2,
    }
    assert agreement_parts("5", drafts, "", RANKING)["share"] == 0.1
    assert agreement_parts("4.0", drafts, "")["share"] == 0.5


def test_only_the_last_layer_counts_and_failures_do_not() -> None:
    drafts = [
        draft("ann", "Answer: 4"),
        draft("ann", "Answer: 5", 2),
        draft("ben", "", 2, "failed"),
        draft("cat", "", 2, "empty"),
    ]
    assert agreement_parts("5", drafts, "")["share"] == 0.5


def test_agreement_of_a_weak_member_takes_nothing_from_the_record() -> None:
    drafts = [draft("ann", "4"), draft("ben", "4")]
    tally = {"votes": [{"drafts": ["1.ann", "1.ben"]}], "share": 1.0, "abstained": 0}
    parts = vote_parts({**tally, "winner": "1.ann"}, drafts, RANKING, None)  # pyright: ignore
    assert parts == {"share": 1.0, "record": 0.9, "familiarity": None}


def test_the_record_of_a_member_that_verifies_is_no_reason_to_doubt() -> None:
    drafts = [draft("ann", "4"), draft("ben", "4")]
    ranking = [RANKING[0], {**RANKING[1], "verifies": True}]
    tally = {"votes": [{"drafts": ["1.ben"]}], "share": 1.0, "abstained": 0, "winner": "1.ben"}
    assert vote_parts(tally, drafts[1:], ranking, None)["record"] is None
    assert agreement_parts("4", drafts, "", ranking)["record"] is None
    # Whom it does not agree with has a record as ever.
    apart = [drafts[0], draft("ben", "5")]
    assert agreement_parts("4", apart, "", ranking)["record"] == 0.9


async def test_a_router_says_who_verifies(provider, task_map) -> None:
    members = [member(provider, "ann", verifies=True), member(provider, "ben")]
    graph = create_avengers(Pool(members, confidence=0.95), task_map, samples=2).compile()
    result = (await graph.ainvoke(ask("Solve 3 x = 12.")))["result"]
    entries = {entry["member"]: entry for entry in result["routing"]["ranking"]}
    assert (entries["ann"].get("verifies"), entries["ben"].get("verifies")) == (True, None)


@pytest.mark.parametrize(
    ("parts", "knob", "confidence", "unsure"),
    [
        ({"share": 0.8, "record": 0.6, "familiarity": 1.0}, 0.5, 0.6, False),
        ({"share": 0.8, "record": 0.6, "familiarity": 0.2}, 0.5, 0.2, True),
        ({"share": 0.5, "record": None, "familiarity": None}, 0.5, 0.5, False),
        ({"share": None, "record": None, "familiarity": None}, 1.0, None, False),
        ({"share": 0.0, "record": None, "familiarity": None}, 0.0, 0.0, False),
    ],
)
def test_the_weakest_part_decides(parts, knob, confidence, unsure) -> None:
    trust = decide(parts, EnsembleContext(confidence=knob))
    assert (trust["confidence"], trust["unsure"], trust["then"]) == (confidence, unsure, "answer")
