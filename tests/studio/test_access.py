"""Keys, budgets, rates and limits of a server, over sockets."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from langgraph_ensemble import InputError
from langgraph_ensemble.studio.access.keys import Keys
from langgraph_ensemble.studio.settings import Settings
from langgraph_ensemble.testing import Model, Provider
from operated import ANN, BEN, CAT, CHAT, ROOT, Server, bearer, operated

SMALL = {
    "ENSEMBLE_MAX_BODY": "200000",
    "ENSEMBLE_BODY_SECONDS": "0.5",
    "ENSEMBLE_MAX_CONVERSATION": "1000",
    "ENSEMBLE_MAX_RUNS": "2",
    "ENSEMBLE_QUEUE": "2",
}
THREAD = "/api/threads/0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def process(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with operated(files, tmp_path_factory.mktemp("access"), **SMALL) as server:
        yield server


@pytest.fixture
def guarded(process: Server, provider: Provider) -> Server:
    return process


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/models"), ("GET", "/v1/usage"), ("GET", "/api/threads"), ("GET", "/metrics"),
     ("POST", "/v1/chat/completions"), ("POST", THREAD + "/turns"), ("GET", "/none")],
)  # fmt: skip
@pytest.mark.parametrize("key", [None, "ens-wrong-0123456789abcdef", ""])
def test_nobody_without_a_key(
    guarded: Server, provider: Provider, method: str, path: str, key: str | None
) -> None:
    body = CHAT if method == "POST" else None
    reply = guarded.send(method, path, body, **({} if key is None else bearer(key)))
    assert reply.status == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    told = reply.json["error"]
    assert "key" in (told if path.startswith("/api/") else told["message"])
    assert provider.calls() == 0


@pytest.mark.parametrize("path", ["/live", "/health", "/ready", "/login", "/static/icon.svg"])
def test_what_needs_no_key_tells_no_names(guarded: Server, path: str) -> None:
    reply = guarded.send("GET", path)
    assert reply.status == 200
    assert "ann" not in reply.text


def test_a_key_in_either_header(guarded: Server) -> None:
    assert guarded.ask(ROOT).status == 200
    given: dict[str, str] = {"x_api_key": ROOT}
    assert guarded.send("POST", "/v1/chat/completions", CHAT, **given).status == 200
    assert guarded.send("GET", "/metrics", **bearer(BEN)).status == 403
    assert guarded.send("GET", "/metrics", **bearer(ROOT)).status == 200


def test_calls_of_a_key_end_at_its_budget(guarded: Server, provider: Provider) -> None:
    asked = [guarded.ask(ANN, model="moa-lite").status for _ in range(2)]
    assert asked[0] == 200
    # The second run had the rest of the budget: two of its four calls.
    assert provider.calls() == 6
    over = guarded.ask(ANN)
    assert (over.status, over.headers["x-should-retry"]) == (429, "false")
    assert over.json["error"]["code"] == "insufficient_quota"
    assert provider.calls() == 6
    (account,) = guarded.send("GET", "/v1/usage", **bearer(ANN)).json["keys"]
    assert (account["key"], account["used"]["calls"], account["max_calls"]) == ("ann", 6, 6)
    assert account["used"]["cost_usd"] > 0
    # Others go on, and see only themselves; an administrator sees all.
    assert guarded.ask(CAT).status == 200
    assert [a["key"] for a in guarded.send("GET", "/v1/usage", **bearer(CAT)).json["keys"]] == [
        "cat"
    ]
    everyone = guarded.send("GET", "/v1/usage", **bearer(ROOT)).json
    assert {a["key"] for a in everyone["keys"]} == {"root", "ann", "ben", "cat"}
    assert {"key": "ann", "graph": "moa-lite"}.items() <= everyone["graphs"][0].items()


def test_a_run_of_the_page_is_paid_by_its_key_too(guarded: Server, provider: Provider) -> None:
    before = _used(guarded, CAT)
    body = {"question": "hi", "model": "avengers-cheap"}
    assert guarded.send("POST", THREAD + "/turns", body, **bearer(CAT)).status == 200
    assert _used(guarded, CAT)["calls"] == before["calls"] + 1


def test_a_key_that_starts_too_many_runs_waits(guarded: Server) -> None:
    replies = [guarded.ask(BEN) for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert 1 <= int(replies[2].headers["retry-after"]) <= 60
    assert replies[2].json["error"]["code"] == "rate_limit_exceeded"


def test_a_browser_signs_in_and_stays_so(guarded: Server) -> None:
    first = guarded.send("GET", "/", Accept="text/html")
    assert (first.status, first.headers["location"]) == (303, "/login")
    form = {"Content_Type": "application/x-www-form-urlencoded", "Origin": guarded.url}
    assert guarded.send("POST", "/login", "key=nonsense", **form).status == 401
    evil = {**form, "Origin": "https://evil.example"}
    assert guarded.send("POST", "/login", f"key={CAT}", **evil).status == 403
    entered = guarded.send("POST", "/login", f"key={CAT}", **form)
    cookie = entered.headers["set-cookie"]
    assert entered.status == 303
    assert CAT not in cookie
    assert {"HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
    session = cookie.split(";")[0]
    assert guarded.send("GET", "/", Accept="text/html", Cookie=session).status == 200
    assert guarded.send("GET", "/api/models", Cookie=session).status == 200
    forged = session.replace("cat", "root", 1)
    assert guarded.send("GET", "/api/models", Cookie=forged).status == 401


def test_a_key_reaches_no_file_and_no_reply(guarded: Server, provider: Provider) -> None:
    provider.set(Model("ann", fault="dead"), Model("ben", fault="dead"), Model("cat", fault="dead"))
    failed = guarded.ask(ROOT)
    assert failed.status >= 400
    assert ROOT not in failed.text
    guarded.send("GET", f"/v1/models?key={ROOT}", x_api_key=ROOT)
    guarded.log(1, event="request", status=failed.status)
    for path in guarded.folder.rglob("*"):
        held = path.read_bytes() if path.is_file() else b""
        assert not any(key.encode() in held for key in (ROOT, ANN, BEN, CAT)), path


def test_a_large_body_is_refused_before_it_is_read(guarded: Server, provider: Provider) -> None:
    long = [{"role": "user", "content": "x" * 300_000}]
    reply = guarded.ask(ROOT, messages=long)
    assert reply.status == 413
    assert reply.json["error"]["type"] == "invalid_request_error"
    page = guarded.send("POST", THREAD + "/turns", {"question": "x" * 300_000}, **bearer(ROOT))
    assert (page.status, "larger" in page.json["error"]) == (413, True)
    assert provider.calls() == 0


def test_a_conversation_of_the_page_has_an_end(guarded: Server) -> None:
    path = THREAD.replace("0123", "ffff") + "/turns"
    body = {"question": "y" * 600, "model": "avengers-cheap"}
    assert guarded.send("POST", path, body, **bearer(ROOT)).status == 200
    full = guarded.send("POST", path, body, **bearer(ROOT))
    assert (full.status, "new conversation" in full.json["error"]) == (413, True)


@pytest.mark.parametrize("declared", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_half_a_body_ends(guarded: Server, declared: str) -> None:
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n{declared}\r\n"
        f"Authorization: Bearer {ROOT}\r\nContent-Type: application/json\r\n\r\n"
    )
    began = time.monotonic()
    with socket.create_connection(_address(guarded), timeout=10) as line:
        line.sendall(head.encode() + (b'{"mod' if "Length" in declared else b'5\r\n{"mod\r\n'))
        said = b""
        while part := line.recv(4096):
            said += part
    assert said.startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < 5


def test_no_more_than_so_many_runs_at_once(guarded: Server, provider: Provider) -> None:
    provider.set(*(Model(name, first_token_ms=700) for name in ("ann", "ben", "cat")))
    replies: list[Any] = []
    threads = [threading.Thread(target=lambda: replies.append(guarded.ask(ROOT))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = sorted(reply.status for reply in replies)
    assert found == [200] * 4 + [429] * 4
    refused = [reply for reply in replies if reply.status == 429]
    assert {reply.json["error"]["code"] for reply in refused} == {"server_busy"}
    assert all(int(reply.headers["retry-after"]) >= 1 for reply in refused)
    assert provider.calls() == 4
    assert guarded.ask(ROOT).status == 200


def test_a_client_that_leaves_the_queue_gives_its_place_up(
    guarded: Server, provider: Provider
) -> None:
    provider.set(*(Model(name, first_token_ms=600) for name in ("ann", "ben", "cat")))
    body = json.dumps(CHAT).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        f"Authorization: Bearer {ROOT}\r\nContent-Type: application/json\r\n\r\n"
    ).encode()
    lines = [socket.create_connection(_address(guarded), timeout=10) for _ in range(4)]
    for line in lines:
        line.sendall(head + body)
    time.sleep(0.2)
    # Two run and two wait; those that wait leave.
    for line in lines[2:]:
        line.close()
    time.sleep(0.1)
    assert guarded.ask(ROOT).status == 200
    for line in lines[:2]:
        line.close()
    assert provider.calls() == 3


@pytest.mark.slow
def test_usage_and_budgets_survive_a_restart(
    files: dict[str, Path], tmp_path: Path, provider: Provider
) -> None:
    with operated(files, tmp_path) as server:
        assert server.ask(ANN, model="moa-lite").status == 200
    used = provider.calls()
    with operated(files, tmp_path) as server:
        assert _used(server, ANN)["calls"] == used
        server.ask(ANN, model="moa-lite")
        assert server.ask(ANN).status == 429
        assert len(server.log(2, event="started")) == 2
    assert provider.calls() == 6


@pytest.mark.parametrize(
    ("rows", "says"),
    [("", "write a list of keys"), ("- {name: a}", "sha256 or key_env"),
     ("- {name: a, key: ens-secret}", "there is no field 'key'"),
     ("- {name: a, key_env: UNSET}", "UNSET is not set"),
     ("- {name: a, key_env: SHORT}", "shorter than 16"),
     ("- {name: a, sha256: abc}", "key 1: sha256"),
     ("- {name: a, key_env: K}\n- {name: a, key_env: K}", "two keys are named 'a'")],
)  # fmt: skip
def test_a_bad_file_of_keys_is_one_line(tmp_path: Path, rows: str, says: str) -> None:
    path = tmp_path / "keys.yaml"
    path.write_text(rows)
    with pytest.raises(InputError, match=says) as caught:
        Keys.read(str(path), {"SHORT": "abc", "K": ROOT})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "says"),
    [("ens-0123456789abcdef", "never the key itself"), ("k0123456789abcdef", "is not set")],
)
def test_a_key_on_the_command_line_is_not_repeated(key: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        Keys.read(key, {})
    assert "0123" not in str(caught.value)


@pytest.mark.parametrize("name", ["MAX_RUNS", "MAX_BODY", "BODY_SECONDS"])
def test_a_bad_setting_is_one_line(name: str) -> None:
    with pytest.raises(InputError, match=f"ENSEMBLE_{name}='-1'"):
        Settings.read({f"ENSEMBLE_{name}": "-1"})


def _used(server: Server, key: str) -> dict[str, Any]:
    (account,) = (
        each
        for each in server.send("GET", "/v1/usage", **bearer(key)).json["keys"]
        if each["key"] in key
    )
    return account["used"]


def _address(server: Server) -> tuple[str, int]:
    parts = urlsplit(server.url)
    return str(parts.hostname), int(parts.port or 0)
