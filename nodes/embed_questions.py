"""Embed the calibration questions; what a service was paid for is kept in the ledger."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import numpy as np
from langgraph.runtime import Runtime

from ..errors import InputError
from ..redact import redact
from ..routing.cache import CANARY, key
from ..routing.embedders import Embedder, JoinedEmbedder, ServiceEmbedder, make
from ..routing.ledger import Ledger, pages
from ..routing.storage import digest
from .bridge import Node
from .context import CalibrationContext, resolve
from .desk import Desk

#: Questions embedded between two events of progress.
CHUNK = 512


def make_embed_questions(desk: Desk, schema: type[CalibrationContext]) -> Node:
    """The node that embeds; the vectors stay on the desk, the state holds none."""

    async def embed(state: Any, runtime: Runtime[Any]) -> dict[str, Any]:
        knobs = resolve(schema, runtime.context)
        async with desk.ledger() as ledger:
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
        services = _services(fitted)
        parts = []
        for start in range(0, len(queries), CHUNK):
            texts = queries[start : start + CHUNK]
            await asyncio.to_thread(_recall, ledger, services, texts)
            try:
                parts.append(await fitted.aembed(texts))
            except InputError:
                raise
            except Exception as error:
                reason = redact(str(error).splitlines()[0] if str(error) else type(error).__name__)
                raise InputError(f"the embedder does not answer: {reason}") from None
            await asyncio.to_thread(_keep, ledger, services, texts)
        desk.memo |= {"embedder": fitted, "vectors": np.concatenate(parts)}
    return desk.memo["embedder"], cast("np.ndarray", desk.memo["vectors"])


def _services(embedder: Embedder) -> list[ServiceEmbedder]:
    """The parts of an embedder that cost a call."""
    if isinstance(embedder, JoinedEmbedder):
        return [service for part in embedder.parts for service in _services(part)]
    return [embedder] if isinstance(embedder, ServiceEmbedder) else []


def _keys(service: ServiceEmbedder, texts: list[str]) -> dict[str, bytes]:
    """Names vectors by the embedder's identity and the text."""
    name = digest({k: v for k, v in service.name.items() if k not in ("url", "key_env")})
    return {text: key(f"{name}\n{text}") for text in [CANARY, *texts]}


def _recall(ledger: Ledger, services: list[ServiceEmbedder], texts: list[str]) -> None:
    for service in services:
        keys = _keys(service, texts)
        found = ledger.vectors(keys.values())
        service.cache.recall({t: found[k] for t, k in keys.items() if k in found})


def _keep(ledger: Ledger, services: list[ServiceEmbedder], texts: list[str]) -> None:
    for service in services:
        known, keys = service.cache.known(texts), _keys(service, texts)
        ledger.keep_vectors({keys[text]: vector for text, vector in known.items()})
