"""The pool as a team: shipped quality and routing, and the graphs with aggregator and judge.

Every number is safely below what was measured; see pocket/README.md.
"""

from __future__ import annotations

import pytest
from langchain_core.messages import HumanMessage
from langgraph_ensemble import create_moa, create_smoa
from langgraph_ensemble.pocket.batch import batch_replies
from langgraph_ensemble.pocket.calibration import PROFILE
from langgraph_ensemble.pocket.questions import DOMAINS, correct, sample
from langgraph_ensemble.pool import Pool
from langgraph_ensemble.profiles import Profile

LEAST = {
    "arithmetic": 9,
    "strings": 8,
    "logic": 10,
    "facts": 14,
    "lists": 4,
    "units": 12,
    "code": 8,
    "sentiment": 12,
}
TEAM = ["facts", "generalist", "sentiment", "aggregator", "judge"]
FRANCE = "What is the capital of France?"


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


@pytest.mark.parametrize("create", [create_moa, create_smoa])
def test_the_graphs_answer_with_the_pool_alone(create) -> None:
    pool = Pool.pocket().subset(TEAM)
    assert (pool.aggregator, pool.judge) == ("aggregator", "judge")
    state = create(pool).compile().invoke({"messages": [HumanMessage(FRANCE)]})
    assert state["messages"][-1].text == "Answer: Paris"
