"""The team of the bundled specialists and one real open model.

Questions in a specialist's subject go to the specialist; unsure answers go to the real model, which
has some general knowledge.
"""

from __future__ import annotations

from ..member import Member
from ..pool import Pool
from .calibration import MEMBERS

REAL = "SmolLM2-135M"
"""The real model, by its name in the catalogue of `llamacpp` models."""

# On 92 open questions, 55 were right with this role and 48 without; temperature 0 beat 0.7.
_ROLE = "You are a helpful assistant. Give a short and correct answer."


def real_member(model: str = REAL) -> Member:
    """The real model as a member of the team, with short answers at temperature 0.

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
    """The specialists, and the real model that is asked if they are not sure.

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
