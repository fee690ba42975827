"""Recorded scores: every format, holes, and bad rows by line with the reason."""

import gzip
import json

import pytest
from langgraph_ensemble.calibration.records import load_records
from langgraph_ensemble.errors import InputError

GOOD = {"query": "2+2?", "scores": {"a": 1.0, "b": 0.5}}


def write(path, *lines: str | bytes):
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else x.encode() for x in lines))
    return path


def test_both_shapes_and_gzip(tmp_path) -> None:
    model = {"query": "3+3?", "models": {"a": {"score": 1, "cost_usd": 0.1, "response": "6"}}}
    path = tmp_path / "r.jsonl.gz"
    path.write_bytes(gzip.compress(f"{json.dumps(GOOD)}\n{json.dumps(model)}\n".encode()))
    first, second = load_records(path).records
    assert first["scores"] == {"a": 1.0, "b": 0.5}
    assert second["scores"] == {"a": 1}
    assert second["costs"] == {"a": 0.1}


def test_right_means_a_score_above_zero_where_it_is_a_probability(tmp_path) -> None:
    row = {"query": "q", "metric": "probability_of_correct", "scores": {"a": 0.3, "b": 0.0}}
    loaded = load_records(write(tmp_path / "r.jsonl", json.dumps(row)))
    assert loaded.records[0]["scores"] == {"a": 1.0, "b": 0.0}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"scores": {"a": 1}}', "no question"),
        ('{"query": " ", "scores": {"a": 1}}', "no question"),
        ('{"query": "q", "scores": {"stranger": 1}}', "unknown member 'stranger'"),
        ('{"query": "q", "scores": {"a": 1.5}}', "not a number from 0 to 1"),
        ('{"query": "q", "scores": {"a": NaN}}', "not a number from 0 to 1"),
        ('{"query": "q", "scores": {"a": "good"}}', "not a number"),
        ('{"query": "2+2?", "scores": {"a": 0.0}}', "duplicate of line 1 with another score"),
        (b'{"query": "caf\xe9", "scores": {"a": 1}}', "broken encoding"),
        ('{"query": "\\ud800", "scores": {"a": 1}}', "broken encoding"),
        ('{"query": "q"', "not valid JSON"),
        ("[1, 2]", "not an object"),
        ('{"query": "q"}', "no scores"),
        ('{"query": "q", "models": {"a": {"score": 1, "cost_usd": -1}}}', "cost of 'a'"),
    ],
)
def test_bad_rows_are_named_and_skipped_only_if_asked(tmp_path, line, reason) -> None:
    path = write(tmp_path / "r.jsonl", json.dumps(GOOD), line, json.dumps({**GOOD, "query": "z"}))
    with pytest.raises(InputError, match="line 2") as caught:
        load_records(path, members=["a", "b"])
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    loaded = load_records(path, members=["a", "b"], skip_bad=True)
    assert [r["query"] for r in loaded.records] == ["2+2?", "z"]
    assert [row.line for row in loaded.bad] == [2]


def test_rows_that_are_bad_for_the_same_reason_are_named_together(tmp_path) -> None:
    lines = [json.dumps({"query": f"q{n}"}) for n in range(44)]
    lines[1:1] = ["[]", '{"scores": {"a": 1}}', "[]"]
    lines += [json.dumps({"query": f"z{n}", "scores": {"a": f"bad{n}"}}) for n in range(9)]
    with pytest.raises(InputError) as caught:
        load_records(write(tmp_path / "r.jsonl", *lines))
    said = str(caught.value)
    assert "56 bad rows: lines 1, 5, 6, 7, 8 and 39 more: no scores" in said
    assert "; lines 2 and 4: not an object" in said
    assert "; line 3: no question: " in said
    assert "; line 48: score of 'a' is 'bad0', not a number; line 49: " in said
    # Five reasons are named.
    assert "bad1" in said
    assert "bad2" not in said
    assert "; and 7 more for other reasons; correct them" in said


def test_holes_are_reported_never_zero(tmp_path) -> None:
    empty = {"query": "nobody was asked", "models": {}}
    half = {"query": "h", "scores": {"a": 1, "b": None}}
    path = write(tmp_path / "r.jsonl", json.dumps(GOOD), json.dumps(empty), json.dumps(half))
    loaded = load_records(path)
    assert loaded.empty == [2]
    assert loaded.records[2]["scores"] == {"a": 1}


def test_rows_of_one_question_are_joined(tmp_path) -> None:
    rows = [{"query": "q", "scores": {"a": 1}}, {"query": "q", "scores": {"a": 1, "b": 0}}]
    loaded = load_records(write(tmp_path / "r.jsonl", *map(json.dumps, rows)))
    assert [r["scores"] for r in loaded.records] == [{"a": 1, "b": 0}]


def test_tables(tmp_path) -> None:
    wide = write(tmp_path / "w.csv", "query,a,b,cost:a", '"two\nlines",1,,0.2', "q,0,1,")
    first, second = load_records(wide).records
    assert (first["query"], first["scores"], first["costs"]) == ("two\nlines", {"a": 1}, {"a": 0.2})
    assert second["scores"] == {"a": 0, "b": 1}
    long = write(tmp_path / "l.csv", "query,member,score,cost_usd", "q,a,1,0.1", "q,b,0,")
    assert load_records(long).records[0]["scores"] == {"a": 1.0, "b": 0.0}
    bad = write(tmp_path / "b.csv", "query,a", "q,1", b"caf\xe9,1", "x,1,2")
    assert [(r.line, r.reason) for r in load_records(bad, skip_bad=True).bad] == [
        (3, "broken encoding: not valid UTF-8"),
        (4, "more cells than columns"),
    ]


def test_json_list(tmp_path) -> None:
    path = write(tmp_path / "r.json", json.dumps([GOOD]))
    assert load_records(path).records[0]["scores"] == {"a": 1.0, "b": 0.5}


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("r.txt", b"", "unknown format"),
        ("r.json", b"{", "not valid JSON"),
        ("r.jsonl", b"", "no usable rows"),
        ("r.jsonl.gz", b"\x1f\x8bbroken", "cannot be read"),
        ("r.csv", b"a,b\n1,2", "'query'"),
    ],
)
def test_unreadable_files_say_what_to_do(tmp_path, name, content, match) -> None:
    with pytest.raises(InputError, match=match):
        load_records(write(tmp_path / name, content))


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(InputError, match="no file"):
        load_records(tmp_path / "none.jsonl")


def test_parquet_or_what_to_install(tmp_path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="optional") if _has("pyarrow") else None
    path = tmp_path / "r.parquet"
    if pyarrow is None:
        with pytest.raises(InputError, match=r"langgraph-ensemble\[parquet\]"):
            load_records(write(path, b"x"))
        return
    from pyarrow import Table, parquet  # pyright: ignore[reportMissingImports]

    parquet.write_table(Table.from_pylist([GOOD, {"query": "h", "scores": {"a": 1.0}}]), path)
    assert load_records(path).records[1]["scores"] == {"a": 1.0}


def _has(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None
