"""Draw a graph as text."""

from __future__ import annotations

from ..errors import InputError
from .catalogue import Catalogue


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
    if form != "ascii":
        raise InputError(f"--format {form!r}: choose mermaid or ascii")
    try:
        return drawn.draw_ascii()
    except ImportError:
        return _listing(drawn)


def _listing(drawn: object) -> str:
    """Each node with where it leads, in the graph's order, where grandalf is not installed."""
    lines = []
    for node in drawn.nodes:  # pyright: ignore[reportAttributeAccessIssue]
        goals = [
            ("⇢ " if edge.conditional else "→ ") + edge.target
            for edge in drawn.edges  # pyright: ignore[reportAttributeAccessIssue]
            if edge.source == node
        ]
        lines.append(f"{node:24} {'  '.join(goals)}".rstrip())
    return "\n".join(lines)
