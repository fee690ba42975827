"""The team of the bundled specialists and one real open model.

A question in a specialist's subject goes to the specialist; what the team is not sure of goes to
the real model, which knows a little of everything.
"""

from __future__ import annotations

from ..member import Member
from ..pool import Pool
from .calibration import MEMBERS

REAL = "SmolLM2-135M"
"""The real model, by its name in the catalogue of `llamacpp` models."""

# Measured on 92 open questions: 55 right with this role, 48 without; of 0 and 0.7 the first.
_ROLE = "You are a helpful assistant. Give a short and correct answer."


def real_member(model: str = REAL) -> Member:
    """The real model as it takes part in the team: short answers, the likeliest words.

    Args:
        model: A name of the catalogue, or a .gguf file.

    Example:
        >>> real_member().provider
        'llamacpp'
    """
    return Member(
        name=REAL,
        provider="llamacpp",
        model=model,
        role=_ROLE,
        temperature=0.0,
        max_tokens=200,
    )


def team_pool() -> Pool:
    """The specialists, and the real model that is asked where they are not sure.

    Example:
        >>> team_pool().escalate_to
        'SmolLM2-135M'
    """
    bundled = Pool.pocket()
    return Pool(
        [*bundled.subset(MEMBERS), real_member()],
        confidence=bundled.confidence,
        decline=bundled.decline,
        escalate_to=REAL,
    )
