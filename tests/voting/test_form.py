"""The form of an answer: calls that fit, JSON that fits, and fields that are counted."""

from __future__ import annotations

import json

import pytest
from langgraph_ensemble import InputError
from langgraph_ensemble.voting.calls import canonical, plainest
from langgraph_ensemble.voting.counting import drawn_to_half
from langgraph_ensemble.voting.fields import by_fields
from langgraph_ensemble.voting.form import Form, value_in
from langgraph_ensemble.voting.schemas import Schema

ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
            "required": ["a", "b"],
        },
    },
}
STOP = {"type": "function", "function": {"name": "stop"}}


def test_calls_have_one_text_whatever_their_order_and_numbers() -> None:
    one = [{"name": "add", "args": {"b": 2.0, "a": 1}, "id": "x"}, {"name": "stop", "args": {}}]
    two = [{"name": "stop", "args": "{}"}, {"name": "add", "args": '{"a": 1.0, "b": 2}'}]
    assert canonical(one) == canonical(two)
    assert canonical(one) != canonical(one[:1])
    assert plainest({"a": [1.0, {"c": True}]}) == {"a": [1, {"c": True}]}


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ({"name": "add", "args": {"a": 1, "b": 2.5}}, None),
        ({"name": "stop", "args": {"anything": 1}}, None),
        ({"name": "add", "args": {"a": 1}}, "'b' is a required property"),
        ({"name": "add", "args": {"a": "1", "b": 2}}, "a: '1' is not of type 'number'"),
        ({"name": "add", "args": '{"a": 1, "b'}, "are no JSON object"),
        ({"name": "sub", "args": {}}, "it calls 'sub', but has add, stop"),
    ],
)
def test_a_call_fits_or_says_why_not(call, problem) -> None:
    message = Form.of([ADD, STOP]).read("", [call]).problem
    assert message is None if problem is None else problem in (message or "")


def test_words_are_read_as_the_choice_of_tools_allows() -> None:
    tools, call = [ADD, STOP], [{"name": "stop", "args": {}}]
    assert Form.of(tools).read("No.").problem is None
    assert Form.of(tools, "required").read("No.").problem == "it calls no tool, but must: add, stop"
    named = {"type": "function", "function": {"name": "add"}}
    assert "has add" in (Form.of(tools, named).read("", call).problem or "")
    assert Form.of(tools, "none").read("No.", call).problem is None
    assert "was not given" in (Form.of(tools, "none").read("", call).problem or "")
    with pytest.raises(InputError, match="no such tool"):
        Form.of(tools, "fly")


def test_json_is_read_strictly_then_mended() -> None:
    assert value_in('{"a": "\\n\\nQuestion: b"}') == {"a": "\n\nQuestion: b"}
    assert value_in("{}") == {}
    assert value_in("So:\n```json\n{'a': 1,}\n```") == {"a": 1}
    for text in ("no", "", "NaN"):
        with pytest.raises(ValueError):  # noqa: PT011
            value_in(text)
    loose = Form.of(response_format={"type": "json_object"})
    assert loose.loose
    assert loose.read("[1]").problem
    assert loose.read('{"a": 1.0}').answer == '{"a": 1}'
    assert Form.of(response_format={"type": "text"}).read("{").problem is None


def test_a_schema_has_to_be_valid_and_whole() -> None:
    with pytest.raises(InputError, match="not valid"):
        Schema({"type": "nothing"})
    for goal in ("http://127.0.0.1:9/person.json", "#/$defs/person"):
        with pytest.raises(InputError, match="not whole"):
            Schema({"$ref": goal}).misfit({})
    assert len(Schema({"enum": ["x" * 999]}).misfit("y" * 999) or "") <= 160


def test_a_reason_belongs_to_the_answer_beside_it() -> None:
    schema = {"type": "object"}
    ballots = [
        ("a", 1.0, {"why": "Because of ann.", "sum": 5, "unit": "m"}),
        ("b", 1.0, {"why": "Because of ben.", "sum": 4, "unit": "m"}),
        ("c", 1.0, {"why": "Because of cat.", "sum": 4, "unit": "km"}),
    ]
    for seed in range(8):
        merged = by_fields(ballots, schema, seed)
        assert merged.value == {"why": "Because of ben.", "sum": 4, "unit": "m"}
        assert (merged.nearest, merged.agreed) == ("b", pytest.approx(5 / 9))
        assert merged.margin == pytest.approx(2 / 9, abs=1e-6)
    assert json.dumps(by_fields([], schema, 0).value) == "null"


def test_few_votes_say_little() -> None:
    assert drawn_to_half(1, 1, 1) < drawn_to_half(3, 3, 3) < 1
    assert drawn_to_half(0, 0, 3) == 0
