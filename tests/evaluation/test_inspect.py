"""Graphs run under inspect-ai, and the logs that it wrote are read as recorded answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from langgraph_ensemble import InputError, Profile
from langgraph_ensemble.calibration.records import load_records
from langgraph_ensemble.evaluation import inspect_model as models
from langgraph_ensemble.evaluation.inspect_logs import read_logs, to_score, write_rows
from langgraph_ensemble.testing import Model, Provider, bank
from langgraph_ensemble.testing.serving import app_server, write_pool

try:
    import inspect_ai  # noqa: F401  # pyright: ignore[reportMissingImports]
except ModuleNotFoundError:
    HERE = False
else:
    HERE = True
needs_inspect = pytest.mark.skipif(not HERE, reason="pip install 'langgraph-ensemble[inspect]'")
RUNS = Path(__file__).with_name("inspect_runs.py")
RIGHT = [{"query": f"What is {n} + 1?", "answer": [str(n + 1)]} for n in range(3)]


@pytest.fixture(scope="session")
def logs(provider_process: Provider, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs that inspect-ai has written, a folder for each run."""
    folder = tmp_path_factory.mktemp("inspect")
    provider_process.set(*(Model(name) for name in ("ann", "ben", "cat")))
    pool = write_pool(folder, provider_process.url)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ENSEMBLE_", "INSPECT_"))}
    with app_server(folder, pool) as url:
        done = subprocess.run(
            [sys.executable, str(RUNS), str(folder / "logs"), str(pool), url],
            cwd=folder,
            env=clean,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    return folder / "logs"


def read_one(folder: Path) -> Any:
    from inspect_ai.log import read_eval_log  # pyright: ignore[reportMissingImports]

    (path,) = folder.iterdir()
    log = read_eval_log(path)
    assert log.status == "success", log.error
    return log


@needs_inspect
def test_logs_of_two_models_are_one_table(logs: Path) -> None:
    (ann,), (ben,) = (list((logs / name).iterdir()) for name in ("ann", "ben"))
    assert (ann.suffix, ben.suffix) == (".eval", ".json")
    first = read_logs(ann, names={"mockllm/model": "ann"})
    assert [{k: row[k] for k in ("query", "answer")} for row in first] == RIGHT
    assert [row["scores"]["ann"] for row in first] == [1, 1, 0]
    assert first[2]["answers"] == {"ann": "no idea"}
    second = read_logs(ben, names={"mockllm/model": "ben"})
    assert all(len(row["answers"]["ben"]) == 2 for row in second)
    assert {row["scores"]["ben"] for row in second} <= {0, 0.5, 1}
    total = sum(row["scores"]["ben"] for row in second) * 2
    texts = sorted(text for row in second for text in row["answers"]["ben"])
    assert texts == ["1", "1", "2", "3", "3", "7"]
    assert total == sum(
        text == row["answer"][0] for row in second for text in row["answers"]["ben"]
    )


@needs_inspect
def test_rows_fit_a_task_map_and_are_read_from_a_file(logs: Path, tmp_path: Path) -> None:
    rows = read_logs(logs / "named") + read_logs(logs / "graph")
    assert {name for row in rows for name in row["scores"]} == {"moa-lite", "own"}
    read = load_records(write_rows(rows, tmp_path / "answers.jsonl"))
    assert not read.bad
    assert len(read.records) == 2, "rows of the same question are joined"
    assert set(read.records[0]["said"]) == {"moa-lite", "own"}
    assert set(read.records[0]["costs"]) == {"moa-lite", "own"}
    assert set(Profile.fit(rows, clusters=1).members) == {"moa-lite", "own"}


@needs_inspect
def test_the_command_line_evaluates_logs(logs: Path, tmp_path: Path) -> None:
    file = write_rows(read_logs([logs / "named", logs / "graph"]), tmp_path / "answers.jsonl")
    command = [sys.executable, "-m", "langgraph_ensemble.cli.main", "evaluate", str(file)]
    done = subprocess.run(
        [*command, "--recorded", "--systems", "singles,oracle", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "single:own" in done.stdout
    json.loads(done.stdout)


@needs_inspect
def test_samples_with_errors_and_without_scores_are_holes(logs: Path) -> None:
    (path,) = (logs / "errors").iterdir()
    rows = read_logs(path)
    assert [row["query"] for row in rows] == ["What is 0 + 1?", "What is 2 + 1?"]
    rows = read_logs(logs / "points", grade=lambda x: None if x != x else x / 10)
    assert [row["scores"]["model"] for row in rows] == [0.7, 1.0]
    with pytest.raises(InputError, match=r"sample 's0': the score 7 is not .*grade="):
        read_logs(logs / "points")


@needs_inspect
def test_a_scorer_is_named_where_there_are_several(logs: Path) -> None:
    with pytest.raises(InputError, match=r"several scorers: match, partial; name one: scorer="):
        read_logs(logs / "two")
    with pytest.raises(InputError, match=r"no scorer 'partail'; did you mean 'partial'"):
        read_logs(logs / "two", scorer="partail")
    assert read_logs(logs / "two", scorer="match")[0]["scores"] == {"model": 1.0}
    assert read_logs(logs / "two", scorer="partial")[0]["scores"] == {"model": 0.5}


@needs_inspect
def test_choices_are_part_of_the_question(logs: Path) -> None:
    (row,) = read_logs(logs / "choices")
    assert row["query"] == "Which is even?\nA) 3\nB) 4"
    assert (row["answer"], row["scores"]) == (["B"], {"model": 1.0})


@needs_inspect
def test_the_same_question_twice_of_one_model_is_refused(logs: Path) -> None:
    with pytest.raises(InputError, match=r"has the same question of 'model'; leave one log out"):
        read_logs([logs / "ann", logs / "ben"])
    with pytest.raises(InputError, match=r"would both be 'x'; tell them apart: names="):
        read_logs([logs / "ann", logs / "graph"], names={"mockllm/model": "x", "ensemble/own": "x"})


@needs_inspect
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.eval", b""),
        ("text.eval", b"no zip"),
        ("text.json", b"{"),
        ("other.json", b'{"a": 1}'),
        ("list.json", b"[]"),
        ("deep.json", b"[" * 100_000),
    ],
)
def test_what_is_no_log_gets_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a log of inspect-ai") as caught:
        read_logs(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@needs_inspect
def test_a_zip_that_is_no_log_and_one_that_is_cut(logs: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.eval", "w") as packed:
        packed.writestr("hello.txt", "hello")
    (path,) = (logs / "ann").iterdir()
    (tmp_path / "cut.eval").write_bytes(path.read_bytes()[:-200])
    for name in ("other.eval", "cut.eval"):
        with pytest.raises(InputError, match="not a log of inspect-ai"):
            read_logs(tmp_path / name)


def test_what_is_not_there_gets_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such log"):
        read_logs(tmp_path / "none.eval")
    with pytest.raises(InputError, match="no log"):
        read_logs(tmp_path)


@needs_inspect
@pytest.mark.parametrize("name", ["served", "named", "graph"])
def test_a_graph_answers_under_inspect(logs: Path, name: str) -> None:
    log = read_one(logs / name)
    assert [sample.error for sample in log.samples] == [None, None]
    (row, *_) = read_logs(logs / name)
    assert row["query"] == bank()[0].text
    assert all(sample.output.usage.total_tokens > 0 for sample in log.samples)


@needs_inspect
def test_the_result_of_a_run_is_in_the_log(logs: Path) -> None:
    for name in ("named", "graph"):
        for sample in read_one(logs / name).samples:
            result = sample.output.metadata["result"]
            assert result["calls"] == 4
            assert {draft["member"] for draft in result["drafts"]} == {"ann", "ben", "cat"}
            assert sample.output.usage.total_cost == result["cost_usd"] > 0
            assert sample.output.usage.total_tokens == result["usage"]["total_tokens"]
    assert read_one(logs / "named").samples[0].output.metadata["result"]["seed"] == 7


@needs_inspect
def test_a_graph_calls_the_tools_of_inspect(logs: Path) -> None:
    (sample,) = read_one(logs / "tools").samples
    assert [m.role for m in sample.messages][:4] == ["user", "assistant", "tool", "assistant"]
    assert "Rain in Paris" in sample.output.completion


@needs_inspect
def test_a_bad_name_or_knob_gets_one_line() -> None:
    api = models.model_api()
    with pytest.raises(InputError, match="did you mean 'moa-lite'"):
        api("moa-light")
    with pytest.raises(InputError, match="layers"):
        api("moa-lite", layer=2)


def test_without_inspect_one_line_says_what_to_install(
    logs_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "inspect_ai.model", None)
    monkeypatch.setitem(sys.modules, "inspect_ai.log", None)
    with pytest.raises(InputError, match=r"pip install 'langgraph-ensemble\[inspect\]'"):
        models.model_api.__wrapped__()
    with pytest.raises(InputError, match=r"pip install 'langgraph-ensemble\[inspect\]'"):
        read_logs(logs_file)


@pytest.fixture
def logs_file(tmp_path: Path) -> Path:
    path = tmp_path / "any.eval"
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize("value", ["X", -0.1, 1.5, float("inf"), [1], {"a": 1}, "2"])
def test_a_score_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="grade="):
        to_score(value)
