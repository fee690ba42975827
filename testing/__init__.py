"""Test models: a provider process with simulated models, and members with fixed replies.

    from langgraph_ensemble.testing import Model, Provider, says

`Provider` is a real HTTP server that speaks the OpenAI protocol, for tests with the effects of a
network: latency, faults, streams, limits. It needs the `testing` extra. `says` makes a member that
answers immediately and needs no extra.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .model import Model
    from .provider import Entry, Provider
    from .questions import DOMAINS, Question, bank
    from .replies import says

# Imported at first use, because the provider process needs only the models.
_HOME = {
    "DOMAINS": ".questions",
    "Entry": ".provider",
    "Model": ".model",
    "Provider": ".provider",
    "Question": ".questions",
    "bank": ".questions",
    "says": ".replies",
}

__all__ = ["DOMAINS", "Entry", "Model", "Provider", "Question", "bank", "says"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name], __name__), name)


def __dir__() -> list[str]:
    return __all__
