"""Our page and endpoint as a FastAPI application, to which Aegra adds LangGraph's routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI  # pyright: ignore[reportMissingImports] - the extra `scale`

from .. import defaults, graphs
from ..app import create_app
from .engine import aegra_json

_OURS = create_app()

# `first` opens it: Aegra would do so after it has begun to take runs.
app = FastAPI(
    title="langgraph-ensemble",
    routes=list(_OURS.routes),
    middleware=_OURS.user_middleware,
    exception_handlers=dict(_OURS.exception_handlers),
)


def first(aegra: Any) -> Any:
    """The application with all of ours opened before Aegra takes runs, and closed after its last.

    A worker that builds its graphs answers nothing for seconds; a run that it takes meanwhile,
    perhaps of a worker that was killed, would wait for it.

    Args:
        aegra: Aegra's application, which `app` is a part of.
    """
    takes_runs = aegra.router.lifespan_context

    @asynccontextmanager
    async def opened(whole: Any) -> AsyncIterator[None]:
        async with _OURS.router.lifespan_context(_OURS):
            await asyncio.to_thread(_build)
            async with takes_runs(whole):
                yield

    aegra.router.lifespan_context = opened
    return aegra


def _build() -> None:
    for name in aegra_json(mapped=defaults.has_map())["graphs"]:
        graphs.graph(name)
