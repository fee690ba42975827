"""How a chat model runs its graph inside another graph: as a run of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableConfig

from .decoding import Told
from .models.budget import apart


def fresh(run_manager: Any) -> RunnableConfig:
    """A configuration that keeps tracers but drops what streams.

    The tokens of the graph would otherwise reach a surrounding graph twice: once from inside, once
    through this model.
    """
    from langchain_core.tracers.base import BaseTracer

    if run_manager is None:
        return {"callbacks": []}
    handlers = run_manager.inheritable_handlers
    tracers: list[BaseCallbackHandler] = [h for h in handlers if isinstance(h, BaseTracer)]
    return {"callbacks": tracers}


async def run_apart(work: Any) -> Any:
    """Await `work()` outside the surrounding graph's context, so that it is a run of its own."""
    return await asyncio.create_task(work(), context=apart())


async def each_apart(run: AsyncGenerator[Told]) -> AsyncIterator[Told]:
    """What a run tells, each step outside the surrounding graph's context; ends with its reader."""
    context = apart()
    async with aclosing(run):
        while True:
            try:
                yield await asyncio.create_task(anext(run), context=context)
            except StopAsyncIteration:
                return
