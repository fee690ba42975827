"""Make the parts of a `Profile` from recorded scores, or from published artefacts."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from .avengers import read_artefacts
from .describe import describe
from .embedders import make
from .familiarity import Usual
from .fitting import build_views, default_shape, levels
from .levels import Levels
from .projection import layout
from .table import Table

Array = np.ndarray


def from_table(
    data: Table, embedder: Any, vectors: Array | None, seed: int, **options: Any
) -> dict[str, Any]:
    """Embed, cluster, score and describe.

    Args:
        data: The recorded scores.
        embedder: As for `embedders.make`.
        vectors: The embedded queries, if they are known.
        seed: Seed of all random choices.
        options: As for `fitting.build_views`.
    """
    fitted = make(embedder, data.queries, seed=seed)
    if vectors is None:
        vectors = fitted.embed(data.queries)
    if len(vectors) != len(data.queries):
        raise InputError(f"{len(vectors)} vectors for {len(data.queries)} records")
    views, flat, chosen = build_views(data, vectors, seed=seed, **options)
    labels = views[0].assign(vectors)
    everyone = np.ones(len(vectors), dtype=bool)
    counts = {
        "queries": len(data.queries),
        "scores": int((~np.isnan(data.scores)).sum()),
        "fingerprint": data.fingerprint,
    }
    return {
        "members": data.members,
        "embedder": fitted,
        "views": views,
        "flat": flat,
        "levels": Levels.of(data.queries, levels(data.scores, views[0].family[labels])),
        "cards": describe(data.queries, vectors, views[0].centroids, labels),
        "points": layout(views[0].centroids),
        "usual": Usual.of(views[0], np.asarray(vectors), fitted, data.queries, everyone),
        "info": {"seed": seed, "method": options["method"], "data": counts, **chosen},
    }


def from_artefacts(folder: str | Path, embedder: Any) -> dict[str, Any]:
    """Read the artefacts that the Avengers publish."""
    if embedder == "lexical":
        raise InputError("name the embedder the artefacts were made with, not 'lexical'")
    members, view = read_artefacts(folder)
    k = len(view.centroids)
    counts = {
        "queries": int(view.record.size.sum()),
        "scores": int(view.record.count.sum()),
        "fingerprint": None,
    }
    return {
        "members": members,
        "embedder": make(embedder),
        "views": [view],
        "flat": view,
        "levels": Levels.of([], np.zeros(0)),
        "cards": [{"words": [], "examples": []} for _ in range(k)],
        "points": layout(view.centroids),
        "info": {
            "seed": None,
            "method": "avengers",
            "data": counts,
            "shape": asdict(default_shape(k)),
            "cross_validated": [],
        },
    }
