"""The task map as a PNG for papers and slides, drawn by matplotlib if it is installed."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from .picture import OTHER, colours_of, draw_dots
from .picture_page import short

Array = np.ndarray


def to_png(
    profile: Any, path: str | Path, queries: Sequence[str] = (), *, vectors: Array | None = None
) -> Path:
    """Draw the map and the heat map side by side.

    Args:
        profile: A `Profile`.
        path: The PNG file to write.
        queries: Questions to draw, such as the calibration queries.
        vectors: Their embeddings [n, d], if they are known.

    Raises:
        InputError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise InputError(
            "a PNG needs the pictures extra: pip install 'langgraph-ensemble[pictures]', "
            "or write .html instead"
        )
    from matplotlib.backends.backend_agg import (  # pyright: ignore[reportMissingImports]
        FigureCanvasAgg,
    )
    from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]

    clusters = sorted(profile.clusters, key=lambda c: -c["size"])[:40]
    figure = Figure(figsize=(15, 7.5), dpi=150)
    canvas = FigureCanvasAgg(figure)
    figure.subplots_adjust(left=0.02, right=0.985, bottom=0.16, top=0.94, wspace=0.06)
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
    dots = draw_dots(profile, queries, vectors)
    _map(left, profile, dots, clusters)
    _heat(right, profile, clusters)
    canvas.print_png(str(path))
    return Path(path)


def _map(axes: Any, profile: Any, dots: list[dict[str, Any]], clusters: list[dict]) -> None:
    colours = colours_of(profile, dots)
    for member, colour in colours.items():
        own = [d for d in dots if d["member"] == member]
        label = short(member) if colour != OTHER else None
        axes.scatter(
            [d["x"] for d in own], [d["y"] for d in own], s=7, c=colour, alpha=0.6, label=label
        )
    for cluster in clusters:
        spot = {"ha": "center", "va": "center", "fontsize": 7, "fontweight": "bold"}
        axes.plot(cluster["x"], cluster["y"], "o", ms=12, mfc="white", mec="#98a0ab", zorder=3)
        axes.text(cluster["x"], cluster["y"], str(cluster["id"]), zorder=4, **spot)
    axes.set_title("Where each member is best (numbers are clusters)", loc="left")
    axes.set_axis_off()
    axes.legend(frameon=False, fontsize=8, markerscale=2, loc="best")


def _heat(axes: Any, profile: Any, clusters: list[dict]) -> None:
    names = profile.members
    table = np.array([[100 * c["members"][m]["mean"] for m in names] for c in clusters])
    centred = table - table.mean(axis=1, keepdims=True)
    axes.imshow(centred, aspect="auto", cmap="RdBu", vmin=-60, vmax=60)
    axes.set_xticks(range(len(names)), [short(m) for m in names], rotation=40, ha="right")
    axes.set_yticks(range(len(clusters)), [str(c["id"]) for c in clusters], fontsize=7)
    for (row, column), value in np.ndenumerate(table):
        axes.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=6.5)
    axes.set_title("Expected accuracy in % by cluster (rows)", loc="left")
    axes.tick_params(length=0, labelsize=8)
