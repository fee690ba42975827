"""What the graphs have in common as LangGraph objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langgraph.graph import END, StateGraph
from langgraph.graph.state import CompiledStateGraph
from pydantic import BaseModel

from ..errors import InputError
from ..member import Member
from ..nodes.bridge import as_node
from ..nodes.context import EnsembleContext
from ..nodes.embed import make_embed
from ..nodes.escalate import make_escalate
from ..nodes.held import given_or_judged, make_give
from ..nodes.propose import Slot
from ..nodes.route import make_pick
from ..nodes.state import InputState, OutputState
from ..nodes.trust import Ending
from ..profiles import Profile


class EnsembleGraph(StateGraph[Any, Any, Any, Any]):
    """From `{"messages"}` to `{"messages", "result"}` by default; compiles under its own name."""

    def __init__(
        self,
        state_schema: type,
        context_schema: type[BaseModel],
        name: str,
        *,
        input_schema: type = InputState,
        output_schema: type = OutputState,
    ) -> None:
        super().__init__(
            state_schema,
            context_schema=context_schema,
            input_schema=input_schema,
            output_schema=output_schema,
        )
        self.name = name

    def compile(self, *args: Any, **kwargs: Any) -> CompiledStateGraph[Any, Any, Any, Any]:
        """Compile as any `StateGraph`, named after the method unless told otherwise."""
        return super().compile(*args, **{"name": self.name, **kwargs})

    def add_ending(self, last: str, ending: Ending, schema: type[EnsembleContext]) -> None:
        """What follows the node that writes the answer: `last ⇢ (escalate →) answer`, or the end.

        Args:
            last: Name of that node, which `hold` has wrapped.
            ending: What becomes of an unsure answer; nothing follows where nothing can.
            schema: The graph's context schema.
        """
        if not ending.replaces:
            self.add_edge(last, END)
            return
        self.add_node("answer", as_node(make_give(schema, ending)))
        goals = ["answer", END, *self.add_escalation(ending, schema)]
        self.add_conditional_edges(last, given_or_judged, goals)
        self.add_edge("answer", END)

    def add_escalation(self, ending: Ending, schema: type[EnsembleContext]) -> list[str]:
        """`escalate → answer`, where a member is named for it; the goals that this adds."""
        if ending.escalate_to is None:
            return []
        node = as_node(make_escalate(ending.escalate_to, schema))
        self.add_node("escalate", node, metadata={"member": ending.escalate_to.name})
        self.add_edge("escalate", "answer")
        return ["escalate"]

    def add_routing(
        self, first: str, profile: Profile | None, members: Sequence[Member], top_n: int
    ) -> str:
        """`first → embed → route`, where a task map picks who drafts.

        Args:
            first: The node before.
            profile: The task map; without one nothing is added.
            members: Who may draft.
            top_n: How many of them are picked.

        Returns:
            The node that the first layer follows.

        Raises:
            InputError: The profile knows none of the members, or `top_n` is below 1.
        """
        if profile is None:
            return first
        if top_n < 1:
            raise InputError(f"top_n must be at least 1, not {top_n}")
        unique = list({member.name: member for member in members}.values())
        self.add_node("embed", as_node(make_embed(profile)))
        self.add_node("route", as_node(make_pick(known_to(profile, unique), profile, top_n)))
        self.add_edge(first, "embed")
        self.add_edge("embed", "route")
        return "route"


def known_to(profile: Profile, members: Sequence[Member]) -> list[Member]:
    """The members that a profile has a record of.

    Raises:
        InputError: There is none.
    """
    known = [member for member in members if member.name in profile.members]
    if not known:
        names = ", ".join(member.name for member in members)
        raise InputError(
            f"the profile knows {', '.join(profile.members)}, but the pool has only {names}; "
            "calibrate with this pool or give its members those names"
        )
    return known


def picked(cast: Sequence[Slot], state: Any) -> list[str]:
    """The places of the members that the task map picked; all where none of them was.

    Example:
        >>> picked([Slot("propose_a", Member(name="a", model="m"))], {})
        ['propose_a']
    """
    named = state.get("picked") or []
    return [s.node for s in cast if s.member.name in named] or [s.node for s in cast]
