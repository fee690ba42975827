"""The sampling options of a step's request, from the knobs of the run."""

from __future__ import annotations

from typing import Any

from ..models.sampling import NAMES
from .context import EnsembleContext


def sampling_of(knobs: EnsembleContext, *, answers: bool = True) -> dict[str, Any]:
    """The options that are set.

    Args:
        knobs: The knobs of the run.
        answers: Whether the text may become the answer; probabilities of other texts are of no use.

    Example:
        >>> sampling_of(EnsembleContext(top_p=0.5, logprobs=0), answers=False)
        {'top_p': 0.5}
    """
    given = {name: getattr(knobs, name) for name in NAMES}
    if not answers:
        given["logprobs"] = None
    return {name: value for name, value in given.items() if value is not None}
