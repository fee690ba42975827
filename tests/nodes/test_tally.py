"""The vote over drafts that call tools or answer in JSON, counted and as learnt."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langgraph_ensemble import Profile
from langgraph_ensemble.nodes.called import called
from langgraph_ensemble.nodes.tally import NO_CALL, count, spoken
from langgraph_ensemble.voting.form import Form
from steps import draft

TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
RIGHT, WRONG = [{"name": "add", "args": {"a": 1}}], [{"name": "add", "args": {"a": 2}}]
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
JSON = {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA}}


def ranking(**record: float) -> list[dict[str, Any]]:
    return [{"member": name, "score": value, "record": value} for name, value in record.items()]


def learnt(form: Any) -> Profile:
    """Ann is right nine times in ten, the others, who err alike, three times."""
    rows = []
    for i in range(120):
        right = {"ann": i % 10 != 0, "ben": i % 10 < 3, "cat": i % 10 < 3}
        rows.append(
            {
                "query": f"Add {i} and one.",
                "scores": {name: float(each) for name, each in right.items()},
                "answers": {name: form(each) for name, each in right.items()},
            }
        )
    return Profile.fit(rows, clusters=2, views=1, families=1, kappa=10.0)


def test_the_learnt_vote_weighs_calls() -> None:
    votes = learnt(lambda right: RIGHT if right else WRONG).votes
    drafts = [
        draft("ann", "", calls=RIGHT),
        draft("ben", "", calls=WRONG),
        draft("cat", "", calls=WRONG),
    ]
    placed, form = ranking(ann=0.9, ben=0.3, cat=0.3), Form.of([TOOL])
    equal = count(drafts, placed, "Add.", None, form)
    assert equal["said"] == WRONG
    tally = count(drafts, placed, "Add.", votes, form)
    assert (tally["said"], tally["winner"], tally["kind"]) == (RIGHT, "1.ann.0", "tool_calls")
    # The share among the candidates, calibrated.
    likely = tally["tally"]['[{"name": "add", "args": {"a": 1}}]']
    assert tally["probability"] == pytest.approx(likely, abs=0.05)
    assert likely > 0.5
    assert spoken(drafts, tally) == {"ann": [RIGHT], "ben": [WRONG], "cat": [WRONG]}


def test_the_learnt_vote_weighs_words_against_calls() -> None:
    votes = learnt(lambda right: "It needs no tool." if right else WRONG).votes
    drafts = [
        draft("ann", "It is 2."),
        draft("ben", "", calls=WRONG),
        draft("cat", "", calls=WRONG),
    ]
    tally = count(drafts, ranking(ann=0.9, ben=0.3, cat=0.3), "Add.", votes, Form.of([TOOL]))
    assert (tally["votes"][0]["answer"], tally["winner"]) == (NO_CALL, "1.ann.0")
    assert tally["said"] is None, "the text of the draft"


def test_the_learnt_vote_weighs_fields() -> None:
    votes = learnt(lambda right: json.dumps({"a": 1 if right else 2})).votes
    drafts = [
        draft(name, json.dumps({"a": a})) for name, a in {"ann": 1, "ben": 2, "cat": 2}.items()
    ]
    placed, form = ranking(ann=0.9, ben=0.3, cat=0.3), Form.of(response_format=JSON)
    assert count(drafts, placed, "Add.", None, form)["said"] == '{"a": 2}'
    tally = count(drafts, placed, "Add.", votes, form)
    assert (tally["said"], tally["winner"]) == ('{"a": 1}', "1.ann.0")


def test_what_does_not_fit_abstains_and_lowers_the_share() -> None:
    drafts = [draft("ann", '{"a": "x"}'), draft("ben", '{"a": 1}'), draft("cat", "no")]
    form = Form.of(response_format=JSON)
    tally = count(drafts, ranking(ann=0.9, ben=0.3, cat=0.3), "Add.", None, form)
    assert (tally["abstained"], tally["winner"]) == (2, "1.ben.0")
    assert tally["share"] == 0.333333
    assert set(tally["problems"]) == {"1.ann.0", "1.cat.0"}
    assert tally["answers"] == {"1.ben.0": '{"a": 1}'}
    nobody = count(drafts[:1], ranking(ann=0.9), "Add.", None, form)
    assert (nobody["winner"], nobody["said"], nobody["votes"]) == (None, None, [])


def test_who_does_not_know_is_no_vote_for_no_call() -> None:
    drafts = [draft("ann", "I don't know."), draft("ben", "", calls=RIGHT)]
    tally = count(drafts, ranking(ann=0.9, ben=0.3), "Add.", None, Form.of([TOOL]))
    assert (tally["said"], tally["abstained"], tally["share"]) == (RIGHT, 1, 0.5)


def test_ids_that_were_shown_stay_unless_they_are_taken() -> None:
    calls = [{"name": "f", "args": {}, "id": "1"}] * 2
    first, second = called(calls, [], shown=True)
    assert first["id"] == "1" != second["id"]
    assert called(calls[:1], [])[0]["id"] != "1"


def test_where_the_plan_is_one_member_its_answer_stands_against_the_others() -> None:
    rows = []
    for i in range(200):
        said = {"best": 8 if i % 20 else 6, "ben": 8 if i % 3 == 0 else 6, "cat": 8 if i % 3 else 5}
        rows.append(
            {
                "query": f"How many legs has spider {i}?",
                "answers": {name: f"Answer: {number}" for name, number in said.items()},
                "scores": {name: float(number == 8) for name, number in said.items()},
            }
        )
    profile = Profile.fit(rows, clusters=1, views=1, families=1, kappa=10.0)
    assert profile.votes is not None
    team = profile.votes.at(0)
    assert team.alone
    drafts = [draft(name, f"Answer: {7 if name == 'best' else 6}") for name in profile.members]
    record = profile.records(profile.embed(["How many legs has a spider?"]))[0]
    tally = count(drafts, ranking(**record), "How many legs has a spider?", team)
    assert tally["votes"][0]["members"] == ["best"]
    assert tally["learnt"]
    assert next(iter(tally["tally"])) == "7"
