"""`Run.superstep` is the same for branches that run side by side, and only for them."""

from __future__ import annotations

import operator
from collections import defaultdict
from typing import Annotated, Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from langgraph_ensemble.graphs.base import EnsembleGraph
from langgraph_ensemble.nodes.base import Run
from langgraph_ensemble.nodes.context import EnsembleContext
from typing_extensions import TypedDict


class Seen(TypedDict):
    """Which step ran in which superstep."""

    seen: Annotated[list[tuple[str, str | None]], operator.add]


def writes(name: str) -> Any:
    """A step that notes its superstep."""

    async def step(state: Any, run: Run[Any]) -> dict[str, Any]:
        return {"seen": [(name, run.superstep)]}

    return step


def two_layers(name: str) -> EnsembleGraph:
    """Two branches side by side, then two samples of one node."""
    graph = EnsembleGraph(Seen, EnsembleContext, name, input_schema=Seen, output_schema=Seen)
    for node in ("a", "b", "sample"):
        graph.add_step(node, writes(node))
    graph.add_conditional_edges(START, lambda _: ["a", "b"], ["a", "b"])
    graph.add_conditional_edges("a", lambda _: [Send("sample", {}), Send("sample", {})], ["sample"])
    graph.add_edge("sample", END)
    return graph


def by_superstep(seen: list[tuple[str, str | None]]) -> list[list[str]]:
    """The names that share a superstep, sorted."""
    groups: dict[str | None, list[str]] = defaultdict(list)
    for name, superstep in seen:
        groups[superstep].append(name)
    assert None not in groups
    return sorted(sorted(names) for names in groups.values())


async def test_branches_and_sends_of_one_superstep_share_it() -> None:
    state = await two_layers("one").compile().ainvoke({"seen": []})
    assert by_superstep(state["seen"]) == [["a", "b"], ["sample", "sample"]]


async def test_graphs_nested_side_by_side_do_not() -> None:
    parent = StateGraph(Seen)
    for name in ("left", "right"):
        parent.add_node(name, two_layers(name).compile())
        parent.add_edge(START, name)
    state = await parent.compile().ainvoke({"seen": []})
    pair, samples = ["a", "b"], ["sample", "sample"]
    assert by_superstep(state["seen"]) == [pair, pair, samples, samples]


async def test_a_fork_is_a_superstep_of_its_own() -> None:
    graph = two_layers("one").compile(checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "1"}}
    first = await graph.ainvoke({"seen": []}, config)
    past = [s async for s in graph.aget_state_history(config)]
    before = next(s for s in past if s.next == ("a", "b"))
    again = await graph.ainvoke(None, before.config)
    fork = await graph.aupdate_state(before.config, {"seen": []}, as_node="__start__")
    other = await graph.ainvoke(None, fork)
    runs = [dict(each["seen"])["a"] for each in (first, again, other)]
    assert len(set(runs)) >= 2
    assert runs[2] not in runs[:2]
