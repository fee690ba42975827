"""The parts of a task map, each called by itself with plain arrays."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from langgraph_ensemble import Profile
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.routing import (
    archive,
    assemble,
    avengers,
    choose,
    clustering,
    crossval,
    describe,
    edits,
    embedders,
    familiarity,
    fitting,
    gain,
    modes,
    picture,
    picture_page,
    projection,
    ranking,
    services,
)
from langgraph_ensemble.routing.capability import difficulty, raw_accuracy, tally
from langgraph_ensemble.routing.table import table

RECORDS = [
    {
        "query": f"{word} number {i}",
        "scores": {"a": float(word == "add"), "b": float(word != "add")},
    }
    for word in ("add", "spell")
    for i in range(20)
]
CORNERS = np.array([[1.0, 0.0], [0.0, 1.0]])


@pytest.fixture(scope="module")
def profile() -> Profile:
    return Profile.fit(RECORDS, clusters=2, seed=1)


def vectors(profile: Profile) -> np.ndarray:
    return np.asarray(profile.embed([row["query"] for row in RECORDS]))


def test_plain_accuracy_fills_a_hole_with_the_members_own_mean():
    scores = np.array([[1.0, 1.0], [0.0, np.nan]])
    record = tally(scores, np.array([0, 1]), 2, np.array([1.0, 0.0]))
    assert raw_accuracy(record).tolist() == [[1.0, 1.0], [0.0, 1.0]]


def test_a_centroid_that_is_nearest_to_nothing_is_dropped():
    points = np.array([[1.0, 0.1], [0.1, 1.0]])
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    kept, labels = clustering.settle(points, np.vstack([CORNERS, [[-1.0, 0.0]]]))
    assert kept.tolist() == CORNERS.tolist()
    assert labels.tolist() == clustering.nearest(points, CORNERS).tolist() == [0, 1]


def test_descending_stays_within_the_nearest_family():
    # The point is nearest to the second root, whose only cluster is the third.
    roots, centroids = CORNERS, np.array([[0.6, 0.8], [1.0, 0.0], [0.0, 1.0]])
    point = np.array([[0.6, 0.8]])
    assert clustering.nearest(point, centroids).tolist() == [0]
    assert clustering.descend(point, roots, centroids, np.array([0, 0, 1])).tolist() == [2]


def test_folds_hold_each_question_out_once():
    parts = list(crossval.folds(10, 3, seed=1))
    assert sorted(np.concatenate([held for _, held in parts]).tolist()) == list(range(10))
    assert all(not set(fit) & set(held) for fit, held in parts)


def test_a_hole_counts_as_the_mean_of_its_question():
    scores = np.array([[1.0, 0.0], [np.nan, 0.5]])
    told = crossval.picked_scores(scores, np.array([0, 0]))
    assert told.tolist() == [1.0, difficulty(scores)[1]]


def test_held_out_picks_follow_the_clusters():
    scores = np.array([[1.0, 0.0]] * 10 + [[0.0, 1.0]] * 10)
    labels = np.repeat([0, 1], 10)
    records = crossval.held_out_records(
        scores, [(labels, np.array([0, 1]))], (1.0, 1.0, 1.0), seed=1, parts=5
    )
    picks = records.argmax(axis=1)
    assert picks.tolist() == labels.tolist()


def test_gain_is_measured_against_the_best_single_member(profile):
    told = gain.cross_validated_gain(profile, table(RECORDS), vectors(profile), 1)
    assert told["best_single"]["mean"] == pytest.approx(0.5)
    assert told["routed"]["mean"] > 0.9


def test_questions_of_a_cluster_are_told_nearest_first():
    points = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
    told = describe.nearest_questions(["x", "y", "z"], points, CORNERS, np.array([0, 0, 1]))
    assert told == [["x", "y"], ["z"]]


def test_a_card_names_the_best_member_first(profile):
    for number in range(2):
        card = describe.record_card(profile.views[0], number, profile.members)
        best, other = card["members"].values()
        assert card["size"] == 20
        assert best["mean"] > 0.5 > other["mean"]


def test_a_new_member_has_a_record_where_its_questions_fall(profile):
    asked = table([{"query": "add number 3", "scores": {"c": 1.0}}] * 5)
    points = np.asarray(profile.embed(asked.queries))
    view = edits.appended(profile.views[0], asked, points, np.full(5, np.nan), np.ones(5))
    assert view.record.count[:, -1].sum() == 5
    assert view.record.count[view.assign(points)[0], -1] == 5
    assert view.record.count[:, :2].tolist() == profile.views[0].record.count.tolist()


def test_what_is_packed_is_unpacked(profile):
    parts = assemble.from_table(table(RECORDS), "lexical", None, 1, clusters=2, method="kmeans")
    usual = None
    data, arrays = archive.pack(
        parts["embedder"], parts["views"], parts["flat"], parts["levels"], parts["points"], usual
    )
    back, views, flat, levels, points, told = archive.unpack(
        json.loads(json.dumps(data)), arrays, None
    )
    assert told is None
    assert (
        back.embed(["add number 7"]).tolist() == parts["embedder"].embed(["add number 7"]).tolist()
    )
    assert views[0].centroids.tolist() == parts["views"][0].centroids.tolist()
    assert flat.record.count.tolist() == parts["flat"].record.count.tolist()
    assert points.tolist() == parts["points"].tolist()
    assert levels.values.tolist() == parts["levels"].values.tolist()


def test_another_embedder_than_the_maps_own_is_refused():
    fitted = embedders.make("lexical", [row["query"] for row in RECORDS], seed=1)
    data, arrays = fitted.state()
    again = embedders.restore(fitted.spec(), data, arrays)
    assert again.embed(["spell it"]).tolist() == fitted.embed(["spell it"]).tolist()
    with pytest.raises(InputError):
        embedders.restore(fitted.spec(), data, arrays, "openai:some-model")


def test_views_are_fitted_flattened_and_summed(profile):
    data, points = table(RECORDS), vectors(profile)
    views, flat, chosen = fitting.build_views(data, points, clusters=2, views=1, seed=1)
    assert len(views) == 1
    assert json.dumps(chosen)
    assert fitting.flatten(views[0], data, points).record.count.sum() == 80
    assert flat.record.count.sum() == 80
    labels = views[0].assign(points)
    level = fitting.levels(data.scores, views[0].family[labels])
    assert fitting.record_of(data, labels, 2, level).size.tolist() == [20, 20]
    assert fitting.default_shape(100).families == 8
    holes = table([{"query": "q", "scores": {"a": None}}])
    with pytest.raises(InputError, match="no record holds a score"):
        fitting.build_views(holes, points[:1], clusters=1)


def test_published_artefacts_are_read_or_refused(tmp_path: Path):
    np.save(tmp_path / "ranking_centers_1.npy", CORNERS)
    with pytest.raises(InputError):
        avengers.read_artefacts(tmp_path)
    with pytest.raises(InputError, match="not 'lexical'"):
        assemble.from_artefacts(tmp_path, "lexical")


def test_probabilities_sum_to_one_and_the_dial_is_bounded():
    chances = modes.softmax(np.array([[1000.0, 1000.0, 0.0]]))
    assert chances.tolist() == [[0.5, 0.5, 0.0]]
    assert modes.check_alpha(1) == 1.0
    with pytest.raises(InputError, match="alpha must lie"):
        modes.check_alpha(1.5)


def test_dots_have_the_best_members_colour(profile):
    dots = picture.draw_dots(profile, [row["query"] for row in RECORDS])
    assert len(dots) == 40
    assert {dot["member"] for dot in dots if dot["text"].startswith("add")} == {"a"}
    colours = picture.colours_of(profile, dots)
    assert len(set(colours.values())) == 2
    assert picture.draw_dots(profile, []) == []


def test_labels_overlap_side_by_side_only_when_near():
    assert picture_page.overlap((0, 0, 10), (5, 10, 10))
    assert not picture_page.overlap((0, 0, 10), (11, 0, 10))
    assert not picture_page.overlap((0, 0, 10), (5, 20, 10))


def test_shapes_are_those_that_the_questions_can_fill():
    assert {k for _, k in choose.candidates(50, 10, None)} == {10}
    assert choose.candidates(50, 10, 1) == [(1, 10)]
    assert all(top <= k for top, k in choose.candidates(5000, None, None))
    assert max(choose.candidates(5000, None, None)) > max(choose.candidates(200, None, None))


def test_known_words_are_shared_and_unknown_ones_are_not(profile):
    known = familiarity.shares(profile.embedder, ["add number 3", "zzqx vvbk"])
    assert known is not None
    assert known[0] > known[1]
    assert familiarity.shares(object(), ["x"]) is None


def test_a_service_that_nobody_knows_is_refused():
    for connect in (services.connect, embedders.connect):
        with pytest.raises(InputError):
            connect({"kind": "carrier pigeon", "model": "m"})


def test_a_question_lies_by_its_nearest_cluster():
    points = np.array([[0.0, 0.0], [1.0, 1.0]], dtype=np.float32)
    at = projection.place(CORNERS, CORNERS, points)
    assert np.linalg.norm(at - points, axis=1).max() < 0.5
    assert projection.place(CORNERS[:0], CORNERS, points).shape == (0, 2)


def test_texts_of_the_picture_are_short_and_escaped():
    assert picture_page.short("owner/" + "m" * 40) == "m" * 27 + "…"
    page = picture_page.document("<b>", "<p>body</p>")
    assert "<title>&lt;b&gt;</title>" in page
    assert describe.clean("a\n b" * 200, 10) == "a ba ba b…"


def test_vectors_of_another_length_are_refused():
    assert ranking.checked(np.zeros((0, 5)), 3).shape == (0, 3)
    assert ranking.checked(np.ones((2, 3)), 3).dtype == np.float32
    with pytest.raises(InputError, match="embed with"):
        ranking.checked(np.ones((2, 4)), 3)


def test_held_out_records_do_not_know_the_question() -> None:
    from langgraph_ensemble.routing.crossval import held_out_records

    scores = np.array([[1.0, 0.0]] * 10 + [[0.0, 1.0]])
    views = [(np.zeros(11, dtype=int), np.zeros(1, dtype=int))]
    expected = held_out_records(scores, views, (1.0, 1.0, 1.0), seed=1, parts=11)
    assert expected.shape == (11, 2)
    # Only the last question's record knows nothing of the second member's right answer.
    assert expected[10, 1] < expected[:10, 1].min()
    assert held_out_records(scores[:1], views, (1.0, 1.0, 1.0), seed=1).tolist() == [[0.0, 0.0]]
