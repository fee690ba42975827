"""LangGraph's own routes with keys, behind a proxy's path: through langgraph-sdk and over MCP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from langgraph_ensemble.testing import Provider
from langgraph_sdk import get_sync_client
from operated import ANN, BEN, CAT, HI, KEYS, ROOT, Server, bearer
from whole import Whole

pytest.importorskip("langgraph_api", reason="pip install 'langgraph-ensemble[studio]'")
ASKED = {"messages": HI}


class Team(NamedTuple):
    url: str
    server: Server


@pytest.fixture(scope="module")
def process(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("team")
    (folder / "keys.yaml").write_text(KEYS)
    settings = {
        "ENSEMBLE_API_KEYS": str(folder / "keys.yaml"),
        "ENSEMBLE_ROOT_PATH": "/ens",
        "KEY_OF_BEN": BEN,
    }
    whole = Whole(files, folder, **settings)
    root = "http://" + urlsplit(whole.url).netloc
    yield Team(whole.url, Server(root, folder))
    whole.stop()


@pytest.fixture
def team(process: Team, provider: Provider) -> Team:
    return process


def used(team: Team, name: str) -> dict[str, Any]:
    report = team.server.send("GET", "/v1/usage", **bearer(ROOT)).json
    return {each["key"]: each["used"] for each in report["keys"]}[name]


@pytest.mark.parametrize("start", ["", "/ens"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/runs/wait"), ("POST", "/runs"), ("POST", "/threads"), ("POST", "/threads/search"),
     ("POST", "/assistants/search"), ("PUT", "/store/items"), ("GET", "/info"), ("GET", "/docs"),
     ("POST", "/mcp"), ("GET", "/openapi.json"), ("POST", "/internal/truncate"),
     ("POST", "/ui/moa")],
)  # fmt: skip
def test_no_route_of_langgraph_without_a_key(
    team: Team, provider: Provider, method: str, path: str, start: str
) -> None:
    body = {"assistant_id": "avengers-cheap", "input": ASKED} if method != "GET" else None
    reply = team.server.send(method, start + path, body)
    assert reply.status == (404 if "internal" in path else 401)
    # Nobody can pretend to be LangGraph itself, or to be somebody.
    pretended = team.server.send(method, "/noauth" + path, body, x_ensemble_key="root")
    assert pretended.status in (401, 404)
    assert provider.calls() == 0


def test_the_component_of_the_team_is_for_who_has_a_key(team: Team) -> None:
    for start in ("", "/ens"):
        reply = team.server.send("POST", f"{start}/ui/moa", {"name": "team"}, **bearer(CAT))
        assert reply.status == 200
        # No address is in it, so that no proxy's path is missing there.
        assert "src=" not in reply.text


def test_runs_of_the_sdk_are_paid_by_its_key_under_a_path(team: Team, provider: Provider) -> None:
    before = used(team, "cat")["calls"]
    with get_sync_client(url=team.url, api_key=CAT) as client:
        thread = client.threads.create()["thread_id"]
        parts = [
            part.event
            for part in client.runs.stream(thread, "avengers-cheap", input=ASKED)
            if part.data
        ]
        assert "values" in parts
        queued = client.runs.create(
            thread, "avengers-cheap", input=ASKED, headers={"x-ensemble-key": "root"}
        )
        client.runs.join(thread, queued["run_id"])
        state = json.dumps(client.threads.get_history(thread), default=str)
    assert provider.calls() == 2
    assert used(team, "cat")["calls"] == before + 2
    assert used(team, "root")["calls"] == 0
    assert CAT not in state
    (line, *_) = team.server.log(2, event="run", graph="avengers-cheap", thread=thread)
    assert (line["key"], line["status"], line["calls"]) == ("cat", "ok", 1)
    assert line["request_id"]


def test_a_budget_holds_in_langgraphs_queue(team: Team, provider: Provider) -> None:
    with get_sync_client(url=team.url, api_key=ANN) as client:
        for _ in range(2):
            client.runs.wait(None, "moa-lite", input=ASKED, raise_error=False)
    assert provider.calls() == 6
    body = {"assistant_id": "avengers-cheap", "input": ASKED}
    reply = team.server.send("POST", "/runs/wait", body, x_api_key=ANN)
    assert reply.status == 429
    assert "used up" in reply.json["detail"]
    assert provider.calls() == 6


def test_a_tool_of_mcp_is_paid_by_its_key(team: Team, provider: Provider) -> None:
    before = used(team, "cat")["calls"]
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "avengers-cheap", "arguments": {"question": "Say something."}},
    }
    named = {"Accept": "application/json, text/event-stream"}
    reply = team.server.send("POST", "/ens/mcp", call, **named, **bearer(CAT))
    assert reply.status == 200, reply.text
    assert provider.calls() == 1
    assert used(team, "cat")["calls"] == before + 1


@pytest.mark.parametrize("value", [None, "x", {}])
def test_no_name_in_a_configuration_makes_a_run_free(
    team: Team, provider: Provider, value: Any
) -> None:
    before = used(team, "cat")["calls"]
    free = {"configurable": {"__ensemble_run": value}}
    body = {"assistant_id": "avengers-cheap", "input": ASKED, "config": free}
    assert team.server.send("POST", "/runs/wait", body, **bearer(CAT)).status == 200
    assert provider.calls() == 1
    assert used(team, "cat")["calls"] == before + 1


@pytest.mark.parametrize("path", ["/runs/crons", "/threads/THREAD/runs/crons"])
def test_runs_that_would_belong_to_no_key_are_refused(
    team: Team, provider: Provider, path: str
) -> None:
    with get_sync_client(url=team.url, api_key=CAT) as client:
        path = path.replace("THREAD", client.threads.create()["thread_id"])
    body = {"assistant_id": "avengers-cheap", "input": ASKED, "schedule": "* * * * *"}
    reply = team.server.send("POST", path, body, **bearer(CAT))
    assert (reply.status, "schedule" in reply.json["detail"]) == (403, True)
    assert team.server.send("POST", "/runs/crons/search", {}, **bearer(CAT)).json == []
    assert provider.calls() == 0


def test_a_batch_is_no_way_around_a_rate(team: Team, provider: Provider) -> None:
    run = {"assistant_id": "avengers-cheap", "input": ASKED}
    reply = team.server.send("POST", "/runs/batch", [run] * 3, **bearer(BEN))
    assert (reply.status, "one by one" in reply.json["detail"]) == (403, True)
    assert provider.calls() == 0


def test_studio_can_read_a_refusal(team: Team) -> None:
    studio = "https://smith.langchain.com"
    wish = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "x-api-key"}
    asked = team.server.send("OPTIONS", "/ens/runs/wait", Origin=studio, **wish)
    assert (asked.status, "x-api-key" in asked.headers["access-control-allow-headers"]) == (
        200,
        True,
    )
    for path, key in (("/ens/info", ROOT), ("/ens/info", "none"), ("/ens/v1/models", "none")):
        reply = team.server.send("GET", path, Origin=studio, **bearer(key))
        assert reply.status == (200 if key == ROOT else 401)
        assert reply.headers["access-control-allow-origin"] == studio


def test_one_list_of_metrics(team: Team) -> None:
    text = team.server.send("GET", "/ens/metrics", **bearer(ROOT)).text
    assert 'ensemble_runs_total{graph="avengers-cheap",status="ok"}' in text
    assert team.server.send("GET", "/metrics", **bearer(CAT)).status == 403
    assert team.server.send("GET", "/metrics%0a", **bearer(CAT)).status == 404


def test_the_page_finds_its_files_and_routes_under_the_path(team: Team) -> None:
    page = team.server.send("GET", "/ens/", **bearer(ROOT)).text
    assert 'src="/ens/static/main.js"' in page
    assert '"/static/' not in page
    script = team.server.send("GET", "/ens/static/api.js").text
    assert '"/ens/api/models"' in script
    assert team.server.send("GET", "/ens/api/models", **bearer(ROOT)).status == 200
    assert team.server.send("GET", "/ens").headers["location"] == "/ens/"
    elsewhere = team.server.send("POST", "/ens/mcp/", {}, **bearer(ROOT))
    assert elsewhere.headers["location"] == f"{team.url}/mcp"


def test_no_key_is_in_any_file(team: Team) -> None:
    for path in team.server.folder.rglob("*"):
        held = path.read_bytes() if path.is_file() else b""
        assert not any(key.encode() in held for key in (ROOT, ANN, BEN, CAT)), path


def test_nobody_else_on_the_machine_reads_what_the_server_keeps(team: Team) -> None:
    kept = [path for path in team.server.folder.rglob("*") if path.name != "keys.yaml"]
    assert {"server.log", ".langgraph_api", "conversations.sqlite"} <= {path.name for path in kept}
    assert [path for path in kept if path.stat().st_mode & 0o077] == []
