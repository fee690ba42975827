"""Decode the stream of a run: its events, the tokens of its answer, and its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage

from .models.request import ANSWER
from .records import storable
from .stops import StopAt, until

CHAT = "ensemble:chat"
"""Tag of an `EnsembleChatModel`'s messages: each of them is an answer of its own."""

RESTART = "\n\n[The answer broke off here. It starts again:]\n\n"
"""Line of text after a stream broke off: text already sent cannot be withdrawn."""

Kind = Literal["event", "token", "call", "restart", "end"]
Stop = Sequence[str] | str


class Told(NamedTuple):
    """One decoded item of a run's stream.

    `event`: an event of `events.py`. `token`: text of the final answer. `call`: a piece of one of
    its tool calls, if these are wanted. `restart`: the answer starts again, because its stream
    broke off. `end`: the final `message` and `result`. `source` is
    the place in the graph, one name per level of subgraphs; each answer has its own.
    """

    kind: Kind
    data: Any
    source: tuple[str, ...] = ()


def ended(state: Mapping[str, Any], stop: Stop = ()) -> Told | None:
    """The `end` item from the last state of a run, or None if the run gave no answer.

    Args:
        state: The graph's output.
        stop: Texts at which the answer ends; `result` is not cut.
    """
    messages, result = state.get("messages"), state.get("result")
    if not messages or not result or messages[-1].type != "ai":
        return None
    return Told("end", {"message": _cut(messages[-1], stop), "result": result})


def _cut(message: AIMessage, stop: Stop) -> AIMessage:
    """The message with its text up to the first stop sequence."""
    whole = str(message.text)
    text = until(whole, stop)
    if text == whole:
        return message
    metadata = {**message.response_metadata, "finish_reason": "stop"}
    return message.model_copy(update={"content": text, "response_metadata": metadata})


class Reader:
    """Reads the stream of one run, in the modes `messages`, `custom` and `values`.

    Args:
        stop: Texts at which the answer ends. The run continues, so that its result is complete;
            no more text of the answer follows, even if its stream breaks off later.
        calls: Whether to tell the answer's tool calls while they are written.

    Example:
        >>> reader = Reader(stop=[" and"])
        >>> chunk = AIMessageChunk("4 and 5", id="1")
        >>> [told.data for told in reader.read("messages", (chunk, {"tags": [ANSWER]}))]
        ['4']
    """

    def __init__(self, stop: Stop = (), calls: bool = False) -> None:
        self._stop = stop
        self._calls = calls
        self._stops: dict[tuple[str, ...], StopAt] = {}
        self._ids: dict[tuple[str, ...], str | None] = {}
        self._last: dict[str, Any] = {}

    def read(self, mode: str, item: Any, source: tuple[str, ...] = ()) -> Iterator[Told]:
        """Decode one item of the stream.

        Args:
            mode: The stream mode of the item.
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
        """The remaining items after the stream has ended; without an answer there is no `end`."""
        for source, stop in self._stops.items():
            if text := stop.rest():
                yield Told("token", text, source)
        last = ended(self._last, self._stop)
        if last is None:
            return
        if not self._ids and (text := str(last.data["message"].text)):
            yield Told("token", text)
        yield last

    def _message(
        self, message: BaseMessage, metadata: Mapping[str, Any], source: tuple[str, ...]
    ) -> Iterator[Told]:
        tags = metadata.get("tags") or []
        if ANSWER not in tags and CHAT in tags:
            source = (*source, str(message.id))
        elif ANSWER not in tags and not _whole(message):
            return
        text = storable(str(message.text))
        pieces = message.tool_call_chunks if isinstance(message, AIMessageChunk) else []
        pieces = pieces if self._calls else []
        if not (text or pieces) or not isinstance(message, AIMessage):
            return
        stop = self._stops.setdefault(source, StopAt(self._stop))
        if stop.done and not pieces:
            return
        if self._ids.get(source, message.id) != message.id:
            stop = self._stops[source] = StopAt(self._stop)
            yield Told("restart", None, source)
        self._ids[source] = message.id
        if text := stop.feed(text):
            yield Told("token", text, source)
        for piece in pieces:
            yield Told("call", piece, source)


def _whole(message: BaseMessage) -> bool:
    """Whether this is an ensemble's answer in one piece.

    LangGraph emits a node's message once if it was not streamed: a draft that became the answer, or
    the answer of a Runnable that cannot stream.
    """
    return not isinstance(message, AIMessageChunk) and "ensemble" in message.response_metadata
