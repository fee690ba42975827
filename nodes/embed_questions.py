"""Embed the calibration questions; what a service was paid for is kept in the ledger."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import numpy as np
from langgraph.runtime import Runtime

from ..errors import InputError
from ..redact import redact
from ..routing.embedders import Embedder, make
from ..routing.kept_vectors import CHUNK, keep, recall
from ..routing.ledger import Ledger, pages
from .bridge import Node
from .context import CalibrationContext, resolve
from .desk import Desk


def make_embed_questions(desk: Desk, schema: type[CalibrationContext]) -> Node:
    """The node that embeds; the vectors stay on the desk, the state holds none."""

    async def embed(state: Any, runtime: Runtime[Any]) -> dict[str, Any]:
        knobs = resolve(schema, runtime.context)
        async with desk.ledger(state) as ledger:
            await embedded(desk, ledger, knobs.seed, state["questions"])
        desk.tell(runtime, state, "embed", state["questions"], state["questions"])
        return {}

    return embed


async def embedded(
    desk: Desk, ledger: Ledger, seed: int, total: int
) -> tuple[Embedder, np.ndarray]:
    """The fitted embedder and the questions' vectors [n, d], made again after a crash.

    Raises:
        InputError: The embedder does not answer, or answers nonsense.
    """
    if "vectors" not in desk.memo:
        queries = await asyncio.to_thread(lambda: [q.query for q in pages(ledger, total)])
        fitted = await asyncio.to_thread(make, desk.embedder, queries, seed=seed)
        parts = []
        for start in range(0, len(queries), CHUNK):
            texts = queries[start : start + CHUNK]
            await asyncio.to_thread(recall, ledger, fitted, texts)
            try:
                parts.append(await fitted.aembed(texts))
            except InputError:
                raise
            except Exception as error:
                reason = redact(str(error).splitlines()[0] if str(error) else type(error).__name__)
                raise InputError(f"the embedder does not answer: {reason}") from None
            await asyncio.to_thread(keep, ledger, fitted, texts)
        desk.memo |= {"embedder": fitted, "vectors": np.concatenate(parts)}
    return desk.memo["embedder"], cast("np.ndarray", desk.memo["vectors"])
