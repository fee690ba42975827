"""Follow one run of a graph: its events, the tokens of its answer, its end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph

from ..errors import InputError
from ..nodes.aggregate import NoUsableDraftError
from ..redact import redact
from ..streaming import Reader, Told


async def follow(
    graph: CompiledStateGraph[Any, Any, Any, Any],
    messages: Sequence[BaseMessage] | None,
    context: Mapping[str, Any],
    *,
    thread: str | None = None,
    events: bool = True,
) -> AsyncIterator[Told]:
    """Run `graph` and tell what happens.

    Args:
        graph: A compiled ensemble.
        messages: The conversation, or on a thread its newest turn; None goes on with a run of the
            thread that was broken off.
        context: Knobs.
        thread: Name of the thread, for a graph that remembers.
        events: Whether to tell events; without them members need not stream their drafts.
    """
    config: RunnableConfig = {"configurable": {"thread_id": thread}} if thread else {}
    modes: list[Any] = ["messages", "values", *(["custom"] if events else [])]
    reader = Reader()
    given = None if messages is None else {"messages": list(messages)}
    stream: AsyncIterator[Any] = graph.astream(
        given, config, stream_mode=modes, context=dict(context)
    )
    async for mode, item in stream:
        for told in reader.read(mode, item):
            yield told._replace(data=_lean(told.data)) if told.kind == "event" else told
    for told in reader.end():
        yield told


def _lean(event: dict[str, Any]) -> dict[str, Any]:
    """A token with only the beginning of its author's role, which `started` has told in full."""
    role = event.get("role")
    return {**event, "role": role[:40]} if role and event["type"] == "token" else event


def plain_words(error: BaseException, secrets: frozenset[str]) -> tuple[str, str]:
    """What went wrong, as a short code and a line for people; without secrets.

    Returns:
        `invalid`, `no_usable_draft` or `internal`, and the line.
    """
    if isinstance(error, InputError):
        return "invalid", redact(str(error), secrets)
    if isinstance(error, NoUsableDraftError):
        return "no_usable_draft", redact(str(error), secrets)
    # Anything else is a defect of ours or of the disk; its text may hold anything.
    return "internal", f"the run failed: {type(error).__name__}"
