"""Stream a run: the tokens of its answer, its events and its end.

`stream_answer` and `astream_answer` are for users; they, the chat model, the command line and the
servers read a run with `follow` and `afollow`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import aclosing, closing
from typing import Any

from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph import StateGraph
from langgraph.pregel import Pregel

from .decoding import RESTART, Reader, Stop, Told
from .errors import InputError
from .events import Event
from .nodes.bridge import Works

_NEXT = "\n\n"


def follow(
    graph: Any,
    input: Mapping[str, Any] | str | None,
    config: RunnableConfig | None = None,
    *,
    context: Mapping[str, Any] | None = None,
    events: bool = False,
    stop: Stop = (),
    deep: bool = False,
    calls: bool = False,
) -> Generator[Told]:
    """Run a graph and yield the items of its stream, in order.

    Args:
        graph: Compiled, or as the builders return it.
        input: The graph's input, or a question as plain text; None continues a thread's run.
        config: As for `graph.stream`: the thread, callbacks, tags.
        context: Knobs of the run.
        events: Whether to yield events; without them members need not stream their drafts.
        stop: Texts at which the answer ends.
        deep: Whether to yield the answers of all ensembles in the graph, at any depth, instead of
            the graph's own answer; there is no `end` then.
        calls: Whether to yield the pieces of the answer's tool calls.

    Raises:
        InputError: `graph` is not a graph.

    Example:
        >>> from langgraph_ensemble import Pool, create_moa
        >>> told = list(follow(create_moa(Pool.pocket(), layers=2), "What is 2 + 2?"))
        >>> told[0].kind, told[-1].kind
        ('token', 'end')
    """
    reader = Reader(stop, calls)
    works = Works(config)
    inside = works.put_into(config)
    stream: Any = _compiled(graph).stream(**_arguments(input, inside, context, events, deep))
    # Ensembles that stand anywhere inside end with their reader.
    with closing(stream), works:
        for item in stream:
            yield from reader.read(*_placed(item, deep))
    yield from reader.end()


async def afollow(
    graph: Any,
    input: Mapping[str, Any] | str | None,
    config: RunnableConfig | None = None,
    *,
    context: Mapping[str, Any] | None = None,
    events: bool = False,
    stop: Stop = (),
    deep: bool = False,
    calls: bool = False,
) -> AsyncGenerator[Told]:
    """Run a graph and yield the items of its stream; the arguments are those of `follow`.

    Example:
        >>> import asyncio
        >>> from langgraph_ensemble import Pool, create_moa
        >>> async def main():
        ...     graph = create_moa(Pool.pocket(), layers=2)
        ...     return [told.kind async for told in afollow(graph, "What is 2 + 2?")]
        >>> asyncio.run(main())[-1]
        'end'
    """
    reader = Reader(stop, calls)
    stream: Any = _compiled(graph).astream(**_arguments(input, config, context, events, deep))
    async with aclosing(stream):
        async for item in stream:
            for told in reader.read(*_placed(item, deep)):
                yield told
    for told in reader.end():
        yield told


def stream_answer(
    graph: Any,
    input: Mapping[str, Any] | str | None,
    config: RunnableConfig | None = None,
    *,
    context: Mapping[str, Any] | None = None,
    on_event: Callable[[Event], object] | None = None,
) -> Iterator[str]:
    """Run a graph and yield the text of the ensemble's answer while it is written.

    The ensemble can be the graph itself or any part of it: a subgraph at any depth, a graph called
    in a node, or an `EnsembleChatModel`. Every piece is yielded once; drafts are not yielded. It
    reads `graph.stream(…, stream_mode="messages", subgraphs=True)`.

    The answers of several ensembles follow each other, with a blank line between them. If the
    stream of an answer breaks off, a line says that the answer starts again.

    Args:
        graph: Compiled, or as the builders return it.
        input: The graph's input, or a question as plain text; None continues a thread's run.
        config: As for `graph.stream`: the thread, callbacks, tags.
        context: Knobs of the run.
        on_event: Called with each event of the run, such as `started`, `done`, `failed`, `voted`.

    Yields:
        Pieces of text.

    Raises:
        InputError: `graph` is not a graph.

    Example:
        >>> from langgraph_ensemble import Pool, create_moa
        >>> graph = create_moa(Pool.pocket(), layers=2)
        >>> "".join(stream_answer(graph, "What is 2 + 2?")) != ""
        True
    """
    answer = _Answer(on_event)
    events = on_event is not None
    for told in follow(graph, input, config, context=context, events=events, deep=True):
        yield from answer.pieces(told)


async def astream_answer(
    graph: Any,
    input: Mapping[str, Any] | str | None,
    config: RunnableConfig | None = None,
    *,
    context: Mapping[str, Any] | None = None,
    on_event: Callable[[Event], object] | None = None,
) -> AsyncIterator[str]:
    """Run a graph and yield the text of the ensemble's answer while it is written.

    The arguments are those of `stream_answer`.

    Example:
        >>> import asyncio
        >>> from langgraph_ensemble import Pool, create_moa
        >>> async def main():
        ...     graph = create_moa(Pool.pocket(), layers=2)
        ...     return "".join([text async for text in astream_answer(graph, "What is 2 + 2?")])
        >>> asyncio.run(main()) != ""
        True
    """
    answer = _Answer(on_event)
    events = on_event is not None
    async for told in afollow(graph, input, config, context=context, events=events, deep=True):
        for piece in answer.pieces(told):
            yield piece


class _Answer:
    """The pieces of text of a run's answers."""

    def __init__(self, on_event: Callable[[Event], object] | None) -> None:
        self._on_event = on_event
        self._source: tuple[str, ...] | None = None

    def pieces(self, told: Told) -> Iterator[str]:
        if told.kind == "event" and self._on_event is not None:
            self._on_event(told.data)
        elif told.kind == "restart":
            yield RESTART
        elif told.kind == "token":
            if self._source not in (None, told.source):
                yield _NEXT
            self._source = told.source
            yield told.data


def _compiled(graph: Any) -> Pregel[Any, Any, Any, Any]:
    if isinstance(graph, StateGraph):
        return graph.compile()
    if not isinstance(graph, Pregel):
        raise InputError(f"only a graph has a stream to read, not {type(graph).__name__}")
    return graph


def _arguments(
    input: Mapping[str, Any] | str | None,
    config: RunnableConfig | None,
    context: Mapping[str, Any] | None,
    events: bool,
    deep: bool,
) -> dict[str, Any]:
    """Arguments of `graph.stream`."""
    given = {"messages": [HumanMessage(input)]} if isinstance(input, str) else input
    return {
        "input": given,
        "config": config,
        "context": None if context is None else dict(context),
        "stream_mode": ["messages", *([] if deep else ["values"]), *(["custom"] if events else [])],
        "subgraphs": deep,
    }


def _placed(item: Any, deep: bool) -> tuple[str, Any, tuple[str, ...]]:
    """Mode, item and source of an item that LangGraph streams with or without subgraphs."""
    source, mode, given = item if deep else ((), *item)
    return mode, given, source
