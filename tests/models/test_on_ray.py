"""Requests are made by workers of Ray: with the same results, and again where a worker dies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import ask, question
from langchain_core.language_models import FakeListChatModel
from langgraph_ensemble import InputError, Pool, create_avengers, create_moa
from langgraph_ensemble.cli.engine import engine_of
from langgraph_ensemble.graphs.calibration import create_calibration
from langgraph_ensemble.models import on_ray as module
from langgraph_ensemble.models.on_ray import Workers, on_ray
from langgraph_ensemble.testing import Model, Provider, bank
from langgraph_ensemble.testing.serving import write_pool

try:
    import ray  # pyright: ignore[reportMissingImports]
except ModuleNotFoundError:
    ray = None
needs_ray = pytest.mark.skipif(ray is None, reason="pip install 'langgraph-ensemble[ray]'")
NAMES = ("ann", "ben", "cat")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, provider_process: Provider) -> Path:
    more = {"cat": {"retries": 2}}
    return write_pool(tmp_path_factory.mktemp("pool"), provider_process.url, NAMES, more)


@pytest.fixture(scope="module")
def team(file: Path) -> Pool:
    return Pool.from_file(file)


@pytest.fixture(scope="module")
def place(file: Path, team: Pool) -> Iterator[Workers]:
    with on_ray(team, Pool.from_file, str(file), workers=2) as place:
        yield place


def calls(provider: Provider) -> Counter[str]:
    """How often each call was made."""
    return Counter(json.dumps([e["model"], e["seed"], e["messages"]]) for e in provider.log())


@needs_ray
async def test_a_graph_gives_the_same_result(
    team: Pool, place: Workers, provider: Provider
) -> None:
    graph = create_moa(team).compile()
    away = await graph.ainvoke(ask(question().text), context={"seed": 7})
    assert place.replies == provider.calls() > 0
    with module.elsewhere(Nowhere()):
        here = await graph.ainvoke(ask(question().text), context={"seed": 7})
    assert away["result"]["answer"] == here["result"]["answer"]
    assert set(calls(provider).values()) == {2}
    spent = [{k: s["result"][k] for k in ("usage", "cost_usd", "calls")} for s in (away, here)]
    assert spent[0] == spent[1]


@needs_ray
async def test_a_killed_worker_loses_nothing(
    team: Pool, place: Workers, provider: Provider, tmp_path: Path
) -> None:
    provider.set(*(Model(name, first_token_ms=50) for name in NAMES))
    rows = [{"query": q.text, "answer": q.answer} for q in bank()[:60]]
    data = tmp_path / "questions.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    maps = []
    for kill in (True, False):
        provider.reset()
        out = tmp_path / str(kill)
        graph = create_calibration(team, data=data, out=out, samples=1).compile()
        before = place.replies
        run = asyncio.ensure_future(graph.ainvoke({"data": None}))
        if kill:
            while place.replies < before + 40:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            os.kill(place.processes[0], signal.SIGKILL)
        await run
        made = calls(provider)
        assert len(made) == 60 * len(NAMES)
        # Only what the worker had in flight is asked again.
        assert sum(made.values()) - len(made) <= (module.AT_ONCE * 2 if kill else 0)
        maps.append([(out / name).read_bytes() for name in ("profile.json", "arrays.npz")])
    assert maps[0] == maps[1]


@needs_ray
@pytest.mark.usefixtures("place")
async def test_an_error_is_told_as_here(team: Pool, provider: Provider) -> None:
    provider.set(Model("ann", fault="unauthorised"), Model("cat", fault="dead"))
    graph = create_avengers(team, None, samples=3, top_n=3).compile()
    state = await graph.ainvoke(ask(question().text))
    errors = {d["member"]: d["error"] for d in state["result"]["drafts"] if d["error"]}
    assert set(errors) == {"ann", "cat"}
    assert "401" in errors["ann"]
    assert "500" in errors["cat"]
    # The one that is worth it was retried, by the rules that hold without Ray.
    assert [provider.calls(name) for name in ("ann", "cat")] == [1, 3]


@needs_ray
@pytest.mark.usefixtures("place")
async def test_an_object_of_python_is_asked_here(provider: Provider) -> None:
    graph = create_avengers([FakeListChatModel(responses=["Answer: 4"])], None, samples=1)
    state = await graph.compile().ainvoke(ask("2 + 2?"))
    assert state["result"]["answer"] == "Answer: 4"
    assert provider.calls() == 0


@needs_ray
def test_a_pool_that_a_worker_cannot_load_is_told(team: Pool) -> None:
    missing = "/nowhere/pool.yaml"
    with pytest.raises(InputError, match=missing), on_ray(team, Pool.from_file, missing, workers=1):
        pass


@needs_ray
def test_a_cluster_that_is_not_there_is_told(team: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("127.0.0.1:1", "ray://127.0.0.1:1", "127.0.0.1:none"):
        monkeypatch.setenv("RAY_ADDRESS", address)
        with pytest.raises(InputError, match="RAY_ADDRESS"):
            module.knock(address)


def test_what_is_missing_is_named(team: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match="ensemble\\[ray\\]"), engine_of("ray", team, None, None):
        pass
    with pytest.raises(InputError, match="--workers"), engine_of("local", team, None, 2):
        pass
    with pytest.raises(InputError, match="recorded"), engine_of("ray", None, None, None):
        pass


class Nowhere:
    """A place that takes no member."""

    def takes(self, _: object) -> bool:
        return False
