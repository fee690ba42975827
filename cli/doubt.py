"""Explain in one line why an answer is unsure, and how it was handled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WEAKEST = {
    "share": "{:.0%} of the drafts agree",
    "record": "the members that gave it are right on {:.0%} of such questions",
    "probability": "the vote gives it {:.0%} to be right",
    "familiarity": "the question is unlike the calibration questions",
}


def doubt(result: Mapping[str, Any]) -> str:
    """One line on an unsure answer; an empty text if the answer is sure.

    Args:
        result: The account of the run.

    Example:
        >>> told = {"confidence": 0.3, "confidence_wanted": 0.5, "confidence_parts": {"share": 0.3}}
        >>> doubt({"unsure": True, **told})
        'unsure: confidence 0.30 below 0.5; 30% of the drafts agree'
    """
    if not result.get("unsure"):
        return ""
    return "; ".join(["unsure: " + _why(result), *_then(result)])


def _why(result: Mapping[str, Any]) -> str:
    confidence, wanted = result["confidence"], result["confidence_wanted"]
    known = {k: v for k, v in result["confidence_parts"].items() if v is not None}
    weakest = min(known, key=lambda part: known[part], default=None)
    if weakest is None or known[weakest] > confidence:
        return "all drafts abstain"
    below = f" below {wanted:g}" if confidence < wanted else ""
    return f"confidence {confidence:.2f}{below}; {_WEAKEST[weakest].format(known[weakest])}"


def _then(result: Mapping[str, Any]) -> list[str]:
    if result.get("escalated_to"):
        return [f"{result['escalated_to']} answered instead"]
    if result.get("declined"):
        guess = " ".join(str(result.get("guess") or "").split())
        return [f"declined; the best guess was: {guess[:80]}"]
    return []
