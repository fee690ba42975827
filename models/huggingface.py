"""Hugging Face models, hosted or on this machine, through langchain-huggingface.

`params: {endpoint: true}` uses a hosted model; otherwise the weights are loaded with transformers,
which needs the `local` extra.
"""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field, PrivateAttr

from ..errors import InputError
from .threads import Threads

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from ..member import Member


def build(member: Member) -> Runnable[Any, Any]:
    """A chat model for a Hugging Face member.

    Raises:
        InputError: The `local` extra is missing, or the key's environment variable is not set.
    """
    params = dict(member.params)
    if params.pop("endpoint", False):
        return _endpoint(member, params)
    return ChatLocal(model=str(member.model), params=params)


def _endpoint(member: Member, params: dict[str, Any]) -> Runnable[Any, Any]:
    from langchain_huggingface import ChatHuggingFace, HuggingFaceEndpoint

    token = os.environ.get(member.api_key_env or "HF_TOKEN")
    where = {"endpoint_url": member.base_url} if member.base_url else {"repo_id": member.model}
    endpoint = HuggingFaceEndpoint(
        **where,  # pyright: ignore[reportArgumentType]
        task="text-generation",
        huggingfacehub_api_token=token,
        timeout=int(member.timeout),
        **params,
    )
    return ChatHuggingFace(llm=endpoint)


# One lock for all models of the process: transformers patches itself to load weights, so concurrent
# loads leave models with random weights, and torch's sampling seed is global.
_ONE_AT_A_TIME = threading.Lock()
_threads = Threads()


class ChatLocal(BaseChatModel):
    """Local weights in a langchain-huggingface pipeline.

    For a local pipeline, langchain-huggingface's own chat class ignores temperature and `n` per
    call and has no usage and no asynchronous calls. Here n samples are one batch, tokens are
    counted with the model's tokenizer, and asynchronous calls run in a thread, one at a time
    because sampling seeds are global to the process.
    """

    model: str
    temperature: float | None = None
    max_tokens: int = 256
    seed: int | None = None
    n: int = 1
    params: dict[str, Any] = Field(default_factory=dict)

    _pipeline: Any = PrivateAttr(default=None)

    @property
    def _llm_type(self) -> str:
        return "huggingface-local"

    def _loaded(self) -> Any:
        """The pipeline, loaded at first use."""
        if self._pipeline is None:
            try:
                import torch  # pyright: ignore[reportMissingImports]
                from langchain_huggingface import HuggingFacePipeline
            except ImportError as error:
                raise InputError(
                    f"the local model {self.model!r} needs the local extra: "
                    f"pip install 'langgraph-ensemble[local]' ({error.name} is missing)"
                ) from None
            options = dict(self.params)
            model_kwargs = {"dtype": torch.float32, **options.pop("model_kwargs", {})}
            self._pipeline = HuggingFacePipeline.from_model_id(
                model_id=self.model,
                task="text-generation",
                model_kwargs=model_kwargs,
                pipeline_kwargs={"return_full_text": False},
                **options,
            )
        return self._pipeline

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        with _ONE_AT_A_TIME:
            return self._sampled(messages, stop, {**self._defaults(), **kwargs})

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return await _threads.run(lambda: self._generate(messages, stop, None, **kwargs))

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        result = await self._agenerate(messages, stop, **kwargs)
        message = result.generations[0].message
        chunk = ChatGenerationChunk(
            message=AIMessageChunk(
                content=message.content,
                usage_metadata=getattr(message, "usage_metadata", None),
            )
        )
        if run_manager:
            await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
        yield chunk

    def _defaults(self) -> dict[str, Any]:
        return {
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "seed": self.seed,
            "n": self.n,
        }

    def _sampled(
        self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> ChatResult:
        pipeline = self._loaded()
        import torch  # pyright: ignore[reportMissingImports]

        tokenizer = pipeline.pipeline.tokenizer
        turns = [{"role": _role(m), "content": str(m.text)} for m in messages]
        prompt = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        n, temperature = int(options["n"] or 1), options["temperature"]
        if options["seed"] is not None:
            torch.manual_seed(options["seed"])
        arguments: dict[str, Any] = {"max_new_tokens": options["max_tokens"]}
        if temperature:
            arguments |= {"do_sample": True, "temperature": float(temperature)}
        else:
            arguments["do_sample"] = False
        pipeline.batch_size = n
        result = pipeline.generate([prompt] * n, pipeline_kwargs=arguments)
        texts = [_cut(line[0].text, stop) for line in result.generations]
        inputs = len(tokenizer(prompt)["input_ids"])
        return ChatResult(
            generations=[_generation(text, inputs, tokenizer) for text in texts],
            llm_output={"model_name": self.model},
        )


def _generation(text: str, inputs: int, tokenizer: Any) -> ChatGeneration:
    outputs = len(tokenizer(text)["input_ids"])
    usage = UsageMetadata(input_tokens=inputs, output_tokens=outputs, total_tokens=inputs + outputs)
    return ChatGeneration(message=AIMessage(text, usage_metadata=usage))


def _cut(text: str, stop: list[str] | None) -> str:
    """The text up to the first stop word, which the pipeline ignores."""
    places = [text.find(word) for word in stop or [] if word in text]
    return text[: min(places)] if places else text


def _role(message: BaseMessage) -> str:
    return {"human": "user", "ai": "assistant", "system": "system"}.get(message.type, "user")
