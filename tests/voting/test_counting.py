"""The public vote: texts, samples, calls of tools, JSON by its fields."""

from __future__ import annotations

import json

import pytest
from langgraph_ensemble import InputError
from langgraph_ensemble.voting import Vote, candidates, vote


def test_equal_answers_add_up_and_the_kind_is_told() -> None:
    result = vote({"a": "Answer: 1/2", "b": "It is 0.5.", "c": "Answer: 2"}, question="How much?")
    assert (result.answer, result.member, result.kind) == ("1/2", "a", "number")
    assert result.tally == {"1/2": 2.0, "2": 1.0}
    assert result.margin == pytest.approx(1 / 3, abs=1e-6)


def test_weights_decide_and_zero_is_silence() -> None:
    drafts = {"a": "Answer: 1", "b": "Answer: 2", "c": "Answer: 2"}
    assert vote(drafts).answer == "2"
    assert vote(drafts, weights={"a": 3.0}).answer == "1"
    assert vote(drafts, weights={"b": 0.0, "c": 0.0}).answer == "1"
    with pytest.raises(InputError, match="at least 0"):
        vote(drafts, weights={"a": -1.0})


def test_samples_share_their_members_weight() -> None:
    result = vote({"a": ["Answer: 1", "Answer: 1", "Answer: 2"], "b": "Answer: 2"})
    assert result.answer == "2"
    assert result.tally == pytest.approx({"2": 4 / 3, "1": 2 / 3})


def test_who_cannot_be_read_or_does_not_know_abstains() -> None:
    result = vote({"a": "I don't know.", "b": "Answer: 7", "c": ""})
    assert (result.answer, result.abstained) == ("7", ("a", "c"))
    nobody = vote({"a": "I don't know."})
    assert nobody == Vote(None, None, {}, None, None, "classification", ("a",))
    assert vote({}).answer is None


def test_ties_are_settled_by_weight_then_by_the_seed_never_by_order() -> None:
    one = vote({"a": "Answer: 1", "b": "Answer: 2"}, seed=3)
    two = vote({"b": "Answer: 2", "a": "Answer: 1"}, seed=3)
    assert one.answer == two.answer
    assert {vote({"a": "Answer: 1", "b": "Answer: 2"}, seed=s).answer for s in range(20)} == {
        "1",
        "2",
    }
    split = {"a": ["Answer: 1", "Answer: 2"], "b": ["Answer: 1", "Answer: 2"], "c": "Answer: 3"}
    assert vote(split).answer == "3", "one who is sure before two who are not"


def test_calls_of_tools_are_counted_by_value() -> None:
    add = [{"name": "add", "args": {"a": 1, "b": 2}}]
    same = [{"name": "add", "args": '{"b": 2.0, "a": 1}', "id": "x"}]
    other = [{"name": "add", "args": {"a": 2, "b": 1}}]
    result = vote({"a": other, "b": add, "c": same, "d": "I would add 1 and 2."})
    assert (result.kind, result.said, result.member) == ("tool_calls", add, "b")
    assert json.loads(str(result.answer)) == [{"name": "add", "args": {"a": 1, "b": 2}}]
    two = [*add, *other]
    assert vote({"a": two, "b": two[::-1], "c": add}).tally == {
        json.dumps(two): 2.0,
        json.dumps(add): 1.0,
    }


SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def test_json_is_counted_field_by_field_and_fits_its_schema() -> None:
    drafts = {
        "a": '{"name": "Ann", "age": 30}',
        "b": '```json\n{"name": "Ann", "age": 31}\n```',
        "c": '{"name": "Bea", "age": 31',
        "d": '{"name": "Bea"}',
        "e": "no idea",
    }
    result = vote(drafts, schema=SCHEMA)
    assert json.loads(str(result.answer)) == {"name": "Ann", "age": 31}
    assert (result.member, result.abstained) == ("b", ("d", "e"))
    assert vote({"a": "{}"}, schema=SCHEMA).answer is None


def test_fields_that_depend_on_each_other_are_taken_from_one_ballot() -> None:
    schema = {"enum": [{"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 2, "b": 2}]}
    drafts = {"x": '{"a": 1, "b": 1}', "y": '{"a": 2, "b": 1}', "z": '{"a": 2, "b": 2}'}
    assert json.loads(str(vote(drafts, schema=schema).answer)) in schema["enum"]
    with pytest.raises(InputError, match="schema of the answer is not valid"):
        vote(drafts, schema={"type": "nothing"})


def test_essays_are_not_counted_the_one_most_like_the_others_wins() -> None:
    texts = {
        "a": "The sea is blue.\nIt is wide.",
        "b": "The sea is blue.\nIt is deep.",
        "c": "No.\nWhy?",
    }
    result = vote(texts, question="Describe the sea.")
    assert result.kind == "text"
    assert result.member in ("a", "b")
    assert (result.tally, result.probability) == ({}, None)


def test_more_agreement_is_more_likely_right() -> None:
    three = vote({"a": "Answer: 1", "b": "Answer: 1", "c": "Answer: 1"}).probability
    two = vote({"a": "Answer: 1", "b": "Answer: 1", "c": "Answer: 2"}).probability
    one = vote({"a": "Answer: 1"}).probability
    assert three is not None and two is not None and one is not None  # noqa: PT018
    assert 1 > three > one > two > 0.5


def test_candidates_say_who_gave_what_how_often() -> None:
    ballots, kind = candidates({"a": ["Answer: x", "Answer: X."], "b": "Answer: y", "c": "hm\nhm"})
    assert kind == "classification"
    assert [(c.answer, dict(c.given)) for c in ballots] == [("x", {"a": 2}), ("y", {"b": 1})]
