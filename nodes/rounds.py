"""Open the next round of drafting."""

from __future__ import annotations

from typing import Any

from .prepare import new_gate


def open_round(state: Any) -> dict[str, Any]:
    """Count the round and give its drafts a gate of their own."""
    return {"layer": state["layer"] + 1, "gate": new_gate(), "stopped": None}
