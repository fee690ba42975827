"""Calls are recorded once and replayed for nothing, with the same results byte by byte."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from helpers import ask, member, profile, question
from langchain_core.messages import HumanMessage
from langgraph_ensemble import Budget, InputError, Pool, create_avengers, create_moa, create_smoa
from langgraph_ensemble.evaluation.recorded import ChatRecorded, pool_of
from langgraph_ensemble.evaluation.run import evaluate
from langgraph_ensemble.evaluation.store import Store
from langgraph_ensemble.evaluation.systems import systems_of
from langgraph_ensemble.models.arguments import Options
from langgraph_ensemble.models.budget import Spend
from langgraph_ensemble.models.control import MissingCallError
from langgraph_ensemble.models.raw import Raw
from langgraph_ensemble.models.recorder import recorded, recording
from langgraph_ensemble.testing import Model, bank

NAMES = ("ann", "ben", "cat")


def records(count: int) -> list[dict[str, Any]]:
    """Questions of the bank with their accepted answers."""
    return [
        {"query": q.text, "dataset": q.domain, "answers": [q.answer]} for q in bank()[200:][:count]
    ]


@pytest.fixture
def team(provider) -> Pool:
    provider.set(*(Model(name, first_token_ms=1) for name in NAMES))
    return Pool([member(provider, name) for name in NAMES])


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "answers.sqlite")
    yield made
    made.close()


def graphs(team: Pool) -> dict[str, Any]:
    task_map = profile(ann=["algebra"], ben=["geometry"], cat=[])
    return {
        "moa": create_moa(team),
        "smoa": create_smoa(team),
        "avengers": create_avengers(team, task_map, samples=4, top_n=2),
        "nested": create_moa([create_moa(team, layers=2).compile(), *team], aggregator="ben"),
    }


async def test_a_replay_makes_no_call_and_gives_the_same_result(team, provider, store) -> None:
    for name, graph in graphs(team).items():
        results = []
        for _ in range(2):
            provider.reset()
            with recording(store):
                state = await graph.compile().ainvoke(ask(question().text))
            results.append(json.dumps(state["result"], sort_keys=True))
        assert provider.calls() == 0, name
        assert results[0] == results[1], name


async def test_fewer_samples_are_cut_from_more(provider, store) -> None:
    provider.set(Model("ann"))
    team = [member(provider, "ann", native_n=True)]
    with recording(store):
        for samples in (8, 3):
            graph = create_avengers(team, None, samples=samples).compile()
            state = await graph.ainvoke(ask(question().text))
            assert len(state["result"]["drafts"]) == samples
    assert provider.calls() == 1


async def test_a_call_that_several_make_at_the_same_moment_is_made_once(
    team, provider, store
) -> None:
    provider.set(*(Model(name, first_token_ms=100) for name in NAMES))
    outcomes = await evaluate(
        systems_of(["singles", "majority"], team, None), records(4), store, pool=team
    )
    assert provider.calls() == 4 * len(NAMES)
    assert not store.flying
    assert sum(one["calls"] for one in outcomes["majority"] if one) == 4 * len(NAMES)


async def test_a_run_that_is_cancelled_leaves_its_call_to_those_who_wait(provider, store) -> None:
    provider.set(Model("ann", first_token_ms=400))
    graph = create_avengers([member(provider, "ann")], None, samples=1).compile()
    with recording(store):
        runs = [asyncio.create_task(graph.ainvoke(ask(question().text))) for _ in range(3)]
        await asyncio.sleep(0.2)
        runs[0].cancel()
        states = await asyncio.gather(*runs[1:])
    assert provider.calls() <= 2
    assert states[0]["result"]["answer"] == states[1]["result"]["answer"]


async def test_a_failure_is_that_of_all_who_wait(provider, store) -> None:
    provider.set(Model("ann", fault="dead", first_token_ms=100))
    team = Pool([member(provider, "ann", retries=0)])
    systems = systems_of(["singles", "majority", "self-consistency:1"], team, None)
    outcomes = await evaluate(systems, records(1), store, pool=team)
    assert provider.calls() == 1
    assert all("500" in one["error"] for each in outcomes.values() for one in each if one)
    assert not store.flying


async def test_samples_without_a_seed_are_several(provider, store) -> None:
    provider.set(Model("ann"))
    graph = create_avengers(
        [member(provider, "ann", send_seed=False, native_n=False)], None, samples=5
    ).compile()
    for _ in range(2):
        with recording(store):
            state = await graph.ainvoke(ask(question().text))
        assert provider.calls() == len(state["result"]["drafts"]) >= 3


async def test_no_record_answers_whether_a_member_is_alive(team, store) -> None:
    """A test call that was once answered says nothing of a server that hangs now."""
    made = 0

    async def answers() -> Raw:
        nonlocal made
        made += 1
        return Raw(["Hi"])

    most = Spend(1, 10, 0.0)
    with recording(store):
        for _ in range(2):
            await recorded(
                team.member("ann"),
                [HumanMessage("Hi")],
                Options(max_tokens=1, is_test=True),
                most,
                answers,
                lambda _: most,
            )
    assert made == store.budget.spent.calls == 2


async def test_what_is_missing_is_listed_with_its_price(team, provider, tmp_path) -> None:
    store = Store(tmp_path / "empty.sqlite", live=False)
    with recording(store), pytest.raises(MissingCallError):
        await create_moa(team).compile().ainvoke(ask(question().text))
    assert provider.calls() == 0
    assert sorted(name for name, _ in store.missing.values()) == list(NAMES)
    assert all(most.calls == 1 and most.usd > 0 for _, most in store.missing.values())


async def test_the_budget_counts_only_calls_that_are_made(team, provider, tmp_path) -> None:
    path = tmp_path / "answers.sqlite"
    found = []
    for _ in range(4):
        store = Store(path, budget=Budget(max_calls=20))
        systems = systems_of(["singles", "moa-lite"], team, None)
        await evaluate(systems, records(6), store, pool=team, concurrency=1)
        assert store.budget.spent.calls <= 20
        found.append(store.budget.spent.calls)
        store.close()
    # Each run goes on where the last one stopped; the last has nothing left to ask.
    assert found[0] == 20
    assert found[-1] == 0
    assert sum(found) == provider.calls()


async def test_outcomes_are_graded_and_kept(team, store) -> None:
    systems = systems_of(["singles", "majority", "moa"], team, None)
    rows = records(8)
    outcomes = await evaluate(systems, rows, store, pool=team)
    assert set(outcomes) == {"single:ann", "single:ben", "single:cat", "majority", "moa"}
    for row, one in zip(rows, outcomes["single:ann"], strict=True):
        assert one is not None
        assert one["score"] == float(one["answer"].endswith(f"Answer: {row['answers'][0]}"))
    again = await evaluate(systems, rows, Store(store.path, live=False), pool=team)
    assert again == outcomes


async def test_a_dead_team_scores_nothing_and_says_why(provider, store) -> None:
    provider.set(Model("ann", fault="dead"))
    team = Pool([member(provider, "ann")])
    outcomes = await evaluate(systems_of(["singles"], team, None), records(1), store, pool=team)
    only = outcomes["single:ann"][0]
    assert only is not None
    assert only["score"] == 0
    assert "500" in only["error"]


KILLED = """
    import asyncio, sys
    sys.path.insert(0, sys.argv[1])
    from pathlib import Path
    from evaluation.test_recording import NAMES, records
    from helpers import member
    from langgraph_ensemble import Pool
    from langgraph_ensemble.evaluation.run import evaluate
    from langgraph_ensemble.evaluation.store import Store
    from langgraph_ensemble.evaluation.systems import systems_of
    from langgraph_ensemble.testing import Provider

    provider = Provider([])
    provider.url = sys.argv[2]
    team = Pool([member(provider, name) for name in NAMES])
    systems = systems_of(["singles", "moa-lite"], team, None)
    asyncio.run(evaluate(systems, records(8), Store(Path(sys.argv[3])), pool=team, concurrency=2))
    print("done")
"""


@pytest.mark.slow
def test_a_kill_repeats_only_calls_in_flight(provider, tmp_path: Path) -> None:
    provider.set(*(Model(name, first_token_ms=150) for name in NAMES))
    script = tmp_path / "run.py"
    script.write_text(textwrap.dedent(KILLED))
    tests = str(Path(__file__).parents[1])
    command = [sys.executable, str(script), tests, provider.url, str(tmp_path / "answers.sqlite")]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": tests}
    )
    for _ in range(1200):
        if sum(entry["status"] == 200 for entry in provider.log()) >= 12:
            break
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    killed = time.time()
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    assert "done" in done.stdout
    log = [entry for entry in provider.log() if entry["status"] == 200]
    times: dict[str, list[float]] = {}
    for entry in log:
        what = json.dumps([entry["model"], entry["seed"], entry["messages"]])
        times.setdefault(what, []).append(entry["ended"])
    repeated = [ended for ended in times.values() if len(ended) > 1]
    assert all(killed - ended[0] < 1.5 for ended in repeated), "a reply that was recorded long ago"
    # As many as were in flight: two questions, three members each at most.
    assert len(repeated) <= 6


def test_recorded_members_answer_their_questions_and_nothing_else() -> None:
    rows = [{"query": "2 + 2?", "said": {"ann": ["Answer: 4", "Answer: 5"], "ben": "5"}}]
    team = pool_of(rows)
    assert team.names == ["ann", "ben"]
    model = team.member("ann").model
    assert isinstance(model, ChatRecorded)
    with pytest.raises(InputError, match="read no drafts"):
        model.invoke("3 + 3?")
    graph = create_avengers([team.member("ann")], None, samples=2).compile()
    drafts = graph.invoke(ask("2 + 2?"))["result"]["drafts"]
    assert sorted(draft["text"] for draft in drafts) == ["Answer: 4", "Answer: 5"]
    with pytest.raises(InputError, match="no recorded answers of cat"):
        pool_of(rows, ["cat"])


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, by far not long enough to be one")
    with pytest.raises(InputError, match="no store"):
        Store(tmp_path / "text")
    store = Store(tmp_path / "store")
    with sqlite3.connect(store.path) as base:
        base.execute("insert into calls values ('key', 1, 'ann', '{\"texts\": 3}')")
    with pytest.raises(InputError, match="damaged"):
        store.find("key", 1)
    store.close()


async def test_systems_are_named_or_refused(team) -> None:
    with pytest.raises(InputError, match="moa-lite"):
        systems_of(["moa-light"], team, None)
    with pytest.raises(InputError, match="needs a task map"):
        systems_of(["team"], team, None)
    with pytest.raises(InputError, match="dan"):
        systems_of(["single:dan"], team, None)
    assert [s.name for s in systems_of(["oracle"], team, None)] == [f"single:{n}" for n in NAMES]
    with pytest.raises(InputError, match="no accepted 'answer'"):
        await evaluate([], [{"query": "?", "answers": []}], Store(Path(":memory:")), pool=team)
