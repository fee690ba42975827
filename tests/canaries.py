"""Canary keys: where they are planted, a server that echoes them, and how they are looked for."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

KEYS = {
    "environment": "team-7b1f0c93d2e84a65f0",
    "openai": "sk-proj-c41e9a07b3f26d58e1",
    "object": "sk-own-90d5e7c2a8b14f36d7",
    "address": "p4ss-e2b86f0d1a9c7453bb",
    "header": "hdr-5a0c3e91f7d28b64cc",
    "embedder": "emb-1e8d4b60f93a7c25dd",
}
"""By the place where each is planted; the characters behind the last hyphen are looked for."""
ENVIRONMENT = {
    "TEAM_KEY": KEYS["environment"],
    "OPENAI_API_KEY": KEYS["openai"],
    "EMBED_KEY": KEYS["embedder"],
}


def leaked(content: bytes | str) -> list[str]:
    """The places whose keys stand in a text, in whole or in part, as they are or encoded."""
    raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
    low = raw.lower()
    return [name for name, key in KEYS.items() if any(part in low for part in _parts(key))]


def _parts(key: str) -> Iterator[bytes]:
    secret = key.rpartition("-")[2]
    for start in range(len(secret) - 9):
        yield secret[start : start + 10].encode()
    for before in range(3):
        coded = base64.b64encode(bytes(before) + secret.encode())[4:-4].lower()
        yield from (coded[i : i + 12] for i in range(len(coded) - 11))
    yield secret.encode().hex()[:24].encode()
    yield "".join(f"%{byte:02x}" for byte in secret.encode())[:30].encode()


class Echo(BaseHTTPRequestHandler):
    """Refuses each request and says in which words it came; takes the traces of LangSmith."""

    traces: list[bytes]
    requests: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if "/langsmith" in self.path:
            self.traces.append(body)
            return self._reply(202, {})
        headers = {key.lower(): value for key, value in self.headers.items()}
        self.requests.append(str(headers))
        given = headers.get("authorization", "")
        told = {
            "headers": headers,
            "encoded": base64.b64encode(given.encode()).decode(),
            "quoted": quote(str(headers), safe=""),
            "masked": f"{given[:18]}...{given[-4:]}",
        }
        message = f"Incorrect API key provided: {given}. {json.dumps(told)}"
        error = {"message": message, "type": "error", "code": given, "param": headers}
        return self._reply(401, {"error": error, "detail": told})

    do_PATCH = do_POST  # noqa: N815

    def do_GET(self) -> None:
        limits = {"size_limit": 100, "size_limit_bytes": 20_000_000, "scale_up_nthreads_limit": 1}
        limits |= {"scale_up_qsize_trigger": 1000, "scale_down_nempty_trigger": 4}
        self._reply(200, {"batch_ingest_config": {"use_multipart_endpoint": False, **limits}})

    def _reply(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        if status == 401:
            self.send_header("www-authenticate", f"realm={self.headers.get('authorization')}")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *_: object) -> None:
        """Nothing on standard error."""


@contextmanager
def echo() -> Iterator[tuple[str, type[Echo]]]:
    """Run the server: its address, and what it has got."""
    handler = type("Handler", (Echo,), {"traces": [], "requests": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def members(good: str, bad: str) -> list[dict[str, Any]]:
    """Members as a pool file has them: a key in each place, at a server that takes or refuses it.

    Args:
        good: Address of a `Provider` to its `/v1`, where `ann`, `ben` and `cat` are.
        bad: That of `echo`.
    """
    usual = {"retries": 0, "size": 7.0, "timeout": 10}
    found = []
    for at, names in ((good, ("ann", "ben", "cat")), (f"{bad}/v1", ("dan", "eve", "fay"))):
        host = at.removeprefix("http://")
        places: tuple[dict[str, Any], ...] = (
            {"base_url": at, "api_key_env": "TEAM_KEY"},
            {"base_url": f"http://me:{KEYS['address']}@{host}"},
            {"base_url": at, "params": {"default_headers": {"X-Team": KEYS["header"]}}},
        )
        found += [{"name": n, "model": n, **p, **usual} for n, p in zip(names, places, strict=True)]
    return found
