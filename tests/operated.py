"""A server with keys and limits, as a process of its own, and plain requests to it."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from langgraph_ensemble.studio.access.keys import digest
from langgraph_ensemble.testing.serving import app_server

ROOT, ANN, BEN, CAT = (f"ens-{name}-0123456789abcdef" for name in ("root", "ann", "ben", "cat"))
KEYS = f"""
- {{name: root, sha256: {digest(ROOT)}, admin: true}}
- {{name: ann, sha256: {digest(ANN)}, max_calls: 6, period: total}}
- {{name: ben, key_env: KEY_OF_BEN, runs_per_minute: 2}}
- {{name: cat, sha256: {digest(CAT)}, budget_usd: 0.01}}
"""
HI = [{"role": "user", "content": "Say something."}]
CHAT = {"model": "avengers-cheap", "messages": HI}


class Reply(NamedTuple):
    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Server(NamedTuple):
    url: str
    folder: Path

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send exactly these headers; a body that is not text goes as JSON."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        data = body
        if body is not None and not isinstance(body, str):
            data = json.dumps(body)
            named.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request(method, path, data, named)
            reply = connection.getresponse()
            found = {name.lower(): value for name, value in reply.getheaders()}
            return Reply(reply.status, reply.read().decode(), found)
        finally:
            connection.close()

    def ask(self, key: str, **more: Any) -> Reply:
        return self.send("POST", "/v1/chat/completions", {**CHAT, **more}, **bearer(key))

    def log(self, wanted: int, **fields: Any) -> list[dict[str, Any]]:
        """The lines of the log with these fields, as soon as there are so many."""
        until = time.monotonic() + 10
        while True:
            text = (self.folder / "log.jsonl").read_text()
            lines = [json.loads(line) for line in text.splitlines()]
            found = [one for one in lines if fields.items() <= one.items()]
            if len(found) >= wanted or time.monotonic() > until:
                return found
            time.sleep(0.05)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@contextmanager
def operated(files: Mapping[str, Path], folder: Path, **settings: str) -> Iterator[Server]:
    """A server with the keys above; `settings` are environment variables."""
    keys = folder / "keys.yaml"
    keys.write_text(KEYS)
    more = {"ENSEMBLE_API_KEYS": str(keys), "KEY_OF_BEN": BEN, **settings}
    with app_server(folder, files["pool"], files["profile"], more) as url:
        yield Server(url, folder)
