"""Our HTTP application: the chat page, the OpenAI-compatible endpoint, health.

It runs the graphs in process, with a database of its own, so that they answer without delay. It is
a plain ASGI application (`uvicorn langgraph_ensemble.studio.app:app`); `ensemble serve` mounts it
into the LangGraph server, beside the LangGraph API for Studio and the SDK.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response

from ..models.clients import clients_of
from ..pool import Pool
from ..profiles import Profile
from . import defaults
from .access.guard import Guard
from .catalogue import Catalogue
from .config import EXPOSED
from .data.databases import opened
from .endpoint import openapi
from .endpoint.completions import Completions
from .endpoint.mcp import Mcp
from .endpoint.responses_life import forgetting
from .operations import Operations
from .page import files as page
from .page.api import PageApi, Rooms
from .page.store import Store
from .page.turns import Turns
from .settings import Settings
from .ui import component


def create_app(
    pool: Pool | None = None,
    profile: Profile | None = None,
    data: str | Path | None = None,
    hosts: Sequence[str] | None = None,
    origins: Sequence[str] | None = None,
    settings: Settings | None = None,
) -> Starlette:
    """Make the application.

    Args:
        pool: The models; by default those of `ENSEMBLE_POOL`, or the bundled ones.
        profile: The task map; by default that of `ENSEMBLE_PROFILE`, or the bundled models' map.
            Without a map the Avengers ask the whole pool.
        data: Where conversations are kept: a SQLite file, or `postgresql://…` for many servers; by
            default `ENSEMBLE_DATA`, or a file in the user's data folder.
        hosts: Names under which the server answers (`*.example.com` for all subdomains); by default
            those of `ENSEMBLE_HOSTS`, separated by spaces, or any. A server that only this machine
            reaches should check its names, because other sites can point a name to this machine.
        origins: Origins whose pages may call the server besides its own, such as
            `http://localhost:3000`; by default those of `ENSEMBLE_ORIGINS`, separated by spaces, or
            Studio's.
        settings: Limits, keys, prefix, log; by default those of the environment.

    Returns:
        A Starlette application, which opens its files when it starts.

    Example:
        >>> app = create_app(Pool(["ollama:qwen2.5:7b"]))
        >>> [route.path for route in app.routes][:2]
        ['/health', '/live']
    """
    open_rooms: list[Rooms] = []
    with defaults.told():
        operations = Operations(settings or Settings.read())

    def rooms() -> Rooms:
        return open_rooms[0]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        chosen, task_map = await asyncio.to_thread(_resources, pool, profile)
        path = defaults.data_file(data)
        database = defaults.database(data)
        async with (
            opened(database) as saver,
            _opened(operations, chosen, path, database),
        ):
            catalogue = Catalogue(chosen, task_map, saver)
            # Built in a thread at the start, so that the first question need not wait.
            with defaults.told():
                await asyncio.to_thread(_build, catalogue)
            _reach(chosen)
            days = operations.settings.response_days
            async with Store.open(saver) as store, forgetting(saver, days):
                turns = Turns(catalogue, store)
                _calm_collector()
                longest = operations.settings.max_conversation
                open_rooms[:] = [Rooms(catalogue, store, turns, longest)]
                try:
                    yield
                finally:
                    await turns.close()
                    open_rooms.clear()

    async def health(request: Request) -> Response:
        return await operations.health(request, rooms().catalogue.names)

    known = Middleware(
        TrustedHostMiddleware, allowed_hosts=defaults.hosts(hosts), www_redirect=False
    )
    named = defaults.origins(origins)
    guarded = Middleware(Guard, origins=named)
    # LangGraph has such a layer too, further inside: refusals must be readable as well.
    shared = Middleware(
        CORSMiddleware,
        allow_origins=named,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=EXPOSED,
    )
    layers = [*operations.outer(), known, guarded, shared, *operations.inner()]
    app = Starlette(lifespan=lifespan, middleware=layers)
    app.add_route("/health", health)
    app.routes.extend(operations.routes())
    kept = {
        "response_days": operations.settings.response_days,
        "longest": operations.settings.max_conversation,
    }
    app.routes.extend(Completions(lambda: rooms().catalogue, **kept).routes())
    app.routes.extend(Mcp(lambda: rooms().catalogue).routes())
    app.routes.extend(PageApi(rooms).routes())
    app.routes.extend(component.routes())
    app.routes.append(openapi.describe(app.routes))
    app.routes.extend(page.routes())
    return app


@asynccontextmanager
async def _opened(
    operations: Operations, pool: Pool, path: Path, database: str
) -> AsyncIterator[None]:
    """Open the operations' files in a thread, and close them there."""
    opened = operations.open(pool, path, database)
    with defaults.told():
        await asyncio.to_thread(opened.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(opened.__exit__, None, None, None)


def _resources(pool: Pool | None, profile: Profile | None) -> tuple[Pool, Profile | None]:
    if pool is None and profile is None:
        return defaults.resources()
    own = pool is not None
    return pool or defaults.load_pool(), profile or defaults.load_profile(own_pool=own)


def _calm_collector() -> None:
    """Run the garbage collector less often.

    Every run makes thousands of small objects that reference counting frees by itself; at Python's
    default settings the cycle collector took 40% of the server's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _reach(pool: Pool) -> None:
    """Build the members' models for this event loop; drafts will report what fails."""
    for member in pool:
        with suppress(Exception):
            clients_of(member).model(member)


def _build(catalogue: Catalogue) -> None:
    if any(member.speaks_openai for member in catalogue.pool):
        import_module("langchain_openai")
    for name in catalogue.names:
        catalogue.graph(name)
        catalogue.graph(name, remembers=True)


app = create_app()
