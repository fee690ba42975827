"""The files of `examples/` run as they are; `openai_client.py` needs a server, see `studio/`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "examples"


def run(name: str, typed: str = "") -> str:
    done = subprocess.run(
        [sys.executable, str(FOLDER / f"{name}.py")], capture_output=True, text=True, input=typed
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rag", "supervisor", "tool_using_proposer"])
def test_an_example_prints_an_answer(name: str) -> None:
    assert run(name).strip()


@pytest.mark.slow
def test_a_person_corrects_a_draft() -> None:
    lines = run("human_in_the_loop", "Answer: Canberra\n").splitlines()
    assert lines[0].startswith("'Answer: Sydney'. Yours: ")
    assert "reviewed     'Answer: Canberra'" in lines
    assert lines[-1].startswith("answer: ")
