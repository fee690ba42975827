"""Whom to ask, by cross-validation: overall, by cluster, and how early to stop."""

from __future__ import annotations

import numpy as np
import pytest
from langgraph_ensemble import Profile
from langgraph_ensemble.voting import plan, planning, replay, stopping
from langgraph_ensemble.voting.learnt import Learnt
from langgraph_ensemble.voting.logit import Examples
from langgraph_ensemble.voting.team import Team

MEMBERS = ["ann", "ben", "cat", "dan", "eve"]


def drawn(skill: np.ndarray, cluster: np.ndarray, seed: int = 3) -> Examples:
    """Votes of members with an accuracy in each cluster, [K, M]; wrong answers differ at random."""
    draw = np.random.default_rng(seed)
    n, m = len(cluster), skill.shape[1]
    said = np.where(draw.random((n, m)) < skill[cluster], 0, draw.integers(1, 4, (n, m)))
    shares, question, right = [], [], []
    for place in range(n):
        for answer in np.unique(said[place]):
            shares.append((said[place] == answer).astype(float))
            question.append(place)
            right.append(answer == 0)
    known = np.log(skill / (1 - skill))[cluster]
    forms = np.zeros(len(shares), dtype=int)
    return Examples(np.array(shares), np.array(question), np.array(right), known, forms, 1, cluster)


def planned(data: Examples) -> dict:
    learnt, held = Learnt.fit(data)
    chosen = planning.plan(data, held, MEMBERS)
    return {**chosen, **replay.replay(data, held, learnt, chosen, MEMBERS)}


def test_equal_members_vote_and_one_far_ahead_answers_alone() -> None:
    cluster = np.arange(600) % 2
    equal = planned(drawn(np.full((2, 5), 0.6), cluster))
    assert equal["choice"] == "vote"
    assert equal["gain"] > 0.1
    ahead = np.full((2, 5), 0.3)
    ahead[:, 1] = 0.95
    alone = planned(drawn(ahead, cluster))
    assert (alone["choice"], alone["size"], alone["member"]) == ("single", 1, "ben")
    assert alone["asks"]["ben"] == 1.0
    assert sum(alone["asks"].values()) == pytest.approx(1.0, abs=0.01)


def test_a_cluster_of_one_expert_is_left_to_it_and_the_others_vote() -> None:
    skill = np.full((2, 5), 0.55)
    skill[1] = [0.97, 0.2, 0.2, 0.2, 0.2]
    chosen = planned(drawn(skill, np.arange(1600) % 2))
    first, second = chosen["clusters"]
    assert first["choice"] == "vote"
    right = {row["choice"]: row["accuracy"] for row in chosen["options"]}
    assert right["plan"] >= max(right["single"], right["majority"])
    # The learnt vote knows the expert by itself; whichever is chosen asks it first.
    assert second["questions"] == 800
    here = plan.at(chosen, 1)
    assert here["choice"] == second["choice"]
    assert "clusters" not in here


def test_what_members_weigh_in_a_cluster_is_learnt() -> None:
    skill = np.full((2, 5), 0.5)
    skill[0, 0], skill[1, 1] = 0.9, 0.9
    data = drawn(skill, np.arange(1200) % 2)
    # The map's records tell nothing here: only the votes do.
    flat = Examples(
        data.shares,
        data.question,
        data.right,
        np.zeros((1200, 5)),
        data.form,
        1,
        data.cluster,
    )
    learnt, _ = Learnt.fit(flat)
    known = np.zeros(5)
    assert learnt.clusters.shape == (2, 5)
    assert learnt.at(0).weights(known).argmax() == 0
    assert learnt.at(1).weights(known).argmax() == 1
    assert learnt.at(None).clusters.size == learnt.at(9).clusters.size == 0


def test_early_stopping_costs_next_to_nothing_and_saves_calls() -> None:
    chosen = planned(drawn(np.full((2, 5), 0.8), np.arange(1000) % 2))
    assert chosen["shift"] >= -replay.LOSS
    assert sum(chosen["asks"].values()) < 4
    assert chosen["agree"][-1] == 1.0
    assert chosen["agree"][0] < chosen["agree"][2] <= 1.0


def test_who_stays_first() -> None:
    chances = np.array([0.6, 0.3])
    none, one = np.zeros(0), np.ones(1)
    assert stopping.stays_first(chances, one, one, one / 2, 1.0) == 0.0
    assert stopping.stays_first(none, np.ones(3), one, one / 2, 1.0) == 0.0
    near = stopping.stays_first(np.array([0.5, 0.45]), np.ones(3), np.ones(4), np.full(4, 0.5), 1.0)
    far = stopping.stays_first(np.array([0.95, 0.01]), np.ones(3), one, one / 2, 1.0)
    assert near < far == 1.0


def test_a_plan_without_its_best_member_votes() -> None:
    data = drawn(np.array([[0.95, 0.3, 0.3, 0.3, 0.3]]), np.zeros(300, dtype=int))
    learnt, held = Learnt.fit(data)
    team = Team(MEMBERS, learnt, planning.plan(data, held, MEMBERS))
    assert (team.alone, team.size) == (True, 1)
    rest = team.only(MEMBERS[1:])
    assert rest is not None
    assert (rest.alone, rest.size) == (False, 4)


def test_a_profile_names_as_many_as_agree_with_all() -> None:
    rng = np.random.default_rng(1)
    rows = []
    for i in range(300):
        said = {n: 0 if rng.random() < 0.8 else int(rng.integers(1, 4)) for n in MEMBERS}
        rows.append(
            {
                "query": f"How many are {i} in all?",
                "answers": {n: f"Answer: {x}" for n, x in said.items()},
                "scores": {n: float(x == 0) for n, x in said.items()},
                "costs": {n: 0.001 * (k + 1) for k, n in enumerate(MEMBERS)},
            }
        )
    profile = Profile.fit(rows, clusters=2, views=1, families=1, kappa=10.0)
    asked = ["How many are 3 in all?", "How many are 4 in all?"]
    few, many = (len(profile.team(asked[0], confidence=c)) for c in (0.7, 1.0))
    assert few <= many == 5
    assert profile.team(asked, max_members=2) == [profile.team(q, max_members=2) for q in asked]
    assert profile.team(asked[0], alpha=0.0)[0] == "ann"
    drafts = [dict.fromkeys(MEMBERS, "Answer: 7")] * 2
    assert [vote.answer for vote in profile.vote(asked, drafts)] == ["7", "7"]
    for wrong in ({"confidence": 0.0}, {"max_members": 0}, {"alpha": 2.0}):
        with pytest.raises(ValueError, match="must"):
            profile.team(asked[0], **wrong)  # pyright: ignore[reportArgumentType]
