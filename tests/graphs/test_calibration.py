"""Calibration against a real provider: the right map, no call twice, holes, budgets, flat state."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from helpers import member, thread
from langchain_core.embeddings import Embeddings
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph_ensemble import InputError, Profile, create_calibration
from langgraph_ensemble.calibration.resources import LAPS, Resources
from langgraph_ensemble.routing.cache import CANARY
from langgraph_ensemble.testing import Model, bank

HALF = {"chemistry": 0.0, "grammar": 0.0}
ANN = Model("ann", skill={"algebra": 1.0, "history": 0.0, **HALF})
BEN = Model("ben", skill={"algebra": 0.0, "history": 1.0, **HALF})


def rows(count: int, **more: Any) -> list[dict[str, Any]]:
    """Alternating questions of algebra and history, with their answers."""
    questions = [q for q in bank() if q.domain in ("algebra", "history")][:count]
    return [{"query": q.text, "answer": q.answer, "dataset": q.domain, **more} for q in questions]


def two(provider, **more: Any) -> list[Any]:
    provider.set(ANN, BEN)
    return [member(provider, name, **more) for name in ("ann", "ben")]


async def run(graph: Any, **context: Any) -> dict[str, Any]:
    return (await graph.compile().ainvoke({"data": None}, context=context))["result"]


async def test_the_specialist_wins_its_domain(provider, tmp_path) -> None:
    graph = create_calibration(two(provider), data=rows(40), out=tmp_path).compile()
    events, last = [], {}
    async for mode, event in graph.astream({"data": None}, stream_mode=["custom", "values"]):
        if mode == "custom":
            events.append(event)
        last = event
    profile = Profile.load(tmp_path)
    for domain, best in (("algebra", "ann"), ("history", "ben")):
        asked = [q.text for q in bank()[300:340] if q.domain == domain]
        assert {choices[0].member for choices in profile.route(asked)} == {best}
    result = last["result"]
    assert result["calls"] == provider.calls() == 80
    assert result["gain"]["gain"]["low"] > 0.2
    assert result["cost_usd"] == pytest.approx(_cost(provider), abs=1e-9)
    assert profile.info["calibration"]["settings"]["samples"] == 3
    answers = [e for e in events if e["stage"] == "answer"]
    assert [e["done"] for e in answers] == sorted(e["done"] for e in answers)
    assert answers[-1]["done"] == answers[-1]["total"] == 80
    assert {e["type"] for e in events} == {"calibrated"}
    assert last["profile"] == str(tmp_path)


def _cost(provider) -> float:
    """The cost of the tokens that the provider counted, at 1 and 2 dollars per million."""
    out = 0.0
    for entry in provider.log():
        inputs = sum(len(m["content"].split()) for m in entry["messages"])
        out += (inputs + 2 * (entry["tokens"] - inputs)) / 1e6
    return out


async def test_a_second_run_reuses_everything_and_more_samples_ask_for_the_rest(
    provider, tmp_path
) -> None:
    team = two(provider)
    first = await run(create_calibration(team, data=rows(12), out=tmp_path))
    provider.reset()
    again = await run(create_calibration(team, data=rows(12), out=tmp_path))
    assert provider.calls() == 0
    assert again["gain"] == first["gain"]
    await run(create_calibration(team, data=rows(14), out=tmp_path), samples=4)
    assert sorted(e["n"] for e in provider.log()) == [1] * 24 + [4] * 4


async def test_a_server_without_n_is_asked_one_by_one(provider, tmp_path) -> None:
    provider.set(Model("ann", honours_n=False))
    team = [member(provider, "ann")]
    await run(create_calibration(team, data=rows(10), out=tmp_path), concurrency=1)
    assert provider.calls() == 30
    seeds = {(json.dumps(e["messages"]), e["seed"]) for e in provider.log()}
    assert len(seeds) == 30


async def test_a_dead_member_leaves_holes_and_is_given_up(provider, tmp_path) -> None:
    team = [*two(provider), member(provider, "dan")]
    provider.set(Model("dan", fault="dead"))
    graph = create_calibration(team, data=rows(40), out=tmp_path, concurrency=2)
    result = await run(graph)
    assert result["members"] == ["ann", "ben"]
    assert result["left_out"] == ["dan"]
    assert 20 <= provider.calls("dan") == result["failures"]["dan"]["calls"] <= 22
    assert "500" in result["failures"]["dan"]["error"]
    provider.set(Model("dan", default_skill=1.0))
    provider.reset()
    mended = await run(graph)
    assert provider.calls() == provider.calls("dan") == 40
    assert mended["members"] == ["ann", "ben", "dan"]


async def test_a_flaky_member_has_holes_not_zeros(provider, tmp_path) -> None:
    provider.set(Model("cat", default_skill=1.0, fault="dead", fault_rate=0.5))
    team = [*two(provider), member(provider, "cat")]
    # One call at a time, because the order decides which calls fail.
    result = await run(create_calibration(team, data=rows(40), out=tmp_path, concurrency=1))
    failed = result["failures"]["cat"]["calls"]
    assert failed > 5
    assert result["scores"] == 120 - failed
    profile = Profile.load(tmp_path)
    means = [c["members"]["cat"]["mean"] for c in profile.clusters]
    assert min(means) > 0.7, "failed calls are not counted as zeros"


async def test_recorded_scores_are_not_asked_again(provider, tmp_path) -> None:
    data = rows(10)
    for number, row in enumerate(data):
        row["scores"] = {"ann": 1.0} if number % 2 else {"ann": 0.5, "ben": 0.25}
    result = await run(create_calibration(two(provider), data=data, out=tmp_path))
    assert provider.calls("ann") == 0
    assert provider.calls("ben") == 5
    assert result["scores"] == 20


@pytest.mark.slow
async def test_recorded_scores_alone_need_no_pool(tmp_path) -> None:
    data = [{"query": q["query"], "scores": {"a": 1.0, "b": 0.0}} for q in rows(10)]
    result = await run(create_calibration(None, data=data, out=tmp_path))
    assert (result["calls"], result["members"]) == (0, ["a", "b"])


@pytest.mark.parametrize(("limit", "why"), [({"max_calls": 9}, "max_calls"), ({}, "budget_usd")])
async def test_a_limit_ends_cleanly_with_a_profile(provider, tmp_path, limit, why) -> None:
    graph = create_calibration(two(provider), data=rows(30), out=tmp_path, samples=2)
    knobs = limit or {"budget_usd": 300e-6}
    result = await run(graph, **knobs)
    assert result["stopped"] == why
    assert result["calls"] == provider.calls()
    assert 9 <= result["calls"] < 60
    assert result["cost_usd"] <= 300e-6 or limit
    assert result["scores"] == result["calls"]
    Profile.load(tmp_path).route(["Solve for x: 3 x = 9."])
    more = await run(graph, **{name: 100 * value for name, value in knobs.items()})
    assert more["stopped"] is None
    assert provider.calls() == 60


async def test_a_budget_needs_prices(provider, tmp_path) -> None:
    team = [member(provider, "ann", price=None)]
    with pytest.raises(InputError, match="price"):
        await run(create_calibration(team, data=rows(4), out=tmp_path), budget_usd=1.0)
    assert provider.calls() == 0


async def test_the_users_own_grader(provider, tmp_path) -> None:
    asked = []

    async def shortest(question: str, accepted: list[str], text: str) -> float:
        asked.append((question, accepted))
        return 1.0 if text.startswith("ann") else 0.25

    provider.set(Model("ann"), Model("ben"))
    data = [{"query": f"Write poem number {i}.", "scores": {}} for i in range(8)]
    graph = create_calibration(
        [member(provider, n) for n in ("ann", "ben")], data=data, out=tmp_path, grader=shortest
    )
    result = await run(graph, samples=1)
    assert result["gain"]["best_single"] == {"member": "ann", "mean": 1.0, "low": 1.0, "high": 1.0}
    graded = len(asked)
    await run(graph, samples=1)
    assert len(asked) == graded == 16


async def test_a_probe_asks_a_share_of_the_pairs_where_it_decides(provider, tmp_path) -> None:
    weak = [Model(name, default_skill=0.1) for name in ("cat", "dan")]
    team = [*two(provider), *(member(provider, name) for name in ("cat", "dan"))]
    provider.set(*weak)
    graph = create_calibration(team, data=rows(120), out=tmp_path, samples=1, probe=0.5).compile()
    events, result = [], {}
    async for mode, event in graph.astream({"data": None}, stream_mode=["custom", "values"]):
        if mode == "custom":
            events.append(event)
        else:
            result = event.get("result") or result
    assert result["failures"] == {}
    assert 120 <= result["calls"] == provider.calls() <= 240
    asked = [(e["model"], json.dumps(e["messages"])) for e in provider.log()]
    assert len(set(asked)) == len(asked), "no pair is asked twice"
    good, bad = (
        sum(provider.calls(n) for n in names) for names in (("ann", "ben"), ("cat", "dan"))
    )
    assert good > 1.3 * bad, "calls go to members that may still win"
    profile = Profile.load(tmp_path)
    for domain, best in (("algebra", "ann"), ("history", "ben")):
        new = [q.text for q in bank()[300:340] if q.domain == domain]
        assert {choices[0].member for choices in profile.route(new)} == {best}
    assert {e["total"] for e in events if e["stage"] == "answer"} == {240}
    assert profile.info["calibration"]["settings"]["probe"] == 0.5
    provider.reset()
    again = create_calibration(team, data=rows(120), out=tmp_path, samples=1, probe=0.5)
    assert (await run(again))["gain"] == result["gain"]
    assert provider.calls() == 0, "the same grades plan the same rounds"


async def test_a_probe_spends_nothing_on_recorded_scores(provider, tmp_path) -> None:
    data = rows(60)
    for row in data:
        row["scores"] = {"ann": float(row["dataset"] == "algebra")}
    graph = create_calibration(two(provider), data=data, out=tmp_path, samples=1, probe=0.4)
    result = await run(graph)
    assert provider.calls("ann") == 0
    assert 0 < provider.calls("ben") == result["calls"] <= 24
    assert result["members"] == ["ann", "ben"]


class Counting(Embeddings):
    """An embedding service that records its texts; its vectors separate algebra from the rest."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts += texts
        return [[1.0 + len(t) % 7, 10.0 * ("x" in t), 1.0] for t in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


async def test_vectors_outlive_the_run(provider, tmp_path) -> None:
    team, first, second = two(provider), Counting(), Counting()
    kept = {"out": tmp_path, "samples": 1}
    result = await run(create_calibration(team, data=rows(12), embedder=first, **kept))
    assert set(first.texts) > {row["query"] for row in rows(12)}
    again = await run(create_calibration(team, data=rows(12), embedder=second, **kept))
    checks = {CANARY, f"{CANARY} Twice."}
    assert set(second.texts) <= checks, "a saved map recognises its embedder, no more"
    assert again["gain"] == result["gain"]
    await run(create_calibration(team, data=rows(14), embedder=second, **kept))
    new = {row["query"] for row in rows(14)} - {row["query"] for row in rows(12)}
    assert new < set(second.texts) <= new | checks


def test_bad_input_is_told_before_any_call(provider, tmp_path) -> None:
    bad = [*rows(2), {"query": "no answer"}, {"query": "q", "scores": {"stranger": 1}}]
    team = two(provider)
    for data, message in (
        (bad, "line 3: no scores"),
        ([{"query": "q", "scores": {}}], "no row has an 'answer'"),
        (str(tmp_path / "none.jsonl"), "no file"),
        (None, "no data"),
    ):
        graph = create_calibration(team, data=data, out=tmp_path).compile()
        with pytest.raises(InputError, match=message):
            graph.invoke({"data": None})
    with pytest.raises(InputError, match="samples"):
        create_calibration(team, samples=0)
    assert provider.calls() == 0
    skipping = create_calibration(team, data=bad, out=tmp_path, skip_bad=True).compile()
    result = skipping.invoke({"data": None}, context={"samples": 1})["result"]
    assert (result["bad_rows"], result["questions"]) == (2, 2)


@pytest.mark.slow
async def test_checkpoints_do_not_grow_with_the_data(tmp_path) -> None:
    sizes = []
    for count in (20, 200):
        data = [
            {"query": q.text, "scores": {"a": float(q.domain == "algebra"), "b": 0.5}}
            for q in bank()[:count]
        ]
        file = tmp_path / f"{count}.sqlite"
        graph = create_calibration(None, data=data, out=tmp_path / str(count))
        async with AsyncSqliteSaver.from_conn_string(str(file)) as saver:
            await graph.compile(checkpointer=saver).ainvoke({"data": None}, thread("t"))
        with closing(sqlite3.connect(file)) as db, db:
            kept = "select sum(length(checkpoint)) from checkpoints"
            written = "select sum(length(value)) from writes"
            sizes.append(db.execute(kept).fetchone()[0] + db.execute(written).fetchone()[0])
        db.close()
    assert sizes[1] < sizes[0] + 500
    assert Resources.lap(100_000, 64) * LAPS >= 100_000


KILLED = """
    import asyncio, sys
    sys.path.insert(0, sys.argv[1])
    from helpers import member, thread
    from langgraph_ensemble.testing import Provider
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
    from langgraph_ensemble import create_calibration
    from test_calibration import rows

    tests, url, out, resume, probe = sys.argv[1:]
    provider = Provider([])
    provider.url = url

    async def main():
        team = [member(provider, n) for n in ("ann", "ben", "cat")]
        quick = {"clusters": 2, "fitting": {"families": 1, "kappa": 25.0, "views": 1}}
        limits = {"concurrency": 4, "batch_size": 8, "probe": float(probe) or None}
        graph = create_calibration(team, data=rows(20), out=out, **limits, **quick)
        async with AsyncSqliteSaver.from_conn_string(out + "/checkpoints") as saver:
            compiled = graph.compile(checkpointer=saver)
            known = (await compiled.aget_state(thread("t"))).values
            begin = None if known and resume == "yes" else {"data": None}
            state = await compiled.ainvoke(begin, thread("t"))
            print(state["result"]["calls"])

    asyncio.run(main())
"""


def killed(provider, folder: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command and environment of a calibration in a process of its own."""
    script, tests = folder / "run.py", Path(__file__).parent.parent
    script.write_text(textwrap.dedent(KILLED))
    command = [sys.executable, str(script), str(tests), provider.url, str(folder), *arguments]
    return command, {**os.environ, "PYTHONPATH": str(tests / "graphs")}


@pytest.mark.parametrize(
    ("resume", "native", "probe"),
    [("yes", True, "0"), ("no", False, "0"), ("yes", False, "0.7"), ("no", True, "0.7")],
)
def test_sigkill_repeats_no_finished_call(provider, tmp_path, resume, native, probe) -> None:
    provider.set(
        Model("ann", honours_n=native),
        Model("ben", honours_n=native),
        Model("cat", first_token_ms=20_000, honours_n=native),
    )
    command, environment = killed(provider, tmp_path, resume, probe)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    for _ in range(2400):
        # Sooner or later every call in flight is one of the slow member's.
        if sum(e["model"] == "cat" for e in provider.log()) >= 2:
            break
        time.sleep(0.05)
    time.sleep(1.0)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    log = provider.log()
    lost = [place for place, entry in enumerate(log) if entry["status"] == 0]
    assert lost
    assert len(log) - len(lost) >= 4
    provider.set(Model("cat", honours_n=native))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    finished = [e for place, e in enumerate(provider.log()) if place not in lost]
    what = {json.dumps([e["model"], e["seed"], e["messages"]]) for e in finished}
    assert len(what) == len(finished) == int(done.stdout), "no finished call was repeated"


def test_one_calibration_at_a_time_and_a_dead_one_locks_nobody_out(provider, tmp_path) -> None:
    provider.set(*(Model(name, first_token_ms=20_000) for name in ("ann", "ben", "cat")))
    command, environment = killed(provider, tmp_path, "no", "0")
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    for _ in range(2400):
        if provider.log():
            break
        time.sleep(0.05)
    graph = create_calibration(two(provider), data=rows(10), out=tmp_path).compile()
    with pytest.raises(InputError, match="another calibration is writing"):
        graph.invoke({"data": None})
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert graph.invoke({"data": None})["result"]["scores"] == 20


async def test_a_run_whose_questions_were_replaced_says_so(tmp_path) -> None:
    data = [{"query": q["query"], "scores": {"a": 1.0}} for q in rows(10)]
    graph = create_calibration(None, data=data, out=tmp_path).compile(
        checkpointer=InMemorySaver(), interrupt_before=["cluster"]
    )
    await graph.ainvoke({"data": None}, thread("t"))
    await run(create_calibration(None, data=data[:8], out=tmp_path))
    with pytest.raises(InputError, match="has replaced the questions"):
        await graph.ainvoke(None, thread("t"))
