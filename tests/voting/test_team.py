"""The learnt vote on simulated answers of members with known errors."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from langgraph_ensemble import Profile
from langgraph_ensemble.voting import vote
from langgraph_ensemble.voting.learnt import Learnt
from langgraph_ensemble.voting.logit import Examples
from langgraph_ensemble.voting.team import Team

TOPICS = ("algebra equations", "river geography")


def records(n: int = 300, seed: int = 1, **skill: Any) -> list[dict[str, Any]]:
    """Draw answers; `skill` is an accuracy, one per topic, or the member that is repeated."""
    draw = random.Random(seed)
    rows = []
    for i in range(n):
        topic = i % 2
        answers: dict[str, str] = {}
        for name, how in skill.items():
            if isinstance(how, str):
                answers[name] = answers[how]
                continue
            chance = how[topic] if isinstance(how, tuple) else how
            said = 0 if draw.random() < chance else draw.randint(1, 3)
            answers[name] = f"Answer: {said}"
        scores = {name: float(text == "Answer: 0") for name, text in answers.items()}
        query = f"{TOPICS[topic]} question {i}: how many?"
        rows.append({"query": query, "scores": scores, "answers": answers})
    return rows


def fitted(rows: list[dict[str, Any]]) -> Profile:
    """A profile on one coarse map, which is fast to fit."""
    return Profile.fit(rows, clusters=2, views=1, families=1, kappa=10.0)


def right(profile: Profile, rows: list[dict[str, Any]]) -> tuple[float, float, float]:
    """The accuracy of the learnt vote, of the plain vote, and of the best member."""
    learnt = plain = 0
    alone = dict.fromkeys(profile.members, 0.0)
    for row in rows:
        learnt += profile.vote(row["query"], row["answers"]).answer == "0"
        plain += vote(row["answers"], question=row["query"]).answer == "0"
        for name, score in row["scores"].items():
            alone[name] += score
    return learnt / len(rows), plain / len(rows), max(alone.values()) / len(rows)


def test_members_that_repeat_each_other_do_not_outvote_the_others() -> None:
    skill = {"a": 0.55, "copy": "a", "copy2": "a", "b": 0.75, "c": 0.75}
    profile = fitted(records(400, **skill))
    learnt, plain, single = right(profile, records(300, seed=2, **skill))
    assert learnt > plain + 0.05
    assert learnt >= single - 0.01


def test_one_member_far_ahead_is_left_alone() -> None:
    skill = {"best": 0.95, "a": 0.4, "b": 0.4, "c": 0.4}
    profile = fitted(records(400, **skill))
    assert profile.votes is not None
    assert (profile.votes.plan["choice"], profile.votes.plan["member"]) == ("single", "best")
    learnt, plain, single = right(profile, records(300, seed=2, **skill))
    assert learnt == pytest.approx(single, abs=0.003)
    assert learnt > plain
    assert profile.team("algebra equations question 1: how many?")[0] == "best"


def test_who_is_good_at_what_is_learnt_from_the_questions() -> None:
    skill = {"x": (0.9, 0.3), "y": (0.3, 0.9), "z": 0.4}
    profile = fitted(records(400, **skill))
    learnt, plain, single = right(profile, records(300, seed=2, **skill))
    assert learnt > max(plain, single) + 0.1
    assert profile.team(f"{TOPICS[0]} question 7: how many?")[0] == "x"
    assert profile.team(f"{TOPICS[1]} question 8: how many?", max_members=1) == ["y"]


def test_probabilities_are_calibrated() -> None:
    skill = {"a": 0.6, "b": 0.6, "c": 0.6}
    profile = fitted(records(600, **skill))
    rows = records(600, seed=3, **skill)
    votes = [profile.vote(row["query"], row["answers"]) for row in rows]
    said = np.array([each.probability for each in votes], dtype=float)
    hits = np.array([each.answer == "0" for each in votes])
    bins = np.digitize(said, [0.2, 0.4, 0.6, 0.8])
    error = sum(abs(said[bins == b].mean() - hits[bins == b].mean()) * (bins == b).mean()
                for b in set(bins.tolist()))  # fmt: skip
    assert error < 0.07
    assert hits[said >= np.median(said)].mean() > hits.mean()


def test_it_is_saved_with_the_profile_and_follows_its_members(tmp_path) -> None:
    rows = records(200, a=0.6, b=0.7, c=0.5)
    profile = fitted(rows)
    profile.save(tmp_path / "p")
    loaded = Profile.load(tmp_path / "p")
    query, drafts = rows[0]["query"], rows[0]["answers"]
    assert loaded.vote(query, drafts) == profile.vote(query, drafts)
    renamed = loaded.renamed("a", "z")
    assert renamed.vote(query, {"z": drafts["a"], "b": drafts["b"]}).answer is not None
    assert loaded.without("a").votes is not None
    assert loaded.without("a").without("b").votes is None
    assert "z" in renamed.team(query)


def test_a_profile_whose_best_member_has_left_is_saved_and_loaded(tmp_path) -> None:
    for skill in ({"best": 0.95, "a": 0.4, "b": 0.4}, {"best": 0.7, "a": 0.6, "b": 0.6}):
        profile = fitted(records(300, **skill))
        assert profile.votes is not None
        assert profile.votes.plan["member"] == "best"
        rest = profile.without("best")
        rest.save(tmp_path / "p")
        loaded = Profile.load(tmp_path / "p")
        assert loaded.votes is not None
        assert loaded.votes.plan["choice"] == "vote"
        drafts = {"a": "Answer: 0", "b": "Answer: 0"}
        assert loaded.vote("how many?", drafts) == rest.vote("how many?", drafts)
        assert loaded.renamed("a", "z").votes.plan["member"] is None  # pyright: ignore


def test_profiles_without_answers_vote_plainly(tmp_path) -> None:
    rows = [{k: v for k, v in row.items() if k != "answers"} for row in records(40, a=0.6, b=0.7)]
    profile = fitted(rows)
    assert profile.votes is None
    result = profile.vote("how many?", {"a": "Answer: 1", "b": "Answer: 1"})
    assert (result.answer, result.tally) == ("1", {"1": 2.0})
    profile.save(tmp_path / "p")
    assert Profile.load(tmp_path / "p").votes is None


def test_holes_strangers_and_silence() -> None:
    rows = records(120, a=0.6, b=0.7, c=0.5)
    for i, row in enumerate(rows):
        if i % 3 == 0:
            row["answers"].pop("a")
            row["scores"].pop("a")
    profile = fitted(rows)
    assert profile.vote("how many?", {}).answer is None
    assert profile.vote("how many?", {"a": "I don't know."}).answer is None
    assert profile.vote("how many?", {"stranger": "Answer: 3"}).answer == "3"
    result = profile.vote("how many?", {"a": ["Answer: 1", "Answer: 2"], "b": "Answer: 1"})
    assert result.answer == "1"


def test_one_member_alone_teaches_no_vote() -> None:
    assert fitted(records(40, a=0.6)).votes is None


def test_calls_of_tools_and_the_members_that_always_call() -> None:
    draw = random.Random(4)
    good, no = [{"name": "f", "args": {"x": 1}}], "No tool fits."
    rows = []
    for i in range(400):
        wanted = i % 2 == 0
        answers: dict[str, Any] = {}
        for name, always in (("a", True), ("b", True), ("c", False)):
            calls = wanted if draw.random() < 0.85 else not wanted
            args = {"x": 1 if draw.random() < 0.8 else 2}
            answers[name] = [{"name": "f", "args": args}] if always or calls else no
        good = [{"name": "f", "args": {"x": 1}}]
        scores = {
            n: float((said == good) if wanted else isinstance(said, str))
            for n, said in answers.items()
        }
        rows.append({"query": f"task {i}", "scores": scores, "answers": answers})
    profile = fitted(rows)
    result = profile.vote("task 7", {"a": good, "b": good, "c": no})
    assert result.answer == no, "the member that does not always call a tool decides"


def test_weights_of_some_members_are_those_of_all() -> None:
    shares = np.tile(np.eye(3), (30, 1))
    right_one = np.tile([True, False, False], 30)
    data = Examples(
        shares, np.repeat(np.arange(30), 3), right_one, np.zeros((30, 3)), np.zeros(90, int)
    )
    learnt, _ = Learnt.fit(data)
    pair = learnt.only(np.array([0, 2]))
    assert pair.member.tolist() == learnt.member[[0, 2]].tolist()
    assert Learnt.of(learnt.arrays()).probabilities(shares[:3], np.zeros(3)) == pytest.approx(
        learnt.probabilities(shares[:3], np.zeros(3))
    )
    assert Team.fit([], ["a", "b"], np.zeros((0, 2))) is None
