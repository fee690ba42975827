"""A member names the skills that a question needs; experts are recruited by them (Symbolic-MoE)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ..member import Member
from ..models.ask import Ask, Reply, ask
from ..prompts import render
from ..prompts.neutral import neutralised
from ..records import best_of, storable
from ..seeds import derive, generator
from ..skills import Skills, plain
from .abilities import cannot_draft
from .base import Run, Step
from .cast import Slot
from .limits import TO_WRITE, exhausted, limits_of
from .prompting import question
from .propose import Reading
from .systems import SymbolicContext
from .verdict import Unreadable, read_objects, response_format

LONGEST = 20
"""Characters of the longest keyword that is kept, as in the published code."""
TOKENS = 128
"""Token limit of one list of keywords."""


class Keywords(BaseModel):
    """The skills that a question needs."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    keywords: list[str] = Field(description="Two to five skills.")

    @field_validator("keywords", mode="before")
    @classmethod
    def _as_texts(cls, value: Any) -> list[str]:
        items = value if isinstance(value, list) else str(value).split(",")
        return [storable(str(item)) for item in items]


def agreed_keywords(texts: Sequence[str], least: int = 2) -> list[str]:
    """The keywords that several of the lists in `texts` name, the most frequent first.

    Args:
        texts: What a model wrote, one list of keywords each.
        least: Number of lists that must name a keyword; with fewer lists, all of them.

    Example:
        >>> agreed_keywords(['{"keywords": ["Algebra", "rest"]}', '{"keywords": ["algebra"]}'])
        ['algebra']
    """
    counts: Counter[str] = Counter()
    heard = 0
    for text in texts:
        try:
            objects = read_objects(text)
        except Unreadable:
            continue
        for found in objects:
            try:
                named = Keywords.model_validate(found).keywords
            except ValidationError:
                continue
            heard += 1
            counts.update(list(dict.fromkeys(plain(word) for word in named)))
            break
    wanted = min(least, heard)
    return [w for w, n in counts.most_common() if n >= wanted and 0 < len(w) <= LONGEST]


def make_tag(member: Member) -> Step:
    """The node that asks a member several times for the skills that the question needs."""

    async def tag(state: Any, run: Run[SymbolicContext]) -> dict[str, Any]:
        knobs = run.knobs
        limits = limits_of(state["calls"], run, keep=TO_WRITE)
        prompt = _prompt(question(state["messages"]))
        reply = await _asked(member, prompt, knobs.tags, knobs.seed, run.emit, limits=limits)
        words = agreed_keywords([each.text for each in reply.samples if each.status == "ok"])
        update: dict[str, Any] = {"keywords": words, "calls": reply.calls}
        if not words:
            why = reply.first.error or "no skill was named twice"
            update["fell_back"] = [f"keywords by {member.name}: {why}; recruited by strength alone"]
        return update

    return tag


def make_recruit(skills: Skills, candidates: Sequence[Member]) -> Step:
    """The node that recruits experts, with replacement, and others if all of them fail.

    It sets `asking` to the number of drafts of each expert, and `stopped` when there are drafts.
    """
    team = {member.name: member for member in candidates}

    async def recruit(state: Any, run: Run[SymbolicContext]) -> dict[str, Any]:
        knobs, layer = run.knobs, state["layer"]
        tried = {draft["member"] for draft in state["drafts"]}
        rest = [name for name in team if name not in tried]
        rest = [name for name in rest if cannot_draft(team[name], state["messages"]) is None]
        stopped = exhausted(state["calls"], knobs, state["drafts"])
        if layer and best_of(state["drafts"]):
            stopped = stopped or "experts"
        if stopped or not rest:
            return {"asking": {}, "stopped": stopped or "no_usable_draft"}
        words = await skills.known(state["keywords"])
        chances = skills.chances(words, rest, knobs.recruit_temperature)
        drawn = generator(knobs.seed, "recruit", layer, *words).choices(
            rest, chances, k=knobs.experts
        )
        asking = {name: drawn.count(name) for name in rest if name in drawn}
        ranking = [
            {"member": name, "score": round(chance, 6), "record": None}
            for name, chance in sorted(zip(rest, chances, strict=True), key=lambda pair: -pair[1])
        ]
        update = {"ranking": ranking, "picked": list(asking), "keywords": words}
        data = {**update, "drafting": True}
        run.emit({"type": "routed", "stage": "route", "layer": layer + 1, "data": data})
        return {**update, "asking": asking, "layer": layer + 1, "stopped": None}

    return recruit


def recruited(state: Any, slot: Slot) -> Reading:
    """The input of an expert: the question alone, as often as it was recruited."""
    return Reading([], role=slot.role, samples=state["asking"].get(slot.member.name))


async def tagged(
    records: Iterable[Mapping[str, Any]], member: Member, *, times: int = 5, seed: int = 42
) -> list[dict[str, Any]]:
    """Records with the keywords that a member gives to their questions, for `Skills.fit`.

    Args:
        records: As for `Skills.fit`, without keywords.
        member: The member that is asked, `times` times for each question.
        times: Number of lists; a keyword must be in two of them.
        seed: Fixes sampling seeds.

    Returns:
        The records for which keywords were named.
    """
    done = []
    for record in records:
        reply = await _asked(member, _prompt(record["query"]), times, seed, lambda _: None)
        words = agreed_keywords([each.text for each in reply.samples if each.status == "ok"])
        if words:
            done.append({**record, "keywords": words})
    return done


def _prompt(asked: str) -> list[BaseMessage]:
    wrapped = render("route_question", question=neutralised(asked))
    return [SystemMessage(render("keywords")), HumanMessage(wrapped)]


async def _asked(
    member: Member, prompt: list[BaseMessage], times: int, seed: int, emit: Any, **more: Any
) -> Reply:
    form = response_format("keywords", Keywords, member.structured)
    what = Ask(
        member=member,
        messages=prompt,
        stage="judge",
        n=times,
        temperature=0.7,
        max_tokens=TOKENS,
        seed=derive(seed, "keywords"),
        response_format=form,
        **more,
    )
    return await ask(what, emit)
