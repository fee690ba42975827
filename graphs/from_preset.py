"""The graph of a preset over a pool and a task map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from langgraph.graph import StateGraph

from ..models.provider import provider_of
from ..pool import Pool
from ..preset import Preset
from ..profiles import Profile
from .avengers import create_avengers
from .debate import create_debate
from .moa import create_moa
from .ranker import create_ranker
from .smoa import create_smoa
from .symbolic_moe import create_symbolic_moe

BUILDERS: dict[str, Callable[..., StateGraph[Any, Any, Any, Any]]] = {
    "moa": create_moa,
    "smoa": create_smoa,
    "ranker": create_ranker,
    "debate": create_debate,
}
"""The builders that need nothing but a pool, by a preset's method."""
MAPPED: dict[str, Callable[..., StateGraph[Any, Any, Any, Any]]] = {
    "avengers": create_avengers,
    "symbolic_moe": create_symbolic_moe,
}
"""The builders whose second argument is a task map or None."""


def from_preset(
    form: Preset,
    pool: Pool,
    profile: Profile | None,
    changes: Mapping[str, Any] | None = None,
) -> StateGraph[Any, Any, Any, Any]:
    """The uncompiled graph of a preset.

    Args:
        form: The preset.
        pool: The members.
        profile: The task map; a preset that uses none ignores it.
        changes: Other arguments of the builder, or knobs.

    Raises:
        InputError: There is no such argument or knob, or it has a bad value.
    """
    builder = MAPPED.get(form.method) or BUILDERS[form.method]
    options: dict[str, Any] = {**form.arguments, "name": form.name}
    profile = profile if form.mapped else None
    if form.method in MAPPED:
        return builder(pool, profile, **changed(builder, options, changes or {}))
    specialists = profile is not None and any(provider_of(m).specialists for m in pool)
    if profile is not None and (form.routed or specialists):
        options["profile"] = profile
    if specialists and form.method in ("moa", "smoa"):
        # A specialist is useless outside of its subject, so only those who know it draft.
        options["finish"] = "choose"
    return builder(pool, **changed(builder, options, changes or {}))


def changed(
    builder: Callable[..., Any], options: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Options of a builder with changes; what is none of its arguments is a knob.

    Example:
        >>> changed(create_moa, {"layers": 3}, {"layers": 2, "draft_tokens": 99})
        {'layers': 2, 'knobs': {'draft_tokens': 99}}
    """
    known = signature(builder).parameters
    own = {name: value for name, value in changes.items() if name in known}
    knobs = {name: value for name, value in changes.items() if name not in known}
    if not knobs:
        return {**options, **own}
    return {**options, **own, "knobs": {**options.get("knobs", {}), **knobs}}
