"""A real model in our own server process: it is shared, restarted, and ends with its parent."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from langchain_core.messages import HumanMessage
from langgraph_ensemble import InputError, Member
from langgraph_ensemble.events import Event
from langgraph_ensemble.models import llamacpp
from langgraph_ensemble.models.ask import Ask, Reply, ask
from langgraph_ensemble.models.catalogue import CATALOGUE
from langgraph_ensemble.models.llamacpp_process import (
    LlamaServer,
    ServerError,
    Settings,
    server_of,
    stop_all,
)
from langgraph_ensemble.models.weights import weights

MODEL = "SmolLM2-135M"


@pytest.fixture(scope="module")
def smollm2() -> Iterator[Member]:
    """The real model; its weights stay in the user's cache, as with `make real`."""
    pytest.importorskip("xllamacpp", reason="the llamacpp extra is not installed")
    try:
        weights(CATALOGUE[MODEL])
    except InputError as error:
        pytest.skip(f"no weights: {error}")
    yield Member(
        name="smollm2",
        provider="llamacpp",
        model=MODEL,
        context=1024,
        retries=0,
        params={"parallel": 2},
    )
    stop_all()


def put(member: Member, question: str = "What is the capital of France?", **more) -> Reply:
    """Ask in an event loop of its own."""
    more = {"temperature": 0.0, "max_tokens": 12, "seed": 1, **more}
    what = Ask(member=member, messages=[HumanMessage(question)], stage="propose", **more)
    return asyncio.run(ask(what, lambda _: None))


def server(member: Member) -> LlamaServer:
    """The server behind a member."""
    return server_of(Settings(MODEL, member.context, 2, llamacpp.threads()))


def listens(address: str) -> bool:
    """Whether anything answers at an address."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((urlsplit(address).hostname, urlsplit(address).port)) == 0


def test_two_event_loops_share_one_server(smollm2: Member) -> None:
    first = put(smollm2)
    pid = server(smollm2).pid
    second = put(smollm2, n=2)
    # Twelve tokens are too few for a sentence of this model: the drafts say that they are cut.
    assert [sample.status for sample in (*first.samples, *second.samples)] == ["cut"] * 3
    assert server(smollm2).pid == pid
    assert len({sample.text for sample in (*first.samples, *second.samples)}) == 1
    assert all(sample.usage["output_tokens"] == 12 for sample in second.samples)
    assert first.first.cost_usd == 0


def test_it_is_reached_with_its_key_only(smollm2: Member) -> None:
    import httpx

    address = server(smollm2).start()
    assert address.startswith("http://127.0.0.1:")
    body = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
    response = httpx.post(f"{address}/v1/chat/completions", json=body, trust_env=False)
    assert response.status_code == 401


def test_it_follows_a_schema(smollm2: Member) -> None:
    schema = {
        "type": "object",
        "properties": {"best": {"type": "integer", "minimum": 1, "maximum": 3}},
        "required": ["best"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "choice", "schema": schema}}
    said = put(smollm2, "Choose 1, 2 or 3.", response_format=form, max_tokens=30)
    assert json.loads(said.first.text)["best"] in (1, 2, 3)


def test_a_server_killed_at_its_first_word_starts_again_and_answers(smollm2: Member) -> None:
    whole = put(smollm2, "Tell me a long story.", max_tokens=40).first
    pid = server(smollm2).pid
    assert pid is not None
    killed: list[str] = []

    def kill_once(event: Event) -> None:
        if event["type"] == "token" and not killed:
            killed.append(event["type"])
            os.kill(pid, signal.SIGKILL)

    messages = [HumanMessage("Tell me a long story.")]
    limits = {"temperature": 0.0, "max_tokens": 40, "seed": 1}
    what = Ask(member=smollm2, messages=messages, stage="propose", **limits)
    again = asyncio.run(ask(what, kill_once)).first
    assert killed
    assert (again.status, again.text) == (whole.status, whole.text)
    assert server(smollm2).pid not in (None, pid)


def test_an_idle_server_that_died_starts_again_at_the_next_call(smollm2: Member) -> None:
    server(smollm2).start()
    pid = server(smollm2).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert put(smollm2).first.status == "cut"
    assert server(smollm2).pid not in (None, pid)


def test_no_server_outlives_a_killed_parent(smollm2: Member) -> None:
    code = (
        "import sys, time\n"
        "from langgraph_ensemble.models.llamacpp_process import Settings, server_of\n"
        f"print(server_of(Settings({MODEL!r}, 512, 1, 1)).start(), flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        address = owner.stdout.readline().strip()
        assert listens(address)
        owner.kill()
    ends = time.monotonic() + 10
    while listens(address) and time.monotonic() < ends:
        time.sleep(0.1)
    assert not listens(address)


def test_a_file_that_llama_cpp_cannot_read_is_told(tmp_path) -> None:
    pytest.importorskip("xllamacpp", reason="the llamacpp extra is not installed")
    path = tmp_path / "bad.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ServerError, match="did not start"):
        LlamaServer(Settings(str(path), 512, 1, 1)).start()


def test_without_the_extra_the_draft_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr(llamacpp, "find_spec", lambda _: None)
    failed = put(Member.of(f"llamacpp:{MODEL}")).first
    assert failed.status == "failed"
    assert "pip install 'langgraph-ensemble[llamacpp]'" in failed.error
