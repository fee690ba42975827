"""A served graph that also shows the team at work, as LangGraph's UI messages.

agent-chat-ui shows a UI message beside the message that it names, and replaces all it has by each
item of `values`. So the answer's id is fixed before the run, an empty answer with this id goes
first, and each later item of `values` is given both.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated, Any
from uuid import uuid4

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import RunnableConfig, ensure_config
from langgraph.channels.delta import DeltaChannel
from langgraph.graph import StateGraph
from langgraph.graph.ui import ui_message_reducer
from typing_extensions import TypedDict

from ...graphs.compiled import CompiledEnsemble
from ...presets import preset
from ..served import Served, Wrapped, served
from .team import Team

_TEAM = "__ensemble_team"
"""Where a configuration holds its `Team`; LangGraph stores no name that begins so."""
_NEEDED = {"values", "messages", "custom"}
"""The stream modes without which a front end cannot show UI messages beside messages."""


def _with_more(before: list[Any], writes: Sequence[Any]) -> list[Any]:
    for write in writes:
        before = ui_message_reducer(before, write)
    return before


class UiState(TypedDict):
    """What is kept of the team: one UI message for each answer, so that a reload shows it."""

    ui: Annotated[list[Any], DeltaChannel(_with_more)]


def shown(builder: StateGraph[Any, Any, Any, Any], model: str, **options: Any) -> CompiledEnsemble:
    """Compile a graph for a server whose front ends show UI messages.

    Args:
        builder: The graph; its nodes and its state are changed.
        model: Its name in metrics, logs and traces.
        **options: As for `StateGraph.compile`.
    """
    builder._add_schema(UiState)
    for schema in (builder.state_schema, builder.output_schema):
        builder.schemas[schema] |= builder.schemas[UiState]
    for node in builder.nodes.values():
        node.runnable = _Named(node.runnable)  # pyright: ignore[reportAttributeAccessIssue]
    builder.shows_team = True  # pyright: ignore[reportAttributeAccessIssue]
    return Shown.of(served(builder, model, **options))


class Shown(Served):
    """A graph whose runs tell front ends that can show it who is at work."""

    async def astream(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, input: Any, config: RunnableConfig | None = None, **options: Any
    ) -> AsyncGenerator[Any]:
        """See `Served.astream`."""
        inside = dict((config or {}).get("configurable") or {})
        if not self._shows(inside, options):
            async with aclosing(super().astream(input, config, **options)) as stream:
                async for item in stream:
                    yield item
            return
        run = str(inside.get("run_id") or (config or {}).get("run_id") or uuid4())
        team = Team(run, preset(self.builder.served_as).method)  # pyright: ignore
        told: Any = {**(config or {}), "configurable": {**inside, _TEAM: team}}
        view = _View(team)
        async with aclosing(super().astream(input, told, **options)) as stream:
            async for item in stream:
                *space, mode, data = item
                if space and space[0]:
                    yield item
                    continue
                for each in view.items(mode, data):
                    yield (*space, *each)

    def _shows(self, inside: dict[str, Any], options: dict[str, Any]) -> bool:
        modes = options.get("stream_mode")
        return (
            getattr(self.builder, "shows_team", False)
            and isinstance(modes, list)
            and set(modes) >= _NEEDED
            # A part of another graph, and LangGraph's newer protocol, which has no such messages.
            and not inside.get("checkpoint_ns")
            and not any(name.startswith("__pregel_read") for name in inside)
            and not inside.get("__event_streaming_v2")
        )


class _View:
    """The stream of a run as a front end that shows UI messages needs it."""

    def __init__(self, team: Team) -> None:
        self._team = team
        self._ended: Any = None
        self._source: str | None = None
        self._text = ""
        self._begun = False

    def items(self, mode: str, data: Any) -> list[tuple[str, Any]]:
        """What stands in the place of one item."""
        if mode == "values" and isinstance(data, dict) and "messages" in data:
            return self._values(data)
        if mode == "messages":
            return [("messages", each) for each in self._message(*data)]
        if mode == "custom" and isinstance(data, dict) and self._team.take(data) and self._begun:
            return [(mode, data), ("custom", self._team.message())]
        return [(mode, data)]

    def _values(self, data: dict[str, Any]) -> list[tuple[str, Any]]:
        first, self._begun = not self._begun, True
        named = any(each.id == self._team.answer for each in data["messages"])
        if first and not named:
            # Only now a client knows the messages before it, which it counts.
            empty = AIMessageChunk(content="", id=self._team.answer)
            return [
                ("values", data),
                ("messages", (empty, {})),
                ("custom", self._team.message()),
            ]
        ui: list[Any] = list(data.get("ui") or ())
        messages = list(data["messages"])
        ended = next((each for each in ui if each["id"] == self._team.id), None)
        if ended is None:
            ui.append(self._team.message())
        if not named:
            messages.append(AIMessage(content=self._text, id=self._team.answer))
        more = [("custom", ended)] if ended and not self._ended else []
        self._ended = ended
        return [("values", {**data, "messages": messages, "ui": ui}), *more]

    def _message(self, message: Any, about: Any) -> list[Any]:
        """A message under the id of the answer, if it is the answer."""
        if message.type not in ("ai", "AIMessageChunk"):
            return [(message, about)]
        if message.id == self._team.answer:
            # The whole answer, of which the client has the parts.
            return [] if self._source else [(message, about)]
        self._source = self._source or message.id
        if message.id != self._source:
            return [(message, about)]
        self._text += str(message.text)
        return [(message.model_copy(update={"id": self._team.answer}), about)]


class _Named(Wrapped):
    """A node whose answer gets the id that the front end knows, and a UI message beside it."""

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        """Run the node."""
        update = await self._node.ainvoke(input, config, **kwargs)
        team: Team | None = (ensure_config(config).get("configurable") or {}).get(_TEAM)
        if team is None or not isinstance(update, dict) or not update.get("result"):
            return update
        *before, last = update.get("messages") or [None]
        if not isinstance(last, AIMessage):
            return update
        named = last.model_copy(update={"id": team.answer})
        ui = [team.finished(update["result"])]
        return {**update, "messages": [*before, named], "ui": ui}
