"""LLM ranker: all proposers answer, a ranker names the best answer, and nobody rewrites it.

Source: a baseline of Wang et al., "Mixture-of-Agents Enhances Large Language Model Capabilities",
arXiv 2406.04692, where the aggregator's model is the ranker; the idea is that of Jiang et al.,
"LLM-Blender", arXiv 2306.02561.

    prepare → (embed → route →) round ⇢ propose_* → rank ⇢ (repair →) select → choose

With a profile, route picks the proposers. An unreadable ranking is requested once more; then the
draft that agrees most with the others is taken. An unsure answer is replaced after `choose`
(⇢ escalate → answer) if the graph is built for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from langchain_core.runnables import Runnable
from langgraph.graph import START, StateGraph

from ..nodes.aggregate import aggregator_of
from ..nodes.cast import Slot, named, slots, who_drafts
from ..nodes.choose import make_hand_over
from ..nodes.defaults import with_defaults
from ..nodes.finish import Last
from ..nodes.judge import judges_of, kept_drafts, make_judge, make_repair, make_select
from ..nodes.layer import open_round
from ..nodes.limits import default_seconds
from ..nodes.prepare import make_prepare
from ..nodes.propose import Reading, make_propose
from ..nodes.state import NO_JUDGEMENT, JudgedState
from ..nodes.systems import RankerContext
from ..nodes.trust import Ending, default_confidence
from ..pool import Member, Pool
from ..presets import arguments_of
from ..profiles import Profile
from .base import EnsembleGraph
from .smoa import readable

PRESETS = arguments_of("ranker")
"""Builder arguments of the presets, for `create_ranker(pool, **PRESETS["ranker"])`."""


def create_ranker(
    pool: Pool | Iterable[Member | Runnable[Any, Any] | str],
    *,
    ranker: Member | Runnable[Any, Any] | str | None = None,
    proposers: Sequence[str] | int | None = None,
    samples: int = 1,
    temperature: float = 0.7,
    quorum: int | None = None,
    profile: Profile | None = None,
    top_n: int = 3,
    confidence: float | None = None,
    escalate_to: str | None = None,
    decline: str | None = None,
    seed: int = 42,
    knobs: Mapping[str, Any] | None = None,
    name: str = "ranker",
) -> StateGraph[Any, Any, Any, Any]:
    """Build a graph in which a model chooses one of the drafts.

    Args:
        pool: The models: a `Pool`, or a list of chat models, `"provider:model"` strings, graphs.
        ranker: The member that chooses, or a further model that joins the pool and does not draft;
            by default the pool's judge or its aggregator. One below a billion parameters is asked
            only if it is named here or has `structured: letter`; otherwise the draft that agrees
            most with the others is taken.
        proposers: Names of the proposers, or a number: the first ones of the pool's; by default all
            of these.
        samples: Number of drafts of each proposer.
        temperature: Sampling temperature of the drafts.
        quorum: Number of usable drafts after which no more are awaited.
        profile: A task map that picks the proposers, among those that it knows.
        top_n: Number of proposers that it picks.
        confidence: An answer below it is unsure (see docs/avengers.md); by default the pool's with
            a profile, or 0, which means never.
        escalate_to: Member that is asked for the answer instead; by default the pool's, or none.
        decline: Text given instead of an unsure answer if no other member could be asked; by
            default the pool's, or none.
        seed: Fixes prompt order and sampling seeds.
        knobs: Defaults of further knobs, such as `{"judge_temperature": 0.7}`.
        name: Name of the graph.

    Returns:
        An uncompiled graph from `{"messages"}` to `{"messages", "result"}`; the answer is one of
        the drafts, word for word. `result["rounds"]` holds the ranker's choice and its reason.

    Raises:
        InputError: A name is unknown, or a number is out of bounds.

    Example:
        >>> graph = create_ranker(["ollama:qwen2.5:7b", "ollama:gemma2:9b"]).compile()
        >>> graph.name
        'ranker'
    """
    pool, answerer = aggregator_of(Pool.of(pool), None)
    pool, ranks, _ = judges_of(pool, answerer, ranker, None)
    sure = default_confidence(pool, profile, confidence)
    run = {"quorum": quorum, "max_seconds": default_seconds(pool), "confidence": sure, "seed": seed}
    schema = with_defaults(RankerContext, knobs, temperature=temperature, **run)
    ending = Ending.of(pool, escalate_to, decline)
    names = named(ending.team(pool), proposers)
    cast = slots([pool.member(n, "proposer") for n in names], samples=samples)
    drafting = [slot.member for slot in cast]

    graph = EnsembleGraph(JudgedState, schema, name)
    graph.add_step("prepare", make_prepare(pool, drafting, **NO_JUDGEMENT))
    graph.add_step("round", open_round)
    for slot in cast:
        graph.add_step(slot.node, make_propose(slot, by_itself, answers=True), slot.member)
        graph.add_edge(slot.node, "rank" if ranks else "select")
    graph.add_step("select", make_select(ranks))
    if ranks is not None:
        graph.add_step("rank", make_judge(ranks, "rank"), ranks)
        graph.add_step("repair", make_repair(ranks, "rank"), ranks)
        graph.add_conditional_edges("rank", readable, ["select", "repair"])
        graph.add_edge("repair", "select")

    graph.add_edge(START, "prepare")
    graph.add_edge(graph.add_routing("prepare", profile, drafting, top_n), "round")
    graph.add_conditional_edges("round", who_drafts(cast), [slot.node for slot in cast])
    graph.add_edge("select", "choose")
    graph.add_last(Last("choose", make_hand_over("ranker", kept_drafts, ("rounds",))), ending)
    return graph


def by_itself(state: Any, slot: Slot) -> Reading:
    """The input of a proposer that reads no drafts."""
    return Reading([], role=slot.role)
