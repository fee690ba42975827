"""Every snippet of the documentation and every example is run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from langgraph_ensemble.pocket.questions import DOMAINS, sample

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
SNIPPETS = [
    pytest.param(text, id=f"{page.stem}-{place}")
    for page in PAGES
    # Its snippets are tests: tests/testing runs them with pytest.
    if page.stem != "testing"
    for place, text in enumerate(
        re.findall(r"^```python\n(.*?)^```", page.read_text(), re.M | re.S)
    )
]
EXAMPLES = [
    pytest.param(
        path,
        id=path.stem,
        marks=pytest.mark.skipif(
            path.stem == "under_inspect" and find_spec("inspect_ai") is None,
            reason="pip install 'langgraph-ensemble[inspect]'",
        ),
    )
    for path in sorted((ROOT / "examples").glob("*.py"))
    if "client" not in path.stem
]


def run(*command: str, folder: Path, typed: str = "") -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("ENSEMBLE_")}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        input=typed,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_snippets_run(snippet: str, tmp_path: Path):
    script = tmp_path / "snippet.py"
    script.write_text(snippet)
    assert run(str(script), folder=tmp_path).strip()


def test_the_calibrating_pages_commands_run_on_the_bundled_models(tmp_path: Path):
    asked = [q for domain in DOMAINS for q in sample(domain, 3, 5, "calibration")]
    rows = [json.dumps({"query": q.text, "answer": q.answer}) for q in asked]
    (tmp_path / "questions.jsonl").write_text("\n".join(rows))
    page = (ROOT / "docs" / "calibrating.md").read_text()
    commands = re.findall(r"^ensemble (calibrate .*)$", page, re.M)
    assert commands
    for command in commands:
        said = run("-m", "langgraph_ensemble.cli.main", *shlex.split(command), folder=tmp_path)
        assert "profile" in said
    assert (tmp_path / "profile" / "map.html").exists()


@pytest.mark.parametrize("path", EXAMPLES)
def test_examples_run(path: Path, tmp_path: Path):
    assert run(str(path), folder=tmp_path).strip()


def test_a_person_corrects_a_draft(tmp_path: Path):
    example = ROOT / "examples" / "human_in_the_loop.py"
    lines = run(str(example), folder=tmp_path, typed="Answer: Canberra\n").splitlines()
    assert lines[0].startswith("'Answer: Sydney'. Yours: ")
    assert "reviewed     'Answer: Canberra'" in lines
    assert lines[-1].startswith("answer: ")


def test_the_client_example_and_the_snippet_talk_to_the_server(server: str, tmp_path: Path):
    example = ROOT / "examples" / "openai_client.py"
    assert "ok" in run(str(example), server, folder=tmp_path)
    page = (ROOT / "docs" / "openai.md").read_text()
    snippets = re.findall(r"^```py\n(.*?)^```", page, re.M | re.S)
    script = tmp_path / "snippet.py"
    # The later ones go on with the client of the first.
    script.write_text("\n".join([f"URL = {server!r}", *snippets]))
    assert "('ann', 'ok')" in run(str(script), folder=tmp_path)


def test_every_page_is_in_the_navigation_and_every_link_leads_somewhere():
    text = (ROOT / "mkdocs.yml").read_text().replace("!!python/name:", "")
    listed = set(re.findall(r"[\w-]+\.md", str(yaml.safe_load(text)["nav"])))
    assert listed == {page.name for page in PAGES}
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_documentation_builds_without_a_warning(tmp_path: Path):
    pytest.importorskip("mkdocs", reason="pip install 'langgraph-ensemble[docs]'")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr
    for page in PAGES:
        text = (tmp_path / f"{page.stem}.html").read_text()
        for name in re.findall(r"^::: \S+\.(\w+)", page.read_text(), re.M):
            assert re.search(rf'<h2 id="langgraph_ensemble[\w.]*\.{name}"', text), name
