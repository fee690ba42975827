"""Presets of the graphs, one record each.

A new preset needs nothing but a record. The served models and graphs, the texts in Studio and on
the page, `langgraph.json` and the tables in `docs/` derive from the records; `make tables`
rewrites the files.
"""

from __future__ import annotations

from typing import Any

from .preset import OURS, SOURCES, Method, Preset
from .published import FITS, PUBLISHED

__all__ = ["FITS", "PRESETS", "Method", "Preset", "arguments_of", "preset"]

PRESETS: list[Preset] = [
    Preset(
        "avengers",
        "avengers",
        "Routes the question on the task map, samples, votes.",
        SOURCES["avengers"],
    ),
    Preset(
        "avengers-cheap",
        "avengers",
        "One sample of a member that is good and cheap; streams at once.",
        OURS,
        {"samples": 1, "alpha": 0.5},
    ),
    Preset(
        "avengers-balanced",
        "avengers",
        "Five samples of the best member, one vote.",
        OURS,
        {"samples": 5},
    ),
    Preset(
        "avengers-best",
        "avengers",
        "The two best members; the second is asked when the first is not sure.",
        SOURCES["model-switch"],
        {"samples": 10, "top_n": 2, "strategy": "model_switch"},
    ),
    Preset(
        "moa",
        "moa",
        "Three layers: proposers read the layer before, one aggregator answers.",
        SOURCES["moa"],
        {"layers": 3},
    ),
    Preset(
        "moa-lite",
        "moa",
        "Two layers: proposers, then the aggregator.",
        SOURCES["moa"],
        {"layers": 2},
    ),
    Preset(
        "moa-adaptive",
        "moa",
        "MoA over three members that are good and differ; more layers for harder questions.",
        OURS,
        {"layers": 4, "top_n": 3, "diversity": 0.5, "knobs": {"depth": "difficulty"}},
        routed=True,
    ),
    Preset(
        "self-moa",
        "moa",
        "One model's six drafts, aggregated.",
        SOURCES["self-moa"],
        {"layers": 2, "samples": 6, "proposers": 1},
    ),
    Preset(
        "smoa",
        "smoa",
        "Role-playing proposers, a judge that keeps the best, early stopping.",
        SOURCES["smoa"],
    ),
    Preset(
        "smoa-cheap",
        "smoa",
        "One round, one kept draft.",
        OURS,
        {"k": 1, "max_rounds": 1},
    ),
    *PUBLISHED,
]
"""All presets, in the order in which they are shown."""


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
