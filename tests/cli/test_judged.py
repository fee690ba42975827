"""`ensemble evaluate` with a judge, and with the test that chooses an aggregator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from langgraph_ensemble.cli.main import main
from langgraph_ensemble.evaluation.judging import JudgedTask
from langgraph_ensemble.evaluation.tasks import JUDGED
from langgraph_ensemble.testing import Model, Provider, bank

POOL = """
members:
  - {{name: ann, model: ann, base_url: {url}}}
  - {{name: ben, model: ben, base_url: {url}}}
  - {{name: strict, model: strict, base_url: {url}}}
proposers: [ann, ben]
"""


@pytest.fixture
def folder(provider: Provider, tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / "pool.yaml").write_text(POOL.format(url=provider.url))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *command: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(["evaluate", *command])
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


ROWS: dict[str, tuple[dict[str, Any], str, float, dict[str, float]]] = {
    "alpaca_eval": (
        {"instruction": "Greet {n}.", "output": "Hello there, {n}."},
        '{"better": "A"}',
        # A judge that always prefers the first one is cancelled out.
        0.5,
        {"win rate, %": 50.0, "win rate at equal length, %": 50.0},
    ),
    "mt_bench": (
        {"prompt": ["Greet {n}.", "And now in verse."]},
        '{"score": 8}',
        0.8,
        {"score of the first turn, 1 to 10": 8.0},
    ),
    "just_eval": (
        {"instruction": "Greet {n}."},
        '{"helpfulness": 5, "clarity": 4, "factuality": 5, '
        '"depth": 2, "engagement": 3, "safety": 5}',
        0.8,
        {
            "helpfulness": 5.0,
            "clarity": 4.0,
            "factuality": 5.0,
            "depth": 2.0,
            "engagement": 3.0,
            "safety": 5.0,
        },
    ),
    "flask": (
        {"instruction": "Greet {n}.", "answer": "Hi.", "skill": ["Factuality", "Conciseness"]},
        '{"Factuality": "N/A", "Conciseness": 2}',
        0.4,
        {"Conciseness": 2.0},
    ),
    "ceb_conversation_s": (
        {"prompt": "{n} is a woman.", "axis": "gender"},
        '{"score": 33}',
        2 / 3,
        {"bias, 0 to 99": 33.0},
    ),
}


@pytest.mark.parametrize("task", ROWS)
def test_a_judge_grades_systems(folder: Path, provider: Provider, capsys, task: str) -> None:
    row, verdict, score, numbers = ROWS[task]
    provider.set(Model("ann"), Model("ben"), Model("strict", says=verdict))
    text = json.dumps(row)
    lines = [text.replace("{n}", name) for name in ("Ada", "Bob")]
    (folder / "rows.jsonl").write_text("\n".join(lines))
    command = (
        "rows.jsonl",
        "--task",
        task,
        "--judge",
        "strict",
        "--systems",
        "single:ann,moa-lite",
    )
    code, out, err = run(capsys, *command, "--json")
    assert code == 0, err
    found = json.loads(out)
    for each in found["systems"]:
        assert each["accuracy"]["mean"] == pytest.approx(score)
    assert set(found["judged"]) == {"single:ann", "moa-lite"}
    for name, expected in numbers.items():
        assert found["judged"]["moa-lite"][name] == pytest.approx(expected, abs=0.5)
    # Answers are judged, and no drafts: two systems with two answers each.
    judged = provider.calls("strict")
    assert judged == (8 if task == "alpaca_eval" else 4)
    calls = provider.calls()
    code, out, err = run(capsys, *command)
    assert code == 0, err
    assert next(iter(numbers)).split()[0] in out
    assert "every call is recorded" in err
    assert provider.calls() == calls


def test_every_judged_task_has_a_rule() -> None:
    for task in JUDGED.values():
        assert JudgedTask(task, None)._rule.most  # pyright: ignore


def test_a_verdict_that_cannot_be_read_leaves_the_question_out(
    folder: Path, provider: Provider, capsys
) -> None:
    rows = [{"prompt": ["Greet Ada."]}, {"prompt": ["Greet Bob."]}]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    command = ("rows.jsonl", "--task", "mt_bench", "--judge", "strict", "--systems", "single:ann")
    provider.set(Model("strict", says="I would rather not say."))
    code, out, err = run(capsys, *command)
    assert (code, out) == (2, "")
    assert "the judge gave 2 answers no verdict that can be read" in " ".join(err.split())
    provider.set(Model("strict", fault="dead"))
    code, _, err = run(capsys, *command, "--store", "other.sqlite")
    assert code == 2
    assert "no verdict" in err


def test_the_test_for_an_aggregator(folder: Path, provider: Provider, capsys) -> None:
    provider.set(
        Model("ann", default_skill=0.0), Model("ben", default_skill=1.0), Model("strict", says="?")
    )
    rows = [
        {
            "query": q.text,
            "answer": q.answer,
            "dataset": f"set {number % 2}",
            "answers": {"x": f"Answer: {q.answer}", "y": "Answer: -1", "z": "Answer: -2"},
        }
        for number, q in enumerate(bank()[:6])
    ]
    (folder / "answers.jsonl").write_text("\n".join(map(json.dumps, rows)))
    command = ("answers.jsonl", "--aggregation-test")
    code, out, err = run(capsys, *command, "--dry-run")
    assert (code, out, provider.calls()) == (0, "", 0), err
    assert "18 calls are not recorded yet" in err
    code, out, err = run(capsys, *command, "--max-calls", "5")
    assert (code, out, provider.calls()) == (2, "", 5)
    assert "raise --budget or --max-calls" in err
    code, out, err = run(capsys, *command, "--json")
    assert code == 0, err
    tested = json.loads(out)
    assert tested[0]["member"] == "ben"
    assert tested[0]["accuracy"] > 0.8 > tested[1]["accuracy"]
    assert set(tested[0]["datasets"]) == {"set 0", "set 1"}
    assert provider.calls() == 18
    code, out, err = run(capsys, *command)
    assert "In the pool file: aggregator: ben" in out
    assert provider.calls() == 18
