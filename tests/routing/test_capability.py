"""Records with missing scores: estimated fairly, shrunk, and never counted as zero."""

import numpy as np
import pytest
from langgraph_ensemble.profiles import Profile
from langgraph_ensemble.routing.capability import difficulty, posterior, tally
from langgraph_ensemble.routing.choose import choose
from langgraph_ensemble.routing.clustering import METHODS, cluster, nested


def rows(scores: list[dict], word: str = "sum") -> list[dict]:
    return [{"query": f"{word} number {i}", "scores": s} for i, s in enumerate(scores)]


def test_a_hole_is_not_a_wrong_answer() -> None:
    asked_once = rows([{"steady": 0.6, "rare": 0.9}] * 3 + [{"steady": 0.6}] * 27)
    best = Profile.fit(asked_once).route(["sum number 4"])[0][0]
    assert best.member == "rare"


def test_only_hard_questions_is_no_disgrace() -> None:
    easy = [{"a": 0.9, "b": 0.85}] * 20
    hard = [{"a": 0.2, "b": 0.15, "late": 0.4}] * 20  # `late` was asked hard questions only
    profile = Profile.fit(rows(easy + hard), clusters=1)
    assert profile.route(["sum number 1"])[0][0].member == "late"
    assert profile.route(["sum number 1"], mode="published")[0][0].member == "a"


def test_difficulty_without_holes_is_the_mean() -> None:
    scores = np.random.default_rng(0).random((9, 4))
    assert np.allclose(difficulty(scores), scores.mean(1))


def test_difficulty_fills_holes_by_kind() -> None:
    # Two kinds of questions, on which the members' gains are opposite; many holes.
    rng = np.random.default_rng(1)
    kinds = np.repeat([0, 1], 200)
    level = rng.random(400) * 0.4 + 0.3
    gain = np.array([[0.2, 0.0, -0.2], [-0.2, 0.0, 0.2]])
    scores = level[:, None] + gain[kinds]
    scores[rng.random(scores.shape) < 0.4] = np.nan
    known = ~np.isnan(scores).all(1)
    levels = difficulty(scores[known], kinds[known])
    assert np.abs(levels - level[known]).mean() < 0.02


def test_small_clusters_borrow_large_ones_speak() -> None:
    scores = np.array([[1.0, 0.0]] * 4 + [[0.0, 1.0]] * 400)
    labels = np.array([0] * 4 + [1] * 400)
    record = tally(scores, labels, 2, difficulty(scores))
    shrunk = posterior(record, np.array([0, 0]), (2.0, 20.0, 100.0))
    assert shrunk.mean[0, 1] > shrunk.mean[0, 0]  # four questions do not outvote the family
    free = posterior(record, np.array([0, 0]), (2.0, 20.0, 0.1))
    assert free.mean[0, 0] > free.mean[0, 1]


def test_people_read_accuracies_within_their_range() -> None:
    # The record of `weak` on trees follows from sums alone: far below every score seen there.
    sums = rows([{"good": 1.0, "weak": 0.0}] * 40)
    trees = rows([{"good": 0.05}] * 8, "tree")
    profile = Profile.fit([*sums, *trees], clusters=2, views=1)
    assert profile.views[0].capability.mean.min() < 0
    for card in profile.clusters:
        for accuracy in card["members"].values():
            assert 0 <= accuracy["low"] <= accuracy["mean"] <= accuracy["high"] <= 1


def test_intervals_hold_the_mean_and_narrow_with_data() -> None:
    few, many = (
        Profile.fit(rows([{"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 0.0}] * n), clusters=1, views=1)
        for n in (4, 200)
    )
    narrow, wide = (p.describe_cluster(0)["members"]["a"] for p in (many, few))
    for one in (narrow, wide):
        assert 0.0 < one["low"] < one["mean"] < one["high"] < 1.0
    assert narrow["high"] - narrow["low"] < wide["high"] - wide["low"]
    assert narrow["n"] == 400


def test_intervals_cover() -> None:
    rng, inside = np.random.default_rng(3), 0
    for _ in range(60):
        truth = rng.uniform(0.3, 0.7)
        scores = (rng.random((80, 1)) < truth).astype(float)
        other = np.full((80, 1), 0.5)
        both = np.concatenate([scores, other], axis=1)
        record = tally(both, np.zeros(80, dtype=int), 1, difficulty(both))
        estimate = posterior(record, np.array([0]), (2.0, 20.0, 400.0))
        inside += estimate.low[0, 0] <= truth <= estimate.high[0, 0]
    assert inside >= 50


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_clustering_finds_plain_groups(method: str) -> None:
    rng = np.random.default_rng(0)
    centres = np.eye(4, 6, dtype=np.float32)
    vectors = np.repeat(centres, 15, axis=0) + rng.normal(0, 0.02, (60, 6)).astype(np.float32)
    _, labels = cluster(vectors, 4, method=method)
    assert len({tuple(labels[i : i + 15]) for i in range(0, 60, 15)}) == 4


def test_more_clusters_than_distinct_questions() -> None:
    vectors = np.repeat(np.eye(3, dtype=np.float32), 5, axis=0)
    assert len(cluster(vectors, 10)[0]) == 3
    roots, leaves, family, labels = nested(vectors, 10, 2)
    assert len(leaves) == len(family) == labels.max() + 1
    assert len(roots) == 2


@pytest.mark.slow
def test_the_shape_is_chosen_by_what_held_out_scores_say() -> None:
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 6, 600)
    vectors = np.eye(6, dtype=np.float32)[kinds] + rng.normal(0, 0.05, (600, 6)).astype(np.float32)
    good = rng.random((600, 3)) < np.where(np.arange(3) == (kinds % 3)[:, None], 0.8, 0.3)
    shape, trials = choose(vectors, good.astype(float))
    assert shape.families >= 4
    assert max(t.accuracy for t in trials) > 0.7
    noise = (rng.random((600, 3)) < 0.5).astype(float)
    assert choose(vectors, noise)[0].kappa >= 400.0


def test_a_perfect_map_is_seen_as_perfect_whoever_was_asked() -> None:
    # A probe asks mostly the good members of each kind; without noise only shrinkage remains.
    rng = np.random.default_rng(3)
    kinds = rng.integers(0, 2, 1200)
    vectors = np.eye(2, dtype=np.float32)[kinds] + rng.normal(0, 0.02, (1200, 2))
    gain = np.array([[0.3, 0.1, -0.1, -0.3], [-0.3, -0.1, 0.1, 0.3]])
    scores = rng.random(1200)[:, None] * 0.4 + 0.3 + gain[kinds]
    asked = np.where(kinds[:, None] == 0, [True, True, False, False], [False, False, True, True])
    asked[::5] = True
    scores[~asked] = np.nan
    _, trials = choose(vectors.astype(np.float32), scores, clusters=4, families=2)
    assert max(t.skill for t in trials) > 0.99


def test_equal_members_keep_their_order() -> None:
    profile = Profile.fit(rows([{"b": 1.0, "a": 1.0, "c": 1.0}] * 12))
    for mode in ("published", "reference", "posterior"):
        best = profile.route(["sum number 2"], top_n=3, mode=mode)[0]
        assert [c.member for c in best] == ["a", "b", "c"]


def test_the_order_of_records_changes_nothing_but_luck() -> None:
    data = rows([{"a": 1.0, "b": 0.0}] * 10)
    one, two = Profile.fit(data), Profile.fit(data[::-1])
    assert one.info["data"]["fingerprint"] == two.info["data"]["fingerprint"]
    assert one.members == two.members


def test_the_same_seed_gives_the_same_profile() -> None:
    data = rows([{"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 1.0}] * 30)
    one, two = Profile.fit(data, seed=7), Profile.fit(data, seed=7)
    queries = [row["query"] for row in data]
    assert one.route(queries) == two.route(queries)
    assert one.info == two.info
