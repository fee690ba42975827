"""Symbolic-MoE: name the skills that a question needs, recruit experts by them, aggregate.

Source: Chen et al., "Symbolic Mixture-of-Experts: Adaptive Skill-based Routing for Heterogeneous
Reasoning", arXiv 2503.05641.

    prepare → tag → recruit ⇢ propose_* → recruit ⇢ aggregate (⇢ escalate → answer)

The edge back to recruit leads on to the aggregator, or to other experts if all have failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from langchain_core.runnables import Runnable
from langgraph.graph import START, StateGraph

from ..nodes.aggregate import aggregator_of
from ..nodes.cast import named, slots
from ..nodes.choose import Finish
from ..nodes.defaults import with_defaults
from ..nodes.finish import make_last
from ..nodes.keywords import make_recruit, make_tag, recruited
from ..nodes.layer import last_layer
from ..nodes.limits import default_seconds
from ..nodes.prepare import make_prepare
from ..nodes.propose import make_propose
from ..nodes.state import RoutedState
from ..nodes.systems import SymbolicContext
from ..nodes.trust import Ending, default_confidence
from ..pool import Member, Pool
from ..presets import arguments_of
from ..profiles import Profile
from ..skills import Skills
from .base import EnsembleGraph, known_to

PRESETS = arguments_of("symbolic_moe")
"""Builder arguments of the presets, for `create_symbolic_moe(pool, skills, **PRESETS[…])`."""


class SymbolicState(RoutedState):
    """The state of Symbolic-MoE, beside the common state."""

    keywords: list[str]
    asking: dict[str, int]


def create_symbolic_moe(
    pool: Pool | Iterable[Member | Runnable[Any, Any] | str],
    skills: Skills | Profile | None,
    *,
    experts: int = 3,
    tagger: Member | Runnable[Any, Any] | str | None = None,
    aggregator: Member | Runnable[Any, Any] | str | None = None,
    proposers: Sequence[str] | int | None = None,
    finish: Finish = "auto",
    temperature: float = 0.7,
    quorum: int | None = None,
    confidence: float | None = None,
    escalate_to: str | None = None,
    decline: str | None = None,
    seed: int = 42,
    knobs: Mapping[str, Any] | None = None,
    name: str = "symbolic_moe",
) -> StateGraph[Any, Any, Any, Any]:
    """Build a Symbolic-MoE graph.

    Args:
        pool: The models: a `Pool`, or a list of chat models, `"provider:model"` strings, graphs.
        skills: What each member proved on each keyword; a profile stands for the words of its
            clusters. None: all members are equally likely to be recruited.
        experts: Number of experts, drawn with replacement: one that is drawn twice drafts twice.
        tagger: The member that writes keywords, or a further model that joins the pool and does not
            draft; by default the pool's judge or its aggregator.
        aggregator: The writer of the final answer, likewise; by default the pool's aggregator, or
            its first member.
        proposers: Names of the members that may be recruited, or a number: the first ones of the
            pool's proposers; by default all of these that `skills` knows.
        finish: `write`: the aggregator writes the answer, as published. `choose`: the answer is one
            of the drafts, by a vote. `auto`: `choose` if the aggregator is known to have less than
            a billion parameters.
        temperature: Sampling temperature of the drafts.
        quorum: Number of usable drafts after which no more are awaited.
        confidence: An answer below it is unsure (see docs/avengers.md); by default 0: never.
        escalate_to: Member that is asked for the answer instead; by default the pool's, or none.
        decline: Text given instead of an unsure answer if no other member could be asked; by
            default the pool's, or none.
        seed: Fixes who is recruited, prompt order and sampling seeds.
        knobs: Defaults of further knobs, such as `{"tags": 3}`.
        name: Name of the graph.

    Returns:
        An uncompiled graph from `{"messages"}` to `{"messages", "result"}`;
        `result["keywords"]` holds the known keywords that were found.

    Raises:
        InputError: A name is unknown, or a number is out of bounds.

    Example:
        >>> rows = [{"query": "1 + 1", "scores": {"qwen2.5-7b": 1}, "keywords": ["algebra"]}]
        >>> graph = create_symbolic_moe(["ollama:qwen2.5:7b"], Skills.fit(rows)).compile()
        >>> graph.name
        'symbolic_moe'
    """
    pool, answerer = aggregator_of(Pool.of(pool), aggregator)
    pool, tags = pool.joined(tagger or pool.judge or answerer.name, "tagger")
    run = {"quorum": quorum, "max_seconds": default_seconds(pool), "seed": seed}
    run |= {"confidence": default_confidence(pool, None, confidence)}
    schema = with_defaults(SymbolicContext, knobs, experts=experts, temperature=temperature, **run)
    ending = Ending.of(pool, escalate_to, decline)
    asked = [pool.member(n, "proposer") for n in named(ending.team(pool), proposers)]
    skills = Skills.of(skills) if isinstance(skills, Profile) else skills
    skills = skills or Skills.unknown([member.name for member in asked])
    cast = slots(known_to(skills, asked))
    drafting = [slot.member for slot in cast]
    told = ("keywords",)
    last = make_last("symbolic_moe", finish, pool, answerer, drafting, last_layer, told)

    graph = EnsembleGraph(SymbolicState, schema, name)
    fresh = {"keywords": [], "asking": {}}
    graph.add_step("prepare", make_prepare(pool, drafting, last.writers, **fresh))
    graph.add_step("tag", make_tag(tags), tags)
    graph.add_step("recruit", make_recruit(skills, drafting))
    for slot in cast:
        graph.add_step(slot.node, make_propose(slot, recruited, answers=last.chooses), slot.member)
        graph.add_edge(slot.node, "recruit")

    def experts_or_end(state: SymbolicState) -> list[str] | str:
        """Ask the recruited experts, or end; it reads only the state."""
        wanted = [slot.node for slot in cast if slot.member.name in state["asking"]]
        return last.node if state["stopped"] else wanted

    graph.add_edge(START, "prepare")
    graph.add_edge("prepare", "tag")
    graph.add_edge("tag", "recruit")
    goals = [slot.node for slot in cast]
    graph.add_conditional_edges("recruit", experts_or_end, [*goals, last.node])
    graph.add_last(last, ending)
    return graph
