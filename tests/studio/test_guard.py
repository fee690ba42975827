"""Pages of other sites cannot cause paid calls: requests as browsers send them, over sockets."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from langgraph_ensemble import InputError
from langgraph_ensemble.studio.access.guard import checked_origin
from langgraph_ensemble.testing import Provider
from langgraph_sdk import get_sync_client
from whole import Whole

pytest.importorskip("langgraph_api", reason="pip install 'langgraph-ensemble[studio]'")
EVIL = "https://evil.example"
FRIEND = "http://localhost:3000"
STUDIO = "https://smith.langchain.com"
HI = [{"role": "user", "content": "Say something."}]
CHAT = {"model": "avengers-cheap", "messages": HI}
RUN = {"assistant_id": "avengers-cheap", "input": {"messages": HI}}
TRUNCATE = {"threads": True, "runs": True, "checkpoints": True}
TURN = "/api/threads/0123456789abcdef0123456789abcdef/turns"
PAID = [("/v1/chat/completions", CHAT), ("/runs/wait", RUN), (TURN, {"question": "hi"})]


@pytest.fixture(scope="module")
def whole(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = Whole(files, tmp_path_factory.mktemp("guard"))
    yield server.url
    server.stop()


def send(
    url: str, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, str, dict[str, str]]:
    """Send exactly these headers; status, text and headers of the reply."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    try:
        data = None if body is None else json.dumps(body).encode()
        connection.request(method, path, data, named)
        reply = connection.getresponse()
        return reply.status, reply.read().decode(), {k.lower(): v for k, v in reply.getheaders()}
    finally:
        connection.close()


@pytest.mark.parametrize("origin", [EVIL, "null", "http://localhost:3001", "https://127.0.0.1"])
@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
@pytest.mark.parametrize(("path", "body"), PAID)
def test_another_sites_page_makes_no_paid_call(
    whole: str, provider: Provider, path: str, body: Any, kind: str, origin: str
) -> None:
    status, text, headers = send(whole, "POST", path, body, Origin=origin, Content_Type=kind)
    assert status == 403
    told = json.loads(text)
    assert told["detail"] == told["error"]["message"]
    assert f"--allow-origin {origin}" in told["detail"]
    assert "\n" not in text
    assert "access-control-allow-origin" not in headers
    assert provider.calls() == 0


@pytest.mark.parametrize("path", ["/", "/health", "/v1/models", "/info", "/api/threads"])
def test_another_sites_page_reads_nothing(whole: str, path: str) -> None:
    assert send(whole, "GET", path, Origin=EVIL)[0] == 403
    wish = {"Access_Control_Request_Method": "POST"}
    assert send(whole, "OPTIONS", path, Origin=EVIL, **wish)[0] == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/", "/v1/models", "/threads/x/runs/y/join"])
def test_another_sites_page_cannot_fetch_it_as_a_picture(whole: str, path: str, site: str) -> None:
    asked = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": "no-cors"}
    assert send(whole, "GET", path, **asked)[0] == 403
    # A link to the page may be followed, and what people type has no site.
    assert send(whole, "GET", "/", **{**asked, "Sec_Fetch_Mode": "navigate"})[0] == 200
    assert send(whole, "GET", "/v1/models", **{**asked, "Sec_Fetch_Site": "none"})[0] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/api/threads/0123456789abcdef0123456789abcdef"), ("DELETE", "/threads/x"),
     ("PATCH", "/threads/x"), ("PUT", "/store/items"), ("POST", "/mcp"), ("POST", "/a2a/moa"),
     ("POST", "/threads/x/runs/y/cancel"), ("POST", "/runs/crons"), ("POST", "/login"),
     ("POST", "/api/turns/none/stop")],
)  # fmt: skip
def test_another_sites_page_changes_nothing(whole: str, method: str, path: str) -> None:
    assert send(whole, method, path, {}, Origin=EVIL, Content_Type="application/json")[0] == 403
    assert send(whole, method, path, Origin=EVIL, Content_Length="0")[0] == 403


def test_a_foreign_name_for_this_machine_is_refused(whole: str, provider: Provider) -> None:
    port = urlsplit(whole).port
    host = f"evil.example:{port}"
    for path, body in PAID:
        named = {"Host": host, "Origin": f"http://{host}", "Content_Type": "application/json"}
        assert send(whole, "POST", path, body, **named)[0] == 400
    assert provider.calls() == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
@pytest.mark.parametrize(("path", "body"), PAID)
def test_a_body_that_is_not_said_to_be_json_is_refused(
    whole: str, provider: Provider, path: str, body: Any, kind: str
) -> None:
    named = {"Content_Type": kind} if kind else {}
    status, text, _ = send(whole, "POST", path, body, **named)
    assert status == 415
    assert "application/json" in json.loads(text)["detail"]
    assert provider.calls() == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
@pytest.mark.parametrize("start", ["/internal", "//internal", "/%69nternal"])
def test_nobody_empties_the_threads(whole: str, start: str, kind: str) -> None:
    with get_sync_client(url=whole) as client:
        thread = client.threads.create()["thread_id"]
        for headers in ({}, {"Origin": EVIL}):
            status, _, _ = send(
                whole, "POST", start + "/truncate", TRUNCATE, Content_Type=kind, **headers
            )
            assert status in (403, 404)
        assert client.threads.get(thread)["thread_id"] == thread


@pytest.mark.parametrize("origin", [None, "own", STUDIO])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_sends_the_folder_away(whole: str, method: str, origin: str | None) -> None:
    named = {} if origin is None else {"Origin": whole if origin == "own" else origin}
    body = {"name": "mine", "api_key": "lsv2-none"} if method == "POST" else None
    for path in ("/deploy", "//deploy", "/%64eploy"):
        reply = send(whole, method, path, body, Content_Type="application/json", **named)
        assert reply[0] == 404, reply


@pytest.mark.parametrize("path", ["/v1/chat/completions%0a", "/runs/wait%0a", "/runs/wait%00"])
def test_a_path_with_control_characters_is_no_route(
    whole: str, provider: Provider, path: str
) -> None:
    body = RUN if "runs" in path else CHAT
    assert send(whole, "POST", path, body, Content_Type="application/json")[0] == 404
    assert provider.calls() == 0


def test_limits_are_not_passed_through_a_socket(whole: str) -> None:
    named = {
        **{"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"},
        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    path = "/threads/0b4e28ba-2fa1-41d2-883f-0016d3cca427/stream/events"
    assert send(whole, "GET", path, **named)[0] == 403


@pytest.mark.parametrize("origin", [None, "own", FRIEND, STUDIO])
@pytest.mark.parametrize(("path", "body"), PAID[:2])
def test_programs_and_pages_that_were_named_are_answered(
    whole: str, provider: Provider, path: str, body: Any, origin: str | None
) -> None:
    named = {} if origin is None else {"Origin": whole if origin == "own" else origin}
    kind = "application/json; charset=utf-8"
    status, text, headers = send(whole, "POST", path, body, Content_Type=kind, **named)
    assert (status, provider.calls()) == (200, 1), text
    if origin in (FRIEND, STUDIO):
        assert headers["access-control-allow-origin"] == origin
        wish = {"Access_Control_Request_Method": "POST"}
        assert send(whole, "OPTIONS", path, **named, **wish)[0] == 200


def test_a_request_without_a_body_needs_no_type(whole: str) -> None:
    status, text, _ = send(whole, "POST", "/api/turns/none/stop", Content_Length="0")
    assert (status, json.loads(text)) == (200, {"stopped": False})


def test_the_application_alone_is_guarded_too(server: str, provider: Provider) -> None:
    asked = {"Content_Type": "application/json"}
    assert send(server, "POST", "/v1/chat/completions", CHAT, Origin=EVIL, **asked)[0] == 403
    assert send(server, "POST", "/v1/chat/completions", CHAT)[0] == 415
    assert provider.calls() == 0
    assert send(server, "POST", "/v1/chat/completions", CHAT, Origin=server, **asked)[0] == 200


@pytest.mark.parametrize("text", ["*", "localhost:3000", "http://", "http://a/b", "http://*.a.b"])
def test_what_is_no_origin_is_said(text: str) -> None:
    with pytest.raises(InputError, match=r"--allow-origin .*http://localhost:3000"):
        checked_origin(text)


def test_a_port_that_goes_without_saying() -> None:
    assert checked_origin("https://a.example:443/") == "https://a.example"
