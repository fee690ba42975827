"""A PostgreSQL server for one benchmark, started from its binaries in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

STARTS_WITHIN = 30.0
"""Seconds that the server may take until it answers."""


def binary(name: str) -> str | None:
    """The path of one of PostgreSQL's programs, the newest that is found."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name)
    return str(Path(found).resolve()) if found else str(beside[-1]) if beside else None


def missing() -> str | None:
    """What is missing to run PostgreSQL here; None if nothing is."""
    for package in ("psycopg", "langgraph.checkpoint.postgres"):
        try:
            found = find_spec(package)
        except ModuleNotFoundError:
            found = None
        if found is None:
            return "pip install langgraph-checkpoint-postgres 'psycopg[binary]'"
    if binary("postgres") is None or binary("initdb") is None:
        return "no postgres and initdb on PATH or below /usr/lib/postgresql"
    if os.geteuid() == 0 and (_other_user() is None or shutil.which("setpriv") is None):
        return "PostgreSQL does not run as root: it needs setpriv and a user postgres or nobody"
    return None


def _other_user() -> pwd.struct_passwd | None:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


@contextmanager
def postgres() -> Iterator[str]:
    """A running server; its connection string."""
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    # Where it can be said, the server ends with this process, even if that is killed.
    before = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
    if os.geteuid() == 0 and (user := _other_user()) is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
        ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        before += ids
    data = str(folder / "data")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    make = [binary("initdb"), "-D", data, "-A", "trust", "-U", "kills", "--no-sync"]
    serve = [binary("postgres"), "-D", data, "-k", str(folder), "-p", str(port)]
    server: subprocess.Popen[bytes] | None = None
    try:
        subprocess.run([*before, *map(str, make)], check=True, capture_output=True, cwd=folder)
        server = subprocess.Popen(
            [*before, *map(str, serve), "-c", "listen_addresses=127.0.0.1"],
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        _wait_for(port)
        yield f"postgresql://kills@127.0.0.1:{port}/postgres"
    finally:
        if server is not None:
            # A fast shutdown: clients that are still connected are cut off.
            server.send_signal(signal.SIGINT)
            server.wait(STARTS_WITHIN)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int) -> None:
    import psycopg

    ends = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            psycopg.connect(f"postgresql://kills@127.0.0.1:{port}/postgres").close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
