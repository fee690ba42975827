"""`ensemble calibrate` and `ensemble evaluate` as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from langgraph_ensemble import Profile
from langgraph_ensemble.testing import Model, Provider, bank


def command(*arguments: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    """The command line in `folder`, without the user's own settings."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ENSEMBLE_", "OPENAI_"))}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "langgraph_ensemble.cli.main", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**clean, "COLUMNS": "200", **environment},
    )


def ensemble(*arguments: str, folder: Path) -> tuple[int, str, str]:
    process = command(*arguments, folder=folder)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def write(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def recorded(count: int = 60) -> list[dict]:
    """Recorded scores of two specialists on the bank's algebra and history."""
    return [
        {
            "query": q.text,
            "dataset": q.domain,
            "scores": {"ann": float(q.domain == "algebra"), "ben": float(q.domain == "history")},
        }
        for q in bank()
        if q.domain in ("algebra", "history")
    ][:count]


@pytest.fixture
def folder(provider: Provider, tmp_path: Path) -> Path:
    """A folder with questions and a pool of two specialists."""
    low = {"chemistry": 0.0, "grammar": 0.0}
    provider.set(
        Model("ann", skill={"algebra": 1.0, "history": 0.0, **low}),
        Model("ben", skill={"algebra": 0.0, "history": 1.0, **low}),
    )
    member = "  - {{name: {0}, model: {0}, base_url: '{1}', price: {{input: 1, output: 2}},"
    member += " size: 7}}\n"
    text = "members:\n" + "".join(member.format(name, provider.url) for name in ("ann", "ben"))
    (tmp_path / "pool.yaml").write_text(text)
    rows = [{"query": r["query"], "dataset": r["dataset"]} for r in recorded(24)]
    answers = {q.text: q.answer for q in bank()}
    write(tmp_path / "data.jsonl", [{**row, "answer": answers[row["query"]]} for row in rows])
    return tmp_path


def test_calibrate_asks_shows_and_saves(folder, provider) -> None:
    code, out, err = ensemble(
        *("calibrate", "data.jsonl", "--pool", "pool.yaml", "--samples", "2"), folder=folder
    )
    assert code == 0, err
    assert provider.calls() == 48
    assert "asking 48/48: 48 calls, $0.00" in err
    for part in ("telling words", "Solve for x", "95% interval", "gain of routing", "48 calls"):
        assert part in out
    assert "Task map" in (folder / "profile" / "map.html").read_text()
    profile = Profile.load(folder / "profile")
    assert profile.route(["Solve for x: 3 x = 9. What number is x?"])[0][0].member == "ann"
    ask = ensemble("ask", "Solve for x: 3 x = 9. What number is x?", folder=folder)
    assert "routed to ann" in ask[2], "the profile in the folder is found"


def test_a_killed_command_goes_on_where_it_was(folder, provider) -> None:
    provider.set(Model("ben", first_token_ms=20_000))
    arguments = ("calibrate", "data.jsonl", "--pool", "pool.yaml", "--concurrency", "3", "--json")
    process = command(*arguments, folder=folder)
    for _ in range(2400):
        if len(provider.log("ben")) == 3:
            break
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    lost = sum(entry["status"] == 0 for entry in provider.log())
    finished = provider.calls() - lost
    assert (lost, finished > 0) == (3, True)
    provider.set(Model("ben"))
    code, out, err = ensemble(*arguments, folder=folder)
    assert code == 0, err
    result = json.loads(out)
    assert result["calls"] == provider.calls() - lost == 48
    assert {c["id"] for c in result["map"]} == set(range(result["clusters"]))


def test_bad_rows_are_listed_by_line(tmp_path) -> None:
    blank = {"query": " ", "scores": {}}
    rows = [*recorded(20), blank, {"query": "q", "scores": {"ann": 2}}, blank]
    write(tmp_path / "data.jsonl", rows)
    code, out, err = ensemble("calibrate", "data.jsonl", folder=tmp_path)
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert lines[0].startswith("data.jsonl, lines 21 and 23: no question")
    assert lines[1].startswith("data.jsonl, line 22: score of 'ann'")
    assert lines[2].startswith("ensemble: 3 bad rows")
    assert "--skip-bad" in lines[2]
    assert not (tmp_path / "profile").exists()
    code, out, err = ensemble("calibrate", "data.jsonl", "--skip-bad", folder=tmp_path)
    assert code == 0, err
    assert "20 questions" in out
    assert "line 22" in err


def test_recorded_scores_alone_need_no_pool_and_evaluate_reads_them(tmp_path) -> None:
    write(tmp_path / "train.jsonl", recorded()[:40])
    write(tmp_path / "test.jsonl", recorded()[40:])
    code, _, err = ensemble("calibrate", "train.jsonl", "--quiet", folder=tmp_path)
    assert (code, err) == (0, "")
    code, out, err = ensemble("evaluate", "test.jsonl", "--json", folder=tmp_path)
    assert code == 0, err
    result = json.loads(out)
    assert result["routed"]["mean"] == result["oracle"]["mean"] == 1.0
    assert 0.3 < result["best_single"]["mean"] < 0.7
    assert set(result["datasets"]) == {"algebra", "history"}
    code, out, _ = ensemble("evaluate", "test.jsonl", "--profile", "profile", folder=tmp_path)
    assert code == 0
    assert "oracle" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["calibrate", "none.jsonl"], "no file none.jsonl"),
        (["calibrate", "data.jsonl", "--pool", "none.yaml"], "none.yaml"),
        (["calibrate", "data.jsonl", "--samples", "0"], "samples"),
        (["evaluate", "data.jsonl"], "no profile"),
        (["evaluate", "data.jsonl", "--profile", "none"], "no profile at none"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path, arguments, message) -> None:
    write(tmp_path / "data.jsonl", recorded(8))
    code, out, err = ensemble(*arguments, folder=tmp_path)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_probe_asks_half(folder, provider) -> None:
    code, out, err = ensemble(
        *("calibrate", "data.jsonl", "--pool", "pool.yaml", "--samples", "1", "--probe", "0.5"),
        folder=folder,
    )
    assert code == 0, err
    assert 4 <= provider.calls() <= 24
    assert f"{provider.calls()} calls" in out


def test_recorded_answers_need_no_pool_and_end_in_one_table(tmp_path) -> None:
    rows = []
    for i in range(60):
        said = {name: i + (0 if (i + 3 * k) % 10 < 7 else 3 + k) for k, name in enumerate("abc")}
        answers = {name: f"Answer: {number}" for name, number in said.items()}
        rows.append({"query": f"How much is {i} plus 0?", "answer": i, "answers": answers})
    write(tmp_path / "answers.jsonl", rows)
    code, out, err = ensemble("calibrate", "--recorded", "answers.jsonl", folder=tmp_path)
    assert code == 0, err
    table = out[out.index("Systems") :]
    for system in ("best member: ", "plain vote of all", "learnt vote of all", "team: "):
        assert system in table
    assert "Recommended: the team" in table
    assert "60/60: 0 calls" in err
    code, out, _ = ensemble("calibrate", "--recorded", "answers.jsonl", "--json", folder=tmp_path)
    assert json.loads(out)["recommended"] == "team"


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], "name the questions, or --recorded answers"),
        (["rows.jsonl", "--recorded", "rows.jsonl"], "one of the two"),
        (["--recorded", "rows.jsonl", "--pool", "pool.yaml"], "--recorded asks nobody"),
        (["--recorded", "none"], "no file"),
    ],
)
def test_what_recorded_answers_do_not_go_with(tmp_path, arguments, wanted) -> None:
    write(tmp_path / "rows.jsonl", recorded(3))
    code, out, err = ensemble("calibrate", *arguments, folder=tmp_path)
    assert (code, out) == (2, "")
    assert wanted in err
