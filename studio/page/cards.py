"""What the page shows of the pool: graphs with their knobs and examples, members, the task map."""

from __future__ import annotations

from typing import Any

from ...presets import PRESETS, Preset
from ..catalogue import Catalogue
from ..forms import page_form

_GENERAL = (
    "Explain the difference between correlation and causation with one example.",
    "A bat and a ball cost 1.10 together; the bat costs 1.00 more. What does the ball cost?",
    "Write a Python function that merges two sorted lists.",
)
_REASONING = (
    "If it takes 5 machines 5 minutes to make 5 parts, how long do 100 machines take for 100?",
    "How many primes are there between 50 and 100?",
    "On which weekday was 1 January 2000?",
)
_WRITING = (
    "Write a short, friendly e-mail that moves a meeting from Monday to Tuesday.",
    "Compare heat pumps and gas boilers for an old house.",
    "Summarise the arguments for and against a four-day week.",
)
_EXAMPLES = {
    "avengers": _REASONING,
    "debate": _REASONING,
    "symbolic_moe": _REASONING,
    "moa": _WRITING,
    "smoa": _WRITING,
    "ranker": _WRITING,
}
# The bundled models answer these right. Some forms do without the task map, or ask few members.
_TINY = {
    "avengers": (
        "How much is 4821 plus 973?",
        "What is the string 'txii' in reverse?",
        "Convert 3 hours to minutes.",
    ),
    "few": (
        "How much is 4821 plus 973?",
        "How much is 58 plus 67?",
        "How many letters are in the word 'ensemble'?",
    ),
    "facts": (
        "What is the capital of Japan?",
        "Which continent is Kenya in?",
        "What currency is used in Japan?",
    ),
    "symbolic_moe": (
        "Convert 3 hours to minutes.",
        "How many minutes are 3 hours?",
        "How many meters are in 4 kilometers?",
    ),
    "all": (
        "What is the capital of Portugal?",
        "Sort the numbers 9, 4, 7 in ascending order.",
        "Anna is taller than Ben. Ben is taller than Carl. Who is the tallest?",
    ),
}
_TINY_OF = {
    **dict.fromkeys(("self-moa", "self-consistency", "llm-router", "debate-published"), "few"),
    **dict.fromkeys(("moa-published", "moa-lite-published", "smoa-published", "ranker"), "facts"),
}


def home(catalogue: Catalogue) -> dict[str, Any]:
    """Models, members and task map, and whether the members are the bundled ones."""
    members = list(catalogue.pool)
    bundled = all(member.provider == "pocket" for member in members)
    return {
        "models": [card(catalogue, each, bundled=bundled) for each in PRESETS],
        "members": [_member(member) for member in members],
        "bundled": bundled,
        "map": _map(catalogue),
    }


def card(catalogue: Catalogue, form: Preset, *, bundled: bool = False) -> dict[str, Any]:
    """One graph or preset."""
    properties = (catalogue.graph(form.name).get_context_jsonschema() or {})["properties"]
    return {
        "name": form.name,
        "title": form.title,
        "method": form.method,
        "about": form.about,
        "examples": examples(form, bundled=bundled),
        "knobs": page_form(catalogue.knobs(form.name), properties),
    }


def examples(form: Preset, *, bundled: bool) -> list[str]:
    """Example questions for a graph or preset.

    Example:
        >>> from langgraph_ensemble.presets import preset
        >>> examples(preset("moa"), bundled=True)[0]
        'What is the capital of Portugal?'
    """
    if bundled:
        return list(_TINY.get(_TINY_OF.get(form.name, form.method), _TINY["all"]))
    return list(_EXAMPLES.get(form.method, _GENERAL))


def _member(member: Any) -> dict[str, Any]:
    return {
        "name": member.name,
        "model": member.model_name,
        "priced": member.price is not None,
        "sees": bool(member.vision),
    }


def _map(catalogue: Catalogue) -> list[dict[str, Any]] | None:
    """The clusters with their position, words and best members."""
    if catalogue.profile is None:
        return None
    return [
        {
            **{key: card[key] for key in ("id", "size", "words", "x", "y")},
            "members": {name: round(m["mean"], 3) for name, m in card["members"].items()},
        }
        for card in catalogue.profile.clusters
    ]
