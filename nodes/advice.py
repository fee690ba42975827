"""A member routes: it reads descriptions of the members and names those that answer.

    ask_router ⇢ route          the advice can be read
    ask_router ⇢ ask_router     it cannot, so the member is asked once more
    route                       the members that it named first, then the others in the pool's order

Source: the "LLM router" baseline of the Avengers (arXiv 2505.19797, code), which reads anonymised
descriptions. Descriptions made from a task map (`routing.capabilities`) are the capability
instructions of MODEL-SAT, in words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from ..member import Member
from ..models.ask import Ask, ask
from ..prompts import render
from ..prompts.neutral import neutralised
from ..seeds import derive
from .abilities import cannot_draft
from .base import Run, Step
from .context import AvengersContext
from .limits import TO_WRITE, limits_of
from .prompting import question
from .route import asked_first
from .verdict import Unreadable, read_objects, response_format

ATTEMPTS = 2
"""How often the router is asked; the published code asks up to 20 times."""
NO_ADVICE: Mapping[str, Any] = {"advice": None, "advised": 0, "advice_problem": None}
"""Channels at the start of a turn."""


class Advice(BaseModel):
    """The router's choice: numbers of assistants, best first, counted from 1."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    reason: str = Field(default="", description="One sentence.")
    assistants: list[int] = Field(
        description="Numbers of the assistants that answer, best first.",
        validation_alias=AliasChoices("assistants", "chosen", "experts", "models", "ids"),
    )

    @field_validator("reason", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> str:
        return str(value or "")

    @field_validator("assistants", mode="before")
    @classmethod
    def _as_numbers(cls, value: Any) -> list[int]:
        return [int(number) for number in re.findall(r"\d{1,6}", str(value))]


def read_advice(text: str, count: int) -> list[int]:
    """The numbers that a router names, each once and at most `count`.

    Raises:
        Unreadable: There is no JSON object, or it names no assistant.

    Example:
        >>> read_advice('Sure: {"assistants": ["2", 9, 2]}', 3)
        [2]
    """
    for found in read_objects(text):
        try:
            named = Advice.model_validate(found).assistants
        except ValidationError:
            continue
        if known := [number for number in dict.fromkeys(named) if 1 <= number <= count]:
            return known
    raise Unreadable("'assistants' names none of them")


def make_ask_router(
    router: Member, candidates: Sequence[Member], descriptions: Mapping[str, str]
) -> Step:
    """The node that asks a member for the members that answer.

    Args:
        router: The member that is asked.
        candidates: Those that may answer; the router sees their numbers and no names.
        descriptions: What is known of each, by name.
    """
    listed = "\n".join(
        f"{number}. {neutralised(' '.join(descriptions[member.name].split()))}"
        for number, member in enumerate(candidates, 1)
    )

    async def ask_router(state: Any, run: Run[AvengersContext]) -> dict[str, Any]:
        knobs, attempt = run.knobs, state["advised"] + 1
        asked = neutralised(question(state["messages"]))
        reply = await ask(
            Ask(
                member=router,
                messages=[
                    SystemMessage(render("route", assistants=listed, count=knobs.top_n)),
                    HumanMessage(render("route_question", question=asked)),
                ],
                stage="judge",
                layer=0,
                temperature=0.0,
                seed=derive(knobs.seed, "router", attempt),
                limits=limits_of(state["calls"], run, keep=TO_WRITE),
                response_format=response_format("advice", Advice, router.structured),
            ),
            run.emit,
        )
        update: dict[str, Any] = {"advised": attempt, "calls": reply.calls}
        first = reply.first
        try:
            if first.status not in ("ok", "cut"):
                # A router that is out of reach is not asked twice.
                update["advised"] = ATTEMPTS
                raise Unreadable(first.error or "the router did not answer")
            named = read_advice(first.text, len(candidates))
        except Unreadable as error:
            return {**update, "advice": None, "advice_problem": str(error)}
        advice = [candidates[number - 1].name for number in named]
        return {**update, "advice": advice, "advice_problem": None}

    return ask_router


def make_take_advice(router: Member, candidates: Sequence[Member]) -> Step:
    """The node that ranks the members by the router's advice; see `make_ask_router`."""
    team = {member.name: member for member in candidates}

    async def route(state: Any, run: Run[AvengersContext]) -> dict[str, Any]:
        knobs, advice = run.knobs, state["advice"] or []
        names = [*advice, *(name for name in team if name not in advice)]
        able = [n for n in names if cannot_draft(team[n], state["messages"], knobs) is None]
        ranking = [
            {"member": name, "score": round(1 / (place + 1), 6), "record": None}
            for place, name in enumerate(able)
        ]
        update = {"ranking": ranking, "cluster": None, "position": None, "familiarity": None}
        asked = asked_first(update, knobs, knobs.top_n, team, run)
        if state["advice"] is None:
            note = f"router {router.name}: {state['advice_problem']}; took the pool's order"
            asked["fell_back"] = [note]
        return asked

    return route
