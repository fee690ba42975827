"""Preset: a named form of a graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Method = Literal["avengers", "moa", "smoa", "ranker", "debate", "symbolic_moe"]

OURS = "ours"
SOURCES: Mapping[str, str] = {
    "avengers": "arXiv 2505.19797",
    "avengers-pro": "arXiv 2508.12631",
    "model-switch": "arXiv 2504.00762",
    "moa": "arXiv 2406.04692",
    "self-moa": "arXiv 2502.00674",
    "smoa": "arXiv 2411.03284",
    "self-consistency": "arXiv 2203.11171",
    "debate": "arXiv 2305.14325",
    "symbolic-moe": "arXiv 2503.05641",
}
"""The publications."""

_TITLES = {
    "avengers": "Avengers",
    "debate": "Debate",
    "moa": "Mixture of Agents",
    "smoa": "Sparse Mixture of Agents",
    "llm-router": "LLM router",
    "self-moa": "Self-MoA",
    "symbolic-moe": "Symbolic-MoE",
}
_FORMS = {
    "published": "as published",
    "code": "the authors' code",
    "readme": "the authors' example",
}


@dataclass(frozen=True)
class Preset:
    """A preset of a graph.

    Attributes:
        name: Name of the served model and of the graph in Studio.
        method: Its builder: `create_avengers`, `create_moa` and so on.
        about: One sentence for users who choose a preset.
        source: The publication, or `ours`.
        arguments: Arguments of the builder.
        mapped: Whether it may use a task map; the Avengers that do are offered only with one.
        routed: Whether the task map picks the proposers of MoA, if there is one.
    """

    name: str
    method: Method
    about: str
    source: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    mapped: bool = True
    routed: bool = False

    @property
    def variable(self) -> str:
        """The name as a Python identifier.

        Example:
            >>> Preset("moa-lite", "moa", "Two layers.", OURS).variable
            'moa_lite'
        """
        return self.name.replace("-", "_")

    @property
    def title(self) -> str:
        """The name for people.

        Example:
            >>> Preset("moa-lite", "moa", "Two layers.", OURS).title
            'Mixture of Agents · lite'
        """
        if self.name in _TITLES:
            return _TITLES[self.name]
        first, _, rest = self.name.partition("-")
        if first not in _TITLES:
            return self.name.replace("-", " ").capitalize()
        form, _, source = rest.rpartition("-")
        words = [form, _FORMS.get(source, source)]
        return " · ".join([_TITLES[first], *filter(None, words)])
