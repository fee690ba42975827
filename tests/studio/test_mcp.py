"""`/mcp` over real sockets."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from langgraph_ensemble.presets import PRESETS
from langgraph_ensemble.testing import Model, Provider


def send(server: str, message: Any) -> tuple[int, Any]:
    """Status and JSON of the reply to a message."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=30)
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    accept = "application/json, text/event-stream"
    headers = {"Content-Type": "application/json", "Accept": accept}
    connection.request("POST", "/mcp", body, headers)
    reply = connection.getresponse()
    text = reply.read()
    connection.close()
    return reply.status, json.loads(text) if text else None


def ask(server: str, method: str, **params: Any) -> dict[str, Any]:
    """The reply to a request."""
    asked = {"jsonrpc": "2.0", "id": 0, "method": method, "params": params}
    status, reply = send(server, asked)
    assert status == 200
    assert reply["id"] == 0
    return reply


def test_a_session_of_a_client(server: str):
    told = ask(server, "initialize", protocolVersion="2025-06-18", capabilities={})["result"]
    assert told["protocolVersion"] == "2025-06-18"
    assert told["serverInfo"]["name"] == "langgraph-ensemble"
    assert send(server, {"jsonrpc": "2.0", "method": "notifications/initialized"}) == (202, None)
    tools = ask(server, "tools/list")["result"]["tools"]
    assert [tool["name"] for tool in tools] == [each.name for each in PRESETS]
    assert ask(server, "ping")["result"] == {}


@pytest.mark.parametrize("name", ["question", "messages"])
def test_a_tool_returns_the_answer(server: str, provider: Provider, name: str):
    knobs = {"layers": 2, "quorum": 3}
    given = {name: "Say something.", "knobs": knobs}
    result = ask(server, "tools/call", name="moa", arguments=given)["result"]
    (part,) = result["content"]
    assert part["text"].startswith("ann says about this: ")
    assert result["structuredContent"]["answer"] == part["text"]
    assert result["structuredContent"]["calls"] == provider.calls() == 4
    assert "isError" not in result


def test_a_tool_that_fails_says_why(server: str, provider: Provider):
    wrong = {"question": "hi", "knobs": {"layerz": 2}}
    result = ask(server, "tools/call", name="moa", arguments=wrong)["result"]
    assert result["isError"]
    assert "did you mean 'layers'" in result["content"][0]["text"]
    assert ask(server, "tools/call", name="moa", arguments={})["result"]["isError"]
    assert provider.calls() == 0
    provider.set(*(Model(each, fault="unauthorised") for each in ("ann", "ben", "cat")))
    result = ask(server, "tools/call", name="moa", arguments={"question": "hi"})["result"]
    assert "401" in result["content"][0]["text"]


def test_what_is_no_request(server: str):
    assert ask(server, "tools/call", name="mao")["error"]["code"] == -32602
    assert ask(server, "resources/list")["error"]["code"] == -32601
    assert send(server, b"{")[1]["error"]["code"] == -32700
    assert send(server, b"[" * 100_000)[0] == 400
    assert send(server, [{"jsonrpc": "2.0", "id": 1, "method": "ping"}])[0] == 400
