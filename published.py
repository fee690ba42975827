"""Presets with the settings of papers and of their codes.

`tests/test_published.py` checks every number against its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .preset import SOURCES, Preset

# As in the code of MoA and SMoA: drafts may be as long as answers.
_LONG = {"max_tokens": 2048, "draft_tokens": 2048}
# One vote a sample, all samples at once, each question by itself.
_ALL_AT_ONCE: Mapping[str, Any] = {"wave_seconds": None}
_PLAIN: Mapping[str, Any] = {
    **{"samples": 10, "temperature": 0.7, "weights": "equal", "sticky": 0.0},
    "knobs": _ALL_AT_ONCE,
}
_SWITCHING: Mapping[str, Any] = {
    **_PLAIN,
    **{"top_n": 2, "strategy": "model_switch", "threshold": 0.8},
}

PUBLISHED: list[Preset] = [
    Preset(
        "avengers-published",
        "avengers",
        "The paper's Avengers: the best member of the nearest cluster, ten samples, one vote.",
        SOURCES["avengers"],
        {**_PLAIN, "top_n": 1, "mode": "published"},
    ),
    Preset(
        "avengers-code",
        "avengers",
        "The defaults of the Avengers' code: three members by rank in the eleven nearest clusters.",
        f"code of {SOURCES['avengers']}",
        {
            **_PLAIN,
            "top_n": 3,
            "mode": "reference",
            "knobs": {**_ALL_AT_ONCE, "top_k": 11, "beta": 3.0},
        },
    ),
    Preset(
        "avengers-readme",
        "avengers",
        "The example of the Avengers' code: two members by rank in the three nearest clusters.",
        f"code of {SOURCES['avengers']}",
        {
            **_PLAIN,
            "top_n": 2,
            "mode": "reference",
            "knobs": {**_ALL_AT_ONCE, "top_k": 3, "beta": 6.0},
        },
    ),
    Preset(
        "avengers-pro",
        "avengers",
        "One answer of the member with the best balance of accuracy (0.7) and cost (0.3) there.",
        SOURCES["avengers-pro"],
        {
            **{"samples": 1, "temperature": 0.7, "weights": "equal", "sticky": 0.0, "top_n": 1},
            **{"mode": "reference", "alpha": 0.7},
            "knobs": {"top_k": 1, "beta": 9.0},
        },
    ),
    Preset(
        "self-consistency",
        "avengers",
        "Ten samples of one member, one vote; no task map.",
        SOURCES["self-consistency"],
        {**_PLAIN, "proposers": 1},
        mapped=False,
    ),
    Preset(
        "model-switch",
        "avengers",
        "Five samples of a member; five of the next one only if they do not agree.",
        SOURCES["model-switch"],
        _SWITCHING,
    ),
    Preset(
        "model-switch-eager",
        "avengers",
        "Two members at once; the second one's samples count if the first one's do not agree.",
        f"code of {SOURCES['avengers']}",
        {**_SWITCHING, "knobs": {**_ALL_AT_ONCE, "switch": "eager"}},
    ),
    Preset(
        "llm-router",
        "avengers",
        "A model reads what each member is good at and names the one that answers; ten samples.",
        SOURCES["avengers"],
        {**_PLAIN, "top_n": 1, "router": True},
    ),
    Preset(
        "moa-published",
        "moa",
        "The paper's MoA: six proposers, three layers, long drafts, a written answer.",
        SOURCES["moa"],
        {"layers": 3, "proposers": 6, "temperature": 0.7, "finish": "write", "knobs": _LONG},
        mapped=False,
    ),
    Preset(
        "moa-lite-published",
        "moa",
        "The paper's MoA-Lite: six proposers, two layers, long drafts, a written answer.",
        SOURCES["moa"],
        {"layers": 2, "proposers": 6, "temperature": 0.7, "finish": "write", "knobs": _LONG},
        mapped=False,
    ),
    Preset(
        "smoa-published",
        "smoa",
        "SMoA's code: four proposers, a judge at temperature 0.7 that alone ends the rounds.",
        SOURCES["smoa"],
        {
            **{"k": 2, "max_rounds": 2, "proposers": 4, "temperature": 0.7},
            **{"agreement": None, "finish": "write", "seed": 42},
            "knobs": {**_LONG, "judge_temperature": 0.7},
        },
        mapped=False,
    ),
    Preset(
        "moa-oracle",
        "moa",
        "MoA over the three members with the best records on such questions.",
        SOURCES["avengers"],
        {"layers": 3, "top_n": 3},
        routed=True,
    ),
    Preset(
        "ranker",
        "ranker",
        "All proposers answer; a ranker names the best answer, which is given as it is.",
        SOURCES["moa"],
    ),
    Preset(
        "debate",
        "debate",
        "Agents read each other's answers and answer again until they agree; one vote.",
        SOURCES["debate"],
        {"rounds": 2},
    ),
    Preset(
        "debate-published",
        "debate",
        "The debate's code: three agents, always two rounds, one vote.",
        SOURCES["debate"],
        {"agents": 3, "rounds": 2, "agreement": None, "knobs": _LONG},
        mapped=False,
    ),
    Preset(
        "symbolic-moe",
        "symbolic_moe",
        "Three experts, recruited by the skills that the question needs; one aggregator.",
        SOURCES["symbolic-moe"],
        {"experts": 3, "temperature": 0.7, "knobs": {"max_tokens": 4096, "draft_tokens": 4096}},
    ),
]

FITS: Mapping[str, Mapping[str, Any]] = {
    "avengers-published": {
        **{"clusters": 64, "families": 1, "views": 1, "method": "published", "seed": 42},
        "embedder": "huggingface:Alibaba-NLP/gte-Qwen2-7B-instruct",
    },
    "avengers-pro-code": {
        **{"clusters": 32, "families": 1, "views": 1, "method": "kmeans", "seed": 42},
        "embedder": "openai:text-embedding-3-large",
    },
    "avengers-pro-published": {
        **{"clusters": 60, "families": 1, "views": 1, "method": "kmeans", "seed": 42},
        "embedder": "huggingface:Qwen/Qwen3-Embedding-8B",
    },
}
"""Arguments of `Profile.fit` for the task maps of papers: flat K-means, one clustering.

`Profile.fit(records, **FITS["avengers-published"])`; with another embedder
`Profile.fit(records, **{**FITS["avengers-published"], "embedder": "lexical"})`.
"""
