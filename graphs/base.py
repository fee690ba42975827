"""What the graphs have in common as LangGraph objects."""

from __future__ import annotations

from typing import Any

from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph
from pydantic import BaseModel

from ..nodes.state import InputState, OutputState


class EnsembleGraph(StateGraph[Any, Any, Any, Any]):
    """From `{"messages"}` to `{"messages", "result"}`; compiles under its own name."""

    def __init__(self, state_schema: type, context_schema: type[BaseModel], name: str) -> None:
        super().__init__(
            state_schema,
            context_schema=context_schema,
            input_schema=InputState,
            output_schema=OutputState,
        )
        self.name = name

    def compile(self, *args: Any, **kwargs: Any) -> CompiledStateGraph[Any, Any, Any, Any]:
        """Compile as any `StateGraph`, named after the method unless told otherwise."""
        return super().compile(*args, **{"name": self.name, **kwargs})
