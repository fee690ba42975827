"""Each step by itself, called with a dict: no graph, no checkpoint, no server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers import profile
from langgraph_ensemble import Pool
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.nodes.aggregate import NoUsableDraftError, make_aggregate
from langgraph_ensemble.nodes.answer import make_answer
from langgraph_ensemble.nodes.base import Run
from langgraph_ensemble.nodes.cast import slots
from langgraph_ensemble.nodes.choose import make_choose
from langgraph_ensemble.nodes.context import AvengersContext, MoaContext, SmoaContext
from langgraph_ensemble.nodes.embed import make_embed
from langgraph_ensemble.nodes.escalate import make_escalate
from langgraph_ensemble.nodes.held import hold, make_give
from langgraph_ensemble.nodes.judge import (
    judges_choice,
    make_judge,
    make_repair,
    make_select,
    shown_drafts,
)
from langgraph_ensemble.nodes.layer import layer_before, make_layer, open_round
from langgraph_ensemble.nodes.moderate import make_moderate
from langgraph_ensemble.nodes.prepare import make_prepare
from langgraph_ensemble.nodes.propose import make_propose
from langgraph_ensemble.nodes.roles import make_roles
from langgraph_ensemble.nodes.route import make_line_up, make_pick, make_route
from langgraph_ensemble.nodes.sample import make_sample
from langgraph_ensemble.nodes.trust import Ending
from langgraph_ensemble.nodes.vote import make_vote
from langgraph_ensemble.testing import says
from steps import asked, draft

MOA, SMOA, AVENGERS = Run(MoaContext()), Run(SmoaContext()), Run(AvengersContext())
TWO = (draft("ann", "I think it is 4.\n\nAnswer: 4"), draft("ben", "Answer: 5"))
VERDICT = '{"chosen": [2], "reason": "right", "stop": true}'


def told() -> tuple[list[Any], Any]:
    """A list of events, and the function that fills it."""
    events: list[Any] = []
    return events, events.append


async def test_prepare_empties_the_turn_and_refuses_a_question_that_is_none() -> None:
    step = make_prepare(Pool([says("ann")]), [says("ann")], rounds=[])
    update = await step(asked("2+2?", layer=3, stopped="layers"), MOA)
    assert (update["layer"], update["stopped"], update["rounds"]) == (0, None, [])
    assert update["drafts"].value == []
    with pytest.raises(InputError, match="question"):
        await step({**asked(""), "messages": []}, MOA)


async def test_a_budget_needs_prices() -> None:
    nameless = says("ann").model_copy(update={"model": "m"})
    step = make_prepare(Pool([nameless]), [nameless])
    with pytest.raises(InputError, match="needs a price"):
        await step(asked("2+2?"), Run(MoaContext(budget_usd=1.0)))


async def test_propose_drafts_and_tells_it() -> None:
    events, emit = told()
    (slot,) = slots([says("ann", "It is four.\n\nAnswer: 4")])
    update = await make_propose(slot, layer_before)(asked("2+2?"), Run(MoaContext(), emit))
    assert [(d["id"], d["status"]) for d in update["drafts"]] == [("1.ann.0", "ok")]
    assert update["drafts"][0]["text"].endswith("Answer: 4")
    assert {event["type"] for event in events} >= {"started", "done"}


async def test_a_proposal_without_a_word_is_an_empty_draft() -> None:
    (slot,) = slots([says("ann", "<think>four?</think>")])
    update = await make_propose(slot, layer_before)(asked("2+2?"), MOA)
    assert [d["status"] for d in update["drafts"]] == ["empty"]


async def test_layer_counts_and_says_why_it_is_the_last() -> None:
    step = make_layer(until_agreed=True)
    assert await step(asked("q", layer=0), MOA) == {"layer": 1, "stopped": None}
    assert (await step(asked("q", layer=1), MOA))["stopped"] == "layer_failed"
    assert (await step(asked("q", *TWO), MOA))["stopped"] is None
    agreed = asked("q", TWO[0], draft("ben", "Answer: 4"))
    assert (await step(agreed, MOA))["stopped"] == "agreement"
    assert (await step(asked("q", *TWO), Run(MoaContext(layers=2))))["stopped"] == "layers"


async def test_open_round_counts() -> None:
    assert await open_round(asked("q", layer=2), SMOA) == {"layer": 3, "stopped": None}


async def test_aggregate_writes_or_falls_back_on_a_draft() -> None:
    step = make_aggregate("moa", [says("dan", "It is 4.")], lambda state: state["drafts"])
    update = await step(asked("2+2?", *TWO), MOA)
    assert update["messages"][0].text == update["result"]["answer"] == "It is 4."
    mute = make_aggregate("moa", [says("dan", "")], lambda state: state["drafts"])
    update = await mute(asked("2+2?", *TWO, draft("cat", "Answer: 5")), MOA)
    assert update["result"]["answer"] == "Answer: 5"
    assert "aggregator dan" in update["fell_back"][0]
    with pytest.raises(NoUsableDraftError, match="no member was asked"):
        await step(asked("2+2?"), MOA)


async def test_choose_gives_the_answer_that_weighs_most() -> None:
    team = [says("ann", size=9.0), says("ben", size=1.0), says("cat", size=1.0)]
    state = asked("2+2?", *TWO, draft("cat", "Answer: 5"))
    update = await make_choose("moa", team)(state, MOA)
    assert update["result"]["winner"] == "1.ann.0"
    assert [vote["answer"] for vote in update["result"]["votes"]] == ["4", "5"]


async def test_roles_are_written_once_and_fall_back() -> None:
    cast = slots([says("ann"), says("ben")])
    good = '{"roles": ["You check facts.", "You look for errors."]}'
    step = make_roles(says("dan", good), cast, "proofs")
    update = await step(asked("q"), SMOA)
    assert update["roles"] == {
        "propose_ann": "You check facts.",
        "propose_ben": "You look for errors.",
    }
    assert "calls" not in await step(asked("q"), SMOA)
    bad = await make_roles(says("dan", "no"), cast, "proofs")(asked("q"), SMOA)
    assert set(bad["roles"]) == {"propose_ann", "propose_ben"}
    assert "built-in roles" in bad["fell_back"][0]


async def test_judge_repair_and_select() -> None:
    state = asked("2+2?", *TWO, verdict=None, judged="", problem=None)
    alone = await make_judge(says("dan", VERDICT))(asked("2+2?", TWO[0]), SMOA)
    assert alone["problem"] == "fewer than two usable drafts"
    state |= await make_judge(says("dan", "hm"))(state, SMOA)
    assert (state["verdict"], state["judged"]) == (None, "hm")
    assert state["problem"]
    judge = says("dan", VERDICT)
    state |= await make_repair(judge)(state, SMOA)
    assert state["verdict"]["chosen"] == [2]
    events, emit = told()
    update = await make_select(judge)(state, Run(SmoaContext(k=1), emit))
    assert [event["type"] for event in events] == ["judged", "selected"]
    assert len(update["selected"]) == 1
    assert (update["review"], update["judge_stop"]) == ("right", True)
    read = judges_choice({**state, **update, "layer": 2, "roles": {}}, slots([says("ann")])[0])
    assert [d["id"] for d in read.drafts] == update["selected"]


async def test_select_without_a_verdict_keeps_what_agrees_most() -> None:
    state = asked("2+2?", *TWO, draft("cat", "Answer: 5"), verdict=None, problem="silence")
    update = await make_select(says("dan"))(state, Run(SmoaContext(k=2)))
    assert set(update["selected"]) == {"1.ben.0", "1.cat.0"}
    assert "silence" in update["fell_back"][0]


async def test_select_drops_what_a_better_draft_says_in_the_same_words() -> None:
    told = "The capital of Peru is Lima. Answer: Lima"
    drafts = (draft("ann", told), draft("ben", f"So: {told}"), draft("cat", "Cusco, I think"))
    knobs = SmoaContext(k=2, duplicates=0.8)
    verdict = {"reason": "", "stop": False}
    shown = [d["id"] for d in shown_drafts(asked("q", *drafts), 42)]
    order = [shown.index(f"1.{name}.0") + 1 for name in ("ann", "ben", "cat")]
    state = asked("q", *drafts, verdict={**verdict, "chosen": order[:2]}, problem=None)
    update = await make_select(says("dan"))(state, Run(knobs))
    assert update["selected"] == ["1.ann.0", "1.cat.0"]
    kept = await make_select(says("dan"))(state, Run(SmoaContext(k=2)))
    assert kept["selected"] == ["1.ann.0", "1.ben.0"]


@pytest.mark.parametrize(("quality", "stopped"), [(8, "quality"), ("9/10", "quality"), (6, None)])
async def test_a_grade_ends_the_rounds_if_it_is_asked_for(quality, stopped) -> None:
    knobs = SmoaContext(rounds=3, quality=7.5)
    verdict = json.dumps({"chosen": [1, 2], "quality": quality, "stop": False})
    state = asked("q", *TWO, layer=1)
    state |= await make_judge(says("dan", verdict))(state, Run(knobs))
    state |= await make_select(says("dan"))(state, Run(knobs))
    assert (await make_moderate(None)(state, Run(knobs)))["stopped"] == stopped
    unasked = SmoaContext(rounds=3)
    assert (await make_moderate(None)(state, Run(unasked)))["stopped"] is None
    graded = says("eva", json.dumps({"quality": quality, "stop": False}))
    assert (await make_moderate(graded)(state, Run(knobs)))["stopped"] == stopped


@pytest.mark.parametrize(
    ("state", "knobs", "stopped"),
    [
        (asked("q"), {}, "layer_failed"),
        (
            asked("q", draft("ann", "Answer: 4"), draft("ben", "Answer: 4")),
            {"agreement": None},
            None,
        ),
        (asked("q", draft("ann", "Answer: 4"), draft("ben", "Answer: 4")), {}, "agreement"),
        (asked("q", *TWO, layer=1), {"rounds": 1}, "rounds"),
        (asked("q", *TWO, layer=1), {"rounds": 3}, None),
        (asked("q", *TWO, layer=1, judge_stop=True), {"rounds": 3}, "judge"),
    ],
)
async def test_moderate_by_facts(state, knobs, stopped) -> None:
    step = make_moderate(None)
    update = await step({"judge_stop": False, **state}, Run(SmoaContext(**knobs)))
    assert update["stopped"] == stopped


async def test_moderate_asks_who_may_stop() -> None:
    state = asked("q", *TWO, layer=1, selected=["1.ann.0"], review="", judge_stop=False)
    stop = make_moderate(says("dan", '{"stop": true, "reason": "good"}'))
    go_on = make_moderate(says("dan", "hm"))
    assert (await stop(state, Run(SmoaContext(rounds=3))))["stopped"] == "moderator"
    update = await go_on(state, Run(SmoaContext(rounds=3)))
    assert update["stopped"] is None
    assert len(update["calls"]) == 1


async def test_embed_and_route_rank_and_pick() -> None:
    known = profile(ann=["algebra"], ben=["geometry"])
    pool = Pool([says("ann"), says("ben")])
    state = asked("In algebra, which x makes 43 times x equal to 10922?")
    state |= await make_embed(known)(state, AVENGERS)
    assert len(state["vector"]) > 1
    update = await make_route(pool, known)(state, Run(AvengersContext(top_n=1, samples=3)))
    assert (update["picked"], update["layer"]) == (["ann"], 1)
    assert [entry["member"] for entry in update["ranking"]] == ["ann", "ben"]
    picked = await make_pick(list(pool), known, 1)(state, MOA)
    assert picked["picked"] == ["ann"]


async def test_without_a_task_map_everybody_is_lined_up() -> None:
    step = make_line_up([says("ann"), says("ben")])
    update = await step(asked("2+2?"), Run(AvengersContext(top_n=2, samples=4)))
    assert update["picked"] == ["ann", "ben"]
    assert update["familiarity"] is None


async def test_sample_vote_and_answer() -> None:
    ann = says("ann", "Answer: 4")
    state = asked(
        "2+2?",
        asking={"ann": 2},
        picked=["ann"],
        ranking=[{"member": "ann", "score": 1.0, "record": 0.9}],
        cluster=None,
        position=None,
        familiarity=None,
    )
    run = Run(AvengersContext(samples=2))
    state |= await make_sample(ann)(state, run)
    assert [d["text"] for d in state["drafts"]] == ["Answer: 4", "Answer: 4"]
    state |= await make_vote([ann])(state, run)
    assert (state["tally"]["votes"][0]["count"], state["asking"]) == (2, {})
    update = await make_answer()(state, run)
    assert update["result"]["answer"] == update["messages"][0].text == "Answer: 4"


async def test_escalate_asks_and_says_when_it_does_not_know() -> None:
    update = await make_escalate(says("dan", "It is 4."))(asked("2+2?", *TWO), MOA)
    assert update["escalated"] == update["drafts"][0]["id"]
    update = await make_escalate(says("dan", "I don't know."))(asked("2+2?", *TWO), MOA)
    assert "does not know" in update["fell_back"][0]
    assert "escalated" not in update


async def test_an_unsure_answer_is_held_and_declined() -> None:
    ending = Ending(decline="I am not sure.")

    class Replacing(MoaContext):
        replaces = True

    run = Run(Replacing(confidence=0.99))
    team = [says("ann"), says("ben")]
    state = asked("2+2?", *TWO)
    held = await hold(make_choose("moa", team), ending)(state, run)
    assert "messages" not in held
    assert held["trust"]["unsure"]
    update = await make_give(ending)({**state, **held}, run)
    assert update["messages"][0].text == update["result"]["answer"] == "I am not sure."
    assert update["result"]["guess"] == held["held"]["content"]
