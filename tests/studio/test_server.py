"""The whole server: `langgraph dev` with our application beside it, through langgraph-sdk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from langgraph_ensemble.testing import Model, Provider
from langgraph_sdk import get_sync_client
from serving import fetch, get
from whole import Whole

pytest.importorskip("langgraph_api", reason="pip install 'langgraph-ensemble[studio]'")
GRAPHS = [
    *("avengers", "avengers-cheap", "avengers-balanced", "avengers-best", "avengers-published"),
    *(
        "avengers-code",
        "avengers-readme",
        "avengers-pro",
        "self-consistency",
        "model-switch",
        "model-switch-eager",
    ),
    "llm-router",
    *("moa-adaptive", "moa-oracle"),
    *("moa", "moa-lite", "moa-published", "moa-lite-published", "self-moa"),
    *("smoa", "smoa-cheap", "smoa-published", "ranker", "debate", "debate-published"),
    *("symbolic-moe", "calibration"),
]
HI = {"messages": [{"role": "user", "content": "Say something."}]}


@pytest.fixture(scope="module")
def whole(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    server = Whole(files, tmp_path_factory.mktemp("whole"))
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def client(whole: Whole, provider: Provider) -> Iterator[Any]:
    with get_sync_client(url=whole.url) as opened:
        yield opened


def test_one_line_says_where_everything_is(whole: Whole):
    assert whole.line.startswith("Page: http://127.0.0.1:")
    assert f"OpenAI: {whole.url}/v1" in whole.line
    assert f"studio/?baseUrl={whole.url}" in whole.line
    assert ":2024" not in whole.line
    assert list(get(f"{whole.url}/health")["members"]) == ["ann", "ben", "cat"]
    assert get(f"{whole.url}/ok")["ok"]
    assert b"Ensemble" in fetch(whole.url)[0]


def test_an_assistant_for_every_graph_and_preset(client):
    assistants = {a["name"]: a for a in client.assistants.search(limit=50)}
    assert set(assistants) == set(GRAPHS)
    assert all(assistant["description"] for assistant in assistants.values())
    assert [a["graph_id"] for a in client.assistants.search(graph_id="self-moa")] == ["self-moa"]


@pytest.mark.parametrize("name", GRAPHS)
def test_studio_can_draw_a_form(client, name: str):
    assistant = client.assistants.search(graph_id=name)[0]["assistant_id"]
    schemas = client.assistants.get_schemas(assistant)
    knobs = schemas["context_schema"]["properties"]
    for knob, about in knobs.items():
        assert about["description"], knob
        assert about["x_oap_ui_config"]["type"], knob
        assert about["x_oap_ui_config"]["description"] == about["description"], knob
        assert about["langgraph_nodes"], knob
        assert "default" in about, knob
    assert knobs["temperature"]["x_oap_ui_config"]["type"] == "slider"
    assert knobs["temperature"]["maximum"] == 2
    assert "seed" in knobs
    nodes = {node["id"] for node in client.assistants.get_graph(assistant)["nodes"]}
    places = {place for knob in knobs.values() for place in knob["langgraph_nodes"]}
    assert places <= nodes


def test_our_routes_are_in_the_servers_document(whole: Whole):
    paths = get(f"{whole.url}/openapi.json")["paths"]
    assert {"/v1/chat/completions", "/v1/responses", "/threads/{thread_id}/runs/wait"} <= set(paths)
    body = paths["/v1/responses"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert "moa" in body["properties"]["model"]["enum"]


def test_a_tool_of_mcp_returns_the_answer(whole: Whole, provider: Provider):
    call = {"name": "moa-lite", "arguments": {"question": "Say something."}}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    reply = json.loads(fetch(f"{whole.url}/mcp", asked)[0])
    (part,) = reply["result"]["content"]
    assert part["text"].startswith("ann says about this: ")


def test_a_run_streams_events_and_ends_with_the_answer_alone(client):
    thread = client.threads.create()["thread_id"]
    parts = list(
        client.runs.stream(thread, "smoa", input=HI, stream_mode=["custom", "messages-tuple"])
    )
    told = {part.data["type"] for part in parts if part.event == "custom"}
    assert {"started", "done", "judged", "moderated", "selected"} <= told
    state = client.threads.get_state(thread)["values"]
    assert [message["type"] for message in state["messages"]] == ["human", "ai"]
    assert state["result"]["strategy"] == "smoa"


def test_no_ui_message_is_sent_unless_an_operator_wants_it(client):
    thread = client.threads.create()["thread_id"]
    modes = ["values", "messages-tuple", "custom"]
    parts = list(client.runs.stream(thread, "moa-lite", input=HI, stream_mode=modes))
    assert "ui" not in {part.data["type"] for part in parts if part.event == "custom"}
    assert not any("ui" in part.data for part in parts if part.event == "values")
    first = next(part.data[0] for part in parts if part.event == "messages")
    assert first["content"]
    assert "ui" not in client.threads.get_state(thread)["values"]


def test_knobs_come_as_context_or_from_an_assistant(client, provider: Provider):
    made = client.assistants.create("moa", context={"layers": 2}, name="two layers")
    thread = client.threads.create()["thread_id"]
    client.runs.wait(thread, made["assistant_id"], input=HI)
    assert provider.calls() == 4
    provider.reset()
    thread = client.threads.create()["thread_id"]
    client.runs.wait(thread, "moa", input=HI, context={"layers": 4})
    assert provider.calls() == 10


@pytest.mark.parametrize("way", ["context", "configurable", "assistant", "stateless"])
def test_a_knob_that_is_wrong_costs_nothing(client, provider: Provider, way: str):
    context = {"layerz": 2} if way != "stateless" else {"layers": 99}
    words = "unknown knob 'layerz'; did you mean 'layers'" if "layerz" in context else "'layers'"
    name, given = "moa", {"context": context}
    if way == "assistant":
        name, given = client.assistants.create("moa", context=context)["assistant_id"], {}
    elif way == "configurable":
        given = {"config": {"configurable": context}}
    thread = None if way == "stateless" else client.threads.create()["thread_id"]
    with pytest.raises(Exception, match=words):
        client.runs.wait(thread, name, input=HI, **given)
    assert provider.calls() == 0


def test_a_person_overrules_the_judge(client, provider: Provider):
    thread = client.threads.create()["thread_id"]
    asked = {"rounds": 1, "k": 1}
    client.runs.wait(thread, "smoa", input=HI, context=asked, interrupt_before=["moderate"])
    state = client.threads.get_state(thread)
    assert state["next"] == ["moderate"]
    chosen = state["values"]["selected"]
    other = next(d["id"] for d in state["values"]["drafts"] if d["id"] not in chosen)
    client.threads.update_state(thread, {"selected": [other]}, as_node="select")
    done = client.runs.wait(thread, "smoa", input=None, context=asked)
    assert done["result"]["selected"] == [other]
    told = str(provider.log()[-1]["messages"])
    text = next(d["text"] for d in done["result"]["drafts"] if d["id"] == other)
    assert text in told


def test_a_person_overrules_the_router(client, provider: Provider):
    thread = client.threads.create()["thread_id"]
    client.runs.wait(thread, "avengers-cheap", input=HI, interrupt_after=["embed"])
    done = client.runs.wait(thread, "avengers-cheap", input=None, interrupt_after=["route"])
    picked = client.threads.get_state(thread)["values"]["picked"]
    other = next(name for name in ("ann", "ben", "cat") if name not in picked)
    client.threads.update_state(thread, {"picked": [other], "asking": {other: 1}}, as_node="route")
    done = client.runs.wait(thread, "avengers-cheap", input=None)
    assert [draft["member"] for draft in done["result"]["drafts"]] == [other]
    assert [entry["model"] for entry in provider.log()] == [other]


def test_a_fork_runs_again_from_the_past(client, provider: Provider):
    thread = client.threads.create()["thread_id"]
    client.runs.wait(thread, "moa-lite", input=HI)
    provider.reset()
    past = next(s for s in client.threads.get_history(thread) if s["next"] == ["aggregate"])
    done = client.runs.wait(thread, "moa-lite", input=None, checkpoint=past["checkpoint"])
    assert provider.calls() == 1
    assert done["messages"][-1]["content"]


# One preset of each shape: the others differ in numbers only.
@pytest.mark.parametrize(
    "name",
    [
        "avengers",
        "avengers-cheap",
        "avengers-best",
        "moa",
        "self-moa",
        "smoa",
        "ranker",
        "debate",
        "symbolic-moe",
    ],
)
def test_every_graph_stops_before_any_node_and_goes_on(client, name: str):
    thread = client.threads.create()["thread_id"]
    seen: list[str] = []
    client.runs.wait(thread, name, input=HI, interrupt_before="*")
    while len(seen) < 100 and (stopped := client.threads.get_state(thread)["next"]):
        seen += stopped
        client.runs.wait(thread, name, input=None, interrupt_before="*")
    assert seen[0] == "prepare"
    state = client.threads.get_state(thread)
    assert state["values"]["messages"][-1]["type"] == "ai"
    assert [message["type"] for message in state["values"]["messages"]] == ["human", "ai"]


def test_a_fork_with_other_facts_leaves_the_past_alone(client, provider: Provider):
    thread = client.threads.create()["thread_id"]
    asked = {"rounds": 1, "k": 1}
    first = client.runs.wait(thread, "smoa", input=HI, context=asked)
    past = next(s for s in client.threads.get_history(thread) if s["next"] == ["moderate"])
    chosen = past["values"]["selected"]
    other = next(d["id"] for d in past["values"]["drafts"] if d["id"] not in chosen)
    fork = client.threads.update_state(
        thread, {"selected": [other]}, as_node="select", checkpoint=past["checkpoint"]
    )
    provider.reset()
    second = client.runs.wait(
        thread, "smoa", input=None, context=asked, checkpoint=fork["checkpoint"]
    )
    assert first["result"]["selected"] == chosen
    assert second["result"]["selected"] == [other]
    assert provider.calls() == 1
    kept = client.threads.get_state(thread, checkpoint=past["checkpoint"])
    assert kept["values"]["selected"] == chosen


def test_tools_reach_the_writer_of_the_answer(client, provider: Provider):
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    thread = client.threads.create()["thread_id"]
    done = client.runs.wait(thread, "moa-lite", input=HI, context={"answer_tools": [tool]})
    (call,) = done["messages"][-1]["tool_calls"]
    assert call["name"] == "look"
    result = {"type": "tool", "tool_call_id": call["id"], "content": "A cat."}
    done = client.runs.wait(
        thread, "moa-lite", input={"messages": [result]}, context={"answer_tools": [tool]}
    )
    assert done["messages"][-1]["content"] == "ann was told: A cat."
    assert {entry["status"] for entry in provider.log()} == {200}


@pytest.mark.parametrize("path", ["/", "/v1/models", "/api/models", "/health", "/threads/search"])
def test_a_foreign_name_for_this_machine_is_refused(whole: Whole, path: str):
    body = {} if path == "/threads/search" else None
    port = whole.url.rpartition(":")[2]
    with pytest.raises(HTTPError) as caught:
        fetch(whole.url + path, body, Host=f"evil.example:{port}")
    with caught.value as refusal:
        assert refusal.read() == b"Invalid host header"
    for name in ("localhost", "127.0.0.1", "proxy.example"):
        named = {"Host": f"{name}:{port}", "Content_Type": "application/json"}
        assert fetch(whole.url + path, body, **named)[0]


def test_openai_endpoint_and_page_api_beside_it(whole: Whole, provider: Provider):
    names = [model["id"] for model in get(f"{whole.url}/v1/models")["data"]]
    assert "smoa-cheap" in names
    assert get(f"{whole.url}/api/models")["map"]


def test_a_dead_member_is_a_failed_draft(client, provider: Provider):
    provider.set(Model("ben", fault="dead"))
    thread = client.threads.create()["thread_id"]
    done = client.runs.wait(thread, "moa-lite", input=HI)
    assert [d["status"] for d in done["result"]["drafts"]] == ["ok", "failed", "ok"]


def test_ctrl_c_ends_it_and_all_its_children(whole: Whole):
    assert whole.stop() == 0
    with suppress(OSError):
        get(f"{whole.url}/health")
        pytest.fail("the server still answers")
