"""The bundled models as LangChain chat models."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from langchain_core.callbacks import (
    AsyncCallbackManagerForLLMRun,
    CallbackManagerForLLMRun,
)
from langchain_core.language_models import BaseChatModel, LangSmithParams
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, Field

from ..errors import InputError
from .call import REFEREES, Call, open_call
from .knobs import Knobs
from .referee import Hearing
from .session import available


class ChatPocket(BaseChatModel):
    """A tiny bundled model, run by ONNX Runtime on the CPU.

    Questions are independent: only the last user message is read, and system messages are ignored.
    If the message has a `<question>` block, a specialist or the generalist reads only that block,
    not the drafts beside it. The `aggregator` and the `judge` read both (see
    `langgraph_ensemble.pocket.format`); they share one set of weights, the referee.

    The referee reads each draft by itself and estimates the probability that it is right; the
    probabilities of drafts with the same answer add up. The aggregator replies `Answer: …` with the
    answer that has the largest sum. The judge replies `{"reason": …, "chosen": […], "stop": …}`:
    the numbers of all drafts, best first, and whether the best one is almost certainly right.

    Usage: every message counts the prompt's tokens once in `input_tokens` and its own tokens,
    including the end mark, in `output_tokens`. The prompt is read once for all `n` samples, so
    `llm_output["token_usage"]` counts it once, with the output of all samples.

    Attributes:
        model: One of `ChatPocket.available()`.
        temperature: 0 takes the likeliest token; above 0 samples at that temperature.
        seed: Makes sampling repeatable; each sample of a call has a seed derived from it.
        n: Samples of a call, run as one batch.
        max_tokens: Token limit of a reply.
        stop: Texts at which a reply ends; they are not part of it.

    All settings except `model` can also be given with a call or bound, as with other chat models.

    Raises:
        InputError: The model is unknown, a setting is out of its range, there is no user message,
            or the prompt leaves no room for a reply.

    Example:
        >>> ChatPocket(model="facts").invoke("What is the capital of France?").content
        'Answer: Paris'
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(populate_by_name=True)

    model: str = "generalist"
    temperature: float = Field(default=0.0, ge=0)
    seed: int | None = None
    n: int = Field(default=1, ge=1)
    max_tokens: int = Field(default=160, ge=1)
    stop: list[str] | None = None

    def __init__(self, **settings: Any) -> None:
        """Refuse an unknown name here, because pydantic would wrap a validator's error."""
        name = settings.get("model", "generalist")
        if name not in self.available():
            names = ", ".join(self.available())
            raise InputError(f"no pocket model {name!r}; choose one of {names}")
        super().__init__(**settings)

    @staticmethod
    def available() -> tuple[str, ...]:
        """Names of the bundled models, sorted.

        Example:
            >>> "arithmetic" in ChatPocket.available()
            True
        """
        return tuple(sorted({*available(), *REFEREES} - {"referee"}))

    @property
    def _llm_type(self) -> str:
        return "pocket"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model, "temperature": self.temperature, "seed": self.seed}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params["ls_provider"], params["ls_model_name"] = "pocket", self.model
        return params

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        call = open_call(self.model, messages, Knobs.of(self, stop, kwargs))
        for _ in call.tokens():
            pass
        generations = [
            ChatGeneration(message=self._message(call, i), generation_info={"finish_reason": why})
            for i, why in enumerate(call.reasons)
        ]
        output = sum(call.output_tokens)
        usage = {
            "prompt_tokens": call.input_tokens,
            "completion_tokens": output,
            "total_tokens": call.input_tokens + output,
        }
        return ChatResult(
            generations=generations,
            llm_output={"token_usage": usage, "model_name": self.model},
        )

    def _combine_llm_outputs(self, llm_outputs: list[dict | None]) -> dict[str, Any]:
        """Add up the usage of the calls of one batch."""
        total: Counter[str] = Counter()
        for output in llm_outputs:
            total.update((output or {}).get("token_usage", {}))
        return {"token_usage": dict(total), "model_name": self.model}

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        # ONNX Runtime releases the GIL, so a thread keeps the event loop free.
        return await asyncio.to_thread(self._generate, messages, stop, None, **kwargs)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        call = open_call(self.model, messages, Knobs.of(self, stop, {**kwargs, "n": 1}))
        for chunk in self._chunks(call):
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        knobs = Knobs.of(self, stop, {**kwargs, "n": 1})
        call = await asyncio.to_thread(open_call, self.model, messages, knobs)
        chunks = self._chunks(call)
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            if run_manager:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    def _chunks(self, call: Call | Hearing) -> Iterator[ChatGenerationChunk]:
        """One chunk per token, then an empty one with the usage and the finish reason."""
        shown = 0
        for _ in call.tokens():
            text = call.safe_text()
            if len(text) > shown:
                yield ChatGenerationChunk(message=AIMessageChunk(content=text[shown:]))
                shown = len(text)
        whole = self._message(call, 0)
        last = AIMessageChunk(
            content=str(whole.content)[shown:],
            usage_metadata=whole.usage_metadata,
            response_metadata=whole.response_metadata,
            chunk_position="last",
        )
        yield ChatGenerationChunk(message=last, generation_info={"finish_reason": call.reasons[0]})

    def _message(self, call: Call | Hearing, i: int) -> AIMessage:
        read, written = call.input_tokens, call.output_tokens[i]
        return AIMessage(
            content=call.text(i),
            usage_metadata=UsageMetadata(
                input_tokens=read, output_tokens=written, total_tokens=read + written
            ),
            response_metadata={
                "model_name": self.model,
                "model_provider": "pocket",
                "finish_reason": call.reasons[i],
            },
        )
