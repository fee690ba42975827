"""Multi-agent debate: all agents answer, read each other's answers, answer again, and vote.

Source: Du et al., "Improving Factuality and Reasoning in Language Models through Multiagent
Debate", arXiv 2305.14325.

    prepare → (embed → route →) round ⇢ propose_* → round ⇢ … ⇢ choose (⇢ escalate → answer)

Each pass of the loop, which is an edge, is one round; agreement ends it early. With a profile,
route picks the agents; an unsure answer is replaced if the graph is built for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from langchain_core.runnables import Runnable
from langgraph.graph import START, StateGraph

from ..nodes.cast import named, picked, slots
from ..nodes.choose import make_poll
from ..nodes.debate import last_answers, make_round, others_answers
from ..nodes.defaults import with_defaults
from ..nodes.finish import Last
from ..nodes.limits import default_seconds
from ..nodes.prepare import make_prepare
from ..nodes.propose import make_propose
from ..nodes.state import RoutedState
from ..nodes.systems import DebateContext
from ..nodes.trust import Ending, default_confidence
from ..pool import Member, Pool
from ..presets import arguments_of
from ..profiles import Profile
from .base import EnsembleGraph

PRESETS = arguments_of("debate")
"""Builder arguments of the presets, for `create_debate(pool, **PRESETS["debate-published"])`."""


def create_debate(
    pool: Pool | Iterable[Member | Runnable[Any, Any] | str],
    *,
    rounds: int = 2,
    agreement: float | None = 1.0,
    agents: Sequence[str] | int | None = None,
    roles: Mapping[str, str] | None = None,
    temperature: float = 0.7,
    quorum: int | None = None,
    profile: Profile | None = None,
    top_n: int = 3,
    confidence: float | None = None,
    escalate_to: str | None = None,
    decline: str | None = None,
    seed: int = 42,
    knobs: Mapping[str, Any] | None = None,
    name: str = "debate",
) -> StateGraph[Any, Any, Any, Any]:
    """Build a debate.

    Args:
        pool: The models: a `Pool`, or a list of chat models, `"provider:model"` strings, graphs.
        rounds: Largest number of rounds; in the first one nobody reads anything.
        agreement: Share of equal short answers at which the debate ends early; None: never, as
            published.
        agents: Names of the agents, which may be repeated, or a number: the first ones of the
            pool's proposers; by default all of these.
        roles: Roles by member; other members keep the pool's role.
        temperature: Sampling temperature.
        quorum: Number of usable answers after which a round ends.
        profile: A task map that picks the agents, among those that it knows.
        top_n: Number of agents that it picks.
        confidence: An answer below it is unsure (see docs/avengers.md); by default the pool's with
            a profile, or 0, which means never.
        escalate_to: Member that is asked for the answer instead; by default the pool's, or none.
        decline: Text given instead of an unsure answer if no other member could be asked; by
            default the pool's, or none.
        seed: Fixes prompt order and sampling seeds.
        knobs: Defaults of further knobs, such as `{"draft_tokens": 2048}`.
        name: Name of the graph.

    Returns:
        An uncompiled graph from `{"messages"}` to `{"messages", "result"}`; the answer is the last
        one of an agent, by a vote in which each agent counts once. The numbers above are the
        defaults of its context and can be changed for each run.

    Raises:
        InputError: A name is unknown, or a number is out of bounds.

    Example:
        >>> graph = create_debate(["ollama:qwen2.5:7b", "ollama:gemma2:9b"], rounds=3).compile()
        >>> graph.name
        'debate'
    """
    pool = Pool.of(pool)
    sure = default_confidence(pool, profile, confidence)
    run = {"quorum": quorum, "max_seconds": default_seconds(pool), "confidence": sure, "seed": seed}
    talk = {"rounds": rounds, "agreement": agreement, "temperature": temperature}
    schema = with_defaults(DebateContext, knobs, **talk, **run)
    ending = Ending.of(pool, escalate_to, decline)
    names = named(ending.team(pool), agents)
    cast = slots([pool.member(n, "agent") for n in names], dict(roles or {}))
    drafting = [slot.member for slot in cast]

    graph = EnsembleGraph(RoutedState, schema, name)
    graph.add_step("prepare", make_prepare(pool, drafting))
    graph.add_step("round", make_round())
    for slot in cast:
        graph.add_step(slot.node, make_propose(slot, others_answers, answers=True), slot.member)
        graph.add_edge(slot.node, "round")

    def next_round(state: RoutedState) -> list[str] | str:
        """Answer once more, or vote; it reads only the state, so that forks can be replayed."""
        return "choose" if state["stopped"] else picked(cast, state)

    graph.add_edge(START, "prepare")
    graph.add_edge(graph.add_routing("prepare", profile, drafting, top_n), "round")
    goals = [slot.node for slot in cast]
    graph.add_conditional_edges("round", next_round, [*goals, "choose"])
    vote = make_poll("debate", lambda state: last_answers(state["drafts"]))
    graph.add_last(Last("choose", vote), ending)
    return graph
