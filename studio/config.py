"""The LangGraph server's configuration, `langgraph.json`, from the records of the presets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import presets
from .defaults import STUDIO
from .telemetry.watch import HANDED_ON

EXPOSED = ["content-location", "x-pagination-total", "x-request-id", "retry-after"]
"""Headers of a reply that pages of other origins may read."""
FILE = Path(__file__).parents[1] / "langgraph.json"
"""Beside `pyproject.toml`, so that its dependency `.` is this package: an image has it then."""

_GRAPHS = f"{__package__}.graphs"
_CALIBRATION = "Asks every member the questions in `data`, grades, and draws the task map."


def config(*, mapped: bool = True, origins: Sequence[str] = (STUDIO,)) -> dict[str, Any]:
    """The server's configuration.

    Args:
        mapped: Whether there is a task map; without it Avengers that need one are not offered.
        origins: Origins whose pages may call the server.

    Example:
        >>> list(config(mapped=False)["graphs"])[:2]
        ['moa', 'moa-lite']
    """
    offered = [
        each for each in presets.PRESETS if mapped or not each.mapped or each.method != "avengers"
    ]
    graphs = {each.name: _graph(each.variable, each.about) for each in offered}
    graphs["calibration"] = _graph("calibration", _CALIBRATION)
    cors = {
        "allow_origins": list(origins),
        "allow_methods": ["*"],
        "allow_headers": ["*"],
        "expose_headers": EXPOSED,
    }
    # The names of keys, never keys: a run in the queue is charged to the key that queued it.
    handed = {"includes": list(HANDED_ON)}
    http = {"app": f"{__package__}.app:app", "cors": cors, "configurable_headers": handed}
    return {"dependencies": ["."], "graphs": graphs, "http": http}


def text() -> str:
    """The text of `langgraph.json`, for people who start the LangGraph server themselves."""
    return json.dumps(config(), indent=2) + "\n"


def _graph(variable: str, about: str) -> dict[str, str]:
    return {"path": f"{_GRAPHS}:{variable}", "description": about}
