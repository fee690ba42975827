"""The profile: fit, route, edit, save and load."""

import json

import numpy as np
import pytest
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.profiles import Profile


def two_topics() -> list[dict]:
    """Records of sums that `calc` knows and poems that `bard` knows."""
    sums = [f"add {w} and {i}" for i, w in enumerate(("one", "two", "three", "four", "five"))]
    poems = [f"write a {w} poem please" for w in ("sad", "happy", "long", "short", "red")]
    rows = [{"query": q, "scores": {"calc": 1.0, "bard": 0.1}} for q in sums]
    return rows + [{"query": q, "scores": {"calc": 0.2, "bard": 0.9}} for q in poems]


@pytest.fixture(scope="module")
def profile() -> Profile:
    return Profile.fit(two_topics())


@pytest.mark.parametrize("mode", ["published", "reference", "posterior"])
def test_routes_each_topic_to_its_member(profile: Profile, mode: str) -> None:
    sums, poems = profile.route(["add nine and one", "write a green poem"], mode=mode, top_n=2)
    assert [c.member for c in sums] == ["calc", "bard"]
    assert [c.member for c in poems] == ["bard", "calc"]
    assert sums[0].cluster != poems[0].cluster
    json.dumps([sums, poems])


def test_saved_and_loaded_routes_the_same(profile: Profile, tmp_path) -> None:
    profile.save(tmp_path / "p")
    again = Profile.load(tmp_path / "p")
    queries = [row["query"] for row in two_topics()] + ["", "zzz", "数学"]
    assert again.route(queries, top_n=2) == profile.route(queries, top_n=2)
    assert np.array_equal(again.embed(queries), profile.embed(queries))
    assert not list((tmp_path / "p").glob("*.pkl"))


def test_a_member_joins_leaves_and_is_renamed(profile: Profile) -> None:
    star = [{"query": row["query"], "scores": {"star": 1.0}} for row in two_topics()] * 4
    joined = profile.with_member("star", star)
    assert joined.members == ["bard", "calc", "star"]
    assert joined.route(["write a green poem"])[0][0].member == "star"
    assert joined.without("star").route(["add one"]) == profile.route(["add one"])
    assert profile.renamed("calc", "abacus").route(["add one"])[0][0].member == "abacus"
    with pytest.raises(InputError, match="no record of member 'nobody'"):
        profile.without("nobody")


def test_only_available_members(profile: Profile) -> None:
    assert profile.route(["add one and two"], members=["bard"])[0][0].member == "bard"
    with pytest.raises(InputError, match="with_member"):
        profile.route(["add"], members=["unknown"])


def test_no_price_is_an_error_not_free(profile: Profile) -> None:
    with pytest.raises(InputError, match="'bard' has no price"):
        profile.route(["add"], alpha=0.5, prices={"calc": 1.0})
    cheap = profile.route(["add one"], alpha=0.0, prices={"calc": 9.0, "bard": 1.0})
    assert cheap[0][0].member == "bard"


def test_familiarity_is_a_p_value_of_the_question(profile: Profile, tmp_path) -> None:
    queries = [row["query"] for row in two_topics()]
    p_values = profile.familiarity(profile.embed(queries), queries)
    assert p_values.min() > 0.05
    assert p_values.max() <= 1
    strange = ["quo vadis?", "zzz", ""]
    assert profile.familiarity(profile.embed(strange), strange).tolist() == [0, 0, 0]
    assert profile.familiarity(profile.embed(strange[1:])).tolist() == [0, 0], "ends of text only"
    profile.save(tmp_path)
    again = Profile.load(tmp_path)
    assert again.familiarity(profile.embed(queries), queries).tolist() == p_values.tolist()
    assert profile.with_member("star", two_topics_of("star")).usual is profile.usual


def two_topics_of(name: str) -> list[dict]:
    return [{"query": row["query"], "scores": {name: 1.0}} for row in two_topics()]


def test_of_questions_like_the_calibration_few_are_unusual() -> None:
    rng = np.random.default_rng(3)
    kinds = [rng.normal(size=32) for _ in range(4)]
    rows = [kinds[i % 4] * 3 + rng.normal(size=32) for i in range(600)]
    vectors = np.stack([row / np.linalg.norm(row) for row in rows]).astype(np.float32)
    records = [{"query": f"q {i}", "scores": {"a": float(i % 4 == 0)}} for i in range(400)]
    made = Profile.fit(records, vectors=vectors[:400], clusters=4, views=1)
    fresh = made.familiarity(vectors[400:])
    assert 0.01 < (fresh < 0.1).mean() < 0.2
    noise = rng.normal(size=(100, 32)).astype(np.float32)
    assert (made.familiarity(noise / np.linalg.norm(noise, axis=1, keepdims=True)) < 0.05).all()


def test_an_older_profile_calls_everything_usual_until_it_is_told(profile: Profile) -> None:
    from dataclasses import replace

    old = replace(profile, usual=None)
    assert old.familiarity(old.embed(["add one", "qqq"]), ["add one", "qqq"]).tolist() == [1, 0]
    queries = [row["query"] for row in two_topics()]
    told = old.with_usual(queries)
    vectors = profile.embed(queries)
    assert np.allclose(told.familiarity(vectors), profile.familiarity(vectors))


def test_the_expected_accuracy_of_each_member(profile: Profile) -> None:
    vectors = profile.embed(["add one and two"])
    best = profile.route_vectors(vectors)[0][0]
    assert profile.records(vectors)[0][best.member] == pytest.approx(best.score)
