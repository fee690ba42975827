"""Begin a turn: check the question and the knobs, and empty what the turn before left behind."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Overwrite

from ..errors import InputError
from ..pool import Pool
from .bridge import Node
from .context import EnsembleContext, resolve
from .prompting import question

# The lists of a thread accumulate over its turns unless they are emptied.
_FRESH: dict[str, Callable[[], Any]] = {
    "drafts": lambda: Overwrite([]),
    "calls": lambda: Overwrite([]),
    "fell_back": lambda: Overwrite([]),
    "layer": lambda: 0,
    "gate": lambda: "",
    "stopped": lambda: None,
}


def make_prepare(pool: Pool, schema: type[EnsembleContext], **fresh: Any) -> Node:
    """The node that begins every turn.

    Args:
        pool: The members; with a budget each needs a price.
        schema: The graph's context schema.
        fresh: Further channels and the value they begin each turn with.
    """

    async def prepare(state: Any, runtime: Runtime[Any]) -> dict[str, Any]:
        knobs = resolve(schema, runtime.context)
        question(state["messages"])
        if knobs.budget_usd is not None:
            _check_prices(pool)
        return {**{key: value() for key, value in _FRESH.items()}, **fresh}

    return prepare


def new_gate() -> str:
    """A name for the gate of one layer, unlike that of any other run."""
    return uuid.uuid4().hex


def _check_prices(pool: Pool) -> None:
    unknown = [m.name for m in pool if m.price is None and m.provider != "langchain"]
    if unknown:
        raise InputError(
            f"budget_usd needs a price of every member; {unknown[0]!r} has none "
            f"(add 'price: {{input: …, output: …}}' in US dollars per million tokens)"
        )
