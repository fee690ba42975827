"""Many language models, one better answer, as LangGraph graphs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .chat import EnsembleChatModel
    from .errors import InputError
    from .graphs.avengers import create_avengers
    from .graphs.calibration import create_calibration
    from .graphs.debate import create_debate
    from .graphs.moa import create_moa
    from .graphs.ranker import create_ranker
    from .graphs.smoa import create_smoa
    from .graphs.symbolic_moe import create_symbolic_moe
    from .member import Member
    from .models.budget import Budget
    from .nodes.aggregate import NoUsableDraftError
    from .pool import Pool
    from .profiles import Profile
    from .skills import Skills
    from .streaming import astream_answer, stream_answer

    __version__: str

# Imported lazily, so that a command line that only prints help starts fast.
_HOME = {
    "Budget": ".models.budget",
    "EnsembleChatModel": ".chat",
    "InputError": ".errors",
    "Member": ".member",
    "NoUsableDraftError": ".nodes.aggregate",
    "Pool": ".pool",
    "Profile": ".profiles",
    "Skills": ".skills",
    "astream_answer": ".streaming",
    "create_avengers": ".graphs.avengers",
    "create_calibration": ".graphs.calibration",
    "create_debate": ".graphs.debate",
    "create_moa": ".graphs.moa",
    "create_ranker": ".graphs.ranker",
    "create_smoa": ".graphs.smoa",
    "create_symbolic_moe": ".graphs.symbolic_moe",
    "stream_answer": ".streaming",
}

__all__ = [
    "Budget",
    "EnsembleChatModel",
    "InputError",
    "Member",
    "NoUsableDraftError",
    "Pool",
    "Profile",
    "Skills",
    "astream_answer",
    "create_avengers",
    "create_calibration",
    "create_debate",
    "create_moa",
    "create_ranker",
    "create_smoa",
    "create_symbolic_moe",
    "stream_answer",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        # pyproject.toml is the only place that states the version.
        return import_module("importlib.metadata").version("langgraph-ensemble")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name], __name__), name)


def __dir__() -> list[str]:
    return __all__
