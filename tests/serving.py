"""Our HTTP application as a process of its own, on pools of the provider process."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from email.message import Message
from pathlib import Path

import yaml
from bank import bank
from langgraph_ensemble import Profile

NAMES = ("ann", "ben", "cat")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def write_pool(
    folder: Path, url: str, names: Sequence[str] = NAMES, more: dict[str, dict] | None = None
) -> Path:
    """A pool.yaml over models of the provider, with `more` keys of the named ones."""
    price = {"input": 1.0, "output": 2.0}
    members = [
        {
            "name": n,
            "model": n,
            "base_url": url,
            "price": price,
            "retries": 0,
            "size": 7.0,
            **(more or {}).get(n, {}),
        }
        for n in names
    ]
    path = folder / "pool.yaml"
    path.write_text(yaml.safe_dump({"members": members}))
    return path


def write_profile(folder: Path, names: Sequence[str] = NAMES) -> Path:
    """A task map over the question bank; each member is good at one domain."""
    domains = sorted({question.domain for question in bank()})
    records = [
        {
            "query": question.text,
            "scores": {
                name: float(domains.index(question.domain) % len(names) == place)
                for place, name in enumerate(names)
            },
        }
        for question in bank()[:120]
    ]
    path = folder / "profile"
    Profile.fit(records, clusters=4).save(path)
    return path


@contextlib.contextmanager
def serving(command: Sequence[str], port: int, env: dict[str, str], path: str) -> Iterator[str]:
    """Run a server until the block ends; yields its address once it answers at `path`."""
    url = f"http://127.0.0.1:{port}"
    log = Path(env["ENSEMBLE_DATA"]).with_suffix(".log")
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **env}, stdout=output, stderr=output, cwd=log.parent
        )
    try:
        _wait_for(url + path, process, log)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def app_server(folder: Path, pool: Path, profile: Path | None) -> contextlib.AbstractContextManager:
    """The application alone, under uvicorn."""
    port = free_port()
    env = {"ENSEMBLE_POOL": str(pool), "ENSEMBLE_DATA": str(folder / "conversations.sqlite")}
    if profile:
        env["ENSEMBLE_PROFILE"] = str(profile)
    module = "langgraph_ensemble.studio.app:app"
    command = [sys.executable, "-m", "uvicorn", module, "--port", str(port)]
    return serving([*command, "--log-level", "warning"], port, env, "/health")


def fetch(url: str, body: object = None, **headers: str) -> tuple[bytes, Message]:
    """Body and headers of the reply to a GET, or a POST with a JSON `body`; errors are raised."""
    data = None if body is None else json.dumps(body).encode()
    named = {} if body is None else {"Content-Type": "application/json"}
    named |= {key.replace("_", "-"): value for key, value in headers.items()}
    request = urllib.request.Request(url, data, named)  # noqa: S310
    with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310
        return reply.read(), reply.headers


def get(url: str) -> dict:
    """The JSON at an address."""
    return json.loads(fetch(url)[0])


def _wait_for(url: str, process: subprocess.Popen, log: Path, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-3000:]}")
