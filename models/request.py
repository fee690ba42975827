"""One request to one model of any kind of Runnable.

Errors pass through; limits, retries and records are handled in `attempts.py` and `ask.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig, ensure_config
from langchain_core.runnables.config import var_child_runnable_config
from langgraph.constants import TAG_HIDDEN
from langgraph.pregel import Pregel

from .arguments import Options, arguments_of
from .clients import clients_of
from .discreet import with_discretion
from .machines import HERE, machine_of
from .raw import (
    Raw,
    calls_in,
    counted,
    ended_by,
    estimated,
    estimated_beginning,
    from_any,
    from_graph,
    summed,
    text_of,
    usage_of,
)
from .soundness import Fault
from .threads import InThreads, blocks

if TYPE_CHECKING:
    from ..member import Member

# Both spellings: LangGraph reads the first, servers with LangSmith support read the second.
HIDDEN = ["nostream", "langsmith:nostream"]
ANSWER = "ensemble:answer"

T = TypeVar("T")


class SilentError(RuntimeError):
    """A stream was silent for longer than the member's `idle_timeout`."""


async def request(
    model: Runnable[Any, Any], member: Member, messages: Sequence[BaseMessage], options: Options
) -> Raw:
    """Call `model` once.

    Args:
        model: A chat model, a graph over `messages`, or any Runnable from messages to a message.
        member: The member of the model.
        messages: The prompt.
        options: Samples, sampling and streaming of this request.

    Returns:
        One text per sample; fewer than requested if the server ignores `n`.
    """
    clients = clients_of(member)
    if not clients.blocking and not blocks(model):
        try:
            return _clean(await _asked(model, model, member, messages, options), member)
        except NotImplementedError:
            # Its asynchronous calls are there and say that they are not.
            if options.partial:
                raise
    called = InThreads(model, clients.threads)
    raw = await _asked(called, model, member, messages, options)
    clients.blocking = True
    return _clean(raw, member)


def _clean(raw: Raw, member: Member) -> Raw:
    """A result without the member's own keys: not everything is asked with callbacks of ours."""
    echoes = clients_of(member).echoes
    raw.texts = [echoes.hide(text) for text in raw.texts]
    for message in (raw.message, *raw.messages):
        echoes.clean(message)
    return raw


async def _asked(
    called: Any,
    model: Runnable[Any, Any],
    member: Member,
    messages: Sequence[BaseMessage],
    options: Options,
) -> Raw:
    """One request to `model`, by the methods of `called`: its own, or those of `InThreads`."""
    config = _config(member, options, isinstance(model, Pregel))
    if isinstance(model, Pregel):
        return from_graph(await called.ainvoke({"messages": list(messages)}, config))
    if not isinstance(model, BaseChatModel):
        return from_any(await called.ainvoke(list(messages), config))
    arguments = arguments_of(model, member, options)
    if options.n > 1:
        raw = await _several(called, messages, config, arguments)
    elif options.streamed:
        raw = await _streamed(called, messages, config, arguments, options)
    else:
        raw = from_any(await called.ainvoke(list(messages), config, stream=False, **arguments))
    if raw.usage is None and not getattr(model, "counts_calls", False):
        # What an ensemble uses is more than what is seen of it.
        raw.usage = estimated(messages, raw.texts)
    return raw


def takes_n(model: Runnable[Any, Any], member: Member) -> bool:
    """Whether one request to `model` may ask for several samples."""
    if member.native_n is not None:
        return member.native_n
    if (learnt := clients_of(member).native_n) is not None:
        return learnt
    if _may_ramble(member):
        return False
    return isinstance(model, BaseChatModel) and "n" in type(model).model_fields


def one_by_one(member: Member) -> bool:
    """Whether several samples of `member` are known to need several requests."""
    if member.native_n is not None:
        return not member.native_n
    if (learnt := clients_of(member).native_n) is not None:
        return not learnt
    if _may_ramble(member):
        return True
    return not isinstance(member.model, str) and not takes_n(member.model, member)


def _may_ramble(member: Member) -> bool:
    """Whether each sample must be watched, which a request for several does not allow.

    Small models ramble, and a model of unknown size on the user's own machine is usually a small
    one, where every needless token costs time.
    """
    return member.small or (member.billions is None and machine_of(member) == HERE)


def _config(member: Member, options: Options, nested: bool) -> RunnableConfig:
    # A graph's nodes would show their messages as tokens of a subgraph; drafts must not.
    tags = [ANSWER] if options.visible else [*HIDDEN, *([TAG_HIDDEN] if nested else [])]
    config = ensure_config({"tags": tags, "metadata": {"ensemble_member": member.name}})
    config["recursion_limit"] = _steps(member.model)
    return {**config, "callbacks": with_discretion(config.get("callbacks"), member)}


def _steps(model: Any) -> int:
    """Supersteps of a member that is a graph: its own limit, else that of the run around it.

    Without either it is not LangChain's 25, but as many as LangGraph allows a graph that is called
    directly.
    """
    around = (getattr(model, "config", None), var_child_runnable_config.get())
    limits = (each["recursion_limit"] for each in around if each and "recursion_limit" in each)
    return next(limits, 10_000)


async def _several(
    model: BaseChatModel | InThreads,
    messages: Sequence[BaseMessage],
    config: RunnableConfig,
    arguments: dict[str, Any],
) -> Raw:
    # Never streamed, because the streams of several samples would be mixed into one text.
    result = await model.agenerate(
        [list(messages)],
        callbacks=config.get("callbacks"),
        tags=config.get("tags"),
        metadata=config.get("metadata"),
        stream=False,
        **arguments,
    )
    generations = result.generations[0]
    replies = [generation.message for generation in generations]  # pyright: ignore[reportAttributeAccessIssue]
    reported = (result.llm_output or {}).get("token_usage") or {}
    usage = counted(reported.get("prompt_tokens"), reported.get("completion_tokens")) or summed(
        replies
    )
    ended = [ended_by(generation.generation_info) for generation in generations]
    messages = [m for m in replies if isinstance(m, AIMessage)]
    return Raw([text_of(m) for m in replies], usage, messages=messages, ended=ended)


async def _streamed(
    model: BaseChatModel | InThreads,
    messages: Sequence[BaseMessage],
    config: RunnableConfig,
    arguments: dict[str, Any],
    options: Options,
) -> Raw:
    whole: AIMessage | None = None
    fault: Fault | None = None
    stream = model.astream(list(messages), config, **arguments)
    async with aclosing(_lively(stream, options.idle_timeout)) as chunks:
        async for chunk in chunks:
            if options.patience is not None:
                options.patience.heard()
            if not isinstance(chunk, AIMessage):
                continue
            # A model that does not stream yields one whole message, which is not a chunk.
            if isinstance(whole, AIMessageChunk) and isinstance(chunk, AIMessageChunk):
                whole = whole + chunk  # pyright: ignore[reportAssignmentType]
            else:
                whole = chunk
            if text := text_of(chunk):
                options.partial.append(text)
                if options.on_token is not None:
                    options.on_token(text)
                fault = options.watch.add(text) if options.watch is not None else None
            if fault is not None:
                # Leaving the stream closes the connection, so that the server stops writing, too.
                break
    if whole is None:
        return Raw([""])
    message = AIMessage(
        content=whole.content,
        id=whole.id,
        **calls_in(whole),
        response_metadata=whole.response_metadata,
        usage_metadata=whole.usage_metadata,
    )
    usage = usage_of(message)
    if fault is not None and usage is None:
        usage = estimated_beginning(messages, len(options.partial))
    ended = [ended_by(message.response_metadata)]
    return Raw([text_of(message)], usage, message=message, ended=ended, fault=fault)


async def _lively(stream: AsyncIterator[T], seconds: float | None) -> AsyncGenerator[T]:
    """The items of `stream`; an error if it is silent for longer than `seconds`."""
    iterator = aiter(stream)
    try:
        while True:
            try:
                async with asyncio.timeout(seconds):
                    item = await anext(iterator)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise SilentError(f"silent for {seconds:g} s") from None
            yield item
    finally:
        if isinstance(iterator, AsyncGenerator):
            await iterator.aclose()
