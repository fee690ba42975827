"""What models, servers and files say is shown by the command line, and not obeyed by a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import attacks
import pytest
from helpers import ensemble
from langgraph_ensemble.records import printable
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import write_pool

OBEYED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys, but for tab and newline."""
SAID = " ".join(text for name, text in attacks.CONTROLS.items() if name != "half characters")
NAMES = ("ann", "ben", "cat")


@pytest.fixture
def folder(provider: Provider, tmp_path: Path) -> Path:
    provider.set(*(Model(name, says=f"{name} says {SAID} [red]x[/red] [/]") for name in NAMES))
    write_pool(tmp_path, provider.url)
    return tmp_path


@pytest.mark.parametrize("text", attacks.CONTROLS.values(), ids=list(attacks.CONTROLS))
def test_a_stream_is_made_printable_piece_by_piece(text: str) -> None:
    whole = printable(text)
    assert not OBEYED.search(whole)
    assert whole.encode()
    assert "".join(map(printable, text)) == whole


@pytest.mark.parametrize("graph", ["moa-lite", "smoa", "avengers"])
def test_no_escape_sequence_reaches_standard_output_or_error(folder: Path, graph: str) -> None:
    done = ensemble("ask", "What is it?", "-g", graph, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "PWNED" in done.stdout
    assert not OBEYED.search(done.stdout)
    assert not OBEYED.search(done.stderr)


def test_json_escapes_them_and_loses_nothing(folder: Path) -> None:
    done = ensemble("ask", "What is it?", "-g", "moa-lite", "--json", folder=folder)
    assert not OBEYED.search(done.stdout)
    assert "\x1b[2J" in json.loads(done.stdout)["answer"]


def test_the_table_of_a_terminal_shows_them(folder: Path) -> None:
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "langgraph_ensemble.cli.main", "ask", "What?", "-g", "smoa"]
    environment = {**os.environ, "COLUMNS": "200", "TERM": "xterm", "LINES": "50"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=follower, stderr=follower, stdin=follower
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(leader)
    assert process.wait(60) == 0
    text = shown.decode()
    assert "PWNED" in text
    # The colours of the table are our own.
    for sequence in ("\x1b[2J", "\x1b]", "\x9b", "\x07", "\u202e", "\u2066", "\b"):
        assert sequence not in text


def test_a_check_of_the_pool_shows_markup_as_it_is(folder: Path) -> None:
    done = ensemble("pool", "check", folder=folder)
    assert done.returncode == 0, done.stderr
    assert not OBEYED.search(done.stdout)
    assert "ann says" in done.stdout


def test_an_error_of_bad_input_is_one_printable_line(folder: Path) -> None:
    bad = folder / "bad.yaml"
    bad.write_text('members: [{name: a, model: m, "x\\e[2J\\n\\u202ey": 1}]\n')
    done = ensemble("ask", "What is it?", "--pool", str(bad), folder=folder)
    assert done.returncode == 2
    assert "unknown key" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not OBEYED.search(done.stderr)
