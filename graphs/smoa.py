"""SMoA: role-playing proposers, a judge that keeps the best k, a moderator that ends the rounds.

Source: Li et al., "SMoA: Improving Multi-agent Large Language Models with Sparse
Mixture-of-Agents", arXiv 2411.03284.

    prepare ⇢ (roles →) round ⇢ propose_* → judge ⇢ (repair →) select → moderate ⇢ round | aggregate

Top-k and stop or go on are edges over state. With a profile `embed → route` pick who drafts before
the first round; an answer that is not sure is replaced after `aggregate` (⇢ escalate → answer)
where the graph is built for it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from langchain_core.runnables import Runnable
from langgraph.graph import START, StateGraph
from langgraph.types import Overwrite

from ..nodes.aggregate import aggregator_of, make_aggregate, stand_ins
from ..nodes.bridge import as_node
from ..nodes.choose import Finish, ending_of, make_choose
from ..nodes.context import SmoaContext, with_defaults
from ..nodes.held import hold
from ..nodes.judge import make_judge, make_repair, make_select
from ..nodes.layer import last_good
from ..nodes.moderate import make_moderate
from ..nodes.prepare import make_prepare
from ..nodes.propose import Reading, Slot, make_propose, slots
from ..nodes.roles import default_roles, given_roles, make_roles
from ..nodes.rounds import open_round
from ..nodes.state import RoutedState
from ..nodes.trust import Ending, default_confidence
from ..pool import Member, Pool
from ..presets import arguments_of
from ..profiles import Profile
from ..records import Draft
from .base import EnsembleGraph, picked

PRESETS = arguments_of("smoa")
"""Builder arguments of the named forms; `create_smoa(pool, **PRESETS["smoa-cheap"])`."""


class SmoaState(RoutedState):
    """What SMoA keeps beside the common state."""

    roles: dict[str, str]
    verdict: dict[str, Any] | None
    judged: str
    problem: str | None
    selected: list[str]
    review: str
    judge_stop: bool
    rounds: Annotated[list[dict[str, Any]], operator.add]


def create_smoa(
    pool: Pool | Iterable[Member | Runnable | str],
    *,
    k: int = 2,
    max_rounds: int = 2,
    judge: Member | Runnable | str | None = None,
    moderator: Member | Runnable | str | None = None,
    aggregator: Member | Runnable | str | None = None,
    proposers: Sequence[str] | None = None,
    roles: Sequence[str] | Mapping[str, str] | None = None,
    task: str | None = None,
    finish: Finish = "auto",
    temperature: float = 0.7,
    agreement: float = 1.0,
    quorum: int | None = None,
    profile: Profile | None = None,
    top_n: int = 3,
    confidence: float | None = None,
    escalate_to: str | None = None,
    decline: str | None = None,
    seed: int = 42,
    name: str = "smoa",
) -> StateGraph[Any, Any, Any, Any]:
    """Build an SMoA graph.

    As a subgraph it streams only with `subgraphs=True` in the parent's `stream`; `stream_answer`
    reads the answer wherever it stands.

    Judge, moderator and aggregator are each a member's name, or a further model (a chat model, a
    `Member`, a `"provider:model"` string) that joins the pool and does not draft.

    Args:
        pool: The models: a `Pool`, or a list of chat models, `"provider:model"` strings, graphs.
        k: How many drafts the judge passes on.
        max_rounds: Most rounds of drafting.
        judge: Who judges; the pool's judge, else the aggregator.
        moderator: Who decides whether to go on, in a call of its own. By default the judge's
            verdict says so too and no further call is made.
        aggregator: Who writes the final answer; the pool's aggregator, else its first member.
        proposers: Names of the proposers, one may be named several times; by default the pool's.
        roles: Given roles: a list in the proposers' order, or by member. None: the roles of the
            pool's members, else roles written for `task`, else built-in ones.
        task: What the questions are about; a model writes the roles for it once.
        finish: `write`: the aggregator writes the answer from the drafts that were kept, as
            published. `choose`: the answer is one of the drafts of all rounds, by a vote weighted
            by the members' sizes. `auto`: `choose` where the aggregator is known to have less than
            a billion parameters. A judge of that size is not asked unless it is named here or has
            `structured: letter` (`ensemble pool check` tells): the drafts that agree most are kept.
        temperature: Sampling temperature of the drafts.
        agreement: Share of equal short answers at which no further round is needed.
        quorum: Go on when so many usable drafts of a round are in.
        profile: A task map that picks who drafts: those of the proposers that it knows.
        top_n: How many it picks.
        confidence: An answer with less is unsure (see docs/avengers.md); with a profile the
            pool's, else 0: never.
        escalate_to: Name of the member that is asked for the answer then; the pool's, else nobody.
        decline: Text given instead of an unsure answer where nobody else could be asked; the
            pool's, else none.
        seed: Fixes prompt order and sampling seeds.
        name: Name of the graph.

    Returns:
        An uncompiled graph from `{"messages"}` to `{"messages", "result"}`. The numbers above are
        the defaults of its context and can be changed for each run.

    Raises:
        InputError: An unknown name, a missing role, or a number out of bounds.

    Example:
        >>> graph = create_smoa(["ollama:qwen2.5:7b", "ollama:gemma2:9b"], k=1).compile()
        >>> graph.name
        'smoa'
    """
    pool, answerer = aggregator_of(Pool.of(pool), aggregator)
    judging = judge if judge is not None else pool.judge or answerer.name
    pool, judging = pool.joined(judging, "judge")
    moderating = moderator if moderator is not None else pool.moderator
    pool, moderate = (pool, None) if moderating is None else pool.joined(moderating, "moderator")
    schema = with_defaults(
        SmoaContext,
        k=k,
        rounds=max_rounds,
        temperature=temperature,
        agreement=agreement,
        quorum=quorum,
        seed=seed,
        confidence=default_confidence(pool, profile, confidence),
    )
    ending = Ending.of(pool, escalate_to, decline)
    cast = slots([pool.member(n, "proposer") for n in proposers or ending.team(pool)])
    known = _known_roles(cast, roles, task)

    schema.replaces = ending.replaces
    drafting = [slot.member for slot in cast]
    writing = stand_ins(pool, answerer)
    end = ending_of(finish, answerer)
    # A small model's verdict is worth asking for only where it was chosen to give one.
    judged = judge is not None or not judging.small or judging.structured == "letter"

    graph = EnsembleGraph(SmoaState, schema, name)
    fresh = {
        "verdict": None,
        "judged": "",
        "problem": None,
        "selected": [],
        "review": "",
        "judge_stop": False,
        "rounds": Overwrite([]),
    }
    writers = writing if end == "aggregate" else ()
    graph.add_node("prepare", as_node(make_prepare(pool, schema, drafting, writers, **fresh)))
    if known is None:
        graph.add_node("roles", as_node(make_roles(answerer, cast, task or "", schema)))
    graph.add_node("round", open_round)
    for slot in cast:
        graph.add_node(
            slot.node,
            as_node(make_propose(slot, schema, _reading(known), answers=end == "choose")),
            metadata={"member": slot.member.name},
        )
    if judged:
        graph.add_node("judge", as_node(make_judge(judging, schema)))
        graph.add_node("repair", as_node(make_repair(judging, schema)))
    graph.add_node("select", as_node(make_select(judging if judged else None, schema)))
    graph.add_node("moderate", as_node(make_moderate(moderate, schema)))
    if end == "aggregate":
        last = make_aggregate("smoa", writing, schema, kept_drafts, _more(known))
    else:
        last = make_choose("smoa", drafting, schema, _more(known))
    graph.add_node(end, as_node(hold(last, schema, ending)))

    graph.add_edge(START, "prepare")
    first = graph.add_routing("prepare", profile, drafting, top_n)
    if known is None:
        graph.add_conditional_edges(first, needs_roles, ["roles", "round"])
        graph.add_edge("roles", "round")
    else:
        graph.add_edge(first, "round")

    def who_drafts(state: SmoaState) -> list[str]:
        """All, or whom the task map picked: a function of state alone."""
        return picked(cast, state)

    graph.add_conditional_edges("round", who_drafts, [slot.node for slot in cast])
    for slot in cast:
        graph.add_edge(slot.node, "judge" if judged else "select")
    if judged:
        graph.add_conditional_edges("judge", readable, ["select", "repair"])
        graph.add_edge("repair", "select")
    graph.add_edge("select", "moderate")
    graph.add_conditional_edges("moderate", stop_or_go_on, {"round": "round", "end": end})
    graph.add_ending(end, ending, schema)
    return graph


def needs_roles(state: SmoaState) -> Literal["roles", "round"]:
    """Roles are written once; later turns of the thread find them in its state."""
    return "round" if state.get("roles") else "roles"


def readable(state: SmoaState) -> Literal["select", "repair"]:
    """A judgement that cannot be read is asked for once more; one that never came is not."""
    return "repair" if state["verdict"] is None and state["judged"] else "select"


def stop_or_go_on(state: SmoaState) -> Literal["end", "round"]:
    """Early stopping is this edge."""
    return "end" if state["stopped"] else "round"


def kept_drafts(state: SmoaState) -> list[Draft]:
    """The judge's choice, best first; of the last round that had any."""
    by_id = {draft["id"]: draft for draft in state["drafts"]}
    kept = [by_id[i] for i in state["selected"] if i in by_id]
    return kept or last_good(state["drafts"])


def _known_roles(
    cast: list[Slot], roles: Sequence[str] | Mapping[str, str] | None, task: str | None
) -> dict[str, str] | None:
    """Roles by node that are known before the run; None where they have to be written."""
    if roles is not None:
        return given_roles(roles, cast)
    own = {slot.node: slot.role for slot in cast if slot.role}
    if own:
        return own
    return None if task else given_roles(default_roles(len(cast)), cast)


def _reading(known: dict[str, str] | None) -> Callable[[SmoaState, Slot], Reading]:
    """A proposer reads the judge's choice of the round before, with its reasons."""

    def reading(state: SmoaState, slot: Slot) -> Reading:
        role = (state["roles"] if known is None else known).get(slot.node)
        if state["layer"] == 1 or slot.member.small:
            return Reading([], role=role)
        return Reading(kept_drafts(state), state["review"] or None, role)

    return reading


def _more(known: dict[str, str] | None) -> Callable[[SmoaState], dict[str, Any]]:
    """What SMoA adds to `result`."""

    def more(state: SmoaState) -> dict[str, Any]:
        return {
            "rounds": state["rounds"],
            "selected": state["selected"],
            "roles": state["roles"] if known is None else known,
        }

    return more
