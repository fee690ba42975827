"""The profile: fit, route, edit, save and load."""

import json

import numpy as np
import pytest
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.profiles import Profile


def two_topics() -> list[dict]:
    """Sums that `calc` knows, poems that `bard` knows."""
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
