"""Start a turn: check the question and the knobs, and clear the channels of the previous turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from langgraph.types import Overwrite

from ..errors import InputError
from ..pool import Member, Pool
from .abilities import check_drafting, check_writing
from .base import Run, Step
from .context import EnsembleContext
from .prompting import question, too_long_for

# The lists of a thread accumulate over its turns unless they are cleared.
_FRESH: dict[str, Callable[[], Any]] = {
    "drafts": lambda: Overwrite([]),
    "calls": lambda: Overwrite([]),
    "fell_back": lambda: Overwrite([]),
    "layer": lambda: 0,
    "stopped": lambda: None,
    "trust": lambda: None,
    "escalated": lambda: None,
    "streamed": lambda: None,
    "held": lambda: None,
    "held_result": dict,
}


def make_prepare(
    pool: Pool,
    drafting: Sequence[Member],
    writing: Sequence[Member] = (),
    **fresh: Any,
) -> Step:
    """The node that starts every turn.

    Args:
        pool: The members; with a budget each needs a price.
        drafting: Members that may draft.
        writing: Members that may write the final answer; none if a draft becomes the answer.
        fresh: Further channels with their values at the start of each turn.
    """

    async def prepare(state: Any, run: Run[EnsembleContext]) -> dict[str, Any]:
        knobs = run.knobs
        messages = state["messages"]
        question(messages)
        check_drafting(drafting, messages, None if writing else knobs)
        check_writing(writing, knobs)
        if knobs.budget_usd is not None:
            check_prices(pool)
        begun = {key: value() for key, value in _FRESH.items()}
        if short := too_long_for(messages, (*drafting, *writing)):
            names = ", ".join(short)
            begun["fell_back"] = Overwrite([f"the conversation was shortened to fit {names}"])
        return {**begun, **fresh}

    return prepare


def check_prices(pool: Iterable[Member]) -> None:
    """Check that every member has a price, which a budget needs.

    Raises:
        InputError: A member has none.
    """
    unknown = [m.name for m in pool if m.price is None and isinstance(m.model, str)]
    if unknown:
        raise InputError(
            f"budget_usd needs a price of every member; {unknown[0]!r} has none "
            f"(add 'price: {{input: …, output: …}}' in US dollars per million tokens)"
        )
