"""Calibration with fewer calls: adaptive probes, and new members from a few questions."""

import numpy as np
import pytest
from langgraph_ensemble.calibration.new_member import draw, probe_questions
from langgraph_ensemble.calibration.probe import probe
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.profiles import Profile

KINDS = ("sum the numbers", "write a poem", "fix the code")


def world(n: int = 360) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Questions of three kinds, their kinds, and scores: member k is right on kind k."""
    rng = np.random.default_rng(5)
    kinds = rng.integers(0, 3, n)
    queries = [f"{KINDS[k]} {chr(97 + i % 26)} {i % 7}" for i, k in enumerate(kinds)]
    chance = np.where(np.arange(5) == kinds[:, None], 0.85, 0.4)
    return queries, kinds, (rng.random((n, 5)) < chance).astype(float)


def test_a_probe_stays_in_its_budget_and_finds_the_best() -> None:
    queries, kinds, truth = world()
    vectors = np.eye(3, 8, dtype=np.float32)[kinds]
    asked: list[tuple[int, int]] = []

    def ask(pairs: list[tuple[int, int]]) -> list[float]:
        asked.extend(pairs)
        return [truth[p] for p in pairs]

    probed = probe(vectors, 5, ask, budget=0.35, clusters=3, families=3)
    assert probed.calls == len(asked) <= 0.35 * truth.size
    assert len(set(asked)) == len(asked)  # no call is paid for twice
    assert np.isnan(probed.scores).sum() == truth.size - len(asked)
    names = [f"m{i}" for i in range(5)]
    profile = Profile.fit(probed.records(queries, names), members=names)
    picks = [line[0].member for line in profile.route([f"{k} x 1" for k in KINDS])]
    assert picks == ["m0", "m1", "m2"]


def test_a_failed_call_is_a_hole() -> None:
    _, kinds, truth = world()
    vectors = np.eye(3, 8, dtype=np.float32)[kinds]
    probed = probe(vectors, 5, lambda pairs: [float("nan")] * len(pairs), budget=0.1)
    assert np.isnan(probed.scores).all()
    assert probed.calls <= 0.1 * truth.size


def test_a_bad_budget_or_oracle_is_named() -> None:
    with pytest.raises(InputError, match="budget"):
        probe(np.eye(4), 2, lambda pairs: [], budget=0.0)
    with pytest.raises(InputError, match="answered 0 of"):
        probe(np.eye(40), 2, lambda pairs: [], budget=0.5)


def test_a_draw_can_be_undone_by_its_weights() -> None:
    rng = np.random.default_rng(0)
    size, value = rng.random(200) + 0.1, rng.random(200)
    means = []
    for start in np.linspace(0, 0.99, 100):
        chosen, weights = draw(size, 20, float(start))
        assert len(set(chosen.tolist())) == len(chosen)
        means.append((weights * value[chosen]).sum() / 20)
    assert np.mean(means) == pytest.approx(value.mean(), abs=0.02)


def test_a_new_member_joins_from_a_few_questions() -> None:
    queries, _, truth = world(600)
    names = [f"m{i}" for i in range(5)]
    records = [
        {"query": q, "scores": dict(zip(names, line, strict=True))}
        for q, line in zip(dict.fromkeys(queries), truth.tolist(), strict=False)
    ]
    answers = {row["query"]: row["scores"] for row in records}
    known = [
        {**row, "scores": {m: s for m, s in row["scores"].items() if m != "m1"}} for row in records
    ]
    base = Profile.fit(known, clusters=6)
    chosen = probe_questions(base, known, per_cluster=20)
    assert len(chosen) <= 20 * len(base.cards)
    assert {c["cluster"] for c in chosen} == set(range(len(base.cards)))
    asked = [{**c, "scores": {"m1": answers[c["query"]]["m1"]}} for c in chosen]
    joined = base.with_member("m1", asked)
    assert joined.route(["write a poem b 2"])[0][0].member == "m1"
    assert joined.route(["fix the code b 2"])[0][0].member == "m2"
    assert np.array_equal(joined.views[0].centroids, base.views[0].centroids)
    assert joined.without("m1").route(queries[:20]) == base.route(queries[:20])


def test_a_new_member_asked_only_hard_questions_is_judged_by_them() -> None:
    easy = [{"query": f"easy sum {i}", "scores": {"a": 1.0, "b": 0.9}} for i in range(20)]
    hard = [{"query": f"hard sum {i}", "scores": {"a": 0.1, "b": 0.0}} for i in range(20)]
    base = Profile.fit(easy + hard, clusters=1)
    joined = base.with_member("new", [{**row, "scores": {"new": 0.5}} for row in hard])
    assert joined.route(["easy sum 3"])[0][0].member == "new"
