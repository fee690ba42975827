"""Our page and endpoint as a FastAPI application, to which Aegra adds LangGraph's routes."""

from __future__ import annotations

from fastapi import FastAPI  # pyright: ignore[reportMissingImports] - the extra `scale`

from ..app import create_app

_OURS = create_app()

app = FastAPI(
    title="langgraph-ensemble",
    routes=list(_OURS.routes),
    lifespan=lambda _: _OURS.router.lifespan_context(_OURS),
    middleware=_OURS.user_middleware,
    exception_handlers=dict(_OURS.exception_handlers),
)
