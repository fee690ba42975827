"""Any LangChain `Embeddings` object as an embedder, cached by content and recognised later."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .cache import CANARY, VectorCache
from .storage import digest

Array = np.ndarray


def unit(vectors: Array) -> Array:
    """Scale rows to length one, float32; rows of zeros stay zero.

    Example:
        >>> unit(np.array([[3.0, 4.0]])).tolist()
        [[0.6000000238418579, 0.800000011920929]]
    """
    vectors = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)


class ServiceEmbedder:
    """A LangChain `Embeddings` object as an embedder, cached by content and checked.

    Args:
        model: The LangChain object.
        name: Its identity as plain JSON, such as `{"kind": "openai", "model": "bge-m3"}`.
        canary: The saved vector of the known text, if the profile holds one.
    """

    def __init__(self, model: Any, name: dict[str, Any], canary: Array | None = None) -> None:
        self.model = model
        self.name = name
        self.kind: str = str(name["kind"])
        self.cache: VectorCache = VectorCache(
            f"{self.kind} '{name.get('model', '')}'", canary=canary
        )

    @property
    def dim(self) -> int:
        """Size of a vector; 0 before the first call."""
        return 0 if self.cache.canary is None else len(self.cache.canary)

    def embed(self, texts: Sequence[str]) -> Array:
        """Embed texts as unit vectors, with one call for all texts that are not cached."""
        return unit(self.cache.embed(texts, self.model.embed_documents))

    async def aembed(self, texts: Sequence[str]) -> Array:
        """Embed like `embed`, without blocking the event loop."""
        return unit(await self.cache.aembed(texts, self.model.aembed_documents))

    def check(self) -> None:
        """Request one vector, so that another model than the saved one is refused early."""
        self.cache.embed([CANARY, CANARY + " Twice."], self.model.embed_documents)

    def spec(self) -> dict[str, Any]:
        """The service, its model and vector size, with a checksum of the identity."""
        named = {**self.name, "dim": self.dim}
        return {**named, "checksum": digest({k: v for k, v in named.items() if k != "url"})}

    def state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """The vector of the known text, by which the model is recognised."""
        canary = self.cache.canary
        return {}, {} if canary is None else {"canary": canary}
