"""How a chat model runs its graph inside another graph, as a run of its own, and what it tells."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import aclosing
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolCall, ToolCallChunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import RunnableConfig

from .calls_told import CallsTold
from .decoding import RESTART, Told
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


class Chunks:
    """The items of a run as chunks of one message.

    Args:
        messages: The conversation.
    """

    def __init__(self, messages: Iterable[BaseMessage]) -> None:
        self._calls = CallsTold(messages)

    def of(self, told: Told) -> Iterator[ChatGenerationChunk]:
        """The chunks of one item."""
        self._calls.check(told)
        if told.kind == "token":
            yield _chunk(told.data)
        elif told.kind == "restart":
            yield _chunk(RESTART)
        elif told.kind == "call":
            yield _chunk("", tool_call_chunks=[self._calls.piece(told.data)])
        elif told.kind == "end":
            yield self._last(told.data["message"], told.data["result"])

    def _last(self, final: AIMessage, result: Mapping[str, Any]) -> ChatGenerationChunk:
        # What was not streamed comes in one piece.
        calls = [] if self._calls.begun else enumerate(final.tool_calls)
        metadata = {**final.response_metadata, **result_told(result)}
        return _chunk(
            "",
            usage_metadata=final.usage_metadata,
            response_metadata={**metadata, "model_name": final.name or ""},
            tool_call_chunks=[_call_chunk(i, call) for i, call in calls],
            chunk_position="last",
        )


def _call_chunk(index: int, call: ToolCall) -> ToolCallChunk:
    arguments = json.dumps(call["args"])
    return ToolCallChunk(name=call["name"], args=arguments, id=call["id"], index=index)


def _chunk(text: str, **more: Any) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=text, **more))


def result_told(result: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a run as metadata, with the most used fields on the first level."""
    return {
        "result": result,
        "unsure": result.get("unsure", False),
        "confidence": result.get("confidence"),
    }
