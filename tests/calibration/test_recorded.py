"""Calibrating on recorded answers: nobody is asked, all is graded, the vote is learnt."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from langgraph_ensemble import Profile, create_calibration
from langgraph_ensemble.calibration import recorded
from langgraph_ensemble.calibration.compare import recommended, systems
from langgraph_ensemble.calibration.records import gather, load_records
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.routing.gain import cross_validated_gain
from langgraph_ensemble.routing.table import table


def rows(count: int = 120) -> list[dict[str, Any]]:
    """Questions with what three members said; two err together, none has a score."""
    made = []
    for i in range(count):
        wrong = i + 9
        said = {
            "ann": f"It is {i + 2}.\nAnswer: {i + 2 if i % 10 < 7 else wrong}",
            "ben": f"Answer: {i + 2 if (i + 3) % 10 < 7 else wrong + 1}",
            "cat": [f"#### {i + 2 if (i + 6) % 10 < 7 else wrong + 2}"],
        }
        made.append({"query": f"How much is {i} plus 2?", "answer": i + 2, "answers": said})
    return made


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def folder(path: Path) -> Path:
    """The same answers, a file a member."""
    made = rows()
    asked = [{"id": i, **{k: row[k] for k in ("query", "answer")}} for i, row in enumerate(made)]
    write(path / "questions.jsonl.gz", asked)
    for name in ("ann", "ben", "cat"):
        said = [row["answers"][name] for row in made]
        key = "samples" if name == "cat" else "text"
        lines = [{"id": i, key: each} for i, each in enumerate(said)]
        write(path / "answers" / f"{name}.jsonl", lines)
    return path


async def calibrate(data: Any, out: Path) -> dict[str, Any]:
    graph = create_calibration(None, data=data, out=out).compile()
    return (await graph.ainvoke({"data": None}))["result"]


async def test_a_file_and_a_folder_of_the_same_answers_give_the_same_vote(tmp_path) -> None:
    write(tmp_path / "answers.jsonl", rows())
    one = await calibrate(tmp_path / "answers.jsonl", tmp_path / "one")
    other = await calibrate(folder(tmp_path / "folder"), tmp_path / "other")
    assert one["calls"] == other["calls"] == 0
    assert one["vote"] == other["vote"]
    assert one["vote"]["single"] == pytest.approx(0.7, abs=0.02)
    profile = Profile.load(tmp_path / "one")
    drafts = {"ann": "Answer: 7", "ben": "Answer: 7", "cat": "Answer: 8"}
    assert profile.vote("How much is 5 plus 2?", drafts).answer == "7"


async def test_every_system_is_told_beside_the_best_member(tmp_path) -> None:
    result = await calibrate(rows(), tmp_path)
    told = {row["system"]: row for row in result["systems"]}
    assert [name for name in told if name != "routed"] == ["single", "majority", "vote", "team"]
    assert told["single"]["gain"] == 0
    # Whenever one errs the other two agree: the vote is always right.
    assert told["majority"]["accuracy"] > 0.95
    assert told["vote"]["accuracy"] > 0.95
    assert told["team"]["accuracy"] >= told["vote"]["accuracy"] - 0.01
    assert 2 <= told["team"]["asked"] <= told["vote"]["asked"] == 3
    low, high = told["vote"]["interval"]
    assert 0 < low < told["vote"]["gain"] < high
    assert result["recommended"] == "team"


def test_costs_are_told_where_they_are_known() -> None:
    made = [{**row, "costs": {"ann": 0.001, "ben": 0.002, "cat": 0.004}} for row in graded()]
    profile = Profile.fit(made, clusters=2)
    data = table(made, profile.members)
    vectors = profile.embed(data.queries)
    gain = cross_validated_gain(profile, data, vectors, 42)
    told = {row["system"]: row["cost_usd"] for row in systems(profile, data, vectors, gain)}
    assert told["vote"] == told["majority"] == pytest.approx(0.007)
    assert told["single"] in (0.001, 0.002, 0.004)
    assert told["single"] < told["team"] <= 0.007


def test_without_answers_routing_is_recommended_only_where_it_gains() -> None:
    plain = [{"query": row["query"], "scores": row["scores"]} for row in graded()]
    profile = Profile.fit(plain, clusters=2)
    data = table(plain, profile.members)
    vectors = profile.embed(data.queries)
    gain = cross_validated_gain(profile, data, vectors, 42)
    assert [row["system"] for row in systems(profile, data, vectors, gain)] == ["single", "routed"]
    assert recommended(profile, gain) == "single"
    sure = {**gain, "gain": {"mean": 0.2, "low": 0.1, "high": 0.3}}
    assert recommended(profile, sure) == "routed"


def graded() -> list[dict[str, Any]]:
    """The rows with scores."""
    made = []
    for row in rows():
        right = str(row["answer"])
        scores = {n: float(right in str(said)[-6:]) for n, said in row["answers"].items()}
        made.append({**row, "scores": scores})
    return made


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"answers": ["x"]}, "'answers' must map"),
        ({"answers": {"ann": 4}}, "answer of 'ann' must be a text"),
        ({"answers": {"ann": "4"}, "answer": None}, "no score, and there is no 'answer'"),
        ({"answers": {"zoe": "4"}}, "unknown member 'zoe'"),
    ],
)
def test_a_bad_recorded_answer_is_named(row, wanted) -> None:
    (bad,) = gather([(7, {"query": "2+2?", "answer": "4", **row})], ["ann"]).bad
    assert bad.line == 7
    assert wanted in bad.reason


def test_a_folder_that_is_none_says_what_is_missing(tmp_path) -> None:
    (tmp_path / "answers").mkdir()
    with pytest.raises(InputError, match=r"no questions\.jsonl"):
        load_records(tmp_path)
    write(tmp_path / "questions.jsonl", [{"id": 1, "query": "2+2?", "answer": "4"}])
    with pytest.raises(InputError, match=r"one a member"):
        load_records(tmp_path)
    write(tmp_path / "answers" / "ann.jsonl", [{"text": "4"}])
    with pytest.raises(InputError, match=r"ann\.jsonl, line 1: no 'id'"):
        load_records(tmp_path)
    write(tmp_path / "questions.jsonl", [{"id": 1, "query": "2+2?"}, {"id": 1, "query": "3+3?"}])
    with pytest.raises(InputError, match="stands there twice"):
        load_records(tmp_path)


def test_letters_calls_and_grades_of_their_own_are_read(tmp_path) -> None:
    write(tmp_path / "questions.jsonl", [{"id": "t1"}, {"id": "t2", "query": "Which?"}])
    said = [{"id": "t1", "result": [{"add": {"a": 1}}], "correct": True}]
    write(tmp_path / "answers" / "ann.jsonl", said)
    letters = [{"id": "t2", "prediction": None, "correct": False}]
    letters += [{"id": "t1", "samples": ["4", "5"], "correct": [True, False]}]
    write(tmp_path / "answers" / "ben.jsonl", letters)
    first, second = [row for _, row in recorded.rows(tmp_path)]
    assert first["query"] == "task t1"
    assert first["answers"] == {"ann": [{"name": "add", "args": {"a": 1}}], "ben": ["4", "5"]}
    assert first["scores"] == {"ann": 1.0, "ben": 0.5}
    assert (second["answers"], second["scores"]) == ({"ben": ""}, {"ben": 0.0})


async def test_calls_without_a_score_are_refused(tmp_path) -> None:
    calls = [{"name": "add", "args": {}}]
    row = {"query": "Add.", "answer": "x", "answers": {"ann": calls}}
    with pytest.raises(InputError, match="need a score"):
        await calibrate([row], tmp_path)
