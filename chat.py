"""An ensemble as a LangChain chat model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, ClassVar

from langchain_core.callbacks import (
    AsyncCallbackManagerForLLMRun,
    CallbackManagerForLLMRun,
)
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.graph import StateGraph
from langgraph.pregel import Pregel
from pydantic import ConfigDict, Field, field_validator

from .chat_run import Chunks, each_apart, fresh, result_told, run_apart
from .decoding import CHAT, Stop, Told, ended
from .errors import InputError
from .models.budget import apart
from .nodes.knob import check_knobs
from .streaming import afollow, follow
from .structured import Method, parsed, structured

_NO_ANSWER = (
    "the graph gave no answer: it needs a last message and a result. Where a member waits for a "
    "person (interrupt), add the graph itself as a node, for a chat model cannot pause"
)


class EnsembleChatModel(BaseChatModel):
    """A graph from `{"messages"}` to `{"messages", "result"}`, as a LangChain chat model.

    The tokens of the final answer are streamed once, at any depth of nesting; drafts are never
    streamed. `response_metadata["result"]` is the result of the run, with `unsure` and `confidence`
    beside it.

    If the stream of the final answer breaks off, text already sent cannot be withdrawn: a line says
    that the answer starts again, and the whole answer follows. `invoke` returns only the answer.

    `stop=[…]` ends the answer, never a draft; `response_metadata["result"]` still holds the whole
    answer.

    Example:
        >>> from langgraph_ensemble import EnsembleChatModel, create_moa
        >>> model = EnsembleChatModel(create_moa(["ollama:qwen2.5:7b"], layers=2))
        >>> model._llm_type
        'ensemble'
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(arbitrary_types_allowed=True)

    graph: Any = Field(exclude=True)
    context: dict[str, Any] = Field(default_factory=dict)

    def __init__(self, graph: Any, **kwargs: Any) -> None:
        """Wrap a graph.

        Args:
            graph: Compiled, or as the builders return it.
            kwargs: `context`: knobs of every run, as a plain dictionary.

        Raises:
            InputError: No graph, or a knob that there is not.
        """
        tags = [*(kwargs.pop("tags", None) or []), CHAT]
        super().__init__(graph=graph, tags=tags, **kwargs)  # pyright: ignore[reportCallIssue]
        if hasattr(self.graph.context_schema, "model_fields"):
            check_knobs(self.graph.context_schema, self.context)

    @property
    def counts_calls(self) -> bool:
        """Whether each of its calls is counted when the model is itself a member of a pool."""
        return bool(getattr(self.graph.builder, "counts_calls", False))

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

    def _context(self, options: dict[str, Any]) -> dict[str, Any]:
        fields = getattr(self.graph.context_schema, "model_fields", {})
        given = {key: value for key, value in options.items() if key in fields}
        if "response_format" in options and "answer_format" in fields:
            given["answer_format"] = options["response_format"]
        return {**self.context, **given}

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: Any = None, **options: Any
    ) -> Runnable[Any, AIMessage]:
        """Let the answer call tools: its author's calls, or a vote's calls in the Avengers.

        Args:
            tools: Functions, LangChain tools, pydantic classes or OpenAI's descriptions.
            tool_choice: `auto`, `none`, `required` (or `any`), or a tool's name.
            options: Further knobs of the graph.

        Raises:
            InputError: The graph takes no tools.
        """
        if "answer_tools" not in getattr(self.graph.context_schema, "model_fields", {}):
            raise InputError(f"{self.model_name} takes no tools")
        strict = options.get("strict")
        described = [convert_to_openai_tool(tool, strict=strict) for tool in tools]
        if tool_choice in [tool["function"]["name"] for tool in described]:
            tool_choice = {"type": "function", "function": {"name": tool_choice}}
        choice = "required" if tool_choice in ("any", True) else tool_choice
        return self.bind(answer_tools=described, answer_tool_choice=choice, **options)

    def with_structured_output(
        self,
        schema: Any = None,
        *,
        method: Method = "function_calling",
        include_raw: bool = False,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[Any, Any]:
        """Give answers that follow a schema; the Avengers vote on each of its fields.

        Args:
            schema: A pydantic class, a TypedDict, a JSON schema, or OpenAI's function.
            method: `function_calling`, `json_schema` or `json_mode`, as in langchain-openai;
                with `json_mode` the question has to say what the JSON should contain.
            include_raw: Whether to return `raw`, `parsed` and `parsing_error`.
            strict: Whether the provider enforces the schema.
            kwargs: Further knobs of the graph.

        Raises:
            InputError: The method is unknown, or it needs a schema and there is none.
        """
        bound, parser = structured(self, schema, method, strict, kwargs)
        return parsed(bound, parser, include_raw)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        context = self._context(kwargs)
        state = await run_apart(
            lambda: self.graph.ainvoke({"messages": messages}, fresh(run_manager), context=context)
        )
        return _result(state, stop)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        state = apart().run(
            self.graph.invoke,
            {"messages": messages},
            fresh(run_manager),
            context=self._context(kwargs),
        )
        return _result(state, stop)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        run = afollow(
            self.graph,
            {"messages": messages},
            fresh(run_manager),
            context=self._context(kwargs),
            stop=stop or (),
            calls=True,
        )
        told, chunks = None, Chunks(messages)
        async for told in each_apart(run):
            for chunk in chunks.of(told):
                if run_manager:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
        _check_ended(told)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        run = follow(
            self.graph,
            {"messages": messages},
            fresh(run_manager),
            context=self._context(kwargs),
            stop=stop or (),
            calls=True,
        )
        context, told, chunks = apart(), None, Chunks(messages)
        try:
            for told in iter(lambda: context.run(next, run, None), None):
                for chunk in chunks.of(told):
                    if run_manager:
                        run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                    yield chunk
            _check_ended(told)
        finally:
            context.run(run.close)


def _check_ended(last: Told | None) -> None:
    if last is None or last.kind != "end":
        raise InputError(_NO_ANSWER)


def _result(state: dict[str, Any], stop: Stop | None) -> ChatResult:
    told = ended(state, stop or ())
    if told is None:
        raise InputError(_NO_ANSWER)
    final: AIMessage = told.data["message"]
    metadata = {**final.response_metadata, **result_told(told.data["result"])}
    message = final.model_copy(update={"response_metadata": metadata, "id": None})
    return ChatResult(generations=[ChatGeneration(message=message)])
