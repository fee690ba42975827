"""Mixture-of-Agents: layers of proposers that read the layer before, then one aggregator.

Source: Wang et al., "Mixture-of-Agents Enhances Large Language Model Capabilities",
arXiv 2406.04692.

    prepare → (embed → route →) layer ⇢ propose_* → layer ⇢ … ⇢ aggregate (⇢ escalate → answer)

One pass through the diagram is one layer: the loop is an edge. With a profile route picks who
drafts; an answer that is not sure is replaced where the graph is built for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from langchain_core.runnables import Runnable
from langgraph.graph import START, StateGraph

from ..nodes.aggregate import aggregator_of
from ..nodes.cast import layers as layers_of
from ..nodes.cast import picked
from ..nodes.choose import Finish
from ..nodes.context import MoaContext, with_defaults
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
"""Builder arguments of the named forms; `create_moa(pool, **PRESETS["moa-lite"])`."""


def create_moa(
    pool: Pool | Iterable[Member | Runnable | str],
    *,
    layers: int = 3,
    aggregator: Member | Runnable | str | None = None,
    proposers: Sequence[str] | Sequence[Sequence[str]] | None = None,
    roles: Mapping[str, str] | None = None,
    samples: int = 1,
    finish: Finish = "auto",
    temperature: float = 0.7,
    quorum: int | None = None,
    profile: Profile | None = None,
    top_n: int = 3,
    confidence: float | None = None,
    escalate_to: str | None = None,
    decline: str | None = None,
    seed: int = 42,
    name: str = "moa",
) -> StateGraph[Any, Any, Any, Any]:
    """Build a Mixture-of-Agents graph.

    As a subgraph it streams only with `subgraphs=True` in the parent's `stream`; `stream_answer`
    reads the answer wherever it stands.

    Args:
        pool: The models: a `Pool`, or a list of chat models, `"provider:model"` strings, graphs.
        layers: Layers with the aggregator's: 3 is MoA, 2 is MoA-Lite.
        aggregator: Who writes the final answer: a member's name, or a further model (a chat model,
            a `Member`, a `"provider:model"` string) that joins the pool and does not draft. The
            pool's aggregator, else its first member, by default.
        proposers: Names of the members of every layer, or one list of names for each layer. By
            default the pool's proposers draft in every layer. One name alone is the
            single-proposer form.
        roles: A role for each named member; what it does not name keeps the pool's role.
        samples: Drafts of each proposer; above 1 with one proposer is Self-MoA.
        finish: `write`: the aggregator writes the answer from the last layer's drafts, as
            published. `choose`: the answer is one of the drafts of all layers, by a vote weighted
            by the members' sizes, and layers end early where all agree. `auto`: `choose` where the
            aggregator is known to have less than a billion parameters.
        temperature: Sampling temperature.
        quorum: Go on when so many usable drafts of a layer are in.
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
        InputError: An unknown name, or a number out of bounds.

    Example:
        >>> graph = create_moa(["ollama:qwen2.5:7b", "ollama:gemma2:9b"], layers=2).compile()
        >>> sorted(graph.get_graph().nodes)[:3]
        ['__end__', '__start__', 'aggregate']
    """
    pool, answerer = aggregator_of(Pool.of(pool), aggregator)
    schema = with_defaults(
        MoaContext,
        layers=layers,
        temperature=temperature,
        quorum=quorum,
        max_seconds=default_seconds(pool),
        seed=seed,
        confidence=default_confidence(pool, profile, confidence),
    )
    ending = Ending.of(pool, escalate_to, decline)
    cast = layers_of(pool, proposers or ending.team(pool), roles, samples)
    places = {slot.node: slot for each in cast.values() for slot in each}
    drafting = [slot.member for slot in places.values()]
    last = make_last("moa", finish, pool, answerer, drafting, last_layer)

    graph = EnsembleGraph(RoutedState, schema, name)
    graph.add_step("prepare", make_prepare(pool, drafting, last.writers))
    graph.add_step("layer", make_layer(until_agreed=last.chooses))
    for node, slot in places.items():
        graph.add_step(node, make_propose(slot, layer_before, answers=last.chooses), slot.member)

    def next_layer(state: RoutedState) -> list[str] | str:
        """Propose once more, or end: a function of state alone, so that forks can replay."""
        if state["stopped"]:
            return last.node
        return picked(cast[min(state["layer"], max(cast))], state)

    graph.add_edge(START, "prepare")
    first = graph.add_routing("prepare", profile, drafting, top_n)
    graph.add_edge(first, "layer")
    graph.add_conditional_edges("layer", next_layer, [*places, last.node])
    for node in places:
        graph.add_edge(node, "layer")
    graph.add_last(last, ending)
    return graph
