"""Embed the person's question."""

from __future__ import annotations

from typing import Any

from ..errors import InputError
from ..profiles import Profile
from ..redact import redact
from .base import Run, Step
from .prompting import question


def make_embed(profile: Profile) -> Step:
    """The node that turns the last question into a vector, with the profile's own embedder."""

    async def embed(state: Any, run: Run[Any]) -> dict[str, Any]:
        try:
            vectors = await profile.aembed([question(state["messages"])])
        except InputError:
            raise
        except Exception as error:
            reason = redact(str(error).splitlines()[0] if str(error) else type(error).__name__)
            raise InputError(f"the profile's embedder does not answer: {reason}") from None
        return {"vector": [float(value) for value in vectors[0]]}

    return embed
