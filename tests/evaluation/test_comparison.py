"""Comparisons of small outcomes, whose numbers are computed by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langgraph_ensemble import InputError
from langgraph_ensemble.evaluation.comparison import compare
from langgraph_ensemble.evaluation.members import overlap
from langgraph_ensemble.evaluation.votes import Ballots, weights
from langgraph_ensemble.voting import vote

QUESTIONS = [
    {"query": f"What is {i} + {i}?", "answers": [str(2 * i)], "dataset": "odd" if i % 2 else "even"}
    for i in range(4)
]


def draft(member: str, right: bool, place: int, layer: int = 1) -> dict[str, Any]:
    text = f"Answer: {2 * place if right else 90 + place}"
    return {
        "member": member, "layer": layer, "status": "ok", "text": text, "score": float(right),
    }  # fmt: skip


def outcome(right: bool, drafts: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    usage = {"input_tokens": 10 * len(drafts), "output_tokens": 5 * len(drafts)}
    usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]
    return {
        "score": float(right), "answer": drafts[0]["text"] if drafts else None, "error": None,
        "calls": len(drafts), "usage": usage, "cost_usd": None, "seconds": 1.0, "stopped": None,
        "confidence": None, "probability": None, "picked": None, "fell_back": [],
        "drafts": drafts, **more,
    }  # fmt: skip


def single(name: str, right: str, **more: Any) -> list[dict[str, Any] | None]:
    """One member's outcomes: `1` right, `0` wrong."""
    return [outcome(c == "1", [draft(name, c == "1", i)], **more) for i, c in enumerate(right)]


def sampled(name: str, right: list[str]) -> list[dict[str, Any] | None]:
    """Samples of one member for each question."""
    return [
        outcome(each.count("1") > each.count("0"), [draft(name, c == "1", i) for c in each])
        for i, each in enumerate(right)
    ]


def row(compared: Any, system: str) -> dict[str, Any]:
    return next(each for each in compared.systems if each["system"] == system)


@pytest.fixture
def three() -> dict[str, list[dict[str, Any] | None]]:
    return {
        "single:ann": single("ann", "1110", cost_usd=0.002),
        "single:ben": single("ben", "1001", cost_usd=0.001),
        "single:cat": single("cat", "0101", cost_usd=0.001),
        "team": single("ann", "1111", cost_usd=0.004),
    }


def test_accuracy_gain_and_gap(three):
    compared = compare(three, QUESTIONS)
    assert compared.best == "single:ann"
    assert [each["system"] for each in compared.systems][:2] == ["team", "single:ann"]
    team = row(compared, "team")
    assert team["accuracy"]["mean"] == 1.0
    assert team["gain"]["mean"] == 0.25
    assert team["gain_share"] == pytest.approx(1 / 3)
    assert team["gap_closed"] == 1.0
    assert team["gap_share"] == 0.0
    assert team["cost_saved"] == pytest.approx(-1.0)
    assert compared.oracle is not None
    assert compared.oracle["mean"] == 1.0
    assert row(compared, "single:ann")["gain"] is None
    assert row(compared, "single:ben")["gain"]["p_adjusted"] is None


def test_cost_calls_and_front(three):
    compared = compare(three, QUESTIONS)
    assert row(compared, "team")["cost_usd"] == pytest.approx(0.004)
    assert compared.front["axis"] == "cost_usd"
    assert compared.front["systems"] == ["single:ben", "single:ann", "team"]


def test_an_unknown_price_is_never_zero(three):
    three["team"][1]["cost_usd"] = None
    compared = compare(three, QUESTIONS)
    assert row(compared, "team")["cost_usd"] is None
    assert row(compared, "team")["cost_saved"] is None
    assert compared.front["unknown"] == ["team"]


def test_without_prices_calls_stand_for_cost():
    compared = compare({"single:a": single("a", "1100")}, QUESTIONS)
    assert compared.front == {"axis": "calls", "systems": ["single:a"], "unknown": []}


def test_only_questions_that_all_finished_are_compared(three):
    three["single:ann"][0] = None
    three["absent"] = [None] * 4
    compared = compare(three, QUESTIONS)
    assert (compared.questions, compared.left_out) == (3, 1)
    assert compared.unfinished == {"single:ann": 1}
    assert compared.absent == ["absent"]
    assert row(compared, "single:ann")["accuracy"]["mean"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ({}, "no system"),
        ({"a": [None] * 4}, "no question"),
        ({"a": [None, *single("a", "111")], "b": [*single("b", "1"), None, None, None]}, "larger"),
        ({"a": single("a", "1")}, "1 outcomes for 4"),
    ],
)
def test_nothing_to_compare(outcomes, said):
    with pytest.raises(InputError, match=said):
        compare(outcomes, QUESTIONS)


def test_by_data_set(three):
    compared = compare(three, QUESTIONS)
    assert [(d["name"], d["questions"]) for d in compared.datasets] == [("even", 2), ("odd", 2)]
    assert compared.datasets[0]["accuracy"]["single:ann"]["mean"] == 1.0
    assert compared.datasets[1]["accuracy"]["single:ann"]["mean"] == 0.5


def test_majority_over_members(three):
    """Ann, then ben and cat: 1110, 1001, 0101; wrong answers are equal, so they vote together."""
    found = compare(three, QUESTIONS).members
    assert found is not None
    assert found["order"] == ["ann", "ben", "cat"]
    assert found["curve"][0]["mean"] == 0.75
    assert found["curve"][2]["mean"] == 0.75  # questions 0, 1 and 3
    assert {each["member"] for each in found["contributions"]} == {"ann", "ben", "cat"}


def test_votes_of_subsets_are_those_of_vote(three):
    texts = {"a": "Answer: 4", "b": "Answer: 5", "c": "Answer: 4.0", "d": "It is 5."}
    ballots = Ballots("2 + 2?", texts, {"a": 1.0, "b": 0.0, "c": 1.0, "d": 0.0})
    for voters in (["a", "b", "c"], ["b", "c", "d"], ["a", "b"], ["b", "a"], ["d"], []):
        said = {name: texts[name] for name in voters}
        won = vote(said, question="2 + 2?", weights=weights(voters)).answer
        right = won is not None and float(won) == 4
        assert ballots.score(voters) == float(right), voters


def test_votes_over_texts_are_those_of_vote():
    rest = "\n".join(f"Then line {i} of the poem goes on about waves." for i in range(12))
    firsts = {
        "a": "The sea is wide and blue today.", "b": "The sea is deep and blue.",
        "c": "A mountain has snow on it.", "d": "The sea is wide, deep and blue.",
    }  # fmt: skip
    texts = {name: f"{first}\n{rest}" for name, first in firsts.items()}
    ballots = Ballots(
        "Write a poem about the sea.", texts, {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4}
    )
    assert ballots.kind == "text"
    for voters in ("abcd", "abc", "acd", "bc", "c"):
        said = {name: texts[name] for name in voters}
        won = vote(said, question="Write a poem about the sea.", kind="text").member
        assert won is not None
        assert ballots.score(list(voters)) == ballots.scores[won], voters


def test_samples_and_the_same_budget(three):
    """Five samples: right after three samples on the first question, on the second at once."""
    three["self-consistency"] = sampled("ann", ["00111", "11111", "00000", "01111"])
    three["moa"] = [
        outcome(c == "1", [draft(n, c == "1", i) for n in ("ann", "ben", "cat")])
        for i, c in enumerate("1110")
    ]
    compared = compare(three, QUESTIONS)
    samples = compared.samples[0]
    assert samples["member"] == "ann"
    assert samples["curve"][0]["mean"] == 0.25
    assert samples["curve"][4]["mean"] == 0.75
    assert compared.equal_budget["unit"] == "tokens"
    moa = next(r for r in compared.equal_budget["rows"] if r["system"] == "moa")
    # Three calls of 15 tokens: as many as three of the five samples.
    assert moa["used"] == 45
    assert moa["self_consistency"]["samples"] == 3
    assert moa["self_consistency"]["used"] == 45
    assert moa["self_consistency"]["accuracy"]["mean"] == 0.5
    assert moa["self_consistency"]["difference"]["mean"] == pytest.approx(0.25)
    assert moa["single"]["system"] == "single:ann"
    assert moa["self_fusion"] is None


def test_smoa_against_moa():
    many = [outcome(True, [draft("ann", True, i)] * 6) for i in range(4)]
    few = [outcome(True, [draft("ann", True, i)] * 3) for i in range(4)]
    found = compare({"moa": many, "smoa": few}, QUESTIONS).smoa
    assert [(each["smoa"], each["moa"], each["share"]) for each in found] == [("smoa", "moa", 0.5)]


def test_routing_is_counted_by_data_set():
    routed = [
        outcome(True, [draft(name, True, i)], picked=[name])
        for i, name in enumerate(["ann", "ben", "ann", "ann"])
    ]
    found = compare({"routed": routed}, QUESTIONS).routing[0]
    assert found["shares"] == {"ann": 0.75, "ben": 0.25}
    assert found["datasets"] == {"even": {"ann": 1.0}, "odd": {"ben": 0.5, "ann": 0.5}}


def test_probability_against_correctness():
    """Two questions at 90%, one right: 40 points off; two at 50%, one right: none."""
    stated = [
        outcome(c == "1", [draft("ann", c == "1", i)], probability=p)
        for i, (c, p) in enumerate(zip("1010", (0.9, 0.9, 0.5, 0.5), strict=True))
    ]
    found = compare({"team": stated}, QUESTIONS).reliability[0]
    assert found["ece"] == pytest.approx(0.2)
    assert [each["n"] for each in found["bins"]] == [2, 2]


def test_written_answers_are_compared_with_drafts():
    assert overlap("a b c d e", "a b c x y") == pytest.approx(1 / 3)
    assert overlap("", "a b c") == 0.0
    assert overlap("four", "it is four") == 1.0
    written = [
        outcome(True, [draft("ann", True, i), draft("ben", False, i)], answer=f"Answer: {2 * i}!")
        for i in range(4)
    ]
    found = compare({"moa": written}, QUESTIONS).similarity[0]
    assert found["right"] > found["wrong"]
    assert list(found["members"]) == ["ann", "ben"]


def test_failures_are_wrong_and_counted(three):
    failed = {"score": 0.0, "answer": None, "error": "no usable draft", "calls": None}
    three["team"][2] = failed
    three["team"][1]["drafts"].append({**draft("ben", False, 1), "status": "empty", "text": ""})
    compared = compare(three, QUESTIONS)
    team = row(compared, "team")
    assert (team["failures"], team["accuracy"]["mean"]) == (1, 0.75)
    assert team["calls"] == 1.0, "the mean over runs that did not fail"
    assert compared.failures["systems"]["team"] == {"runs": 1, "example": "no usable draft"}
    assert compared.failures["members"]["ben"] == {"ok": 4, "empty": 1}


def test_disagreements_start_with_the_best_pair(three):
    found = compare(three, QUESTIONS).disagreements
    assert found[0]["question"] == "What is 3 + 3?"
    assert found[0]["accepted"] == ["6"]
    answers = {each["system"]: each["answer"] for each in found[0]["systems"]}
    assert answers == {"team": "6", "single:ann": "93", "single:ben": "6", "single:cat": "6"}


def test_one_system_is_plain_json():
    compared = compare({"team": single("ann", "1010")}, QUESTIONS)
    assert compared.best is None
    assert compared.oracle is None
    assert json.loads(json.dumps(compared.to_dict(), allow_nan=False)) == compared.to_dict()


def test_holm_adjusts_for_the_number_of_ensembles():
    questions = [{"query": f"{i} + 1?", "answers": [str(i + 1)]} for i in range(40)]
    systems = {"single:a": single("a", "10" * 20)}
    for name, right in (("x", "1" * 30 + "10" * 5), ("y", "11110101" * 5), ("z", "1010" * 10)):
        systems[name] = single("a", right)
    rows = {each["system"]: each["gain"] for each in compare(systems, questions).systems}
    assert rows["x"]["p_adjusted"] == pytest.approx(3 * rows["x"]["p"])
    assert rows["y"]["p_adjusted"] >= rows["x"]["p_adjusted"]
    assert rows["z"]["p_adjusted"] == 1.0
