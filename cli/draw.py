"""Draw a graph as text."""

from __future__ import annotations

from langchain_core.runnables.graph import Graph

from ..errors import InputError
from ..studio.catalogue import Catalogue


def diagram(catalogue: Catalogue, graph: str, form: str) -> str:
    """A graph as Mermaid source, or as plain text.

    Args:
        catalogue: The graphs of a pool.
        graph: Name of the graph.
        form: `mermaid` or `ascii`.

    Raises:
        InputError: There is no such graph or form.
    """
    drawn = catalogue.graph(graph).get_graph()
    if form == "mermaid":
        return drawn.draw_mermaid()
    if form == "ascii":
        return listing(drawn)
    raise InputError(f"--format {form!r}: choose mermaid or ascii")


def listing(drawn: Graph) -> str:
    """Each node with its edges in Mermaid's notation: `-->` always, `-.->` on a condition.

    Unlike drawn boxes, the list stays readable for a fan-out over ten members.
    """
    width = max(len(node) for node in drawn.nodes)
    lines = []
    for node in drawn.nodes:
        goals = [(edge.conditional, edge.target) for edge in drawn.edges if edge.source == node]
        for place, (conditional, target) in enumerate(goals):
            mark = "-.->" if conditional else "-->"
            lines.append(f"{'' if place else node:{width}} {mark:>4} {target}")
    return "\n".join(lines)
