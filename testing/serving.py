"""The HTTP application as a process of its own, for tests of its clients."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import yaml


def free_port() -> int:
    """A free port of 127.0.0.1.

    Example:
        >>> 0 < free_port() < 65536
        True
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def write_pool(
    folder: Path,
    url: str,
    names: Sequence[str] = ("ann", "ben", "cat"),
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> Path:
    """Write a pool.yaml over models of a `Provider`.

    Args:
        folder: Folder of the file.
        url: The provider's address.
        names: Names of its models, which are also the members' names.
        more: Further fields of the members, by name.

    Returns:
        The path of the file.

    Example:
        >>> import tempfile
        >>> from langgraph_ensemble import Pool
        >>> folder = Path(tempfile.mkdtemp())
        >>> Pool.from_file(write_pool(folder, "http://127.0.0.1:9/v1")).names
        ['ann', 'ben', 'cat']
    """
    price = {"input": 1.0, "output": 2.0}
    members = [
        {
            "name": n,
            "model": n,
            "base_url": url,
            "price": price,
            "retries": 0,
            "size": 7.0,
            **dict((more or {}).get(n, {})),
        }
        for n in names
    ]
    path = folder / "pool.yaml"
    path.write_text(yaml.safe_dump({"members": members}))
    return path


@contextmanager
def serving(command: Sequence[str], port: int, env: Mapping[str, str], path: str) -> Iterator[str]:
    """Run a server until the block ends; see `process_serving`.

    Yields:
        The server's address.
    """
    with process_serving(command, port, env, path) as (url, _):
        yield url


@contextmanager
def process_serving(
    command: Sequence[str],
    port: int,
    env: Mapping[str, str],
    path: str,
    log: Path | None = None,
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a server until the block ends.

    Args:
        command: Command line of the server.
        port: Port on which it listens.
        env: Added to the environment.
        path: The server counts as started when a GET of this path is answered.
        log: The file of its output; by default beside `ENSEMBLE_DATA`.

    Yields:
        The server's address, and its process, which may be killed meanwhile.

    Raises:
        RuntimeError: It did not start; the message has the end of its output.
    """
    url = f"http://127.0.0.1:{port}"
    log = log or Path(env["ENSEMBLE_DATA"]).with_suffix(".log")
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603
            command, env={**os.environ, **env}, stdout=output, stderr=output, cwd=log.parent
        )
    try:
        _wait_for(url + path, process, log)
        yield url, process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def app_server(
    folder: Path,
    pool: Path,
    profile: Path | None = None,
    more: Mapping[str, str] | None = None,
) -> AbstractContextManager[str]:
    """Run the HTTP application under uvicorn until the block ends; needs the `studio` extra.

    Args:
        folder: Folder of its conversations and its log.
        pool: A pool.yaml.
        profile: The folder of a task map.
        more: Further environment variables, such as `ENSEMBLE_MAX_RUNS`.

    Returns:
        A context manager; its value is the address, without the `/v1`.

    Example:
        >>> import tempfile
        >>> from langgraph_ensemble.testing import Model, Provider
        >>> folder = Path(tempfile.mkdtemp())
        >>> with Provider([Model("ann")]) as provider:
        ...     with app_server(folder, write_pool(folder, provider.url, ["ann"])) as url:
        ...         print(urllib.request.urlopen(url + "/health").status)
        200
    """
    port = free_port()
    env = {"ENSEMBLE_POOL": str(pool), "ENSEMBLE_DATA": str(folder / "conversations.sqlite")}
    env |= more or {}
    if profile:
        env["ENSEMBLE_PROFILE"] = str(profile)
    return serving(app_command(port), port, env, "/live")


def app_command(port: int) -> list[str]:
    """The command line of the HTTP application alone.

    Example:
        >>> app_command(8000)[-3:]
        ['8000', '--log-level', 'warning']
    """
    module = "langgraph_ensemble.studio.app:app"
    command = [sys.executable, "-m", "uvicorn", module, "--port", str(port)]
    return [*command, "--log-level", "warning"]


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
