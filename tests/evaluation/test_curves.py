"""Accuracy over K, members' parts, declined answers, and systems with options in their names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers import member
from langgraph_ensemble import InputError, Pool, Profile
from langgraph_ensemble.evaluation.clusters import SIZES, Calibration, over_clusters
from langgraph_ensemble.evaluation.comparison import compare
from langgraph_ensemble.evaluation.finished import finished
from langgraph_ensemble.evaluation.report_html import html_report
from langgraph_ensemble.evaluation.report_markdown import markdown_report
from langgraph_ensemble.evaluation.run import evaluate
from langgraph_ensemble.evaluation.store import Store
from langgraph_ensemble.evaluation.systems import systems_of
from langgraph_ensemble.evaluation.variants import parsed
from langgraph_ensemble.testing import Model, bank

SUBJECTS = ("add the numbers", "spell the word", "name the capital", "date the battle")


def subjects(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Questions of four subjects in turn; one member is right on each."""
    names = ("ann", "ben", "cat", "dan")
    return [
        {
            "query": f"{SUBJECTS[i % 4]} {start + i}",
            "answers": ["1"],
            "scores": {name: float(names[i % 4] == name) for name in names},
        }
        for i in range(count)
    ]


def alone(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        f"single:{name}": [{"score": row["scores"][name], "answer": "1"} for row in rows]
        for name in rows[0]["scores"]
    }


@pytest.mark.parametrize("given", [None, subjects(80, start=1000)])
def test_as_many_clusters_as_there_are_subjects_are_enough(given) -> None:
    rows = subjects(100)
    found = over_clusters(finished(alone(rows), rows), Calibration(records=given))
    assert found is not None
    curve = {point["k"]: point["mean"] for point in found["curve"]}
    assert list(curve) == [k for k in SIZES if 2 * k <= found["records"]]
    assert curve[1] <= found["single"]["mean"] == 0.25
    assert curve[16] == 1.0
    assert 0.25 < curve[2] < 0.8
    assert 4 <= found["enough"] <= found["best"] <= 16
    assert (found["folds"], found["records"]) == ((5, 80) if given is None else (None, 80))


def test_a_map_never_sees_the_question_that_it_routes() -> None:
    # Scores without any pattern: the curve of a map that knew them would rise to the oracle.
    rng = np.random.default_rng(0)
    rows = subjects(200)
    for row in rows:
        row["scores"] = {name: float(rng.random() < 0.5) for name in row["scores"]}
    found = over_clusters(finished(alone(rows), rows), Calibration())
    assert found is not None
    assert all(point["low"] < 0.5 for point in found["curve"])


def test_no_curve_from_few_questions_or_one_member() -> None:
    rows = subjects(100)
    few = finished(alone(rows[:20]), rows[:20])
    one = finished({"single:ann": alone(rows)["single:ann"]}, rows)
    assert over_clusters(few, Calibration()) is None
    assert over_clusters(one, Calibration()) is None


def test_who_says_that_it_does_not_know_is_declined_and_not_wrong() -> None:
    said = ["4", "Answer: not sure", "5", "Sorry."]
    outcomes = [
        {"score": float(text == "4"), "answer": text, "declined": text == "Sorry."} for text in said
    ]
    compared = compare({"single:a": outcomes}, [{"query": f"{i}?"} for i in range(4)])
    row = compared.systems[0]
    assert (row["accuracy"]["mean"], row["declined"], row["wrong"]) == (0.25, 0.5, 0.25)
    assert "Right, declined, wrong" in html_report(compared)


async def test_each_member_proposes_and_aggregates_over_the_same_drafts(provider, tmp_path) -> None:
    names = ("ann", "ben")
    provider.set(Model("ann", default_skill=0.9), Model("ben", default_skill=0.3))
    pool = Pool([member(provider, name) for name in names])
    rows = [{"query": q.text, "answers": [q.answer]} for q in bank()[:3]]
    store = Store(tmp_path / "calls.sqlite")

    async def run(*names: str) -> dict[str, Any]:
        return await evaluate(systems_of(names, pool, None), rows, store, pool=pool)

    outcomes = await run("aggregators")
    # Two drafts that both aggregators read, and one call of each of these.
    assert provider.calls() == len(rows) * (2 + 2)
    outcomes |= await run("singles", "proposers")
    store.close()
    assert {len(each["drafts"]) for each in outcomes["self-moa:proposers=ann"]} == {6}
    drafts = {d["member"] for each in outcomes["self-moa:proposers=ann"] for d in each["drafts"]}
    assert drafts == {"ann"}
    compared = compare(outcomes, rows)
    assert compared.aptitude is not None
    assert compared.aptitude["measured"] == ["proposer", "aggregator"]
    parts = {row["member"]: row for row in compared.aptitude["rows"]}
    assert set(parts) == set(names)
    for name, row in parts.items():
        for part, system in (
            ("alone", f"single:{name}"),
            ("proposer", f"self-moa:proposers={name}"),
            ("aggregator", f"moa-lite:aggregator={name}"),
        ):
            assert row[part]["mean"] == np.mean([each["score"] for each in outcomes[system]])
        gap = row["aggregator"]["mean"] - row["proposer"]["mean"]
        assert row["gap"]["mean"] == pytest.approx(gap)
    assert len(compared.tests) == 4
    assert {row["system"] for row in compared.contenders} == {"single:ann", "single:ben"}
    assert "as aggregator" in html_report(compared)
    assert "aggregator minus proposer" in markdown_report(compared)


def test_what_was_not_measured_is_said_with_the_way_to_measure_it() -> None:
    rows = subjects(8)
    compared = compare(alone(rows), rows)
    assert compared.aptitude is not None
    assert compared.aptitude["measured"] == []
    for report in (html_report(compared), markdown_report(compared)):
        assert "was not measured" in report
        assert "aggregators" in report
    assert compared.clusters is None


def test_options_in_a_name_reach_the_graph() -> None:
    pool = Pool(["ollama:ann", "ollama:ben", "ollama:cat"])
    name = "moa:layers=2:proposers=ann+cat:draft_tokens=99"
    graph = systems_of([name], pool, None)[0].graph
    assert graph.context_schema is not None
    knobs = graph.context_schema()
    assert (knobs.layers, knobs.draft_tokens) == (2, 99)
    proposing = {node for node in graph.nodes if node.startswith("propose_")}
    assert not any("ben" in node for node in proposing)
    voting = systems_of(["majority:temperature=0.1"], pool, None)[0].graph.context_schema
    assert voting is not None
    assert voting().temperature == 0.1


def test_self_consistency_and_self_moa_are_those_of_the_best_member() -> None:
    rows = [{"query": f"add {i}", "scores": {"ann": 0.0, "ben": 1.0}} for i in range(8)]
    pool = Pool(["ollama:ann", "ollama:ben"])
    for name, step in (("self-consistency:5", "sample_ben"), ("self-moa", "propose_ben")):
        nodes = systems_of([name], pool, Profile.fit(rows))[0].graph.nodes
        assert step in nodes
        assert not any(node.endswith("ann") for node in nodes)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("moa:layer=2", "unknown knob 'layer'"),
        ("moa:layers=0", "layers"),
        ("moa:layers=two", "layers"),
        ("moa:aggregator=dan", "dan"),
        ("moa:seed=1", "'seed' has no value, or is none for a name"),
        ("majority:samples=", "'samples' has no value"),
        ("moo:layers=2", "there is no system 'moo'"),
    ],
)
def test_bad_options_are_one_line(name: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        systems_of([name], Pool(["ollama:ann", "ollama:ben"]), None)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_name_without_options_stays_whole() -> None:
    for name in ("single:qwen2.5:7b", "self-consistency:5", "moa"):
        assert parsed(name) == (name, {})
    assert parsed("smoa:judge=openai:gpt-4o:k=1")[1] == {"judge": "openai:gpt-4o", "k": 1}
