"""One request to one model, whatever kind of Runnable it is.

Only `call.py` uses this. Errors pass through; limits, retries and records are not known here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig, ensure_config
from langgraph.constants import TAG_HIDDEN
from langgraph.pregel import Pregel

from ..models import openai
from .state import Usage

if TYPE_CHECKING:
    from ..member import Member

# Both spellings: LangGraph reads the first, LangSmith-aware servers look for the second.
HIDDEN = ["nostream", "langsmith:nostream"]
ANSWER = "ensemble:answer"

_THINKING = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)


T = TypeVar("T")


class SilentError(RuntimeError):
    """A stream that stood still for longer than the member's `idle_timeout`."""


@dataclass
class Raw:
    """What came back from one request."""

    texts: list[str]
    usage: Usage | None = None
    cost_usd: float | None = None
    message: AIMessage | None = None


@dataclass
class Options:
    """What one request asks for."""

    n: int = 1
    temperature: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    response_format: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    visible: bool = False
    idle_timeout: float | None = None
    on_token: Callable[[str], None] | None = None
    partial: list[str] = field(default_factory=list)
    """Filled while a stream runs: what had arrived when it broke off."""


def visible_text(text: str) -> str:
    """A model's text without its private thinking."""
    return _THINKING.sub("", text).strip()


async def request(
    model: Runnable, member: Member, messages: Sequence[BaseMessage], options: Options
) -> Raw:
    """Ask `model` once.

    Args:
        model: A chat model, a graph over `messages`, or any Runnable from messages to a message.
        member: The member it belongs to.
        messages: The prompt.
        options: Samples, sampling and streaming of this request.

    Returns:
        One text a sample; fewer than asked for where the server ignores `n`.
    """
    config = _config(member, options, isinstance(model, Pregel))
    if isinstance(model, Pregel):
        return _from_graph(await model.ainvoke({"messages": list(messages)}, config))
    if not isinstance(model, BaseChatModel):
        return _from_any(await model.ainvoke(list(messages), config))
    arguments = _arguments(model, member, options)
    if options.n > 1:
        return await _several(model, messages, config, arguments)
    if options.visible or options.on_token is not None or options.idle_timeout is not None:
        return await _streamed(model, messages, config, arguments, options)
    answer = await model.ainvoke(list(messages), config, stream=False, **arguments)
    return _from_any(answer)


def takes_n(model: Runnable, member: Member) -> bool:
    """Whether one request may ask `model` for several samples."""
    if member.native_n is not None:
        return member.native_n
    if member.live.native_n is not None:
        return member.live.native_n
    return isinstance(model, BaseChatModel) and "n" in type(model).model_fields


def one_by_one(member: Member) -> bool:
    """Whether several samples of `member` are known to need several requests."""
    if member.native_n is not None:
        return not member.native_n
    if member.live.native_n is not None:
        return not member.live.native_n
    return not isinstance(member.model, str) and not takes_n(member.model, member)


def _config(member: Member, options: Options, nested: bool) -> RunnableConfig:
    # A graph's nodes would show their messages as tokens of a subgraph; drafts are none.
    tags = [ANSWER] if options.visible else [*HIDDEN, *([TAG_HIDDEN] if nested else [])]
    return ensure_config({"tags": tags, "metadata": {"ensemble_member": member.name}})


def _arguments(model: BaseChatModel, member: Member, options: Options) -> dict[str, Any]:
    if openai.speaks(member):
        found = openai.options(
            member,
            temperature=options.temperature,
            max_tokens=options.max_tokens,
            seed=options.seed,
            n=options.n,
        )
    else:
        # Somebody's own chat model: what it has no field for, it may not understand.
        wanted = {
            "temperature": options.temperature,
            "max_tokens": options.max_tokens,
            "seed": options.seed,
            "n": options.n if options.n > 1 else None,
        }
        fields = type(model).model_fields
        found = {key: value for key, value in wanted.items() if key in fields and value is not None}
    if options.response_format is not None and openai.speaks(member):
        # As a field of the request: named, langchain-openai would take it for a schema to parse
        # with, and refuse it beside tools that are not strict.
        extra = found.setdefault("extra_body", dict(member.params.get("extra_body", {})))
        extra["response_format"] = options.response_format
    elif options.response_format is not None:
        found["response_format"] = options.response_format
    if options.tools:
        choice = {} if options.tool_choice is None else {"tool_choice": options.tool_choice}
        bound = model.bind_tools(options.tools, **choice)  # pyright: ignore[reportArgumentType]
        found |= getattr(bound, "kwargs", {})
    return found


async def _several(
    model: BaseChatModel,
    messages: Sequence[BaseMessage],
    config: RunnableConfig,
    arguments: dict[str, Any],
) -> Raw:
    # Never streamed: the streams of several samples would be mixed into one text.
    result = await model.agenerate(
        [list(messages)],
        callbacks=config.get("callbacks"),
        tags=config.get("tags"),
        metadata=config.get("metadata"),
        stream=False,
        **arguments,
    )
    found = [generation.message for generation in result.generations[0]]  # pyright: ignore[reportAttributeAccessIssue]
    reported = (result.llm_output or {}).get("token_usage") or {}
    usage = _usage(reported.get("prompt_tokens"), reported.get("completion_tokens")) or _summed(
        found
    )
    return Raw([_text(message) for message in found], usage)


async def _streamed(
    model: BaseChatModel,
    messages: Sequence[BaseMessage],
    config: RunnableConfig,
    arguments: dict[str, Any],
    options: Options,
) -> Raw:
    whole: AIMessageChunk | None = None
    stream = model.astream(list(messages), config, **arguments)
    async for chunk in _lively(stream, options.idle_timeout):
        if not isinstance(chunk, AIMessageChunk):
            continue
        whole = chunk if whole is None else whole + chunk  # pyright: ignore[reportAssignmentType]
        if text := _text(chunk):
            options.partial.append(text)
            if options.on_token is not None:
                options.on_token(text)
    if whole is None:
        return Raw([""])
    message = AIMessage(
        content=whole.content,
        id=whole.id,
        tool_calls=whole.tool_calls,
        invalid_tool_calls=whole.invalid_tool_calls,
        response_metadata=whole.response_metadata,
        usage_metadata=whole.usage_metadata,
    )
    return Raw([_text(message)], _of_message(message), message=message)


async def _lively(stream: AsyncIterator[T], seconds: float | None) -> AsyncIterator[T]:
    """The items of `stream`; an error once it is silent for so long."""
    iterator = aiter(stream)
    while True:
        try:
            async with asyncio.timeout(seconds):
                item = await anext(iterator)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise SilentError(f"silent for {seconds:g} s") from None
        yield item


def _from_any(answer: Any) -> Raw:
    if isinstance(answer, dict):
        return _from_graph(answer)
    if isinstance(answer, BaseMessage):
        message = answer if isinstance(answer, AIMessage) else None
        return Raw([_text(answer)], _of_message(answer), message=message)
    return Raw([str(answer)])


def _from_graph(state: Any) -> Raw:
    """The last message of a graph's state, with the usage of the whole run."""
    messages = state.get("messages") if isinstance(state, dict) else None
    if not messages:
        raise TypeError("a graph in a pool must return a state with 'messages'")
    last = messages[-1]
    account = state.get("result")
    if isinstance(account, dict) and account.get("usage"):
        usage = account["usage"]
        total = _usage(usage.get("input_tokens"), usage.get("output_tokens"))
        return Raw([_text(last)], total, account.get("cost_usd"), message=last)
    asked = max((i for i, m in enumerate(messages) if m.type == "human"), default=-1)
    answers = [message for message in messages[asked + 1 :] if message.type == "ai"]
    return Raw([_text(last)], _summed(answers), message=last)


def _text(message: BaseMessage) -> str:
    return str(message.text)


def _of_message(message: BaseMessage) -> Usage | None:
    found = getattr(message, "usage_metadata", None)
    return _usage(found["input_tokens"], found["output_tokens"]) if found else None


def _summed(messages: Sequence[BaseMessage]) -> Usage | None:
    each = [_of_message(message) for message in messages]
    if not each or any(usage is None for usage in each):
        return None
    return add_usage([usage for usage in each if usage])


def _usage(inputs: int | None, outputs: int | None) -> Usage | None:
    if inputs is None or outputs is None:
        return None
    return {
        "input_tokens": int(inputs),
        "output_tokens": int(outputs),
        "total_tokens": int(inputs) + int(outputs),
    }


def add_usage(each: Sequence[Usage]) -> Usage:
    """The sum of several usages."""
    return {
        "input_tokens": sum(usage["input_tokens"] for usage in each),
        "output_tokens": sum(usage["output_tokens"] for usage in each),
        "total_tokens": sum(usage["total_tokens"] for usage in each),
    }
