"""Runs for the endpoints of the OpenAI protocol: begun from a request, followed, ended with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, NamedTuple

from langchain_core.messages import BaseMessage
from pydantic import BaseModel
from starlette.requests import Request

from ...decoding import Told
from ...nodes.knob import check_knobs
from ...pool import Pool
from ...seeds import derive
from ...streaming import afollow
from ..catalogue import Catalogue
from .request import ChatRequest


class Begun(NamedTuple):
    """The runs of one request.

    Attributes:
        runs: One for each choice, not yet started.
        messages: The conversation.
        pool: The pool that they ask.
    """

    runs: list[AsyncIterator[Told]]
    messages: list[BaseMessage]
    pool: Pool

    @property
    def secrets(self) -> frozenset[str]:
        """What no error may tell; looked for when there is one."""
        return self.pool.secrets


def begin(catalogue: Catalogue, asked: ChatRequest) -> Begun:
    """The runs of a request.

    Raises:
        InputError: The request cannot be served.
    """
    name = catalogue.find(asked.model).name
    knobs = _knobs(catalogue.knobs(name), asked)
    messages = asked.conversation()
    graph = catalogue.graph(name)
    schema: Any = graph.context_schema
    seed = knobs.get("seed", schema().seed)
    runs: list[AsyncIterator[Told]] = [
        afollow(
            graph,
            {"messages": messages},
            context={**knobs, "seed": seed if i == 0 else derive(seed, "choice", i)},
            events=asked.events,
            stop=asked.stop,
            calls=asked.stream,
        )
        for i in range(asked.n)
    ]
    return Begun(runs, messages, catalogue.pool)


def _knobs(schema: type[BaseModel], asked: ChatRequest) -> dict[str, Any]:
    given = asked.knobs()
    if "answer_schema" not in schema.model_fields and "answer_schema" not in asked.ensemble:
        # The schema of a vote; graphs whose answer is written have no such knob.
        given.pop("answer_schema", None)
    return check_knobs(schema, given)


async def ends_of(runs: Sequence[AsyncIterator[Told]]) -> list[Told]:
    """The ends of several runs, which work at the same time."""

    async def one(run: AsyncIterator[Told]) -> Told:
        ends = [told async for told in run if told.kind == "end"]
        return ends[0]

    return await asyncio.gather(*(one(run) for run in runs))


async def together(runs: Sequence[AsyncIterator[Told]]) -> AsyncIterator[tuple[int, Told]]:
    """The items of several runs in the order of arrival; when the reader leaves, all runs end.

    Each run is a task of its own, which is cancelled once and then ends its calls in order. The
    server's own cancellation of a response repeats at every await, which LangGraph does not handle.
    """
    queue: asyncio.Queue[tuple[int, Told | Exception | None]] = asyncio.Queue()

    async def pump(index: int, run: AsyncIterator[Told]) -> None:
        try:
            async for told in run:
                queue.put_nowait((index, told))
            queue.put_nowait((index, None))
        except Exception as error:
            queue.put_nowait((index, error))

    tasks = [asyncio.create_task(pump(i, run)) for i, run in enumerate(runs)]
    try:
        left = len(tasks)
        while left:
            index, told = await queue.get()
            if isinstance(told, Exception):
                raise told
            if told is None:
                left -= 1
            else:
                yield index, told
    finally:
        for task in tasks:
            task.cancel()


async def unless_gone(request: Request, work: Coroutine[Any, Any, Any]) -> Any:
    """The result of `work`, which is cancelled if the client disconnects, to save calls."""
    running = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait({running, gone}, return_when=asyncio.FIRST_COMPLETED)
        return running.result() if running.done() else {}
    finally:
        running.cancel()
        gone.cancel()
