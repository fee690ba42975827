"""SMoA against a real provider."""

from __future__ import annotations

import pytest
from helpers import ask, member, prompt, question, thread
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_ensemble import InputError, Pool, create_smoa
from langgraph_ensemble.testing import Model

Q = question()


def opinionated(provider, **styles: str) -> list:
    """Three members that never agree by themselves."""
    skills = {"ann": 1.0, "ben": 0.0, "cat": 0.0}
    provider.set(
        *(Model(n, default_skill=s, judge_style=styles.get(n, "json")) for n, s in skills.items())
    )
    return [member(provider, name) for name in skills]


async def test_two_rounds_judge_moderator_and_aggregator(provider) -> None:
    graph = create_smoa(opinionated(provider), agreement=1.0).compile()
    result = (await graph.ainvoke(ask(Q.text)))["result"]
    assert result["strategy"] == "smoa"
    assert result["stopped"] in ("rounds", "agreement", "judge")
    assert all(len(entry["chosen"]) <= 2 for entry in result["rounds"])
    assert result["selected"] == result["rounds"][-1]["chosen"]
    assert len(result["roles"]) == 3


async def test_only_the_chosen_drafts_and_the_reasons_reach_the_next_round(provider) -> None:
    team = opinionated(provider)
    state = await create_smoa(team, moderator="ben").compile().ainvoke(ask(Q.text))
    result = state["result"]
    if len(result["rounds"]) == 1:
        pytest.skip("the simulated team agreed at once")
    texts = {d["id"]: d["text"] for d in result["drafts"]}
    chosen = {texts[i] for i in result["rounds"][0]["chosen"]}
    second = [
        e for e in provider.log() if "<review>" in prompt(e) and "already drafted" in prompt(e)
    ]
    assert len(second) == 3
    for entry in second:
        assert prompt(entry).count("<draft id=") == len(result["rounds"][0]["chosen"])
        assert all(text in prompt(entry) for text in chosen)
        assert result["rounds"][0]["reason"] in prompt(entry)


async def test_agreement_stops_after_one_round_without_asking_a_moderator(provider) -> None:
    provider.set(*(Model(n, default_skill=1.0) for n in ("ann", "ben")))
    team = [member(provider, n) for n in ("ann", "ben")]
    numbers = range(20)
    for number in numbers:
        provider.reset()
        asked = question(number=number)
        state = await create_smoa(team, moderator="ben").compile().ainvoke(ask(asked.text))
        answers = {d["answer"] for d in state["result"]["drafts"]}
        if len(answers) == 1:
            assert state["result"]["stopped"] == "agreement"
            assert provider.calls() == 2 + 1 + 1
            return
    pytest.fail("the simulated team never agreed")


@pytest.mark.parametrize("style", ["json", "python", "fenced"])
async def test_what_weak_judges_write_is_read(provider, style) -> None:
    team = opinionated(provider, ann=style)
    result = (await create_smoa(team, judge="ann").compile().ainvoke(ask(Q.text)))["result"]
    assert result["fell_back"] == []
    assert [s["stage"] for s in result["steps"]].count("judge") == len(result["rounds"])


async def test_an_unreadable_judge_is_asked_once_more_then_replaced_and_told(provider) -> None:
    team = opinionated(provider, ann="garbage")
    graph = create_smoa(team, judge="ann", max_rounds=1).compile()
    first = (await graph.ainvoke(ask(Q.text)))["result"]
    assert [s["stage"] for s in first["steps"]].count("judge") == 2
    assert "kept the drafts that agree most" in first["fell_back"][0]
    repair = provider.log("ann")[2]
    assert "could not be read" in prompt(repair)
    second = (await graph.ainvoke(ask(Q.text)))["result"]
    assert first["selected"] == second["selected"], "the fallback is never random"


async def test_a_dead_judge_is_not_asked_twice(provider) -> None:
    provider.set(Model("dan", fault="dead"))
    team = Pool([*opinionated(provider), member(provider, "dan")])
    graph = create_smoa(team, judge="dan", proposers=["ann", "ben", "cat"], max_rounds=1).compile()
    result = (await graph.ainvoke(ask(Q.text)))["result"]
    assert provider.calls("dan") == 1
    assert len(result["selected"]) == 2
    assert "judge dan" in result["fell_back"][0]


async def test_fewer_usable_drafts_than_k_are_all_kept(provider) -> None:
    provider.set(Model("ben", fault="dead"), Model("cat", fault="dead"))
    team = [member(provider, n) for n in ("ann", "ben", "cat")]
    result = (await create_smoa(team, k=3).compile().ainvoke(ask(Q.text)))["result"]
    assert result["selected"] == ["2.ann.0"]
    assert result["stopped"] == "rounds"


async def test_one_model_may_play_two_roles(provider) -> None:
    team = [member(provider, "ann")]
    roles = ["You doubt everything.", "You trust everyone."]
    graph = create_smoa(team, proposers=["ann", "ann"], roles=roles, max_rounds=1).compile()
    result = (await graph.ainvoke(ask(Q.text)))["result"]
    assert [d["role"] for d in result["drafts"]] == roles
    assert len({d["id"] for d in result["drafts"]}) == 2


async def test_roles_are_written_once_for_a_task(provider) -> None:
    graph = create_smoa(opinionated(provider), task="School algebra", max_rounds=1)
    compiled = graph.compile(checkpointer=InMemorySaver())
    for name in ("a", "a", "b"):
        await compiled.ainvoke(ask(Q.text), thread(name))
    asked = [e for e in provider.log() if "School algebra" in prompt(e)]
    assert len(asked) == 1
    state = await compiled.aget_state(thread("b"))
    assert state.values["result"]["roles"]["propose_ann"] == "You are specialist number 1."


async def test_a_server_without_response_format_is_asked_in_words(provider) -> None:
    team = opinionated(provider)
    provider.set(Model("dan", fault="no_format"))
    pool = Pool([*team, member(provider, "dan")])
    graph = create_smoa(pool, judge="dan", proposers=["ann", "ben", "cat"], max_rounds=1).compile()
    assert (await graph.ainvoke(ask(Q.text)))["result"]["fell_back"] == []
    assert provider.calls("dan") == 2
    await graph.ainvoke(ask(Q.text))
    assert provider.calls("dan") == 3, "the refusal is remembered"


async def test_a_person_can_overrule_the_judge(provider) -> None:
    graph = create_smoa(opinionated(provider), max_rounds=1).compile(
        checkpointer=InMemorySaver(), interrupt_after=["select"]
    )
    config = thread("t")
    await graph.ainvoke(ask(Q.text), config)
    await graph.aupdate_state(config, {"selected": ["1.cat.0"]}, as_node="select")
    state = await graph.ainvoke(None, config)
    cat = next(d for d in state["result"]["drafts"] if d["member"] == "cat")
    assert state["result"]["selected"] == ["1.cat.0"]
    last = prompt(provider.log()[-1])
    assert cat["text"] in last
    assert last.count("<draft id=") == 1


def test_the_drawing_shows_top_k_and_early_stopping_as_edges(pool) -> None:
    drawn = create_smoa(pool, task="x").compile().get_graph()
    edges = {(edge.source, edge.target): edge.conditional for edge in drawn.edges}
    for edge in (
        ("prepare", "roles"),
        ("judge", "select"),
        ("judge", "repair"),
        ("moderate", "round"),
        ("moderate", "aggregate"),
    ):
        assert edges[edge] is True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 0}, "k: input should be greater"),
        ({"judge": "zoe"}, "judge 'zoe' is not in the pool"),
        ({"moderator": "zoe"}, "moderator 'zoe' is not in the pool"),
        ({"roles": ["only one"]}, "3 proposers need as many roles, not 1"),
        ({"roles": {"zoe": "x"}}, "role of 'zoe': no such proposer"),
    ],
)
def test_bad_arguments_say_what_to_change(pool, arguments, message) -> None:
    with pytest.raises(InputError, match=message):
        create_smoa(pool, **arguments)
