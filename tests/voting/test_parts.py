"""The parts of a vote, each called by itself."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.voting import answers, calls, fields, kinds, learnt, literals, logit
from langgraph_ensemble.voting.counting import candidates, samples_of, tallied
from langgraph_ensemble.voting.marked import formal
from langgraph_ensemble.voting.numbers import decimal_comma
from langgraph_ensemble.voting.reading import mended, words_key
from langgraph_ensemble.voting.team import examples, form_of
from langgraph_ensemble.voting.texts import braced

CALL = [{"name": "add", "args": {"a": 1, "b": 2}}]


def draft(text: str) -> Any:
    return {"text": text, "member": text[:1], "answer": None}


def test_the_text_that_shares_most_words_with_the_others_is_most_alike():
    three = [draft("the cat sat"), draft("the cat sat down"), draft("rain in spring")]
    assert answers.most_alike(three) is not three[2]


def test_calls_are_told_from_texts_and_from_samples():
    assert calls.is_calls(CALL)
    assert not any(map(calls.is_calls, ["add", [], ["a", "b"], [CALL]]))
    assert json.loads(calls.calls_text(CALL)) == CALL


def test_samples_of_one_text_of_calls_and_of_a_list():
    assert samples_of("4") == ["4"]
    assert samples_of(CALL) == [CALL]  # pyright: ignore[reportArgumentType]
    assert samples_of(["4", "5"]) == ["4", "5"]


def test_a_tally_weighs_members_and_names_those_that_said_nothing():
    said: dict[str, Any] = {"a": ["4", "4"], "b": ["5"], "c": ["I do not know."]}
    options = candidates(said, question="2+2?", kind="number")[0]
    vote = tallied(options, "number", {"a": 1.0, "b": 3.0, "c": 1.0}, said)
    assert vote.answer == "5"
    assert vote.tally == {"5": 3.0, "4": 1.0}
    assert vote.member == "b"
    assert vote.abstained == ("c",)
    assert vote.margin == 0.5
    assert tallied([], "number", {"a": 1.0}, {"a": [""]}).answer is None


def test_objects_are_merged_by_field_and_invalid_ones_abstain():
    schema = {
        "type": "object",
        "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
        "required": ["x", "y"],
    }
    ballots = [
        ("a", 1.0, {"x": 1, "y": 2}),
        ("b", 1.0, {"x": 1, "y": 3}),
        ("c", 1.0, {"x": 0, "y": 3}),
        ("d", 5.0, {"x": "one"}),
    ]
    merged = fields.by_fields(ballots, schema, 42)
    assert merged.value == {"x": 1, "y": 3}
    assert fields.by_fields(ballots[3:], schema, 42).value is None
    with pytest.raises(InputError, match="schema of the answer is not valid"):
        fields.by_fields(ballots, {"type": "no such type"}, 42)


def test_log_odds_are_bounded_and_odd_about_a_half():
    low, middle, high = learnt.log_odds(np.array([0.0, 0.5, 1.0]))
    assert middle == 0
    assert math.isfinite(low)
    assert low == pytest.approx(-high)


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ({1, 2}, {2, 1})]
)
def test_equal_literals_have_one_key(one, other):
    assert literals.key_of(one) == literals.key_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [(1, "1"), ([1], (1,)), (True, 1), ("a", "A"), (b"a", "a")]
)
def test_unequal_literals_have_two_keys(one, other):
    assert literals.key_of(one) != literals.key_of(other)


def test_a_literal_without_a_mark_is_found_where_the_text_ends():
    assert literals.literal_in("so\nassert f(2) == [1, 2]") == "[1, 2]"
    assert literals.literal_in("It returns nothing.\nOr does it?") is None


def test_features_count_votes_skill_and_pairs():
    shares = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    rows = logit.features(shares, np.ones((2, 3)), np.full(3, 0.5), np.array([0, 1]), 2)
    assert rows.shape == (2, 3 + 3 + 3 + 2 * 3)
    assert rows[:, 0].tolist() == [2, 1]
    assert rows[:, 1].tolist() == [1.0, 0.5]
    # Only the pair of the first two agrees, and only on the first candidate.
    assert rows[0, 6:9].tolist() == [1, 0, 0]


def test_what_is_known_before_a_vote_is_how_many_voted_and_how_divided():
    one = logit.none_features(np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))
    assert one.tolist() == pytest.approx([1, math.log(4), 1 / 3])
    assert logit.none_features(np.zeros((0, 3))).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<answer> 7 </answer>", "7"),
        (r"so \boxed{\frac{1}{2}} it is", r"\frac{1}{2}"),
        ("12 apples\n#### 12", "12"),
        ('{"answer": "Paris"}', "Paris"),
        ("It is 12.", None),
    ],
)
def test_forms_made_for_an_answer(text, answer):
    assert formal(text) == answer


def test_a_decimal_comma_is_a_point_and_thousands_stay():
    assert decimal_comma("3,5") == "3.5"
    assert decimal_comma("1,000") == "1,000"


def test_words_are_equal_without_case_articles_and_stops():
    assert words_key("The  Eiffel Tower.") == words_key("eiffel tower")
    assert words_key("A") != words_key("")


def test_a_candidate_is_words_one_call_or_several():
    two = [{"name": "sub", "args": {}}]
    said: dict[str, Any] = {"a": [CALL], "b": [CALL + two], "c": ["no tool is needed"]}
    options = candidates(said, question="add", kind="tool_calls")[0]
    assert sorted(map(form_of, options)) == [0, 1, 2]


def test_braces_are_matched_by_depth_and_not_for_ever():
    assert braced("{a{b}c} d", 1) == "a{b}c"
    assert braced("{" * 9000, 1) is None


def test_a_question_tells_its_kind_or_the_drafts_do():
    assert kinds.kind_of("Say it", ['{"a": 1}', '{"a": 2}']) == "json"
    assert kinds.kind_of("Write a story", ["Once upon a time"]) == "text"
    assert (
        kinds.kind_of("Write a letter", ["<answer>B</answer>", "<answer>C</answer>"])
        == "classification"
    )


def test_an_unknown_kind_is_refused_with_those_there_are():
    assert kinds.checked("auto") == "auto"
    with pytest.raises(InputError, match="auto, choice"):
        kinds.checked("essay")


def test_broken_json_is_mended_and_rubbish_is_nothing():
    assert mended("{'answer': 4,}") == {"answer": 4}
    assert mended("[" * 50_000) is None


def test_votes_of_records_become_rows_of_candidates():
    records = [
        {"query": "2+2?", "answers": {"a": "4", "b": "5"}, "scores": {"a": 1.0, "b": 0.0}},
        {"query": "nobody knows", "answers": {}, "scores": {}},
    ]
    rows = examples(records, ["a", "b"], np.full((2, 2), 0.5))
    assert rows is not None
    assert rows.right.tolist() == [True, False]
    assert examples(records[1:], ["a", "b"], np.full((1, 2), 0.5)) is None
