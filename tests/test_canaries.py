"""No key in anything that is kept, told, traced, logged, printed or served."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from canaries import ENVIRONMENT, KEYS, Echo, echo, leaked, members
from helpers import ensemble
from langgraph_ensemble.testing import Model, Provider
from serving import fetch
from whole import Whole

TESTS = Path(__file__).parent
NAMES = ("ann", "ben", "cat")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def echoing() -> Iterator[tuple[str, type[Echo]]]:
    with echo() as found:
        yield found


@pytest.fixture
def good(provider: Provider) -> str:
    provider.set(*(Model(name, says="Answer: 4") for name in NAMES))
    return provider.url


@pytest.fixture
def pool_file(good: str, echoing: tuple[str, type[Echo]], tmp_path: Path) -> Path:
    path = tmp_path / "pool.yaml"
    written = members(good, echoing[0])
    path.write_text(yaml.safe_dump({"members": written, "aggregator": "dan", "judge": "eve"}))
    return path


def clean(folder: Path, *but: Path) -> None:
    """No file below a folder holds a key."""
    for path in folder.rglob("*"):
        if path.is_file() and path not in but:
            assert leaked(path.read_bytes()) == [], path


def test_the_search_finds_a_key_in_any_form() -> None:
    for name, key in KEYS.items():
        for text in (key, key.upper(), key[6:], f"x{key.encode().hex()}", f"ab{key}"):
            assert leaked(text) == [name]
    assert leaked("nothing") == []


def test_every_graph_keeps_tells_traces_and_logs_no_key(
    good: str, echoing: tuple[str, type[Echo]], tmp_path: Path
) -> None:
    url, handler = echoing
    handler.traces.clear()
    handler.requests.clear()
    environment = {
        **os.environ,
        **ENVIRONMENT,
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_ENDPOINT": f"{url}/langsmith",
        "LANGSMITH_API_KEY": "of-langsmith",
    }
    script = [sys.executable, str(TESTS / "canary_run.py"), str(TESTS), good, url, str(tmp_path)]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr[-3000:]
    # The search is no empty one: the keys were sent and echoed, and all of this was written.
    sent = "\n".join(handler.requests)
    assert set(leaked(sent)) == set(KEYS) - {"openai"}
    read = {p.name: p.read_text() for p in tmp_path.iterdir() if p.suffix in (".txt", ".log")}
    assert "Incorrect API key provided" in read["seen.txt"]
    assert "nobody was asked" not in read["seen.txt"]
    assert "NoUsableDraftError" in read["seen.txt"]
    assert "the embedder does not answer: Error code: 401" in read["seen.txt"]
    assert "Incorrect API key provided" in read["traces.txt"]
    assert "HTTP Request: POST" in read["debug.log"]
    assert "What is 2 + 2" in done.stdout
    traced = b"\n".join(handler.traces)
    assert b"Incorrect API key provided" in traced
    for told in (done.stdout, done.stderr, traced):
        assert leaked(told) == []
    assert (tmp_path / "checkpoints.sqlite").stat().st_size > 100_000
    clean(tmp_path)


@pytest.mark.parametrize("graph", ["moa", "smoa", "avengers"])
def test_the_command_line_prints_no_key(pool_file: Path, graph: str) -> None:
    asked = ("ask", "What is 2 + 2?", "-g", graph, "--pool", str(pool_file))
    done = ensemble(*asked, "--json", folder=pool_file.parent, **ENVIRONMENT)
    assert json.loads(done.stdout)["answer"] == "Answer: 4"
    assert "Incorrect API key provided" in done.stdout
    assert leaked(done.stdout + done.stderr) == []


def test_neither_does_it_where_all_are_refused(
    good: str, echoing: tuple[str, type[Echo]], tmp_path: Path
) -> None:
    path = tmp_path / "pool.yaml"
    path.write_text(yaml.safe_dump({"members": members(good, echoing[0])[3:]}))
    for command in (("ask", "What is 2 + 2?", "-g", "moa"), ("pool", "check")):
        done = ensemble(*command, "--pool", str(path), folder=tmp_path, **ENVIRONMENT)
        assert done.returncode == 1
        assert "401" in done.stdout + done.stderr
        assert leaked(done.stdout + done.stderr) == []
    listing = ("pool", "init", "--base-url", f"http://me:{KEYS['address']}@127.0.0.1:9/v1")
    done = ensemble(*listing, "--api-key-env", "TEAM_KEY", folder=tmp_path, **ENVIRONMENT)
    assert done.returncode == 2
    assert leaked(done.stdout + done.stderr) == []


HI = [{"role": "user", "content": "What is 2 + 2?"}]
RUN = {"assistant_id": "moa", "input": {"messages": HI}}
REQUESTS: list[tuple[str, Any]] = [
    ("/health", None),
    ("/ready", None),
    ("/metrics", None),
    ("/v1/usage", None),
    ("/v1/models", None),
    ("/v1/chat/completions", {"model": "moa", "messages": HI}),
    ("/v1/chat/completions", {"model": "smoa", "messages": HI, "stream": True}),
    ("/v1/chat/completions", {"model": "avengers", "messages": HI, "ensemble": {"samples": 6}}),
    ("/v1/chat/completions", {"model": "none", "messages": HI}),
    ("/api/models", None),
    ("/api/threads", None),
    ("/info", None),
    ("/openapi.json", None),
    ("/assistants/search", {"limit": 20}),
    ("/assistants/moa/schemas", None),
    ("/assistants/moa/graph", None),
    ("/runs/wait", RUN),
    ("/runs/stream", {**RUN, "stream_mode": ["values", "custom", "debug", "messages-tuple"]}),
    ("/runs/wait", {**RUN, "assistant_id": "calibration", "input": {"data": None}}),
]


def test_the_server_answers_and_keeps_no_key(
    pool_file: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, key in ENVIRONMENT.items():
        monkeypatch.setenv(name, key)
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    folder = tmp_path_factory.mktemp("served")
    server = Whole({"pool": pool_file}, folder)
    told: list[bytes] = [server.line.encode()]
    try:
        for path, body in REQUESTS:
            try:
                content, headers = fetch(server.url + path, body)
            except urllib.error.HTTPError as error:
                content, headers = error.read(), error.headers
            told += [content, str(headers).encode()]
        thread = "0" * 32
        asked = {"question": "What is 2 + 2?", "model": "smoa"}
        told.append(fetch(f"{server.url}/api/threads/{thread}/turns", asked)[0])
        told.append(fetch(f"{server.url}/api/threads/{thread}")[0])
    finally:
        server.stop()
    everything = b"\n".join(told)
    assert everything.count(b"Incorrect API key provided") > 5
    assert leaked(everything) == []
    clean(folder)
