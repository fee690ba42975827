"""The pool as a team: shipped quality and routing, and the graphs with aggregator and judge.

Every threshold lies well below the measured value; see pocket/README.md.
"""

from __future__ import annotations

import re

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage
from langgraph_ensemble import create_moa, create_smoa, stream_answer
from langgraph_ensemble.pocket.batch import batch_replies
from langgraph_ensemble.pocket.calibration import PROFILE
from langgraph_ensemble.pocket.format import answer_groups, final_answer
from langgraph_ensemble.pocket.questions import DOMAINS, correct, sample
from langgraph_ensemble.pocket.referee import weigh
from langgraph_ensemble.pool import Pool
from langgraph_ensemble.profiles import Profile
from langgraph_ensemble.studio.catalogue import Catalogue

LEAST = {
    "arithmetic": 9,
    "strings": 11,
    "logic": 13,
    "facts": 15,
    "lists": 10,
    "units": 12,
    "code": 4,
    "sentiment": 14,
    "chat": 15,
}
TEAM = ["facts", "generalist", "sentiment", "aggregator", "judge"]
FRANCE = "What is the capital of France?"
UNKNOWN = "Who is the president of the USA?"


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_specialist_knows_its_domain(domain: str) -> None:
    questions = sample(domain, 16, 4, "calibration")
    made = batch_replies(domain, [q.text for q in questions])
    right = sum(correct(q, reply) for q, (reply,) in zip(questions, made, strict=True))
    assert right >= LEAST[domain]


def test_the_shipped_profile_routes_training_phrasings_to_their_specialists() -> None:
    asked = [q for d in DOMAINS for q in sample(d, 40, 6, "train")]
    choices = Profile.load(PROFILE).route([q.text for q in asked])
    right = sum(c[0].member == q.domain for c, q in zip(choices, asked, strict=True))
    assert right >= 0.95 * len(asked)


def test_the_team_beats_the_generalist_by_far() -> None:
    asked = [q for d in DOMAINS for q in sample(d, 12, 14, "calibration")]
    choices = Profile.load(PROFILE).route([q.text for q in asked])
    team, alone = 0, 0
    for choice, question in zip(choices, asked, strict=True):
        for_team, by_one = (
            batch_replies(name, [question.text])[0][0] for name in (choice[0].member, "generalist")
        )
        team += correct(question, for_team)
        alone += correct(question, by_one)
    assert team >= 0.75 * len(asked)
    assert team - alone >= 0.35 * len(asked)


def test_the_referee_finds_more_right_answers_among_ten_drafts_than_a_vote() -> None:
    asked = [q for d in DOMAINS for q in sample(d, 12, 15, "calibration")]
    texts = [q.text for q in asked]
    made = [batch_replies(name, texts, max_tokens=80) for name in (*DOMAINS, "generalist")]
    votes, weighed = 0, 0
    for i, question in enumerate(asked):
        drafts = [replies[i][0] for replies in made]
        votes += answer_groups([final_answer(d) for d in drafts])[0][0] == question.answer
        weighed += weigh(question.text, drafts).groups[0][0] == question.answer
    assert weighed >= 0.5 * len(asked)
    assert weighed > votes


@pytest.mark.parametrize("create", [create_moa, create_smoa])
def test_the_graphs_answer_with_the_pool_alone(create) -> None:
    pool = Pool.pocket().subset(TEAM)
    assert (pool.aggregator, pool.judge) == ("aggregator", "judge")
    state = create(pool).compile().invoke({"messages": [HumanMessage(FRANCE)]})
    assert state["messages"][-1].text == "Answer: Paris"


@pytest.mark.parametrize("question", [FRANCE, UNKNOWN])
@pytest.mark.parametrize("model", ["moa", "smoa"])
def test_an_answer_that_was_held_back_is_streamed_once_or_never(model: str, question: str) -> None:
    graph = Catalogue(Pool.pocket(), Profile.load(PROFILE)).builder(model).compile()
    given = graph.invoke({"messages": [HumanMessage(question)]})
    said = "".join(stream_answer(graph, question)).strip()
    assert said == given["messages"][-1].text.strip()
    assert given["result"]["declined"] is (question == UNKNOWN)
    shown = [
        message.text
        for message, _ in graph.stream(
            {"messages": [HumanMessage(question)]}, stream_mode="messages"
        )
        if not isinstance(message, AIMessageChunk)
    ]
    assert shown in ([], [said])


@pytest.mark.parametrize("model", ["avengers", "moa", "smoa"])
def test_what_a_refusal_names_is_answered(model: str) -> None:
    pool = Pool.pocket()
    graph = Catalogue(pool, Profile.load(PROFILE)).builder(model).compile()
    named = re.findall(r'"([^"]+)"', str(pool.decline))
    right = ["5794", "Lisbon", "reward"]
    for question, answer in zip(named, right, strict=True):
        state = graph.invoke({"messages": [HumanMessage(question)]})
        assert state["messages"][-1].text.endswith(f"Answer: {answer}"), question


def test_the_shipped_profile_knows_what_is_usual() -> None:
    profile = Profile.load(PROFILE)
    asked = [q.text for d in DOMAINS for q in sample(d, 20, 6, "test")]
    familiarity = profile.familiarity(profile.embed(asked), asked)
    assert (familiarity < 0.05).mean() < 0.15
    latin = ["quo vadis, domine?"]
    assert profile.familiarity(profile.embed(latin), latin)[0] < 0.05
    # The map also holds questions that no member can answer; no member has a record on them.
    known = profile.embed(["Explain how a transformer network works"])
    assert max(profile.records(known)[0].values()) < 0.1
