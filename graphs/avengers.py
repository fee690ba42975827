"""The Avengers: embed the query, route it on the task map, sample, vote.

Source: Zhang et al., "The Avengers: A Simple Recipe for Uniting Smaller Language Models to
Challenge Proprietary Giants", arXiv 2505.19797; its multi-model vote is Model-Switch,
arXiv 2504.00762.

    prepare → embed → route ⇢ sample_* → vote ⇢ sample_* | (escalate →) answer
    prepare → ask_router ⇢ ask_router | route …

The second line is the beginning if a model routes (`router=`). The edge back from the vote asks the
next member if Model-Switch is not sure, or if there is no usable answer yet. For a model on a local
server it draws more samples, a few at a time, while the vote is open. An unsure answer is escalated
if a member is named for it. Without a profile nothing is embedded, and route selects all members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from langchain_core.runnables import Runnable
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from ..models.request import one_by_one
from ..nodes.advice import NO_ADVICE
from ..nodes.answer import make_answer
from ..nodes.cast import named
from ..nodes.context import AvengersContext
from ..nodes.defaults import with_defaults
from ..nodes.limits import default_seconds
from ..nodes.prepare import make_prepare
from ..nodes.routers import routing_of
from ..nodes.sample import make_sample, spare
from ..nodes.state import RoutedState
from ..nodes.trust import Ending, sure_or_escalate
from ..nodes.vote import make_vote
from ..nodes.waves import drawn_by
from ..pool import Member, Pool
from ..presets import arguments_of
from ..profiles import Profile
from ..routing.router import Router
from .base import EnsembleGraph, known_to

PRESETS = arguments_of("avengers")
"""Builder arguments of the presets, for `create_avengers(pool, profile, **PRESETS[…])`."""


class AvengersState(RoutedState):
    """The state of the Avengers, beside the common state."""

    asking: dict[str, int]
    tally: dict[str, Any]
    batch: tuple[int, int] | None
    advice: list[str] | None
    advised: int
    advice_problem: str | None


NO_VOTE: dict[str, Any] = {"asking": {}, "tally": {}, "batch": None, **NO_ADVICE}
"""Channels with their values at the start of a turn."""


def create_avengers(
    pool: Pool | Iterable[Member | Runnable[Any, Any] | str],
    profile: Profile | None,
    *,
    proposers: Sequence[str] | int | None = None,
    router: Router | Member | Runnable[Any, Any] | str | bool | None = None,
    descriptions: Mapping[str, str] | None = None,
    samples: int = 10,
    top_n: int | None = None,
    strategy: Literal["self_consistency", "model_switch", "team"] = "self_consistency",
    settled: float | None = None,
    weights: Literal["profile", "equal"] = "profile",
    threshold: float = 0.8,
    mode: Literal["posterior", "published", "reference"] = "posterior",
    alpha: float = 1.0,
    temperature: float = 0.7,
    quorum: int | None = None,
    sticky: float = 0.05,
    confidence: float | None = None,
    escalate_to: str | None = None,
    decline: str | None = None,
    seed: int = 42,
    knobs: Mapping[str, Any] | None = None,
    name: str = "avengers",
) -> StateGraph[Any, Any, Any, Any]:
    """Build an Avengers graph.

    As a subgraph it streams only with `subgraphs=True` in the parent's `stream`; `stream_answer`
    reads the answer at any depth.

    Args:
        pool: The models: a `Pool`, or a list of chat models, `"provider:model"` strings, graphs.
        profile: The task map and each member's record on it. Questions are never routed to members
            that it does not know. None: self-consistency over the pool's proposers, in its order.
        proposers: Names of the members that may be asked, or a number: the first ones of the pool's
            proposers; by default all that the profile knows, without it the pool's proposers.
        router: Routes in place of the task map: a `routing.router.Router`, such as
            `routing.learned.FactorRouter`; or a member's name or a further model, which reads
            descriptions of the members and names those that answer; True: the pool's judge, or its
            aggregator, does.
        descriptions: What each member is good at, for a model that routes; by default the records
            of the profile in words, without a profile the names of the models.
        samples: Number of samples for a question, divided among the picked members. With 1 the
            answer streams while it is written.
        top_n: Number of members that the router picks; 1, or all without a profile.
        strategy: `self_consistency`: all picked members vote together. `model_switch`: the next
            picked member is asked only if the vote so far is not sure. `team`: each member is asked
            once, in the order of the weights of their votes, until the vote is settled; `top_n`
            limits their number, all by default.
        settled: Probability that the leader of a team's vote stays the leader; 1 asks everybody;
            by default what the profile measured, else 0.9.
        weights: `profile`: votes weigh what the profile has learnt from recorded answers, where it
            has; `equal`: each sample is one vote.
        threshold: Share of the vote at which `model_switch` is sure.
        mode: How the task map is read: `posterior`, `published` or `reference`.
        alpha: Quality (1) against cost (0) in routing.
        temperature: Sampling temperature.
        quorum: Number of usable samples after which the vote is taken.
        sticky: Later turns keep the members of the previous turn within this difference of scores.
        confidence: An answer below it is unsure (see docs/avengers.md); by default the pool's, or
            0, which means never.
        escalate_to: Member that is asked for the answer instead; by default the pool's, or none.
        decline: Text given instead of an unsure answer if no other member could be asked; by
            default the pool's, or none.
        seed: Fixes sampling seeds.
        knobs: Defaults of further knobs, such as `{"switch": "eager"}`.
        name: Name of the graph.

    Returns:
        An uncompiled graph from `{"messages"}` to `{"messages", "result"}`. The numbers above are
        the defaults of its context and can be changed for each run.

    Raises:
        InputError: The profile knows no member of the pool, or a number is out of bounds.

    Example:
        >>> records = [{"query": "1 + 1", "scores": {"qwen2.5-7b": 1.0}}] * 8
        >>> graph = create_avengers(["ollama:qwen2.5:7b"], Profile.fit(records)).compile()
        >>> graph.name
        'avengers'
    """
    pool = Pool.of(pool)
    ending = Ending.of(pool, escalate_to, decline)
    known = [pool.member(n, "proposer") for n in named(ending.team(pool), proposers)]
    routing = routing_of(pool, profile, router, descriptions)
    if routing.by is not None:
        known = known_to(routing.by, known if proposers else pool)
    routed = (routing.by or routing.advisor) and strategy != "team"
    picks = top_n or (1 if routed else min(len(known), 20))
    route = {"top_n": picks, "mode": mode, "alpha": alpha, "sticky": sticky}
    vote = {"strategy": strategy, "settled": settled, "weights": weights, "threshold": threshold}
    sure = confidence if confidence is not None else pool.confidence or 0.0
    run = {"quorum": quorum, "max_seconds": default_seconds(pool), "confidence": sure, "seed": seed}
    draw = {"samples": samples, "temperature": temperature}
    schema = with_defaults(AvengersContext, knobs, **draw, **route, **vote, **run)
    nodes = {member.name: f"sample_{member.name}" for member in known}

    graph = EnsembleGraph(AvengersState, schema, name)
    graph.add_step("prepare", make_prepare(routing.pool, known, **NO_VOTE))
    graph.add_routers("prepare", routing, known)
    for member in known:
        graph.add_step(nodes[member.name], make_sample(member), member)
        graph.add_edge(nodes[member.name], "vote")
    graph.add_step("vote", make_vote(known, ending, routing.map and routing.map.votes))
    graph.add_step("answer", make_answer(ending, mapped=routing.map is not None))

    graph.add_edge(START, "prepare")
    ask_next = who_samples(pool, nodes)
    graph.add_conditional_edges("route", ask_next, list(nodes.values()))
    endings = ["answer", *graph.add_escalation(ending)]
    graph.add_conditional_edges("vote", ask_next, [*nodes.values(), *endings])
    graph.add_edge("answer", END)
    return graph


def who_samples(
    pool: Pool, nodes: Mapping[str, str]
) -> Callable[[AvengersState], list[str | Send] | str]:
    """A router to the members that the routing step or the vote has named, or to the end.

    Args:
        pool: The members.
        nodes: The node of each member.
    """

    def ask_next(state: AvengersState) -> list[str | Send] | str:
        """A function of the state only, so that forks can be replayed."""
        goals: list[str | Send] = []
        for name, samples in state["asking"].items():
            if one_by_one(pool.member(name)):
                goals += _sends(nodes[name], name, state, samples)
            else:
                goals.append(nodes[name])
        return goals or sure_or_escalate(state)

    return ask_next


def _sends(node: str, member: str, state: AvengersState, count: int) -> list[Send]:
    """One branch per sample, so that each finished sample survives a crash."""
    shared = {key: state[key] for key in ("messages", "layer", "asking", "calls")}
    shared["spare"] = spare(member, state)
    first = drawn_by(state["drafts"]).get(member, 0)
    return [Send(node, {**shared, "batch": (1, first + index)}) for index in range(count)]
