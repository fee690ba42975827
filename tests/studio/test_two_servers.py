"""Two servers on one database: each keeps its turns, and takes over those of one that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from langgraph_ensemble import InputError
from langgraph_ensemble.studio.data.databases import opened
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import app_command, free_port, process_serving
from services import postgres
from serving import fetch, get

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a server is killed")
QUESTION = "What is the capital of France?"


@pytest.fixture(params=["sqlite", "postgres"], scope="module")
def database(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[str]:
    if request.param == "sqlite":
        yield str(tmp_path_factory.mktemp("two") / "shared.sqlite")
    else:
        with postgres() as address:
            yield address


@contextmanager
def serving(database: str, files: dict[str, Path], folder: Path) -> Iterator[tuple[str, int]]:
    """A server's address and its process id; it may be killed meanwhile."""
    port, env = free_port(), {"ENSEMBLE_POOL": str(files["pool"]), "ENSEMBLE_DATA": database}
    log = folder / f"{uuid.uuid4().hex}.log"
    with process_serving(app_command(port), port, env, "/health", log) as (url, process):
        yield url, process.pid


def begin(url: str, thread: str) -> threading.Thread:
    """Ask for an MoA answer and read it, or as much of it as comes."""

    def read() -> None:
        body = {"question": QUESTION, "model": "moa-lite"}
        with suppress(OSError, HTTPException):  # Its server is killed.
            fetch(f"{url}/api/threads/{thread}/turns", body)

    reader = threading.Thread(target=read)
    reader.start()
    return reader


def attempt(url: str, thread: str, method: str) -> int:
    """The status of asking in the thread, or of deleting it."""
    body = b'{"question": "?", "model": "moa"}' if method == "POST" else None
    place = f"{url}/api/threads/{thread}" + ("/turns" if body else "")
    request = urllib.request.Request(place, body, method=method)  # noqa: S310
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310
            return reply.status
    except HTTPError as error:
        with error:
            return error.code


def turn_of(url: str, thread: str) -> dict[str, Any]:
    return get(f"{url}/api/threads/{thread}")["turns"][0]


def until(true: Any, seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.mark.timeout(240)
def test_a_turn_is_its_servers_until_that_is_gone(
    database: str, files: dict[str, Path], provider: Provider, tmp_path: Path
) -> None:
    # Two drafts are there long before the third one.
    slow = Model("cat", says=" ".join(f"Paris{n}" for n in range(300)), token_ms=500)
    provider.replace(Model("ann", says="Paris."), Model("ben", says="Paris."), slow)
    thread = str(uuid.uuid4())
    with serving(database, files, tmp_path) as (one, pid):
        reader = begin(one, thread)
        until(lambda: provider.calls() >= 3)
        until(lambda: [t["id"] for t in get(f"{one}/api/threads")["threads"]] == [thread])
        # One that starts meanwhile breaks nothing off.
        with serving(database, files, tmp_path) as (other, _):
            assert turn_of(other, thread)["status"] == "running"
            assert [attempt(other, thread, method) for method in ("POST", "DELETE")] == [409, 409]
            os.kill(pid, signal.SIGKILL)
            reader.join()
            until(lambda: turn_of(other, thread)["status"] == "interrupted")
            provider.replace(*(Model(name, says="Paris.") for name in ("ann", "ben", "cat")))
            fetch(f"{other}/api/turns/{turn_of(other, thread)['id']}/resume", {})
            done = turn_of(other, thread)
    assert done["status"] == "done"
    assert done["answer"].strip().endswith("Paris.")
    asked = [entry["model"] for entry in provider.log()]
    # Only the draft that was being written is made again; ann also aggregates.
    assert (asked.count("ann"), asked.count("ben"), asked.count("cat")) == (2, 1, 2)


async def test_many_statements_at_once(database: str) -> None:
    import asyncio

    async with opened(database) as memory, opened(database) as other:
        await memory.create("CREATE TABLE IF NOT EXISTS many (x INTEGER PRIMARY KEY, t TEXT)")
        put = "INSERT INTO many VALUES (?, ?)"
        both = [memory.run((put, (i, f"{i}\0"))) for i in range(0, 100, 2)]
        both += [other.run((put, (i, "?"))) for i in range(1, 100, 2)]
        await asyncio.gather(*both)
        # All statements of one call, or none.
        with pytest.raises(Exception, match=r"(?i)unique"):
            await memory.run((put, (100, "")), (put, (1, "")))
        rows = await other.rows("SELECT x FROM many WHERE x >= ? ORDER BY x", 0)
        assert [row["x"] for row in rows] == list(range(100))


async def test_postgres_that_does_not_answer_is_one_line_without_the_password() -> None:
    pytest.importorskip("psycopg_pool", reason="pip install 'langgraph-ensemble[postgres]'")
    address = f"postgresql://ann:hidden-word@127.0.0.1:{free_port()}/chat"
    with pytest.raises(InputError) as told:
        async with opened(address):
            pass
    assert "\n" not in str(told.value)
    assert "PostgreSQL at 127.0.0.1:" in str(told.value)
    assert "hidden" not in str(told.value)
    with pytest.raises(InputError, match=r"write postgresql://user@host"):
        async with opened("postgresql://[hidden-word"):
            pass


def test_the_flag_names_the_file(
    files: dict[str, Path], provider: Provider, tmp_path: Path
) -> None:
    path = tmp_path / "chosen" / "chat.sqlite"
    command = [sys.executable, "-m", "langgraph_ensemble.cli.main", "serve", "--no-studio"]
    process = subprocess.Popen(
        [*command, "--pool", str(files["pool"]), "--data", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout
        assert process.stdout.readline().startswith("Page: ")
        assert path.stat().st_mode & 0o777 == 0o600
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
