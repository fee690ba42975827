"""The common base of the graphs as LangGraph objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from langgraph.graph import END, StateGraph
from pydantic import BaseModel

from ..errors import InputError
from ..member import Member
from ..nodes.advice import ATTEMPTS, make_ask_router, make_take_advice
from ..nodes.base import Step, StepNode
from ..nodes.embed import make_embed
from ..nodes.escalate import make_escalate
from ..nodes.finish import Last
from ..nodes.held import given_or_judged, hold, make_give
from ..nodes.route import make_line_up, make_pick, make_route
from ..nodes.routers import Routing, make_learned_route
from ..nodes.state import InputState, OutputState
from ..nodes.trust import Ending
from ..profiles import Profile
from ..routing.router import Router
from .compiled import CompiledEnsemble


class EnsembleGraph(StateGraph[Any, Any, Any, Any]):
    """A graph, by default from `{"messages"}` to `{"messages", "result"}`, with its own name."""

    counts_calls = True
    """If it is a member of a pool, its calls are counted one by one."""

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
        self.knobs: type[Any] = context_schema

    def add_step(self, name: str, step: Step, member: Member | None = None) -> None:
        """Add a step as a node.

        Args:
            name: Name of the node.
            step: Function from the state and the run to an update of the state.
            member: The member that is asked in it, for diagrams.
        """
        node = StepNode(step, self.knobs)
        self.add_node(name, node, metadata={"member": member.name} if member else None)

    def compile(self, *args: Any, **kwargs: Any) -> CompiledEnsemble:
        """Compile like any `StateGraph`, by default named after the method."""
        return CompiledEnsemble.of(super().compile(*args, **{"name": self.name, **kwargs}))

    def add_last(self, last: Last, ending: Ending) -> None:
        """Add the answering step and its successors: `last ⇢ (escalate →) answer` or END.

        Args:
            last: The step.
            ending: How unsure answers are handled; without a replacement END follows.
        """
        writer = last.writers[0] if last.writers else None
        self.add_step(last.node, hold(last.step, ending), writer)
        more = self.add_escalation(ending)
        if not ending.replaces:
            self.add_edge(last.node, END)
            return
        self.add_step("answer", make_give(ending))
        goals = ["answer", END, *more]
        self.add_conditional_edges(last.node, given_or_judged, goals)
        self.add_edge("answer", END)

    def add_escalation(self, ending: Ending) -> list[str]:
        """Add `escalate → answer` if a member is named for it; the targets that this adds."""
        self.knobs.replaces = ending.replaces
        if ending.escalate_to is None:
            return []
        self.add_step("escalate", make_escalate(ending.escalate_to), ending.escalate_to)
        self.add_edge("escalate", "answer")
        return ["escalate"]

    def add_routing(
        self,
        first: str,
        profile: Profile | None,
        members: Sequence[Member],
        top_n: int,
        diversity: float = 0.0,
    ) -> str:
        """Add `first → embed → route`, by which a task map picks the proposers.

        Args:
            first: The previous node.
            profile: The task map; without it nothing is added.
            members: Members that may draft.
            top_n: Number of members that are picked.
            diversity: Weight of their differences.

        Returns:
            The node before the first layer.

        Raises:
            InputError: The profile knows none of the members, or `top_n` is below 1.
        """
        if profile is None:
            return first
        if top_n < 1:
            raise InputError(f"top_n must be at least 1, not {top_n}")
        unique = list({member.name: member for member in members}.values())
        if not 0 <= diversity <= 1:
            raise InputError(f"diversity must lie from 0 to 1, not {diversity}")
        pick = make_pick(known_to(profile, unique), profile, top_n, diversity)
        self.add_route(first, pick, profile)
        return "route"

    def add_route(self, first: str, route: Step, router: Router | None) -> None:
        """Add `first → (embed →) route`; without a router nothing is embedded."""
        self.add_step("route", route)
        if router is not None:
            self.add_step("embed", make_embed(router))
            self.add_edge(first, "embed")
        self.add_edge("embed" if router else first, "route")

    def add_routers(self, first: str, routing: Routing, known: Sequence[Member]) -> None:
        """Add `first → embed → route`, `first → ask_router ⇢ route` or `first → route`."""
        if routing.advisor is not None:
            ask = make_ask_router(routing.advisor, known, routing.descriptions)
            self.add_step("ask_router", ask, routing.advisor)
            self.add_step("route", make_take_advice(routing.advisor, known))
            self.add_edge(first, "ask_router")
            self.add_conditional_edges("ask_router", advised, ["ask_router", "route"])
        elif routing.map is not None:
            self.add_route(first, make_route(routing.pool, routing.map, known), routing.map)
        elif routing.learned is not None:
            step = make_learned_route(routing.learned, known)
            self.add_route(first, step, routing.learned)
        else:
            self.add_route(first, make_line_up(known), None)


def advised(state: Any) -> Literal["ask_router", "route"]:
    """Unreadable advice is requested once more, by an edge; a function of the state."""
    again = state["advice"] is None and state["advised"] < ATTEMPTS
    return "ask_router" if again else "route"


class Known(Protocol):
    """What knows some members by name: a task map, a router, skills."""

    @property
    def members(self) -> Sequence[str]:
        """Their names."""
        ...


def known_to(profile: Known, members: Sequence[Member]) -> list[Member]:
    """The members with a record in the profile, or that a router knows.

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
