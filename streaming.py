"""What a run tells while it goes on, read in one place: its answer's tokens, its events, its end.

`stream_answer` and `astream_answer` are for users; `Reader` is what they, the chat model, the
command line and the servers read a stream with.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph import StateGraph
from langgraph.pregel import Pregel

from .errors import InputError
from .events import Event
from .models.request import ANSWER

CHAT = "ensemble:chat"
"""Tags what an `EnsembleChatModel` says: each of its messages is an answer of its own."""

RESTART = "\n\n[The answer broke off here. It starts again:]\n\n"
"""Told in plain text where a stream broke off: what was shown cannot be taken back."""

_NEXT = "\n\n"

Kind = Literal["event", "token", "restart", "end"]


class Told(NamedTuple):
    """One thing that a run tells.

    `event`: an event of `events.py`. `token`: text of the final answer. `restart`: the answer
    begins anew, because its stream broke off. `end`: the final message and `result`. `source` is
    the place in the graph, one name for each level of subgraphs; two answers have two of them.
    """

    kind: Kind
    data: Any
    source: tuple[str, ...] = ()


class Reader:
    """Reads the stream of one run, in the modes `messages`, `custom` and `values`.

    Example:
        >>> reader = Reader()
        >>> chunk = AIMessageChunk("4", id="1")
        >>> [told.data for told in reader.read("messages", (chunk, {"tags": [ANSWER]}))]
        ['4']
    """

    def __init__(self) -> None:
        self._ids: dict[tuple[str, ...], str | None] = {}
        self._last: dict[str, Any] = {}

    def read(self, mode: str, item: Any, source: tuple[str, ...] = ()) -> Iterator[Told]:
        """What one item of the stream tells.

        Args:
            mode: The stream mode it came in.
            item: The item itself.
            source: Its place among the subgraphs, with `subgraphs=True`.
        """
        if mode == "custom":
            if isinstance(item, Mapping) and {"type", "stage"} <= item.keys():
                yield Told("event", item, source)
        elif mode == "values":
            if not source:
                self._last = item
        else:
            message, metadata = item
            yield from self._message(message, metadata, source)

    def end(self) -> Iterator[Told]:
        """What is left to tell when the stream is over; nothing where it brought no answer."""
        messages, result = self._last.get("messages"), self._last.get("result")
        if not messages or not result or messages[-1].type != "ai":
            return
        if not self._ids and (text := str(messages[-1].text)):
            yield Told("token", text)
        yield Told("end", {"message": messages[-1], "result": result})

    def _message(
        self, message: BaseMessage, metadata: Mapping[str, Any], source: tuple[str, ...]
    ) -> Iterator[Told]:
        tags = metadata.get("tags") or []
        if ANSWER not in tags and CHAT in tags:
            source = (*source, str(message.id))
        elif ANSWER not in tags and not _whole(message):
            return
        text = str(message.text)
        if not text or not isinstance(message, AIMessage):
            return
        if self._ids.get(source, message.id) != message.id:
            yield Told("restart", None, source)
        self._ids[source] = message.id
        yield Told("token", text, source)


def _whole(message: BaseMessage) -> bool:
    """Whether this is an ensemble's answer in one piece.

    LangGraph tells what a node returns once, unless it was streamed: so does a draft that became
    the answer, and the answer of a Runnable that cannot stream.
    """
    return not isinstance(message, AIMessageChunk) and "ensemble" in message.response_metadata


def stream_answer(
    graph: Any,
    input: Mapping[str, Any] | str | None,
    config: RunnableConfig | None = None,
    *,
    context: Mapping[str, Any] | None = None,
    on_event: Callable[[Event], object] | None = None,
) -> Iterator[str]:
    """Run a graph and give the text of the ensemble's answer while it is written.

    The ensemble may be the graph itself or stand anywhere inside: as a subgraph at any depth,
    called in a node, or as an `EnsembleChatModel`. Every piece comes once, and no draft comes at
    all. It reads `graph.stream(…, stream_mode="messages", subgraphs=True)`.

    Several ensembles in one run answer one after the other, a blank line apart. Where the stream of
    an answer breaks off, a line says that it starts again.

    Args:
        graph: Compiled, or as the builders return it.
        input: The graph's input, or a question as plain text; None goes on with a thread's run.
        config: As for `graph.stream`: the thread, callbacks, tags.
        context: Knobs of the run.
        on_event: Called with each event of the run: who is asked, done, failed, chosen.

    Yields:
        Pieces of text.

    Raises:
        InputError: `graph` is none.

    Example:
        >>> from langgraph_ensemble import Pool, create_moa
        >>> graph = create_moa(Pool.pocket(), layers=2)
        >>> "".join(stream_answer(graph, "What is 2 + 2?")) != ""
        True
    """
    read = _Answer(on_event)
    arguments = _arguments(input, config, context, on_event is not None)
    stream: Iterator[Any] = _compiled(graph).stream(**arguments)
    for source, mode, item in stream:
        yield from read.pieces(mode, item, source)


async def astream_answer(
    graph: Any,
    input: Mapping[str, Any] | str | None,
    config: RunnableConfig | None = None,
    *,
    context: Mapping[str, Any] | None = None,
    on_event: Callable[[Event], object] | None = None,
) -> AsyncIterator[str]:
    """Run a graph and give the text of the ensemble's answer while it is written.

    See `stream_answer`, whose arguments it takes.

    Example:
        >>> import asyncio
        >>> from langgraph_ensemble import Pool, create_moa
        >>> async def main():
        ...     graph = create_moa(Pool.pocket(), layers=2)
        ...     return "".join([text async for text in astream_answer(graph, "What is 2 + 2?")])
        >>> asyncio.run(main()) != ""
        True
    """
    read = _Answer(on_event)
    arguments = _arguments(input, config, context, on_event is not None)
    stream: AsyncIterator[Any] = _compiled(graph).astream(**arguments)
    async for source, mode, item in stream:
        for piece in read.pieces(mode, item, source):
            yield piece


class _Answer:
    """The pieces of text of a run's answers."""

    def __init__(self, on_event: Callable[[Event], object] | None) -> None:
        self._reader = Reader()
        self._on_event = on_event
        self._source: tuple[str, ...] | None = None

    def pieces(self, mode: str, item: Any, source: tuple[str, ...]) -> Iterator[str]:
        for told in self._reader.read(mode, item, source):
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
) -> dict[str, Any]:
    """Arguments of `graph.stream`; without events members need not stream their drafts."""
    given = {"messages": [HumanMessage(input)]} if isinstance(input, str) else input
    return {
        "input": given,
        "config": config,
        "context": None if context is None else dict(context),
        "stream_mode": ["messages", *(["custom"] if events else [])],
        "subgraphs": True,
    }
