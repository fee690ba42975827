"""Mixture-of-Agents: layers of proposers that read the previous layer, then one aggregator.

Source: Wang et al., "Mixture-of-Agents Enhances Large Language Model Capabilities",
arXiv 2406.04692.

    prepare → (embed → route →) layer ⇢ propose_* → layer ⇢ … ⇢ aggregate (⇢ escalate → answer)

Each pass of the loop, which is an edge, is one layer. With a profile, route picks the proposers; an
unsure answer is replaced if the graph is built for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from langchain_core.runnables import Runnable
from langgraph.graph import START, StateGraph

from ..nodes.aggregate import aggregator_of
from ..nodes.cast import layers as layers_of
from ..nodes.cast import named, picked
from ..nodes.choose import Finish
from ..nodes.context import MoaContext
from ..nodes.defaults import with_defaults
from ..nodes.finish import make_last
from ..nodes.layer import last_layer, layer_before, make_layer
from ..nodes.limits import default_seconds
from ..nodes.prepare import make_prepare
from ..nodes.propose import make_propose
from ..nodes.state import RoutedState
from ..nodes.trust import Ending, default_confidence
from ..pool import Member, Pool
from ..presets import arguments_of
from ..profiles import Profile
from .base import EnsembleGraph

PRESETS = arguments_of("moa")
"""Builder arguments of the presets, for `create_moa(pool, **PRESETS["moa-lite"])`."""


def create_moa(
    pool: Pool | Iterable[Member | Runnable[Any, Any] | str],
    *,
    layers: int = 3,
    aggregator: Member | Runnable[Any, Any] | str | None = None,
    proposers: Sequence[str] | Sequence[Sequence[str]] | int | None = None,
    roles: Mapping[str, str] | None = None,
    samples: int = 1,
    finish: Finish = "auto",
    temperature: float = 0.7,
    quorum: int | None = None,
    profile: Profile | None = None,
    top_n: int = 3,
    diversity: float = 0.0,
    confidence: float | None = None,
    escalate_to: str | None = None,
    decline: str | None = None,
    seed: int = 42,
    knobs: Mapping[str, Any] | None = None,
    name: str = "moa",
) -> StateGraph[Any, Any, Any, Any]:
    """Build a Mixture-of-Agents graph.

    As a subgraph it streams only with `subgraphs=True` in the parent's `stream`; `stream_answer`
    reads the answer at any depth.

    Args:
        pool: The models: a `Pool`, or a list of chat models, `"provider:model"` strings, graphs.
        layers: Number of layers, including the aggregator's: 3 is MoA, 2 is MoA-Lite.
        aggregator: The writer of the final answer: a member's name, or a further model (a chat
            model, a `Member`, a `"provider:model"` string) that joins the pool and does not draft.
            By default the pool's aggregator, or its first member.
        proposers: Names of the members of every layer, one list of names for each layer, or a
            number: the first ones of the pool's proposers; by default all of these. A single one is
            the single-proposer form.
        roles: Roles by member; other members keep the pool's role.
        samples: Number of drafts of each proposer; above 1 with one proposer is Self-MoA.
        finish: `write`: the aggregator writes the answer from the last layer's drafts, as
            published. `choose`: the answer is one of the drafts of all layers, by a vote weighted
            by the members' sizes, and layers end early if all drafts agree. `auto`: `choose` if the
            aggregator is known to have less than a billion parameters.
        temperature: Sampling temperature.
        quorum: Number of usable drafts after which a layer ends.
        profile: A task map that picks the proposers, among those that it knows.
        top_n: Number of proposers that it picks; the three best are MoA(Oracle) of the Avengers.
        diversity: From 0, the picked proposers are the best ones, to 1: they differ as much as
            possible in their records.
        confidence: An answer below it is unsure (see docs/avengers.md); by default the pool's with
            a profile, or 0, which means never.
        escalate_to: Member that is asked for the answer instead; by default the pool's, or none.
        decline: Text given instead of an unsure answer if no other member could be asked; by
            default the pool's, or none.
        seed: Fixes prompt order and sampling seeds.
        knobs: Defaults of further knobs, such as `{"draft_tokens": 2048}`.
        name: Name of the graph.

    Returns:
        An uncompiled graph from `{"messages"}` to `{"messages", "result"}`. The numbers above are
        the defaults of its context and can be changed for each run.

    Raises:
        InputError: A name is unknown, or a number is out of bounds.

    Example:
        >>> graph = create_moa(["ollama:qwen2.5:7b", "ollama:gemma2:9b"], layers=2).compile()
        >>> sorted(graph.get_graph().nodes)[:3]
        ['__end__', '__start__', 'aggregate']
    """
    pool, answerer = aggregator_of(Pool.of(pool), aggregator)
    schema = with_defaults(
        MoaContext,
        knobs,
        layers=layers,
        temperature=temperature,
        quorum=quorum,
        max_seconds=default_seconds(pool),
        seed=seed,
        confidence=default_confidence(pool, profile, confidence),
    )
    ending = Ending.of(pool, escalate_to, decline)
    cast = layers_of(pool, named(ending.team(pool), proposers), roles, samples)
    places = {slot.node: slot for each in cast.values() for slot in each}
    drafting = [slot.member for slot in places.values()]
    last = make_last("moa", finish, pool, answerer, drafting, last_layer)

    graph = EnsembleGraph(RoutedState, schema, name)
    graph.add_step("prepare", make_prepare(pool, drafting, last.writers))
    graph.add_step("layer", make_layer(until_agreed=last.chooses))
    for node, slot in places.items():
        graph.add_step(node, make_propose(slot, layer_before, answers=last.chooses), slot.member)

    def next_layer(state: RoutedState) -> list[str] | str:
        """Propose once more, or end; it reads only the state, so that forks can be replayed."""
        if state["stopped"]:
            return last.node
        return picked(cast[min(state["layer"], max(cast))], state)

    graph.add_edge(START, "prepare")
    first = graph.add_routing("prepare", profile, drafting, top_n, diversity)
    graph.add_edge(first, "layer")
    graph.add_conditional_edges("layer", next_layer, [*places, last.node])
    for node in places:
        graph.add_edge(node, "layer")
    graph.add_last(last, ending)
    return graph
