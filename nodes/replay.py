"""Stream a complete text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ToolCall,
    ToolCallChunk,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from ..models.request import ANSWER


class Replay(BaseChatModel):
    """Streams a complete text, or tool calls.

    The winner of a vote is known only when all samples are complete. Its text then goes to the
    message stream in chunks like any other answer, so that clients need no second way to read it.
    """

    text: str
    calls: list[ToolCall] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "replay"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(
            generations=[ChatGeneration(message=AIMessage(self.text, tool_calls=self.calls))]
        )

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for piece in re.findall(r"\s*\S+\s*$|\s*\S+", self.text):
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=piece))
            if run_manager:
                run_manager.on_llm_new_token(piece, chunk=chunk)
            yield chunk
        if self.calls:
            pieces = [_piece(place, call) for place, call in enumerate(self.calls)]
            chunk = ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=pieces))
            if run_manager:
                run_manager.on_llm_new_token("", chunk=chunk)
            yield chunk


def _piece(place: int, call: ToolCall) -> ToolCallChunk:
    arguments = json.dumps(call["args"])
    return ToolCallChunk(name=call["name"], args=arguments, id=call["id"], index=place)


async def replayed(
    text: str, messages: Sequence[BaseMessage], calls: Sequence[ToolCall] = ()
) -> AIMessage:
    """Stream `text` and tool calls now, as the visible answer to a conversation."""
    return await Replay(text=text, calls=list(calls)).ainvoke(
        list(messages[-1:]), {"tags": [ANSWER]}
    )
