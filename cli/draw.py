"""Draw a graph as text."""

from __future__ import annotations

from langchain_core.runnables.graph import Graph

from ..errors import InputError
from ..studio.catalogue import Catalogue


def diagram(catalogue: Catalogue, graph: str, form: str) -> str:
    """A graph as Mermaid source, or as plain text.

    Args:
        catalogue: The graphs of a pool.
        graph: Which of them.
        form: `mermaid` or `ascii`.

    Raises:
        InputError: No such graph or form.
    """
    drawn = catalogue.graph(graph).get_graph()
    if form == "mermaid":
        return drawn.draw_mermaid()
    if form == "ascii":
        return listing(drawn)
    raise InputError(f"--format {form!r}: choose mermaid or ascii")


def listing(drawn: Graph) -> str:
    """Each node and where it leads, with the marks of Mermaid: `-->` always, `-.->` on a condition.

    A fan-out over ten members stays readable, which drawn boxes do not.
    """
    width = max(len(node) for node in drawn.nodes)
    lines = []
    for node in drawn.nodes:
        goals = [(edge.conditional, edge.target) for edge in drawn.edges if edge.source == node]
        for place, (conditional, target) in enumerate(goals):
            mark = "-.->" if conditional else "-->"
            lines.append(f"{'' if place else node:{width}} {mark:>4} {target}")
    return "\n".join(lines)
