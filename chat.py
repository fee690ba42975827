"""An ensemble as a chat model, for every place that takes one."""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForLLMRun,
    BaseCallbackHandler,
    CallbackManagerForLLMRun,
)
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ToolCall,
    ToolCallChunk,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.graph import StateGraph
from langgraph.pregel import Pregel
from pydantic import ConfigDict, Field, field_validator

from .errors import InputError
from .streaming import CHAT, RESTART, Reader, Told


class EnsembleChatModel(BaseChatModel):
    """A graph from `{"messages"}` to `{"messages", "result"}`, as a LangChain chat model.

    The tokens of the final answer are streamed once, however deep the model is nested; drafts never
    show. The account of the run is in `response_metadata["result"]`, with `unsure` and `confidence`
    beside it.

    If the stream of the final answer breaks off, what was shown cannot be taken back: a line says
    that the answer starts again, and the whole answer follows. `invoke` returns the answer alone.

    Example:
        >>> from langgraph_ensemble import EnsembleChatModel, create_moa
        >>> model = EnsembleChatModel(create_moa(["ollama:qwen2.5:7b"], layers=2))
        >>> model._llm_type
        'ensemble'
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    graph: Any = Field(exclude=True)
    context: dict[str, Any] = Field(default_factory=dict)

    def __init__(self, graph: Any, **kwargs: Any) -> None:
        """Wrap a graph.

        Args:
            graph: Compiled, or as the builders return it.
            kwargs: `context`: knobs of every run, as a plain dictionary.
        """
        tags = [*(kwargs.pop("tags", None) or []), CHAT]
        super().__init__(graph=graph, tags=tags, **kwargs)  # pyright: ignore[reportCallIssue]

    @field_validator("graph")
    @classmethod
    def _compiled(cls, graph: Any) -> Pregel[Any, Any, Any, Any]:
        if isinstance(graph, StateGraph):
            return graph.compile()
        if not isinstance(graph, Pregel):
            raise InputError(f"EnsembleChatModel wraps a graph, not {type(graph).__name__}")
        return graph

    @property
    def _llm_type(self) -> str:
        return "ensemble"

    @property
    def model_name(self) -> str:
        """The graph's name."""
        return self.graph.get_name()

    def _arguments(self, stop: list[str] | None, options: dict[str, Any]) -> dict[str, Any]:
        fields = getattr(self.graph.context_schema, "model_fields", {})
        given = {key: value for key, value in options.items() if key in fields}
        if "response_format" in options and "answer_format" in fields:
            given["answer_format"] = options["response_format"]
        return {"context": {**self.context, **given}}

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: Any = None, **options: Any
    ) -> Runnable[Any, AIMessage]:
        """Let the model that writes the final answer call tools.

        Args:
            tools: Functions, LangChain tools, pydantic classes or OpenAI's descriptions.
            tool_choice: `auto`, `none`, `required` (or `any`), or a tool's name.
            options: Further knobs of the graph.

        Raises:
            InputError: The graph has no such writer: the Avengers vote among samples.
        """
        if "answer_tools" not in getattr(self.graph.context_schema, "model_fields", {}):
            raise InputError(
                f"{self.model_name} votes among samples, and votes are counted over answers, not "
                f"over calls of tools; use create_moa or create_smoa"
            )
        described = [convert_to_openai_tool(tool) for tool in tools]
        if tool_choice in [tool["function"]["name"] for tool in described]:
            tool_choice = {"type": "function", "function": {"name": tool_choice}}
        choice = "required" if tool_choice in ("any", True) else tool_choice
        return self.bind(answer_tools=described, answer_tool_choice=choice, **options)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        arguments = self._arguments(stop, kwargs)
        state = await _apart(
            lambda: self.graph.ainvoke({"messages": messages}, _fresh(run_manager), **arguments)
        )
        return _result(state)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        arguments = self._arguments(stop, kwargs)
        context = contextvars.Context()
        state = context.run(
            self.graph.invoke, {"messages": messages}, _fresh(run_manager), **arguments
        )
        return _result(state)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        arguments = self._arguments(stop, kwargs)
        stream = self.graph.astream(
            {"messages": messages},
            _fresh(run_manager),
            stream_mode=["messages", "values"],
            **arguments,
        )
        async for told in _read_apart(stream):
            for chunk in _chunks(told):
                if run_manager:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        arguments = self._arguments(stop, kwargs)
        context = contextvars.Context()
        stream = context.run(
            self.graph.stream,
            {"messages": messages},
            _fresh(run_manager),
            stream_mode=["messages", "values"],
            **arguments,
        )
        items = iter(lambda: context.run(next, stream, None), None)
        for told in _read(items):
            for chunk in _chunks(told):
                if run_manager:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk


def _chunks(told: Told) -> Iterator[ChatGenerationChunk]:
    """What a run tells, as chunks of one message."""
    if told.kind == "token":
        yield _chunk(told.data)
    elif told.kind == "restart":
        yield _chunk(RESTART)
    elif told.kind == "end":
        final, result = told.data["message"], told.data["result"]
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                usage_metadata=final.usage_metadata,
                response_metadata={**_told(result), "model_name": final.name or ""},
                tool_call_chunks=[_call_chunk(i, call) for i, call in enumerate(final.tool_calls)],
                chunk_position="last",
            )
        )


def _call_chunk(index: int, call: ToolCall) -> ToolCallChunk:
    arguments = json.dumps(call["args"])
    return ToolCallChunk(name=call["name"], args=arguments, id=call["id"], index=index)


def _chunk(text: str) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=text))


def _result(state: dict[str, Any]) -> ChatResult:
    final: AIMessage = state["messages"][-1]
    metadata = {**final.response_metadata, **_told(state["result"])}
    message = final.model_copy(update={"response_metadata": metadata, "id": None})
    return ChatResult(generations=[ChatGeneration(message=message)])


def _told(result: dict[str, Any]) -> dict[str, Any]:
    """The account of a run as metadata, with what a caller asks first at hand."""
    return {
        "result": result,
        "unsure": result.get("unsure", False),
        "confidence": result.get("confidence"),
    }


def _fresh(run_manager: Any) -> RunnableConfig:
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


async def _apart(work: Any) -> Any:
    """Await `work()` outside the surrounding graph's context, so that it is a run of its own."""
    return await asyncio.create_task(work(), context=contextvars.Context())


def _read(items: Iterable[Any]) -> Iterator[Told]:
    """What the items of a stream tell."""
    reader = Reader()
    for mode, item in items:
        yield from reader.read(mode, item)
    yield from reader.end()


async def _read_apart(stream: Any) -> AsyncIterator[Told]:
    """What a stream tells, read outside the surrounding graph's context; stops with its reader."""
    reader = Reader()
    context = contextvars.Context()
    iterator = aiter(stream)
    try:
        while True:
            try:
                mode, item = await asyncio.create_task(anext(iterator), context=context)
            except StopAsyncIteration:
                break
            for told in reader.read(mode, item):
                yield told
        for told in reader.end():
            yield told
    finally:
        await stream.aclose()
