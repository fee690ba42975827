"""Multi-agent debate against a real provider."""

from __future__ import annotations

import pytest
from helpers import ask, member, profile, prompt, question, thread
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_ensemble import InputError, NoUsableDraftError, create_debate
from langgraph_ensemble.graphs.debate import PRESETS
from langgraph_ensemble.testing import Model, says

Q = question()


def split(provider) -> list:
    """Three agents that say three things and keep to them."""
    agents = {"ann": "10", "ben": "20", "cat": "30"}
    provider.set(*(Model(n, answers={"equation": said}) for n, said in agents.items()))
    return [member(provider, name) for name in agents]


ASKED = "Which number solves the equation?"


async def test_each_agent_reads_its_own_last_answer_first_and_all_others(provider) -> None:
    graph = create_debate(split(provider), rounds=3, agreement=None).compile()
    result = (await graph.ainvoke(ask(ASKED)))["result"]
    assert provider.calls() == result["calls"] == 9
    assert result["stopped"] == "rounds"
    second = [e for e in provider.log() if "<draft" in prompt(e)]
    assert len(second) == 6
    said = {"ann": "10", "ben": "20", "cat": "30"}
    for entry in second:
        seen = prompt(entry)
        assert seen.count("<draft id=") == 3
        assert f'<draft id="1">\nAnswer: {said[entry["model"]]}' in seen
        assert "Draft 1 is your own" in seen
        assert all(answer in seen for answer in said.values())
        assert not any(name in seen for name in said)


async def test_agreement_ends_the_debate_by_an_edge(provider) -> None:
    provider.set(*(Model(n, answers={"equation": "10"}) for n in ("ann", "ben", "cat")))
    team = [member(provider, n) for n in ("ann", "ben", "cat")]
    graph = create_debate(team, rounds=5).compile()
    result = (await graph.ainvoke(ask(ASKED)))["result"]
    assert (provider.calls(), result["stopped"], result["margin"]) == (3, "agreement", 1.0)
    edges = {(edge.source, edge.target) for edge in graph.get_graph().edges}
    assert {("propose_ann", "round"), ("round", "propose_ann"), ("round", "choose")} <= edges
    await graph.ainvoke(ask(ASKED), context={"agreement": None, "rounds": 2})
    assert provider.calls() == 3 + 6


async def test_the_last_answers_are_counted_once_for_each_agent(provider) -> None:
    provider.set(*(Model(n, default_skill=s) for n, s in {"ann": 1, "ben": 1, "cat": 0}.items()))
    team = [member(provider, n) for n in ("ann", "ben", "cat")]
    result = (await create_debate(team).compile().ainvoke(ask(Q.text)))["result"]
    assert sum(vote["count"] for vote in result["votes"]) == 3
    last = max(draft["layer"] for draft in result["drafts"])
    assert all(name.startswith(f"{last}.") for vote in result["votes"] for name in vote["drafts"])


async def test_a_dead_agent_is_left_out_and_one_that_fails_later_keeps_its_answer(
    provider,
) -> None:
    team = split(provider)
    provider.set(Model("ben", fault="dead"))
    graph = create_debate(team, agreement=None).compile(
        checkpointer=InMemorySaver(), interrupt_before=["round"]
    )
    result = None
    await graph.ainvoke(ask(ASKED), thread("t"))
    await graph.ainvoke(None, thread("t"))
    provider.set(Model("ann", fault="dead"))
    await graph.ainvoke(None, thread("t"))
    result = (await graph.ainvoke(None, thread("t")))["result"]
    assert all("on fire" not in prompt(entry) for entry in provider.log())
    heard = {vote["answer"]: vote["drafts"] for vote in result["votes"]}
    assert heard == {"10": ["1.ann.0"], "30": ["2.cat.0"]}


async def test_everybody_dead_is_an_error_and_nobody_is_asked_again(provider) -> None:
    provider.set(Model("ann", fault="dead"), Model("ben", fault="dead"))
    graph = create_debate([member(provider, n) for n in ("ann", "ben")]).compile()
    with pytest.raises(NoUsableDraftError, match=r"ann: .*on fire"):
        await graph.ainvoke(ask(ASKED))
    assert provider.calls() == 2


async def test_a_budget_ends_the_rounds(provider) -> None:
    graph = create_debate(split(provider), rounds=5, agreement=None).compile()
    result = (await graph.ainvoke(ask(ASKED), context={"max_calls": 3}))["result"]
    assert (result["stopped"], provider.calls()) == ("max_calls", 3)
    assert len(result["votes"]) == 3


async def test_interrupt_and_resume_repeat_no_call(provider) -> None:
    graph = create_debate(split(provider), agreement=None).compile(
        checkpointer=InMemorySaver(), interrupt_before=["choose"]
    )
    await graph.ainvoke(ask(ASKED), thread("t"))
    assert provider.calls() == 6
    state = await graph.ainvoke(None, thread("t"))
    assert (provider.calls(), state["result"]["calls"]) == (6, 6)


async def test_a_quorum_cancels_an_agent_that_hangs(provider) -> None:
    team = split(provider)
    provider.set(Model("cat", fault="hang"))
    graph = create_debate(team, rounds=1, quorum=2).compile()
    result = (await graph.ainvoke(ask(ASKED)))["result"]
    assert {d["member"]: d["status"] for d in result["drafts"]}["cat"] == "cancelled"


async def test_presets_repeated_agents_and_the_task_map(provider) -> None:
    team = split(provider)
    await (
        create_debate([*team, member(provider, "dan")], **PRESETS["debate-published"])
        .compile()
        .ainvoke(ask(ASKED))
    )
    assert [provider.calls(n) for n in ("ann", "ben", "cat", "dan")] == [2, 2, 2, 0]
    same = create_debate(team, agents=["ann", "ann"], agreement=None).compile()
    result = (await same.ainvoke(ask(ASKED)))["result"]
    assert len({d["id"] for d in result["drafts"]}) == 4
    mapped = create_debate(team, profile=profile(ann=["algebra"], ben=["algebra"], cat=[]), top_n=2)
    result = (await mapped.compile().ainvoke(ask(Q.text)))["result"]
    assert {d["member"] for d in result["drafts"]} == {"ann", "ben"}


def test_bad_arguments_say_what_to_change() -> None:
    team = [says("ann"), says("ben")]
    with pytest.raises(InputError, match="rounds: input should be greater than or equal to 1"):
        create_debate(team, rounds=0)
    with pytest.raises(InputError, match="agent 'zoe' is not in the pool"):
        create_debate(team, agents=["zoe"])
