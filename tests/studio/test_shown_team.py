"""The team at work as UI messages, from the whole server: `ensemble serve --show-team`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from langgraph_ensemble.testing import Model, Provider
from langgraph_sdk import get_sync_client
from serving import fetch
from whole import Whole

pytest.importorskip("langgraph_api", reason="pip install 'langgraph-ensemble[studio]'")
MODES = ["values", "messages-tuple", "custom"]
ORIGIN = "http://localhost:3000"


@pytest.fixture(scope="module")
def whole(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    server = Whole(files, tmp_path_factory.mktemp("shown"), ENSEMBLE_SHOW_TEAM="true")
    yield server
    server.stop()


@pytest.fixture
def client(whole: Whole, provider: Provider) -> Iterator[Any]:
    with get_sync_client(url=whole.url) as opened:
        yield opened


class Told:
    """What a front end is told of a run, and what the thread keeps of it."""

    def __init__(self, client: Any, graph: str, modes: Any = MODES, **options: Any) -> None:
        self.thread = options.pop("thread", None) or client.threads.create()["thread_id"]
        asked = {"messages": [{"role": "user", "content": "Say something."}]}
        options = {"input": asked, "stream_mode": modes, **options}
        self.parts = list(client.runs.stream(self.thread, graph, **options))
        self.state = client.threads.get_state(self.thread)["values"]

    def ui(self) -> list[dict[str, Any]]:
        return [p.data for p in self.parts if p.event == "custom" and p.data["type"] == "ui"]

    def props(self) -> list[dict[str, Any]]:
        return [each["props"] for each in self.ui()]

    def chunks(self) -> list[dict[str, Any]]:
        return [part.data[0] for part in self.parts if part.event == "messages"]

    def values(self) -> list[dict[str, Any]]:
        return [part.data for part in self.parts if part.event == "values"]

    def answers(self) -> list[dict[str, Any]]:
        return [each for each in self.state["messages"] if each["type"] == "ai"]


def test_x(client, provider):
    for g in ["moa-lite", "smoa", "avengers", "model-switch","avengers-best","ranker","debate","symbolic-moe","self-moa"]:
        told = Told(client, g)
        print("=====", g, [ (m["type"], m["id"]) for m in told.state["messages"]])
        print({c["id"] for c in told.chunks()}, len(told.chunks()), [c["content"] for c in told.chunks()][:3])
        for p in told.props(): print(json.dumps(p))
        print(json.dumps(told.state["ui"]))
        for v in told.values(): print([ (m["type"],m["id"],m["content"][:20]) for m in v["messages"]], [ (u["id"],u["props"]["working"]) for u in v.get("ui",[])])
    assert 0
