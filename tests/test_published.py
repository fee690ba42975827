"""Every published preset, number by number, against the facts of its paper or its code.

The facts are constants here, each with its source; a preset that drifts from one fails. The graphs
are run as well, so that a number is known to reach the models and not only the preset.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers import ask, member, profile, question
from langgraph_ensemble import (
    Pool,
    Profile,
    create_avengers,
    create_debate,
    create_moa,
    create_smoa,
)
from langgraph_ensemble.presets import FITS, preset
from langgraph_ensemble.routing import clustering
from langgraph_ensemble.routing.modes import dial, reference_scores
from langgraph_ensemble.testing import Model, Provider, says
from sklearn import cluster as sklearn_cluster

Q = question()
NAMES = ("ann", "ben", "cat", "dan", "eva", "fay", "gus")

# arXiv 2505.19797, section on the set-up.
AVENGERS_PAPER = {
    "embedder": "gte-qwen2-7b-instruct",
    "K": 64,
    "samples": 10,
    "members": 1,
    "selected of 22": 10,
}
# github.com/ZhangYiqun018/Avengers, core/generate_rank_router.py.
AVENGERS_KMEANS = {
    "n_clusters": 64,
    "random_state": 42,
    "init": "k-means++",
    "n_init": "auto",
    "max_iter": 1000,
    "algorithm": "elkan",
}
# The same, core/routing/rank_router.py: defaults of the class; README_rank_router; config template.
AVENGERS_CLASS = {"top_k": 11, "top_n": 3, "beta": 3.0}
AVENGERS_README = {"top_k": 3, "top_n": 2, "beta": 6.0}
AVENGERS_TEMPLATE = {"top_k": 2, "beta": 6.0, "samples": 10, "temperature": 0.7}
AVENGERS_RANK_OFFSET = 0.1
# The same, multi-model self-consistency ("model_switch").
SWITCH = {"samples of each": 5, "members": 2, "threshold": 0.8, "temperature": 0.7}
# arXiv 2508.12631: Avengers-Pro.
PRO = {"K": 60, "embedder": "qwen3-embedding-8b"}
# github.com/ZhangYiqun018/AvengersPro, config.py and balance_cluster_router.py.
PRO_CODE = {
    "K": 32,
    "top_k": 1,
    "beta": 9.0,
    "seed": 42,
    "embedder": "text-embedding-3-large",
    "weight of performance": 0.7,
    "weight of cost": 0.3,
    "members": 1,
}
# arXiv 2406.04692 and github.com/togethercomputer/MoA, utils.py, generate_for_alpaca_eval.py.
MOA = {"proposers": 6, "layers": 3, "lite layers": 2, "temperature": 0.7, "max_tokens": 2048}
# arXiv 2502.00674, as the single-proposer row of MoA's table 3: n = 6, two layers.
SELF_MOA = {"models": 1, "samples": 6, "layers": 2, "temperature": 0.7}
# github.com/David-Li0406/SMoA, run_alignment.py, utils.py.
SMOA = {
    "proposers": 4,
    "rounds": 2,
    "k": 2,
    "temperature": 0.7,
    "judge temperature": 0.7,
    "max_tokens": 2048,
    "seed": 42,
    "calls": 11,
    "calls stopped early": 6,
}
# github.com/composable-models/llm_multiagent_debate, gsm/gen_gsm.py.
DEBATE = {"agents": 3, "rounds": 2}


def crowd(provider: Provider) -> Pool:
    """Seven members, so that a preset must leave some of them out."""
    provider.set(*(Model(name) for name in NAMES))
    return Pool([member(provider, name) for name in NAMES])


def knobs(graph: Any) -> Any:
    """The defaults of a graph's knobs."""
    return graph.context_schema()


def arguments(name: str) -> dict[str, Any]:
    return dict(preset(name).arguments)


async def test_the_avengers_of_the_paper(provider) -> None:
    task_map = profile(ann=["algebra"], ben=["history"], cat=[])
    graph = create_avengers(crowd(provider), task_map, **arguments("avengers-published"))
    own = knobs(graph)
    assert own.samples == AVENGERS_PAPER["samples"]
    assert own.top_n == AVENGERS_PAPER["members"]
    assert (own.mode, own.strategy, own.weights) == ("published", "self_consistency", "equal")
    assert own.temperature == AVENGERS_TEMPLATE["temperature"]
    assert own.sticky == 0
    assert own.wave_seconds is None
    result = (await graph.compile().ainvoke(ask(Q.text)))["result"]
    sent = [(e["model"], e["n"], e["temperature"]) for e in provider.log()]
    assert sent == [("ann", AVENGERS_PAPER["samples"], AVENGERS_TEMPLATE["temperature"])]
    assert result["routing"]["picked"] == ["ann"]


def test_the_papers_task_map_is_flat_k_means_with_the_codes_settings(monkeypatch) -> None:
    assert preset("avengers-published").source == "arXiv 2505.19797"
    fit = dict(FITS["avengers-published"])
    assert fit["clusters"] == AVENGERS_PAPER["K"] == AVENGERS_KMEANS["n_clusters"]
    assert fit["embedder"].split("/")[-1].lower() == AVENGERS_PAPER["embedder"]
    assert (fit["families"], fit["views"]) == (1, 1)
    assert fit["seed"] == AVENGERS_KMEANS["random_state"]
    seen: list[dict[str, Any]] = []
    made = sklearn_cluster.KMeans

    def watched(n_clusters: int, **settings: Any) -> Any:
        seen.append({"n_clusters": n_clusters, **settings})
        return made(n_clusters, **settings)

    monkeypatch.setattr(sklearn_cluster, "KMeans", watched)
    vectors = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32)
    records = [
        {"query": f"question {i}", "scores": {"ann": float(i % 2), "ben": float(i % 3 == 0)}}
        for i in range(len(vectors))
    ]
    task_map = Profile.fit(records, vectors=vectors, **{**fit, "embedder": _Fixed()})
    assert AVENGERS_KMEANS in seen
    assert all(each == AVENGERS_KMEANS for each in seen if each["n_clusters"] > 1)
    assert len(task_map.views) == 1
    assert len(task_map.flat.centroids) == AVENGERS_PAPER["K"]
    assert set(task_map.views[0].family.tolist()) == {0}
    assert "published" in clustering.METHODS


def test_the_papers_choice_of_ten_of_22_members_is_the_sum_of_reciprocal_ranks() -> None:
    rng = np.random.default_rng(1)
    names = [f"m{i:02}" for i in range(22)]
    records = [
        {"query": f"word{i % 7} {i}", "scores": {n: float(rng.random() < 0.5) for n in names}}
        for i in range(80)
    ]
    task_map = Profile.fit(records, clusters=4, families=1, views=1)
    chosen = task_map.select(AVENGERS_PAPER["selected of 22"])
    accuracy = task_map.flat.accuracy
    place = np.argsort(np.argsort(-accuracy, axis=1, kind="stable"), axis=1, kind="stable") + 1
    score = (1 / place).sum(axis=0)
    wanted = np.argsort(-score, kind="stable")[: AVENGERS_PAPER["selected of 22"]]
    assert chosen == [task_map.members[i] for i in wanted]


@pytest.mark.parametrize(
    ("name", "facts"), [("avengers-code", AVENGERS_CLASS), ("avengers-readme", AVENGERS_README)]
)
def test_the_routers_of_the_avengers_code(name, facts) -> None:
    task_map = profile(ann=["algebra"], ben=["history"], cat=["grammar"])
    team = [says(n) for n in ("ann", "ben", "cat")]
    own = knobs(create_avengers(team, task_map, **arguments(name)))
    assert own.mode == "reference"
    assert {key: getattr(own, key) for key in facts} == facts
    assert own.samples == AVENGERS_TEMPLATE["samples"]
    assert own.temperature == AVENGERS_TEMPLATE["temperature"]


def test_the_template_of_the_avengers_code_is_the_default_of_mode_reference() -> None:
    own = knobs(create_avengers([says("ann")], None, mode="reference"))
    assert {key: getattr(own, key) for key in AVENGERS_TEMPLATE} == AVENGERS_TEMPLATE


async def test_top_k_and_beta_reach_the_router(provider) -> None:
    task_map = profile(ann=["algebra"], ben=["history"], cat=["grammar"])
    graph = create_avengers(crowd(provider), task_map, **arguments("avengers-code"))
    result = (await graph.compile().ainvoke(ask(Q.text)))["result"]
    vector = task_map.embed([Q.text])
    by = {"top_k": AVENGERS_CLASS["top_k"], "beta": AVENGERS_CLASS["beta"]}
    wanted = task_map.route_vectors(vector, top_n=3, mode="reference", **by)[0]
    told = {entry["member"]: entry["score"] for entry in result["routing"]["ranking"]}
    assert told == {choice.member: round(choice.score, 6) for choice in wanted}
    one = np.ones((1, 1))
    first = reference_scores(one, one, one, one > 0, top_k=11, beta=3.0)
    assert first.item() == pytest.approx(1 / AVENGERS_RANK_OFFSET)


@pytest.mark.parametrize("name", ["model-switch", "model-switch-eager"])
def test_the_numbers_of_model_switch(name) -> None:
    own = knobs(create_avengers([says("ann"), says("ben")], None, **arguments(name)))
    assert own.strategy == "model_switch"
    assert own.top_n == SWITCH["members"]
    assert own.samples == SWITCH["samples of each"] * SWITCH["members"]
    assert own.threshold == SWITCH["threshold"]
    assert own.temperature == SWITCH["temperature"]
    assert own.switch == ("eager" if "eager" in name else "lazy")


async def test_self_consistency_draws_all_samples_of_one_member(provider) -> None:
    graph = create_avengers(crowd(provider), None, **arguments("self-consistency"))
    result = (await graph.compile().ainvoke(ask(Q.text)))["result"]
    sent = [(e["model"], e["n"], e["temperature"]) for e in provider.log()]
    assert sent == [("ann", AVENGERS_TEMPLATE["samples"], AVENGERS_TEMPLATE["temperature"])]
    assert result["routing"]["profile"] is False
    assert sum(vote["count"] for vote in result["votes"]) == AVENGERS_TEMPLATE["samples"]


def test_the_task_map_of_avengers_pro() -> None:
    fit = FITS["avengers-pro-published"]
    assert fit["clusters"] == PRO["K"]
    assert fit["embedder"].split("/")[-1].lower() == PRO["embedder"]
    assert (fit["families"], fit["views"], fit["method"]) == (1, 1, "kmeans")


async def test_the_balance_of_avengers_pro(provider) -> None:
    fit = FITS["avengers-pro-code"]
    assert (fit["clusters"], fit["seed"]) == (PRO_CODE["K"], PRO_CODE["seed"])
    assert fit["embedder"].partition(":")[2] == PRO_CODE["embedder"]
    assert (fit["families"], fit["views"], fit["method"]) == (1, 1, "kmeans")
    weights = PRO_CODE["weight of performance"], PRO_CODE["weight of cost"]
    records = [
        {
            "query": f"{Q.text} {i}",
            "scores": {"ann": float(i % 10 < 9), "ben": float(i % 10 < 7), "cat": 0.0},
        }
        for i in range(20)
    ]
    task_map = Profile.fit(records, clusters=1, families=1, views=1)
    prices = {"ann": 4.0, "ben": 1.0, "cat": 0.5}
    crowd(provider)
    pool = Pool([
        member(provider, name, price={"input": price, "output": price})
        for name, price in prices.items()
    ])  # fmt: skip
    graph = create_avengers(pool, task_map, **arguments("avengers-pro"))
    own = knobs(graph)
    assert (own.alpha, own.top_k, own.beta) == (weights[0], PRO_CODE["top_k"], PRO_CODE["beta"])
    assert (own.top_n, own.samples) == (PRO_CODE["members"], 1)
    # The paper's score by hand: accuracy scaled from the worst to the best member of the cluster,
    # and one minus the cost as a share of the dearest one.
    accuracy, cost = np.array([0.9, 0.7, 0.0]), np.array(list(prices.values()))
    wanted = weights[0] * accuracy / 0.9 + weights[1] * (1 - cost / 4.0)
    assert dial(accuracy, cost, own.alpha) == pytest.approx(wanted)
    result = (await graph.compile().ainvoke(ask(Q.text)))["result"]
    assert result["routing"]["picked"] == [list(prices)[int(wanted.argmax())]] == ["ben"]
    assert result["calls"] == 1


@pytest.mark.parametrize(("name", "layers"), [("moa", "layers"), ("moa-lite", "lite layers")])
async def test_mixture_of_agents_as_published(provider, name, layers) -> None:
    graph = create_moa(crowd(provider), **arguments(f"{name}-published"))
    assert knobs(graph).layers == MOA[layers]
    assert preset(name).arguments["layers"] == MOA[layers]
    result = (await graph.compile().ainvoke(ask(Q.text)))["result"]
    assert result["calls"] == (MOA[layers] - 1) * MOA["proposers"] + 1
    assert len({draft["member"] for draft in result["drafts"]}) == MOA["proposers"]
    assert {e["temperature"] for e in provider.log()} == {MOA["temperature"]}
    assert {e["max_tokens"] for e in provider.log()} == {MOA["max_tokens"]}
    assert "aggregate" in graph.nodes


async def test_self_moa_as_published(provider) -> None:
    graph = create_moa(crowd(provider), **arguments("self-moa"))
    assert knobs(graph).layers == SELF_MOA["layers"]
    await graph.compile().ainvoke(ask(Q.text))
    drawn = provider.log()[:-1]
    assert [e["n"] for e in drawn] == [SELF_MOA["samples"]]
    assert len({e["model"] for e in drawn}) == SELF_MOA["models"]
    assert {e["temperature"] for e in drawn} == {SELF_MOA["temperature"]}


async def test_smoa_as_in_its_code(provider) -> None:
    graph = create_smoa(crowd(provider), **arguments("smoa-published"))
    own = knobs(graph)
    assert (own.k, own.rounds, own.seed) == (SMOA["k"], SMOA["rounds"], SMOA["seed"])
    assert (own.agreement, own.duplicates, own.quality) == (None, None, None)
    result = (await graph.compile().ainvoke(ask(Q.text)))["result"]
    stopped = result["stopped"] == "judge"
    assert result["calls"] == SMOA["calls stopped early" if stopped else "calls"]
    assert len({draft["member"] for draft in result["drafts"]}) == SMOA["proposers"]
    assert all(len(entry["chosen"]) == SMOA["k"] for entry in result["rounds"])
    judged = [e for e in provider.log() if '"chosen"' in str(e["messages"])]
    assert {e["temperature"] for e in judged} == {SMOA["judge temperature"]}
    assert {e["temperature"] for e in provider.log()} == {SMOA["temperature"]}
    assert {e["max_tokens"] for e in provider.log()} == {SMOA["max_tokens"]}


async def test_smoas_code_has_no_stop_of_its_own_when_all_agree(provider) -> None:
    provider.set(*(Model(n, answers={"equation": "4"}) for n in NAMES))
    team = Pool([member(provider, n) for n in NAMES])
    asked = ask("Which number solves the equation?")
    ours = (await create_smoa(team).compile().ainvoke(asked))["result"]
    theirs = create_smoa(team, **arguments("smoa-published"), judge="eva")
    theirs = (await theirs.compile().ainvoke(asked))["result"]
    assert ours["stopped"] == "agreement"
    assert theirs["stopped"] in ("judge", "rounds")
    assert theirs["steps"][0]["member"] == "eva"


async def test_the_debate_of_its_code(provider) -> None:
    graph = create_debate(crowd(provider), **arguments("debate-published"))
    assert knobs(graph).rounds == DEBATE["rounds"] == preset("debate").arguments["rounds"]
    assert knobs(graph).agreement is None
    result = (await graph.compile().ainvoke(ask(Q.text)))["result"]
    assert result["calls"] == DEBATE["agents"] * DEBATE["rounds"]
    assert len({draft["member"] for draft in result["drafts"]}) == DEBATE["agents"]


class _Fixed:
    """An embedder that is never asked, because the vectors are given."""

    kind = "fixed"
    dim = 8

    def embed(self, texts: list[str]) -> np.ndarray:
        raise AssertionError("the vectors are given")

    async def aembed(self, texts: list[str]) -> np.ndarray:
        raise AssertionError("the vectors are given")

    def spec(self) -> dict[str, Any]:
        return {"kind": self.kind, "checksum": "0"}

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        return {}, {}
