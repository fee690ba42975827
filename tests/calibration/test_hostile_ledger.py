"""Ledgers and recorded rows from strangers: read, or refused in one line that names the file."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph_ensemble import InputError, Profile, create_calibration
from langgraph_ensemble.calibration.ledger import Answered, Ledger
from langgraph_ensemble.calibration.records import gather, load_records
from langgraph_ensemble.cli.main import main
from langgraph_ensemble.testing import says

DATA = [{"query": f"What is {i} + 1?", "answer": str(i + 1)} for i in range(6)]


async def calibrated(folder: Path) -> dict[str, Any]:
    team = [says("ann", "Answer: 1"), says("ben", "Answer: 2")]
    graph = create_calibration(team, data=DATA, out=folder, samples=1).compile()
    return (await graph.ainvoke({"data": None}))["result"]


async def ledger(folder: Path) -> Path:
    await calibrated(folder)
    return folder / "calibration.sqlite"


def one_line(error: pytest.ExceptionInfo[InputError], path: Path, message: str) -> None:
    said = str(error.value)
    assert said.startswith(f"{path}: this ledger cannot be used (")
    assert message in said
    assert "\n" not in said


async def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "calibration.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(InputError) as error:
        await calibrated(tmp_path)
    one_line(error, path, "file is not a database")
    assert path.read_bytes() == b"not a database" * 100


SCHEMAS = {
    "another program's": ("create table history (url text)", "another program's file"),
    "other columns": ("create table answers (pair text, first blob)", "'answers' has other col"),
    "other types": ("create table grades (key text primary key, scores blob)", "'grades' has"),
    "a trigger": (
        "create table questions (place integer primary key, query text not null, dataset text not"
        " null, answer text); create trigger t after insert on questions begin"
        " delete from questions; end",
        "triggers or views",
    ),
    "a view": ("create view answers as select 1", "triggers or views"),
}


@pytest.mark.parametrize(("script", "message"), SCHEMAS.values(), ids=list(SCHEMAS))
async def test_a_database_of_another_schema_is_refused(
    tmp_path: Path, script: str, message: str
) -> None:
    path = tmp_path / "calibration.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(script)
    db.close()
    before = path.read_bytes()
    with pytest.raises(InputError) as error:
        await calibrated(tmp_path)
    one_line(error, path, message)
    assert path.read_bytes() == before


DAMAGE = {
    "no number among grades": ("update grades set scores = '[NaN]'", "a grade in it"),
    "a grade above one": ("update grades set scores = '[7]'", "a grade in it"),
    "a grade that is text": ("update grades set scores = '[\"1\"]'", "a grade in it"),
    "grades that are none": ("update grades set scores = 'x'", "a grade in it"),
    "deep grades": ("update grades set scores = '" + "[" * 100_000 + "'", "a grade in it"),
    "a negative cost": ("update answers set cost = -1e6", "a cost in it"),
    "an infinite cost": ("update answers set cost = 9e999", "a cost in it"),
    "a cost that is text": ("update answers set cost = 'free'", "a cost in it"),
    "answers that are none": ("update answers set texts = '5'", "an answer in it"),
    "answers of numbers": ("update answers set texts = '[5]'", "an answer in it"),
    "an answer that is a blob": ("update answers set texts = x'ff'", "an answer in it"),
    "usage that is none": ("update answers set usage = '[1]'", "an answer in it"),
    "latency that is text": ("update answers set latency = 'long'", "an answer in it"),
}


@pytest.mark.parametrize(("script", "message"), DAMAGE.values(), ids=list(DAMAGE))
async def test_what_no_run_can_have_written_is_refused(
    tmp_path: Path, script: str, message: str
) -> None:
    path = await ledger(tmp_path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(script)
    db.close()
    with pytest.raises(InputError) as error:
        await calibrated(tmp_path)
    one_line(error, path, message)


async def test_a_damaged_page_is_refused(tmp_path: Path) -> None:
    path = await ledger(tmp_path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        await calibrated(tmp_path)
    one_line(error, path, "malformed")


@pytest.mark.parametrize("blob", [b"", b"abc", np.full(3, np.nan, "<f4").tobytes(), "text"])
def test_a_vector_that_is_none_is_refused(tmp_path: Path, blob: Any) -> None:
    with Ledger(tmp_path / "l.sqlite") as found:
        found.keep_vectors({b"a": np.ones(3), b"b": np.ones(4)})
        with pytest.raises(ValueError, match="of another size"):
            found.vectors([b"a", b"b"])
        assert len(found.vectors([b"a"])[b"a"]) == 3
        found._db.execute("update vectors set vector = ?", (blob,))
        with pytest.raises(ValueError, match="a vector in it is damaged"):
            found.vectors([b"a"])


async def test_a_whole_ledger_is_used_again(tmp_path: Path) -> None:
    await ledger(tmp_path)
    result = await calibrated(tmp_path)
    assert result["calls"] == 12
    assert Profile.load(tmp_path).members == ["ann", "ben"]
    with Ledger(tmp_path / "calibration.sqlite") as found:
        found.keep_answer("p", Answered(0, ["4"], {"input_tokens": 1}, 0.5))
        assert found.answers("p") == [Answered(0, ["4"], {"input_tokens": 1}, 0.5)]


ROWS = {
    "deep": ("[" * 100_000, "nested too deeply"),
    "deep in a field": ('{"query": ' + "[" * 100_000, "nested too deeply"),
    "long number": ('{"query": "q", "scores": {"a": ' + "9" * 5000 + "}}", "not valid JSON"),
    "no number": ('{"query": "q", "scores": {"a": NaN}}', "not a number from 0 to 1"),
    "no number as text": ('{"query": "q", "scores": {"a": "nan"}}', "not a number from 0 to 1"),
    "infinite": ('{"query": "q", "scores": {"a": 1e999}}', "not a number from 0 to 1"),
    "infinite cost": (
        '{"query": "q", "scores": {"a": 1}, "costs": {"a": Infinity}}',
        "not US dollars from 0 up",
    ),
    "costs that are none": ('{"query": "q", "scores": {"a": 1}, "costs": 5}', "'costs' must map"),
    "costs of pairs": ('{"query": "q", "scores": {"a": 1}, "costs": "ab"}', "'costs' must map"),
    "scores of lists": ('{"query": "q", "scores": [1, 2]}', "'scores' must map"),
    "scores of nothing": ('{"query": "q", "scores": 0}', "'scores' must map"),
    "question that is a list": ('{"query": ["q"], "scores": {"a": 1}}', "no question"),
    "answer that is no number": ('{"query": "q", "answer": NaN}', "'answer' must be"),
    "answer that is an object": ('{"query": "q", "answer": {"a": 1}}', "'answer' must be"),
    "long score": ('{"query": "q", "scores": {"a": "' + "x" * 100_000 + '"}}', "not a number"),
    "long name": ('{"query": "q", "scores": {"' + "x" * 100_000 + '": 5}}', "not a number from 0"),
}


@pytest.mark.parametrize(("line", "message"), ROWS.values(), ids=list(ROWS))
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"query": "first", "scores": {"a": 1.0}}) + "\n" + line + "\n")
    with pytest.raises(InputError) as error:
        load_records(path)
    said = str(error.value)
    assert "line 2: " in said
    assert message in said
    assert "\n" not in said
    assert len(said) < 1000
    assert len(load_records(path, skip_bad=True).records) == 1


@pytest.mark.parametrize("name", ["bomb.jsonl.gz", "bomb.json.gz", "bomb.csv.gz", "large.jsonl"])
def test_a_file_that_unpacks_to_much_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("langgraph_ensemble.calibration.files.LARGEST", 1_000_000)
    path = tmp_path / name
    content = b"x" * 20_000_000
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    with pytest.raises(InputError, match="more than 1,000,000 bytes"):
        load_records(path)


def test_deep_json_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.json"
    path.write_text("[" * 100_000)
    with pytest.raises(SystemExit) as left:
        main(["calibrate", str(path), "--out", str(tmp_path / "out")])
    assert left.value.code == 2
    assert capsys.readouterr().err.endswith("JSON that is nested too deeply\n")


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ["query", "question", "scores", "models", "costs", "answer", "dataset", "metric"]
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=4) | VALUES, max_size=3))
def test_any_row_is_used_or_named(rows: list[Any]) -> None:
    found = gather(enumerate(rows, 1))
    check: Callable[[str], bool] = lambda reason: "\n" not in reason and len(reason) < 400  # noqa: E731
    assert all(check(bad.reason) for bad in found.bad)
    for record in found.records:
        assert all(0 <= score <= 1 for score in record["scores"].values())
        assert all(cost >= 0 for cost in record["costs"].values())
