"""SMoA: role-playing proposers, a judge that keeps the best k, a moderator that ends the rounds.

Source: Li et al., "SMoA: Improving Multi-agent Large Language Models with Sparse
Mixture-of-Agents", arXiv 2411.03284.

    prepare ⇢ (roles →) round ⇢ propose_* → judge ⇢ (repair →) select → moderate ⇢ round | aggregate

Top-k selection and early stopping are edges over state. With a profile `embed → route` picks the
proposers before the first round. An unsure answer is replaced after `aggregate` (⇢ escalate →
answer) if the graph is built for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from langchain_core.runnables import Runnable
from langgraph.graph import START, StateGraph

from ..nodes.aggregate import aggregator_of
from ..nodes.base import Step
from ..nodes.cast import named, slots, who_drafts
from ..nodes.choose import Finish
from ..nodes.context import SmoaContext
from ..nodes.defaults import with_defaults
from ..nodes.finish import make_last
from ..nodes.judge import (
    judges_choice,
    judges_of,
    kept_drafts,
    make_judge,
    make_repair,
    make_select,
)
from ..nodes.layer import open_round
from ..nodes.limits import default_seconds
from ..nodes.moderate import make_moderate
from ..nodes.prepare import make_prepare
from ..nodes.propose import make_propose
from ..nodes.roles import known_roles, make_roles
from ..nodes.state import NO_JUDGEMENT, JudgedState
from ..nodes.trust import Ending, default_confidence
from ..pool import Member, Pool
from ..presets import arguments_of
from ..profiles import Profile
from .base import EnsembleGraph

PRESETS = arguments_of("smoa")
"""Builder arguments of the presets, for `create_smoa(pool, **PRESETS["smoa-cheap"])`."""


class SmoaState(JudgedState):
    """The state of SMoA, beside that of every graph with a judge."""

    roles: dict[str, str]


TOLD = ("rounds", "selected", "roles")
"""Channels that are copied to `result`."""


def create_smoa(
    pool: Pool | Iterable[Member | Runnable[Any, Any] | str],
    *,
    k: int = 2,
    max_rounds: int = 2,
    judge: Member | Runnable[Any, Any] | str | None = None,
    moderator: Member | Runnable[Any, Any] | str | None = None,
    aggregator: Member | Runnable[Any, Any] | str | None = None,
    proposers: Sequence[str] | int | None = None,
    roles: Sequence[str] | Mapping[str, str] | None = None,
    task: str | None = None,
    finish: Finish = "auto",
    temperature: float = 0.7,
    agreement: float | None = 1.0,
    quorum: int | None = None,
    profile: Profile | None = None,
    top_n: int = 3,
    confidence: float | None = None,
    escalate_to: str | None = None,
    decline: str | None = None,
    seed: int = 42,
    knobs: Mapping[str, Any] | None = None,
    name: str = "smoa",
) -> StateGraph[Any, Any, Any, Any]:
    """Build an SMoA graph.

    As a subgraph it streams only with `subgraphs=True` in the parent's `stream`; `stream_answer`
    reads the answer at any depth.

    Judge, moderator and aggregator are each a member's name, or a further model (a chat model, a
    `Member`, a `"provider:model"` string) that joins the pool and does not draft.

    Args:
        pool: The models: a `Pool`, or a list of chat models, `"provider:model"` strings, graphs.
        k: Number of drafts that the judge passes on.
        max_rounds: Largest number of rounds.
        judge: The judge; by default the pool's judge, or the aggregator.
        moderator: Decides in a call of its own whether to continue. By default the judge's verdict
            decides that, without a further call.
        aggregator: The writer of the final answer; by default the pool's aggregator, or its first
            member.
        proposers: Names of the proposers, which may be repeated, or a number: the first ones of
            the pool's; by default all of these.
        roles: Roles as a list in the proposers' order, or by member. None: the roles of the pool's
            members, otherwise roles written for `task`, otherwise built-in ones.
        task: The subject of the questions; a model writes the roles for it once.
        finish: `write`: the aggregator writes the answer from the kept drafts, as published.
            `choose`: the answer is one of the drafts of all rounds, by a vote weighted by the
            members' sizes. `auto`: `choose` if the aggregator is known to have less than a billion
            parameters. A judge of that size is asked only if it is named here or has `structured:
            letter` (see `ensemble pool check`); otherwise the drafts that agree most are kept.
        temperature: Sampling temperature of the drafts.
        agreement: Share of equal short answers at which no further round is needed; None: only the
            judge or the moderator ends the rounds early, as published.
        quorum: Number of usable drafts after which a round ends.
        profile: A task map that picks the proposers, among those that it knows.
        top_n: Number of proposers that it picks.
        confidence: An answer below it is unsure (see docs/avengers.md); by default the pool's with
            a profile, or 0, which means never.
        escalate_to: Member that is asked for the answer instead; by default the pool's, or none.
        decline: Text given instead of an unsure answer if no other member could be asked; by
            default the pool's, or none.
        seed: Fixes prompt order and sampling seeds.
        knobs: Defaults of further knobs, such as `{"quality": 8}`.
        name: Name of the graph.

    Returns:
        An uncompiled graph from `{"messages"}` to `{"messages", "result"}`. The numbers above are
        the defaults of its context and can be changed for each run.

    Raises:
        InputError: A name is unknown, a role is missing, or a number is out of bounds.

    Example:
        >>> graph = create_smoa(["ollama:qwen2.5:7b", "ollama:gemma2:9b"], k=1).compile()
        >>> graph.name
        'smoa'
    """
    pool, answerer = aggregator_of(Pool.of(pool), aggregator)
    pool, judges, moderates = judges_of(pool, answerer, judge, moderator)
    sure = default_confidence(pool, profile, confidence)
    rounds = {"k": k, "rounds": max_rounds, "agreement": agreement, "quorum": quorum}
    run = {"max_seconds": default_seconds(pool), "confidence": sure, "seed": seed}
    schema = with_defaults(SmoaContext, knobs, temperature=temperature, **rounds, **run)
    ending = Ending.of(pool, escalate_to, decline)
    cast = slots([pool.member(n, "proposer") for n in named(ending.team(pool), proposers)])
    drafting = [slot.member for slot in cast]
    known = known_roles(cast, roles, task)
    last = make_last("smoa", finish, pool, answerer, drafting, kept_drafts, TOLD)

    graph = EnsembleGraph(SmoaState, schema, name)
    graph.add_step("prepare", make_prepare(pool, drafting, last.writers, **new_turn(known)))
    graph.add_step("round", open_round)
    for slot in cast:
        step = make_propose(slot, judges_choice, answers=last.chooses)
        graph.add_step(slot.node, step, slot.member)
        graph.add_edge(slot.node, "judge" if judges else "select")
    _add_judging(graph, judges, moderates)

    graph.add_edge(START, "prepare")
    first = graph.add_routing("prepare", profile, drafting, top_n)
    if known is None:
        first = _add_roles(graph, first, make_roles(answerer, cast, task or ""), answerer)
    graph.add_edge(first, "round")
    graph.add_conditional_edges("round", who_drafts(cast), [slot.node for slot in cast])
    graph.add_conditional_edges("moderate", stop_or_go_on, {"round": "round", "end": last.node})
    graph.add_last(last, ending)
    return graph


def new_turn(roles: dict[str, str] | None) -> dict[str, Any]:
    """The channels at the start of a turn; roles that a model has written are kept."""
    return NO_JUDGEMENT if roles is None else {**NO_JUDGEMENT, "roles": roles}


def _add_roles(graph: EnsembleGraph, first: str, roles: Step, author: Member) -> str:
    """Add `first ⇢ (roles →) round`; the node before the round."""
    graph.add_step("roles", roles, author)
    graph.add_conditional_edges(first, needs_roles, ["roles", "round"])
    return "roles"


def _add_judging(graph: EnsembleGraph, judge: Member | None, moderator: Member | None) -> None:
    """Add `judge ⇢ (repair →) select → moderate`; without a judge only from `select` on."""
    graph.add_step("select", make_select(judge))
    graph.add_step("moderate", make_moderate(moderator), moderator)
    graph.add_edge("select", "moderate")
    if judge is not None:
        graph.add_step("judge", make_judge(judge), judge)
        graph.add_step("repair", make_repair(judge), judge)
        graph.add_conditional_edges("judge", readable, ["select", "repair"])
        graph.add_edge("repair", "select")


def needs_roles(state: SmoaState) -> Literal["roles", "round"]:
    """Roles are written once; later turns of the thread read them from its state."""
    return "round" if state.get("roles") else "roles"


def readable(state: SmoaState) -> Literal["select", "repair"]:
    """An unreadable judgement is requested once more; a missing one is not."""
    return "repair" if state["verdict"] is None and state["judged"] else "select"


def stop_or_go_on(state: SmoaState) -> Literal["end", "round"]:
    """Decide on early stopping."""
    return "end" if state["stopped"] else "round"
