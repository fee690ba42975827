"""Stream a text that is already there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from ..models.request import ANSWER


class Replay(BaseChatModel):
    """Streams a text that is already there.

    The winner of a vote is known only when all samples are in. Its text then goes to the message
    stream in pieces like any other answer, at once, so that no client needs a second way to read.
    """

    text: str

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
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.text))])

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


async def replayed(text: str, messages: Sequence[BaseMessage]) -> AIMessage:
    """`text` as the visible answer to a conversation, streamed now."""
    return await Replay(text=text).ainvoke(list(messages[-1:]), {"tags": [ANSWER]})
