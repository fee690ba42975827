"""Embed the user's question."""

from __future__ import annotations

from typing import Any

from ..errors import InputError
from ..models.discreet_logs import hush
from ..redact import redact, secrets_in
from ..routing.embedders import Embedder
from ..routing.router import Router
from .base import Run, Step
from .prompting import question


def make_embed(router: Router) -> Step:
    """The node that turns the last question into a vector, with the router's own embedder."""
    hush_embedder(router.embedder)

    async def embed(state: Any, run: Run[Any]) -> dict[str, Any]:
        try:
            vectors = await router.embedder.aembed([question(state["messages"])])
        except InputError:
            raise
        except Exception as error:
            raise cannot_embed(error, router.embedder, "the profile's embedder") from None
        return {"vector": [float(value) for value in vectors[0]]}

    return embed


def cannot_embed(error: Exception, embedder: Embedder, who: str) -> InputError:
    """The error for an embedder that failed, in one line without its keys."""
    lines = str(error).splitlines() or [type(error).__name__]
    shown = redact(lines[0][:4000], _secrets(embedder))[:300]
    return InputError(f"{who} does not answer: {shown}")


def hush_embedder(embedder: Embedder) -> None:
    """Keep the keys of an embedder out of what its HTTP client logs."""
    if secrets := _secrets(embedder):
        hush(embedder, secrets)


def _secrets(embedder: Embedder) -> set[str]:
    parts = (embedder, *getattr(embedder, "parts", ()))
    return {secret for part in parts for secret in secrets_in(getattr(part, "model", None))}
