"""Every command and snippet of the README runs."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from helpers import profile
from langgraph_ensemble import Pool
from langgraph_ensemble.testing import Model, bank

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
PYTHON = [text for kind, text in BLOCKS if kind == "python"]
SHELL = [line for kind, text in BLOCKS if kind == "sh" for line in text.strip().splitlines()]
ENSEMBLE = [line for line in SHELL if line.startswith("ensemble ")]


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("ENSEMBLE_")}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=100, env=clean
    )


@pytest.fixture
def folder(provider, written_pool: str, tmp_path: Path) -> Path:
    """A folder with the pool.yaml that the README's first command writes."""
    provider.set(*(Model(name, tokens=6) for name in ("ann", "ben", "cat", "dan")))
    (tmp_path / "pool.yaml").write_text(written_pool)
    lines = [json.dumps({"query": q.text, "answer": q.answer}) for q in bank()[:24]]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines))
    return tmp_path


def test_the_readme_has_what_these_tests_look_for() -> None:
    assert len(PYTHON) >= 6
    assert len(ENSEMBLE) >= 4
    assert [line for line in SHELL if line.startswith("make ")][:2] == [
        line for line in SHELL if line.split()[:2] in (["make", "demo"], ["make", "test"])
    ]


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_every_python_snippet_runs(folder, number) -> None:
    script = folder / "snippet.py"
    script.write_text(PYTHON[number])
    done = run([sys.executable, str(script)], folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize(
    "line", [line for line in ENSEMBLE if "serve" not in line and "init" not in line]
)
def test_every_ensemble_command_runs(folder, line) -> None:
    command = [sys.executable, "-m", "langgraph_ensemble.cli.main", *shlex.split(line)[1:]]
    if "--profile" in command:
        profile(ann=["algebra"], ben=["history"]).save(folder / "profile")
    done = run(command, folder)
    assert done.returncode in (0, 1) if "check" in command else done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("make ")])
def test_every_make_target_exists(line) -> None:
    target = shlex.split(line, comments=True)[1]
    done = run(["make", "--dry-run", target], ROOT)
    assert done.returncode == 0, done.stderr


def test_the_pool_written_by_hand_is_read(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TOGETHER_API_KEY", "anything")
    text = next(text for kind, text in BLOCKS if kind == "yaml")
    (tmp_path / "pool.yaml").write_text(text)
    pool = Pool.from_file(tmp_path / "pool.yaml")
    assert pool.names == [entry["name"] for entry in yaml.safe_load(text)["members"]]
    assert pool.aggregator == "big"


def test_the_layout_names_what_is_there() -> None:
    text = (ROOT / "README.md").read_text()
    listed = re.search(r"## Layout\n\n```\n(.*?)```", text, re.S)
    assert listed
    for line in listed[1].splitlines():
        assert (ROOT / line.split()[0]).exists(), line


def test_images_are_there() -> None:
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / path).is_file()
