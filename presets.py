"""Presets of the graphs, one record each.

A new preset needs nothing but a record. The served models and graphs, the texts in Studio and on
the page, `studio/langgraph.json` and the tables in `docs/` derive from the records; `make tables`
rewrites the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Method = Literal["avengers", "moa", "smoa"]

_AVENGERS, _SWITCH = "arXiv 2505.19797", "arXiv 2504.00762"
_MOA, _SELF_MOA, _SMOA = "arXiv 2406.04692", "arXiv 2502.00674", "arXiv 2411.03284"
_OURS = "ours"


@dataclass(frozen=True)
class Preset:
    """A preset of a graph.

    Attributes:
        name: Name of the served model and of the graph in Studio.
        method: Its builder: `create_avengers`, `create_moa` or `create_smoa`.
        about: One sentence for users who choose a preset.
        source: The publication, or `ours`.
        arguments: Arguments of the builder.
        proposers: Number of the pool's proposers that draft, from the first on; None: all.
    """

    name: str
    method: Method
    about: str
    source: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    proposers: int | None = None

    @property
    def variable(self) -> str:
        """The name as a Python identifier.

        Example:
            >>> preset("moa-lite").variable
            'moa_lite'
        """
        return self.name.replace("-", "_")


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
        "self-moa",
        "moa",
        "One model's six drafts, aggregated.",
        _SELF_MOA,
        {"layers": 2, "samples": 6},
        proposers=1,
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
