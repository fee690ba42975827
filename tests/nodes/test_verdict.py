"""Reading judgements, with every case in which the published code fails."""

from __future__ import annotations

import pytest
from langgraph_ensemble.nodes.verdict import Unreadable, read_cast, read_decision, read_verdict


@pytest.mark.parametrize(
    ("text", "chosen", "stop"),
    [
        ('{"reason": "x", "chosen": [2, 1], "stop": true}', [2, 1], True),
        ('"chosen responses":[1, 2]' and '{"chosen responses":[1, 2]}', [1, 2], False),
        ("{'chosen': ['2'], 'stop': False}", [2], False),
        ('{"chosen_responses": [3], "end_debate": "yes"}', [3], True),
        ('Of course!\n```json\n{"chosen": [1,], "stop": "no"}\n```\nBye', [1], False),
        ('{"Chosen Drafts": "3 and 1", "Stop": 1}', [3, 1], True),
        ('{"chosen": [{"id": 2}], "stop": false}', [2], False),
        ('{"chosen": [2, 2, 9, -1, 0, 1]}', [2, 1], False),
        ('{"chosen": [1, 2], "stop": true', [1, 2], True),
        # What a judge quotes of a draft stands before its own verdict.
        ('Draft 2 says {"chosen": [2], "stop": true}. No: {"chosen": [1]}', [1], False),
        ('It says\n```json\n{"chosen": [2]}\n```\nbut I say {"chosen": [1]}', [1], False),
        ('```json\n{"chosen": [2]}\n```\nNo:\n```json\n{"chosen": [1]}\n```', [1], False),
        ('```json\n{"chosen": [1]}\n```\nAs {draft} says.', [1], False),
        ('I take {"chosen": [1]}; the others {"are": "worse"}', [1], False),
    ],
)
def test_tolerant_reading(text, chosen, stop) -> None:
    verdict = read_verdict(text, 3)
    assert (verdict.chosen, verdict.stop) == (chosen, stop)


@pytest.mark.parametrize(
    "text",
    ["", "I like the second.", "{}", '{"stop": true}', '{"chosen": []}', '{"chosen": [0, 7, -2]}'],
)
def test_what_names_no_draft_is_unreadable(text) -> None:
    with pytest.raises(Unreadable):
        read_verdict(text, 3)


def test_reasons_may_come_in_any_shape() -> None:
    verdict = read_verdict('{"reasoning": {"1": "good", "2": "bad"}, "chosen": [1]}', 2)
    assert verdict.reason == "1: good 2: bad"


def test_a_decision_without_stop_is_unreadable() -> None:
    assert read_decision('{"stop": "go on", "reason": ["a", "b"]}').reason == "a b"
    with pytest.raises(Unreadable, match="stop"):
        read_decision('{"reason": "hm"}')


def test_a_preamble_never_becomes_a_role() -> None:
    text = 'Here are the roles:\n{"roles": ["You check.", {"name": "Ann", "task": "You doubt."}]}'
    assert read_cast(text, 2) == ["You check.", "Ann You doubt."]
    with pytest.raises(Unreadable, match="1 roles, not 2"):
        read_cast('{"roles": ["You check."]}', 2)
