"""The command line as a process of its own: output, progress, exit codes."""

from __future__ import annotations

import json
import shlex
from importlib import metadata
from pathlib import Path

import pytest
from helpers import ensemble, question
from langgraph_ensemble import Pool
from langgraph_ensemble.cli.licences import licences
from langgraph_ensemble.cli.main import main
from langgraph_ensemble.testing import Model, Provider


@pytest.fixture
def folder(provider: Provider, written_pool: str, tmp_path: Path) -> Path:
    """A folder with a pool.yaml that the command line itself wrote."""
    provider.set(*(Model(n, tokens=8) for n in ("ann", "ben", "cat", "dan")))
    (tmp_path / "pool.yaml").write_text(written_pool)
    return tmp_path


def test_pool_init_writes_a_commented_pool_of_what_the_server_offers(folder, provider) -> None:
    text = (folder / "pool.yaml").read_text()
    assert {"ann", "ben", "cat", "dan"} <= set(Pool.from_file(folder / "pool.yaml").names)
    assert "# " in text
    again = ensemble("pool", "init", "--base-url", provider.url, folder=folder)
    assert again.returncode == 2
    assert "--force" in again.stderr


def test_pool_init_without_a_server_says_what_to_look_at(tmp_path) -> None:
    done = ensemble("pool", "init", "--base-url", "http://127.0.0.1:9/v1", folder=tmp_path)
    assert done.returncode == 2
    assert "is the server running" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "pool.yaml").exists()


def test_pool_check_tells_who_answers_and_what_is_wrong(folder, provider) -> None:
    provider.set(Model("ben", fault="unauthorised"))
    done = ensemble("pool", "check", folder=folder)
    assert done.returncode == 1
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert " yes " in rows["ann"]
    assert " no " in rows["ben"]
    assert "401" in rows["ben"]
    report = json.loads(ensemble("pool", "check", "--json", folder=folder).stdout)
    assert {row["member"]: row["ok"] for row in report}["ben"] is False
    assert "confidence" not in done.stderr


def test_pool_check_tells_where_the_confidence_of_the_pool_applies(
    folder, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(folder)
    pool = folder / "sure.yaml"
    pool.write_text((folder / "pool.yaml").read_text() + "confidence: 0.6\n")
    with pytest.raises(SystemExit) as left:
        main(["pool", "check", "--pool", str(pool)])
    assert left.value.code in (0, None)
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(
        "confidence: 0.6 applies to Avengers, and to other graphs over a task map"
    )


def test_ask_streams_the_answer_and_shows_progress_elsewhere(folder) -> None:
    done = ensemble("ask", question().text, "--graph", "moa-lite", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "Answer: " in done.stdout
    assert "thinking" not in done.stdout
    for name in ("ann", "ben", "cat", "dan"):
        assert f"propose 1 {name}: thinking" in done.stderr
        assert f"propose 1 {name}: done" in done.stderr
    assert "cost unknown" in done.stderr


def test_ask_prints_the_account_as_json_and_takes_knobs(folder) -> None:
    done = ensemble(
        "ask", "-", "-g", "smoa", "--json", "--set", "rounds=1", "--set", "seed=7",
        folder=folder, stdin=question().text,
    )  # fmt: skip
    result = json.loads(done.stdout)
    assert result["strategy"] == "smoa"
    assert result["seed"] == 7
    assert len(result["rounds"]) == 1


def test_a_failed_member_is_shown_and_does_not_spoil_the_answer(folder, provider) -> None:
    provider.set(Model("ben", fault="dead"))
    done = ensemble("ask", question().text, "-g", "moa-lite", folder=folder)
    assert done.returncode == 0
    assert "propose 1 ben: failed" in done.stderr


def test_without_a_task_map_the_whole_pool_is_asked(folder) -> None:
    done = ensemble("ask", question().text, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "no task map: asking ann, ben, cat, dan" in done.stderr
    assert "Answer: " in done.stdout


@pytest.mark.parametrize("quiet", [(), ("-q",)])
def test_an_unsure_answer_is_noted_on_standard_error(folder, provider, quiet) -> None:
    provider.set(Model("ann", says="Answer: 4"), Model("ben", says="Answer: 5"))
    pool = folder / "pool.yaml"
    pool.write_text(f"proposers: [ann, ben]\ndecline: I will not guess.\n{pool.read_text()}")
    asked = ("ask", "Whither?", "--set", "samples=2", "--set", "confidence=0.6", *quiet)
    done = ensemble(*asked, folder=folder)
    assert done.stdout == "I will not guess.\n"
    assert "unsure: confidence 0.50 below 0.6; 50% of the drafts agree; declined; " in done.stderr
    assert "the best guess was: Answer: 4" in done.stderr
    result = json.loads(ensemble(*asked, "--json", folder=folder).stdout)
    assert (result["unsure"], result["confidence"], result["declined"]) == (True, 0.5, True)


def test_nobody_answering_is_one_line_and_exit_code_1(folder, provider) -> None:
    provider.set(*(Model(n, fault="unauthorised") for n in ("ann", "ben", "cat", "dan")))
    done = ensemble("ask", "Hello?", "-g", "moa-lite", "-q", folder=folder)
    assert done.returncode == 1
    assert "no member gave a usable answer" in done.stderr
    assert done.stdout == ""


def test_draw_prints_the_diagram_without_network(folder) -> None:
    mermaid = ensemble("draw", "-g", "smoa", folder=folder).stdout
    assert mermaid.startswith("---") or mermaid.startswith("graph")
    assert "propose_ann" in mermaid
    plain = ensemble("draw", "-g", "moa", "--format", "ascii", folder=folder).stdout
    assert "propose_ann" in plain


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", "x", "--graph", "mao"], "did you mean 'moa'"),
        (["ask", "x", "-g", "moa", "--set", "layers=99"], "'layers'"),
        (["ask", "x", "-g", "moa", "--set", "layres=2"], "did you mean 'layers'"),
        (["ask", "x", "-g", "moa", "--set", "layers"], "write name=value"),
        (["ask", " ", "-g", "moa"], "the question is empty"),
        (["ask", "x", "--pool", "none.yaml"], "none.yaml: cannot be read"),
        (["draw", "-g", "moa", "--format", "pdf"], "choose mermaid or ascii"),
        (["ask"], "Missing argument"),
        (["aks"], "No such command"),
        (["ask", "x", "--polo", "y"], "No such option"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(folder, arguments, message) -> None:
    done = ensemble(*arguments, folder=folder)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.strip().count("\n") == 0
    assert done.stdout == ""


def test_pool_is_found_by_flag_then_environment_then_folder(folder, tmp_path_factory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    named = ensemble("draw", "-g", "moa", folder=elsewhere, ENSEMBLE_POOL=str(folder / "pool.yaml"))
    assert "propose_ann" in named.stdout
    flag = ensemble("draw", "-g", "moa", "--pool", str(folder / "pool.yaml"), folder=elsewhere)
    assert "propose_ann" in flag.stdout
    bundled = ensemble("ask", "What is 2 + 2?", "-g", "moa-lite", folder=elsewhere)
    assert "bundled pocket models" in bundled.stderr


def test_alone_it_tells_which_models_and_what_to_try(folder, tmp_path_factory) -> None:
    bare = tmp_path_factory.mktemp("bare")
    alone = ensemble(folder=bare)
    assert alone.returncode == 0, alone.stderr
    assert "the bundled ones" in alone.stdout
    assert "ensemble --help" in alone.stdout
    own = ensemble(folder=folder).stdout
    assert "those of pool.yaml, found in this folder" in own
    named = ensemble(folder=bare, ENSEMBLE_POOL="none.yaml").stdout
    assert "named by ENSEMBLE_POOL, but there is no such file" in named


@pytest.mark.parametrize("place", ["bundled", "own"])
def test_what_it_says_to_try_works(folder, tmp_path_factory, place) -> None:
    where = folder if place == "own" else tmp_path_factory.mktemp("bare")
    lines = [line.strip() for line in ensemble(folder=where).stdout.splitlines()]
    tried = [line.partition("   ")[0] for line in lines if line.startswith("ensemble ")]
    assert [line.split()[1] for line in tried] == ["ask", "pool", "serve"]
    done = ensemble(*shlex.split(tried[0])[1:], folder=where)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    for line in tried:
        words = [word for word in shlex.split(line)[1:] if word.isalpha()][:2]
        command = words if words[0] == "pool" else words[:1]
        assert ensemble(*command, "--help", folder=where).returncode == 0


def test_licenses_lists_what_is_installed_and_names_the_exception(tmp_path) -> None:
    done = ensemble("--licenses", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.strip() for line in done.stdout.splitlines() if line.strip()}
    assert rows["langgraph-ensemble"].endswith("MIT")
    assert "MIT" in rows["langgraph"]
    assert "Apache" in rows["tokenizers"]
    assert "BSD" in rows["numpy"]
    assert "Elastic License 2.0" in " ".join(done.stdout.split())
    for name, version, licence in licences():
        assert licence, name
        assert version == metadata.version(name)


def test_the_server_of_studio_is_listed_where_it_is_installed() -> None:
    pytest.importorskip("langgraph_api", reason="needs the extra [studio]")
    assert {name: licence for name, _, licence in licences()}["langgraph-api"] == "Elastic-2.0"
