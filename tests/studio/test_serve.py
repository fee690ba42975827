"""`ensemble serve`: its messages while loading, how often it loads, and bad arguments."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from langgraph_ensemble.studio.listen import is_open

ALL = "0.0.0.0"  # noqa: S104 - nothing listens there in these tests

# Every Python process of a run records that it opened the task map.
WATCH = """
import os, sys

def hook(event, arguments):
    if event == "open" and str(arguments[0]).endswith("profile.json"):
        with open(os.environ["WATCHED"], "a") as file:
            file.write(f"{os.getpid()}\\n")

sys.addaudithook(hook)
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "langgraph_ensemble.cli.main", "serve", *arguments]


def clean(folder: Path, **more: str) -> dict[str, str]:
    """An environment without the user's settings, with its data in `folder`."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("ENSEMBLE_")}
    return {**env, "ENSEMBLE_DATA": str(folder / "conversations.sqlite"), **more}


def refused(folder: Path, *arguments: str, **more: str) -> list[str]:
    """The lines on standard error of a start that fails with exit code 2."""
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        env=clean(folder, **more),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert all(line.startswith("ensemble: ") for line in done.stderr.splitlines()), done.stderr
    return done.stderr.splitlines()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--port", "99999"], "--port 99999: choose one from 1 to 65535"),
        (["--port", "-1"], "--port -1: choose one from 1 to 65535"),
        (["--host", "nowhere.invalid"], "--host 'nowhere.invalid': there is no such address"),
        (["--host", "::1"], "--host '::1': LangGraph's server has no IPv6"),
        (["--host", ""], "--host '': there is no such address"),
        (["--host", "203.0.113.9"], "--host '203.0.113.9': this machine does not have"),
        (["--host", "203.0.113.9", "--port", "8123"], "--host '203.0.113.9': this machine"),
    ],
)
def test_a_bad_address_is_one_line(tmp_path: Path, arguments: list[str], says: str) -> None:
    (line,) = refused(tmp_path, *arguments)
    assert line.startswith(f"ensemble: {says}")


def test_a_port_that_is_taken_is_to_blame_and_not_the_host(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (line,) = refused(tmp_path, "--port", str(port))
    assert line.startswith(f"ensemble: --port {port}: another program listens there")


@pytest.mark.parametrize("more", [[], ["--no-studio"]])
def test_a_bad_pool_is_one_line_after_what_is_loading(tmp_path: Path, more: list[str]) -> None:
    pool = tmp_path / "pool.yaml"
    pool.write_text("members: []")
    loading, wrong = refused(tmp_path, "--pool", str(pool), *more)
    assert loading.startswith(f"ensemble: loading the pool {pool}")
    assert wrong == f"ensemble: {pool}: a pool needs at least one member"


def test_a_task_map_of_other_members_is_one_line(tmp_path: Path, files: dict[str, Path]) -> None:
    pool = tmp_path / "pool.yaml"
    pool.write_text("members: [{name: zoe, model: zoe, base_url: 'http://127.0.0.1:9/v1'}]")
    arguments = ["--no-studio", "--pool", str(pool), "--profile", str(files["profile"])]
    _, wrong = refused(tmp_path, *arguments)
    assert "the profile knows ann, ben, cat" in wrong


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    lines = refused(tmp_path, ENSEMBLE_DATA=str(tmp_path / "file" / "data.sqlite"))
    assert "cannot write to" in lines[-1]


def test_an_address_that_others_reach_is_warned_of(tmp_path: Path) -> None:
    # The pool is invalid, so that the server never starts to listen.
    (tmp_path / "pool.yaml").write_text("members: []")
    lines = refused(tmp_path, "--host", ALL, "--no-studio")
    assert lines[0].startswith("ensemble: warning: 0.0.0.0 can be reached from other machines")


@pytest.mark.parametrize(
    ("host", "reached"),
    [("127.0.0.1", False), ("127.8.8.8", False), ("::1", False), ("localhost", False),
     (ALL, True), ("::", True), ("192.168.1.4", True), ("myhost", True)],
)  # fmt: skip
def test_who_reaches_an_address(host: str, reached: bool) -> None:
    assert is_open(host) is reached


@pytest.mark.parametrize("more", [[], ["--no-studio"]])
def test_the_task_map_is_read_once(tmp_path: Path, files: dict[str, Path], more) -> None:
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    watched = tmp_path / "watched"
    env = clean(
        tmp_path,
        ENSEMBLE_POOL=str(files["pool"]),
        ENSEMBLE_PROFILE=str(files["profile"]),
        PYTHONPATH=str(tmp_path),
        WATCHED=str(watched),
    )
    with (tmp_path / "told").open("w") as told:
        process = subprocess.Popen(
            command(*more), cwd=tmp_path, env=env, text=True, stdout=subprocess.PIPE, stderr=told
        )
    try:
        assert process.stdout
        assert process.stdout.readline().startswith("Page: http://127.0.0.1:")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert len(watched.read_text().split()) == 1
    (loading,) = (tmp_path / "told").read_text().splitlines()
    assert loading.startswith(f"ensemble: loading the pool {files['pool']}, the task map")
    assert ("the LangGraph API" in loading) is not more
