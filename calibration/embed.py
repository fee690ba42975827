"""Embed the calibration questions; the ledger keeps the vectors of paid services."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import numpy as np

from ..errors import InputError
from ..nodes.base import Run, Step
from ..nodes.embed import cannot_embed, hush_embedder
from ..routing.embedders import Embedder, make
from .context import CalibrationContext
from .kept_vectors import CHUNK, keep, recall
from .ledger import Ledger, pages
from .resources import Resources


def make_embed(resources: Resources) -> Step:
    """The node that embeds; the resources keep the vectors, not the state."""

    async def embed(state: Any, run: Run[CalibrationContext]) -> dict[str, Any]:
        knobs = run.knobs
        async with resources.ledger(state) as ledger:
            await embedded(resources, ledger, knobs.seed, state["questions"])
        resources.tell(run, state, "embed", state["questions"], state["questions"])
        return {}

    return embed


async def embedded(
    resources: Resources, ledger: Ledger, seed: int, total: int
) -> tuple[Embedder, np.ndarray]:
    """The fitted embedder and the questions' vectors [n, d], recomputed after a crash.

    Raises:
        InputError: The embedder does not answer, or its answer is invalid.
    """
    if "vectors" not in resources.memo:
        queries = await asyncio.to_thread(lambda: [q.query for q in pages(ledger, total)])
        fitted = await asyncio.to_thread(make, resources.embedder, queries, seed=seed)
        hush_embedder(fitted)
        parts = []
        for start in range(0, len(queries), CHUNK):
            texts = queries[start : start + CHUNK]
            await asyncio.to_thread(recall, ledger, fitted, texts)
            try:
                parts.append(await fitted.aembed(texts))
            except InputError:
                raise
            except Exception as error:
                raise cannot_embed(error, fitted, "the embedder") from None
            await asyncio.to_thread(keep, ledger, fitted, texts)
        resources.memo |= {"embedder": fitted, "vectors": np.concatenate(parts)}
    return resources.memo["embedder"], cast("np.ndarray", resources.memo["vectors"])
