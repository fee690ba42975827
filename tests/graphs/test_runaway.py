"""Members that run away, servers that queue, and runs that must end."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from helpers import ask, member, profile, prompt, question
from langgraph_ensemble import InputError, Member, Pool, create_avengers, create_moa, create_smoa
from langgraph_ensemble.models.machines import machine
from langgraph_ensemble.testing import Model

Q = question("algebra", 1)
LOOP = "It is what it is because of what it is, as we have seen before. " * 400
ESSAY = "Every word here differs: " + " ".join(f"w{i}" for i in range(3000))


def of(name: str, state: dict) -> dict:
    """The first draft of a member."""
    return next(d for d in state["result"]["drafts"] if d["member"] == name)


@pytest.fixture
def looping(provider):
    """The provider with a member that repeats one sentence at 100 tokens a second."""
    provider.set(Model("dan", says=LOOP, token_ms=10))
    return provider


async def test_a_looping_draft_is_stopped_while_it_streams_and_read_by_nobody(looping) -> None:
    team = [member(looping, name) for name in ("ann", "ben", "dan")]
    graph = create_moa(team, layers=3).compile()
    state = await graph.ainvoke(ask("Why do cats purr?"))
    drafts = [d for d in state["result"]["drafts"] if d["member"] == "dan"]
    assert [d["status"] for d in drafts] == ["degenerate", "degenerate"]
    assert drafts[0]["error"] == "it repeated itself"
    assert len(drafts[0]["text"]) < 200
    for name in ("ann", "ben"):
        assert all("what it is, as we have" not in prompt(e) for e in looping.log(name))
    # The server saw the connection close long before the token limit.
    assert all(entry["sent"] < 150 for entry in looping.log("dan"))
    assert state["result"]["usage"]["total_tokens"] > 0


async def test_a_looping_aggregator_is_replaced_and_never_streams_on(looping) -> None:
    pool = Pool([member(looping, n) for n in ("dan", "ann", "ben")], aggregator="dan")
    graph = create_moa(pool, layers=2, proposers=["ann", "ben"]).compile()
    # The simulated members do not know this question, so dan gives its usual text.
    streamed, state = 0, {}
    async for mode, item in graph.astream(
        ask("Why do cats purr?"), stream_mode=["messages", "values"]
    ):
        if mode == "messages":
            streamed += len(item[0].text)
        else:
            state = item
    assert state["result"]["fell_back"][0] == "aggregator dan: it repeated itself"
    assert "what it is" not in state["result"]["answer"]
    assert streamed < 1500


async def test_a_team_of_loops_gives_one_sound_beginning(looping) -> None:
    graph = create_moa([member(looping, "dan")], layers=2).compile()
    state = await graph.ainvoke(ask("Why do cats purr?"))
    assert state["result"]["answer"].count("It is what it is") <= 3
    assert state["result"]["fell_back"]


async def test_avengers_ask_the_next_member_where_the_picked_one_loops(looping) -> None:
    team = [member(looping, name) for name in ("dan", "ann")]
    graph = create_avengers(team, profile(dan=[Q.domain], ann=[]), samples=2).compile()
    looping.set(Model("dan", says=LOOP, token_ms=2, honours_n=False))
    state = await graph.ainvoke(ask("Why do cats purr so loudly at night?"))
    assert state["result"]["drafts"][-1]["member"] == "ann"
    assert "purr" not in state["result"]["answer"] or state["result"]["answer"].startswith("ann")


async def test_a_cut_draft_is_marked_and_trimmed(provider) -> None:
    provider.set(Model("dan", says="First point. Second point. Third point goes on and on"))
    team = [member(provider, "dan"), member(provider, "ann")]
    graph = create_moa(team, layers=2, aggregator="ann").compile()
    state = await graph.ainvoke(ask("Why do cats purr?"), context={"draft_tokens": 16})
    assert of("dan", state)["status"] == "ok"
    provider.set(Model("dan", says="First point here. " + "Then more follows " * 40))
    state = await graph.ainvoke(ask("Why do cats purr?"), context={"draft_tokens": 16})
    cut = of("dan", state)
    assert (cut["status"], cut["error"]) == ("cut", "it ended at its token limit")
    assert cut["text"] == "First point here."


async def test_draft_length_is_asked_for_and_enforced(provider) -> None:
    team = [member(provider, "ann"), member(provider, "ben", context=2048)]
    graph = create_moa(team, layers=2).compile()
    await graph.ainvoke(ask("Why do cats purr?"))
    first = {entry["model"]: entry for entry in provider.log()[:2]}
    assert first["ann"]["max_tokens"] == 768
    assert first["ben"]["max_tokens"] == 256
    assert "about 460 words" in prompt(first["ann"])
    provider.reset()
    await graph.ainvoke(ask("Why do cats purr?"), context={"draft_tokens": 64})
    assert {entry["max_tokens"] for entry in provider.log("ben")} == {64}


async def test_a_megabyte_of_question_is_cut_to_the_context(provider) -> None:
    team = [member(provider, n, context=4096) for n in ("ann", "ben")]
    text = "Summarise this. " + "lorem ipsum dolor " * 60_000 + "What is the last word?"
    for create in (create_moa, create_smoa):
        provider.reset()
        await create(team).compile().ainvoke(ask(text))
        sizes = [len(prompt(entry)) for entry in provider.log()]
        assert max(sizes) < 4 * 4096
        assert all("What is the last word?" in prompt(entry) for entry in provider.log())
    state = await create_moa(team, layers=2).compile().ainvoke(ask(text))
    assert any("shortened" in note for note in state["result"]["fell_back"])


async def test_waiting_in_a_queue_is_no_timeout(provider) -> None:
    provider.set(Model("ann", first_token_ms=150))
    slow = member(provider, "ann", max_concurrency=1, timeout=2)
    graph = create_avengers([slow], None, samples=1).compile()
    states = await graph.abatch([ask(Q.text)] * 40)
    assert len([s for s in states if s["result"]["answer"]]) == 40


async def test_members_on_one_machine_share_its_concurrency(provider) -> None:
    provider.set(Model("ann", first_token_ms=60), Model("ben", first_token_ms=60))
    pool = Pool([member(provider, "ann", max_concurrency=1), member(provider, "ben")])
    graph = create_avengers(pool, None, samples=2).compile()
    await graph.abatch([ask(Q.text)] * 3)
    spans = sorted((e["began"], e["ended"]) for e in provider.log())
    assert all(later[0] >= earlier[1] - 0.01 for earlier, later in pairwise(spans))
    assert machine("http://192.168.1.4:1234/v1") == "192.168.1.4"
    assert machine("https://api.openai.com/v1") is None


async def test_a_run_that_may_take_no_longer_gives_the_best_answer_so_far(provider) -> None:
    provider.set(Model("ben", fault="hang"))
    team = [member(provider, "ann"), member(provider, "ben")]
    for create in (create_moa, create_smoa):
        graph = create(team, aggregator="ann").compile()
        began = time.perf_counter()
        state = await graph.ainvoke(ask(Q.text), context={"max_seconds": 1.0})
        assert time.perf_counter() - began < 3
        assert state["result"]["answer"]
        late = [d for d in state["result"]["drafts"] if d["member"] == "ben"]
        assert late[0]["status"] == "cancelled"
        assert state["result"]["stopped"] == "max_seconds"


async def test_what_a_lone_slow_member_had_streamed_when_time_was_up_is_the_answer(
    provider,
) -> None:
    provider.set(Model("ann", says="It begins. It goes on. " + ESSAY, token_ms=20))
    graph = create_moa([member(provider, "ann")], layers=2).compile()
    state = await graph.ainvoke(ask("Why do cats purr?"), context={"max_seconds": 1.5})
    assert state["result"]["answer"].startswith("It begins. It goes on.")
    assert state["result"]["drafts"][0]["status"] == "cancelled"


async def test_small_members_choose_and_do_not_read_drafts(provider) -> None:
    team = [Member(name=n, model=n, base_url=provider.url, size=s)
            for n, s in {"ann": 0.9, "ben": 0.5, "cat": 0.1}.items()]  # fmt: skip
    for create in (create_moa, create_smoa):
        provider.reset()
        state = await create(team).compile().ainvoke(ask(Q.text))
        result = state["result"]
        assert not any("<draft" in prompt(entry) for entry in provider.log())
        assert result["answer"] in {d["text"] for d in result["drafts"]}
        assert result["votes"][0]["weight"] >= result["votes"][-1]["weight"]


async def test_small_members_answer_in_the_form_that_is_asked_for(provider) -> None:
    team = [member(provider, name, size=0.4) for name in ("ann", "ben")]
    form = {"type": "json_object"}
    graph = create_moa(team, layers=2).compile()
    state = await graph.ainvoke(ask(Q.text), context={"answer_format": form})
    assert state["result"]["answer"].startswith("{")
    assert all(entry["response_format"] == form for entry in provider.log())
    tool = {"type": "function", "function": {"name": "weather", "parameters": {}}}
    with pytest.raises(InputError, match="finish='write'"):
        await graph.ainvoke(ask(Q.text), context={"answer_tools": [tool]})
