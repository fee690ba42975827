"""`ensemble evaluate --systems` and `ensemble plan` as processes of their own."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from helpers import ensemble
from langgraph_ensemble import Profile
from langgraph_ensemble.cli.main import main
from langgraph_ensemble.testing import Model, bank


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    rows = [{"query": q.text, "dataset": q.domain, "answer": q.answer} for q in bank()[:24]]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.fixture
def pool_file(provider, tmp_path: Path) -> Path:
    provider.set(Model("ann", default_skill=0.95), Model("ben", default_skill=0.4))
    lines = ["members:"]
    for name in ("ann", "ben"):
        lines.append(f"  - {{name: {name}, model: {name}, base_url: {provider.url}, size: 7,")
        lines.append("     price: {input: 1, output: 2}}")
    path = tmp_path / "pool.yaml"
    path.write_text("\n".join(lines))
    return path


def test_what_is_missing_is_told_asked_once_and_replayed(
    questions: Path, pool_file: Path, provider, tmp_path: Path
) -> None:
    command = ["evaluate", "questions.jsonl", "--systems", "singles,majority", "--json"]
    dry = ensemble(*command, "--dry-run", folder=tmp_path)
    assert dry.returncode == 0, dry.stderr
    # What all systems share is asked once; the vote draws samples of its own.
    assert "calls are not recorded yet (ann" in " ".join(dry.stderr.split())
    assert provider.calls() == 0
    first = ensemble(*command, folder=tmp_path)
    assert first.returncode == 0, first.stderr
    asked = provider.calls()
    assert asked > 0
    again = ensemble(*command, folder=tmp_path)
    assert "every call is recorded" in again.stderr
    assert provider.calls() == asked
    assert again.stdout == first.stdout
    found = {row["system"]: row for row in json.loads(first.stdout)["systems"]}
    assert found["single:ann"]["accuracy"]["mean"] > found["single:ben"]["accuracy"]["mean"]
    assert found["single:ann"]["best_single"]
    assert found["majority"]["cost_usd"] > found["single:ann"]["cost_usd"] > 0
    plan = ensemble(
        *["plan", "questions.jsonl", "--systems", "singles,majority", "--json"],
        *["--budget", str(found["single:ann"]["cost_usd"] * 1.01)],
        folder=tmp_path,
    )
    assert plan.returncode == 0, plan.stderr
    assert json.loads(plan.stdout)["system"] == "single:ann"
    assert provider.calls() == asked


def test_a_budget_is_kept_and_what_lacks_is_told(
    questions: Path, pool_file: Path, provider, tmp_path: Path
) -> None:
    done = ensemble(
        *["evaluate", "questions.jsonl", "--systems", "singles", "--max-calls", "10"],
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert provider.calls() == 10
    assert "the budget is used up" in done.stderr


def test_questions_of_the_calibration_are_left_out(
    questions: Path, pool_file: Path, tmp_path: Path
) -> None:
    rows = [{"query": q.text, "scores": {"ann": 1.0, "ben": 0.0}} for q in bank()[:20]]
    Profile.fit(rows).save(tmp_path / "profile")
    command = ["evaluate", "questions.jsonl", "--systems", "singles", "--json"]
    done = ensemble(*command, folder=tmp_path)
    assert "20 of 24 questions are left out" in done.stderr
    assert json.loads(done.stdout)["questions"] == 4
    kept = ensemble(*command, "--in-sample", folder=tmp_path)
    assert json.loads(kept.stdout)["questions"] == 24
    only = ensemble(*command, "--limit", "20", folder=tmp_path)
    assert only.returncode == 0
    (tmp_path / "questions.jsonl").write_text(
        "\n".join((tmp_path / "questions.jsonl").read_text().splitlines()[:20])
    )
    refused = ensemble(*command, folder=tmp_path)
    assert refused.returncode == 2
    assert "calibrated on all 20 questions" in refused.stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--systems", "moa-light"], "did you mean 'moa-lite'"),
        (["--systems", "team"], "needs a task map"),
        (["--systems", "self-consistency:0"], "from 1 to 100"),
        (["--systems", ","], "names no system"),
        (["--systems", "singles", "--report", "out.pdf"], "ends in .html or .md"),
        (["--systems", "singles", "--recorded"], "no recorded answers"),
        (["--systems", "singles", "--recorded", "--pool", "pool.yaml"], "leave --pool out"),
        (["--systems", "singles", "--store", "questions.jsonl"], "no store"),
        (["--systems", "singles", "--task", "gms8k"], "no task 'gms8k'"),
        (["--systems", "singles", "--published"], "needs a --task"),
        (["--systems", "singles", "--task", "aime"], "no 'problem'"),
        (["--task", "aime"], "no 'problem'"),
        (["--task", "flask"], "only a judge can grade flask"),
        (["--judge", "ann"], "--judge needs a --task"),
        (["--task", "aime", "--judge", "ann"], "aime is graded by a rule"),
        (["--task", "flask", "--judge", "cat"], "no judge 'cat'"),
        (["--task", "flask", "--judge", "ann", "--published"], "leave --published out"),
        (["--aggregation-test"], "none of 24 questions has recorded answers"),
        (["--aggregation-test", "--systems", "moa"], "leave --systems out"),
        (["--published"], "needs a --task"),
    ],
)
def test_bad_input_is_one_line(
    questions: Path,
    pool_file: Path,
    tmp_path: Path,
    monkeypatch,
    capsys,
    more: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["evaluate", "questions.jsonl", *more])
    assert left.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1


def test_a_task_needs_no_systems_and_no_accepted_columns(
    pool_file: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    rows = [{"question": f"What is {n} + 1?", "answer": str(n + 1)} for n in range(3)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["evaluate", "rows.jsonl", "--task", "livemathbench", "--json"])
    told = capsys.readouterr()
    assert left.value.code in (0, None), told.err
    found = {row["system"] for row in json.loads(told.out)["systems"]}
    assert {"single:ann", "single:ben", "majority", "self-consistency:5"} <= found
    with pytest.raises(SystemExit):
        main(["evaluate", "--task", "meld"])
    assert "meld is not on Hugging Face in this form" in capsys.readouterr().err


def test_a_plan_from_recorded_answers_asks_nobody(tmp_path: Path) -> None:
    rows = [
        {
            "query": f"What is {i} + 1?",
            "answer": str(i + 1),
            "answers": {"good": f"Answer: {i + 1}", "bad": f"Answer: {i}"},
        }
        for i in range(30)
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = ensemble("plan", "rows.jsonl", "--recorded", "--accuracy", "0.9", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Use single:good:" in done.stdout
    none = ensemble("plan", "rows.jsonl", "--recorded", "--budget", "1", folder=tmp_path)
    assert none.returncode == 2
    assert "no price is known" in none.stderr


def test_the_pages_commands_run_on_recorded_answers(tmp_path: Path, monkeypatch, capsys) -> None:
    rows = [
        {"query": f"What is {i} + 1?", "answer": str(i + 1), "answers": {"a": str(i + 1), "b": "7"}}
        for i in range(30)
    ]
    (tmp_path / "answers.jsonl").write_text("\n".join(map(json.dumps, rows)))
    page = (Path(__file__).parents[2] / "docs" / "evaluating.md").read_text()
    commands = [c for c in re.findall(r"^ensemble (.+)$", page, re.M) if "--recorded" in c]
    assert len(commands) == 2
    monkeypatch.chdir(tmp_path)
    for command in commands:
        with pytest.raises(SystemExit) as left:
            main(shlex.split(command))
        assert left.value.code in (0, None)
        assert "single:a" in capsys.readouterr().out


def test_it_works_at_once_on_the_bundled_models(tmp_path: Path, monkeypatch, capsys) -> None:
    for variable in ("ENSEMBLE_POOL", "ENSEMBLE_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    arguments = ["evaluate", "--limit", "20", "--systems", "single:generalist,routed", "--json"]
    said = []
    for _ in range(2):
        with pytest.raises(SystemExit) as left:
            main([*arguments, "--report", "report.html"])
        assert left.value.code in (0, None)
        said.append(capsys.readouterr())
    assert "every call is recorded" in said[1].err
    assert said[0].out == said[1].out
    rows = {row["system"]: row for row in json.loads(said[0].out)["systems"]}
    assert rows["routed"]["accuracy"]["mean"] > rows["single:generalist"]["accuracy"]["mean"]
    assert "<svg" in (tmp_path / "report.html").read_text()
    with pytest.raises(SystemExit) as left:
        main(["plan", *arguments[1:], "--accuracy", "0.1"])
    assert left.value.code in (0, None)
    # The same questions, from the same store; the cheapest is asked for.
    planned = json.loads(capsys.readouterr().out)
    assert planned["questions"] == 20
    assert {each["name"] for each in planned["candidates"]} == set(rows)
    (tmp_path / "pool.yaml").write_text("members: [ollama:a]")
    for command in ("evaluate", "plan"):
        with pytest.raises(SystemExit) as left:
            main([command, *arguments[1:]])
        assert left.value.code == 2
        assert "name the questions" in capsys.readouterr().err
