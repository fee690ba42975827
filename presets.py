"""Presets of the graphs, one record each.

A new preset needs nothing but a record. The served models and graphs, the texts in Studio and on
the page, `studio/langgraph.json` and the tables in `docs/` derive from the records; `make tables`
rewrites the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Method = Literal["avengers", "moa", "smoa", "ranker", "debate", "symbolic_moe"]

_AVENGERS, _SWITCH = "arXiv 2505.19797", "arXiv 2504.00762"
_MOA, _SELF_MOA, _SMOA = "arXiv 2406.04692", "arXiv 2502.00674", "arXiv 2411.03284"
_CONSISTENCY, _DEBATE = "arXiv 2203.11171", "arXiv 2305.14325"
_CODE = "code of arXiv 2505.19797"
_SYMBOLIC = "arXiv 2503.05641"
_OURS = "ours"


@dataclass(frozen=True)
class Preset:
    """A preset of a graph.

    Attributes:
        name: Name of the served model and of the graph in Studio.
        method: Its builder: `create_avengers`, `create_moa` and so on.
        about: One sentence for users who choose a preset.
        source: The publication, or `ours`.
        arguments: Arguments of the builder.
        mapped: Whether it uses the task map; the Avengers that do are offered only with one.
    """

    name: str
    method: Method
    about: str
    source: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    mapped: bool = True

    @property
    def variable(self) -> str:
        """The name as a Python identifier.

        Example:
            >>> preset("moa-lite").variable
            'moa_lite'
        """
        return self.name.replace("-", "_")


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

PRESETS: list[Preset] = [
    Preset(
        "avengers",
        "avengers",
        "Routes the question on the task map, samples, votes.",
        _AVENGERS,
    ),
    Preset(
        "avengers-cheap",
        "avengers",
        "One sample of a member that is good and cheap; streams at once.",
        _OURS,
        {"samples": 1, "alpha": 0.5},
    ),
    Preset(
        "avengers-balanced",
        "avengers",
        "Five samples of the best member, one vote.",
        _OURS,
        {"samples": 5},
    ),
    Preset(
        "avengers-best",
        "avengers",
        "The two best members; the second is asked when the first is not sure.",
        _SWITCH,
        {"samples": 10, "top_n": 2, "strategy": "model_switch"},
    ),
    Preset(
        "avengers-published",
        "avengers",
        "The paper's Avengers: the best member of the nearest cluster, ten samples, one vote.",
        _AVENGERS,
        {**_PLAIN, "top_n": 1, "mode": "published"},
    ),
    Preset(
        "avengers-code",
        "avengers",
        "The defaults of the Avengers' code: three members by rank in the eleven nearest clusters.",
        _CODE,
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
        _CODE,
        {
            **_PLAIN,
            "top_n": 2,
            "mode": "reference",
            "knobs": {**_ALL_AT_ONCE, "top_k": 3, "beta": 6.0},
        },
    ),
    Preset(
        "self-consistency",
        "avengers",
        "Ten samples of one member, one vote; no task map.",
        _CONSISTENCY,
        {**_PLAIN, "proposers": 1},
        mapped=False,
    ),
    Preset(
        "model-switch",
        "avengers",
        "Five samples of a member; five of the next one only if they do not agree.",
        _SWITCH,
        _SWITCHING,
    ),
    Preset(
        "model-switch-eager",
        "avengers",
        "Two members at once; the second one's samples count if the first one's do not agree.",
        _CODE,
        {**_SWITCHING, "knobs": {**_ALL_AT_ONCE, "switch": "eager"}},
    ),
    Preset(
        "llm-router",
        "avengers",
        "A model reads what each member is good at and names the one that answers; ten samples.",
        _AVENGERS,
        {**_PLAIN, "top_n": 1, "router": True},
    ),
    Preset(
        "moa",
        "moa",
        "Three layers: proposers read the layer before, one aggregator answers.",
        _MOA,
        {"layers": 3},
    ),
    Preset(
        "moa-lite",
        "moa",
        "Two layers: proposers, then the aggregator.",
        _MOA,
        {"layers": 2},
    ),
    Preset(
        "moa-published",
        "moa",
        "The paper's MoA: six proposers, three layers, long drafts, a written answer.",
        _MOA,
        {"layers": 3, "proposers": 6, "temperature": 0.7, "finish": "write", "knobs": _LONG},
        mapped=False,
    ),
    Preset(
        "moa-lite-published",
        "moa",
        "The paper's MoA-Lite: six proposers, two layers, long drafts, a written answer.",
        _MOA,
        {"layers": 2, "proposers": 6, "temperature": 0.7, "finish": "write", "knobs": _LONG},
        mapped=False,
    ),
    Preset(
        "self-moa",
        "moa",
        "One model's six drafts, aggregated.",
        _SELF_MOA,
        {"layers": 2, "samples": 6, "proposers": 1},
    ),
    Preset(
        "smoa",
        "smoa",
        "Role-playing proposers, a judge that keeps the best, early stopping.",
        _SMOA,
    ),
    Preset(
        "smoa-cheap",
        "smoa",
        "One round, one kept draft.",
        _OURS,
        {"k": 1, "max_rounds": 1},
    ),
    Preset(
        "smoa-published",
        "smoa",
        "SMoA's code: four proposers, a judge at temperature 0.7 that alone ends the rounds.",
        _SMOA,
        {
            **{"k": 2, "max_rounds": 2, "proposers": 4, "temperature": 0.7},
            **{"agreement": None, "finish": "write", "seed": 42},
            "knobs": {**_LONG, "judge_temperature": 0.7},
        },
        mapped=False,
    ),
    Preset(
        "ranker",
        "ranker",
        "All proposers answer; a ranker names the best answer, which is given as it is.",
        _MOA,
    ),
    Preset(
        "debate",
        "debate",
        "Agents read each other's answers and answer again until they agree; one vote.",
        _DEBATE,
        {"rounds": 2},
    ),
    Preset(
        "debate-published",
        "debate",
        "The debate's code: three agents, always two rounds, one vote.",
        _DEBATE,
        {"agents": 3, "rounds": 2, "agreement": None, "knobs": _LONG},
        mapped=False,
    ),
    Preset(
        "symbolic-moe",
        "symbolic_moe",
        "Three experts, recruited by the skills that the question needs; one aggregator.",
        _SYMBOLIC,
        {"experts": 3, "temperature": 0.7, "knobs": {"max_tokens": 4096, "draft_tokens": 4096}},
    ),
]
"""All presets, in the order in which they are shown."""

FITS: Mapping[str, Mapping[str, Any]] = {
    "avengers-published": {
        **{"clusters": 64, "families": 1, "views": 1, "method": "published", "seed": 42},
        "embedder": "huggingface:Alibaba-NLP/gte-Qwen2-7B-instruct",
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


def preset(name: str) -> Preset:
    """The preset with this name.

    Raises:
        KeyError: There is none.

    Example:
        >>> preset("self-moa").method, dict(preset("smoa-cheap").arguments)
        ('moa', {'k': 1, 'max_rounds': 1})
    """
    for each in PRESETS:
        if each.name == name:
            return each
    raise KeyError(name)


def arguments_of(method: Method) -> dict[str, dict[str, Any]]:
    """Builder arguments of all presets of a method, by name.

    Example:
        >>> arguments_of("moa")["moa-lite"]
        {'layers': 2}
    """
    return {each.name: dict(each.arguments) for each in PRESETS if each.method == method}
