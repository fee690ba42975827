"""Vectors kept in the ledger, so that an embedding service is never paid twice for a text."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..routing.cache import CANARY, key
from ..routing.embedders import Embedder, JoinedEmbedder, ServiceEmbedder
from ..routing.storage import digest
from .ledger import Ledger

Array = np.ndarray

#: Number of texts embedded between two writes to the ledger.
CHUNK = 512


def services(embedder: Embedder) -> list[ServiceEmbedder]:
    """The parts of an embedder that call a service."""
    if isinstance(embedder, JoinedEmbedder):
        return [service for part in embedder.parts for service in services(part)]
    return [embedder] if isinstance(embedder, ServiceEmbedder) else []


def recall(ledger: Ledger, embedder: Embedder, texts: Sequence[str]) -> None:
    """Give the embedder the vectors of `texts` that the ledger has."""
    for service in services(embedder):
        keys = _keys(service.name, texts)
        vectors = ledger.vectors(keys.values())
        service.cache.recall({t: vectors[k] for t, k in keys.items() if k in vectors})


def keep(ledger: Ledger, embedder: Embedder, texts: Sequence[str]) -> None:
    """Write the vectors of `texts` that the embedder has."""
    for service in services(embedder):
        known, keys = service.cache.known(texts), _keys(service.name, texts)
        ledger.keep_vectors({keys[text]: vector for text, vector in known.items()})


def embed(ledger: Ledger, embedder: Embedder, texts: Sequence[str]) -> Array:
    """Embed with a ledger as cache, float32 [n, d]; a kill loses at most one chunk."""
    parts = []
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        recall(ledger, embedder, chunk)
        parts.append(embedder.embed(chunk))
        keep(ledger, embedder, chunk)
    return np.concatenate(parts) if parts else np.zeros((0, embedder.dim), dtype=np.float32)


def _keys(name: Mapping[str, Any], texts: Sequence[str]) -> dict[str, bytes]:
    """The keys of vectors: hashes of the embedder's identity, without its address, and the text."""
    named = digest({k: v for k, v in name.items() if k not in ("url", "key_env", "device")})
    return {text: key(f"{named}\n{text}") for text in [CANARY, *texts]}
