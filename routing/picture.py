"""The task map as a picture: one self-contained HTML page that opens offline, and a PNG.

The map shows one dot per question, at its position between the clusters, in the colour of the
member with the highest expected accuracy. A heat map of members and clusters stands below it. No
script, font or style is fetched; every text is escaped, and questions are shown only as text.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from . import picture_page as page
from .ranking import expected

Array = np.ndarray

#: The largest number of dots; more would only darken the page.
DOTS = 3_000
#: Colour-blind safe hues (Okabe & Ito, lightened), assigned to members by how often they are best.
HUES = ("#4c8dd6", "#e59e2e", "#2fa88a", "#d1607f", "#8f79d8", "#a3b13b", "#3bb3c9", "#c27b4f")
OTHER = "#98a0ab"


def to_html(
    profile: Any, path: str | Path, queries: Sequence[str] = (), *, vectors: Array | None = None
) -> Path:
    """Draw the task map.

    Args:
        profile: A `Profile`.
        path: The HTML file to write.
        queries: Questions to draw, such as the calibration queries; without any, only clusters.
        vectors: Their embeddings [n, d], if they are known.

    Returns:
        The path of the file.
    """
    dots = draw_dots(profile, queries, vectors)
    colours = colours_of(profile, dots)
    body = "\n".join((_header(profile), _map(profile, dots, colours), _heat(profile)))
    path = Path(path)
    path.write_text(page.document("Task map", body), encoding="utf-8")
    return path


def draw_dots(
    profile: Any, queries: Sequence[str], vectors: Array | None = None
) -> list[dict[str, Any]]:
    """Position, best member and text of an even sample of at most `DOTS` questions."""
    if not len(queries):
        return []
    keep = np.unique(np.linspace(0, len(queries) - 1, min(DOTS, len(queries))).astype(int))
    texts = [queries[i] for i in keep]
    embedded = profile.embed(texts) if vectors is None else np.asarray(vectors)[keep]
    places = profile.positions(embedded)
    best = expected(profile.views, embedded).argmax(axis=1)
    return [
        {"x": float(x), "y": float(y), "member": profile.members[int(m)], "text": text[:160]}
        for (x, y), m, text in zip(places, best, texts, strict=True)
    ]


def colours_of(profile: Any, dots: Sequence[dict[str, Any]]) -> dict[str, str]:
    """A colour for each member; members that are best most often get the most distinct ones."""
    often = Counter(d["member"] for d in dots)
    for cluster in profile.clusters:
        often[next(iter(cluster["members"]))] += cluster["size"] / 1e6
    ranked = sorted(profile.members, key=lambda m: (-often[m], profile.members.index(m)))
    return {m: HUES[i] if i < len(HUES) and often[m] else OTHER for i, m in enumerate(ranked)}


def _header(profile: Any) -> str:
    info = profile.info["data"]
    facts = (
        (f"{info['queries']:,}", "calibration questions"),
        (str(len(profile.cards)), "clusters"),
        (str(len(profile.members)), "members"),
        (page.escape(profile.embedder.kind), "embedder"),
    )
    cells = "".join(f"<div><b>{value}</b><span>{label}</span></div>" for value, label in facts)
    return f'<header><h1>Task map</h1><div class="facts">{cells}</div></header>'


def _map(profile: Any, dots: list[dict[str, Any]], colours: dict[str, str]) -> str:
    clusters = profile.clusters
    points = [(d["x"], d["y"]) for d in dots] + [(c["x"], c["y"]) for c in clusters]
    scale = page.Scale(points, page.WIDTH, page.HEIGHT)
    marks = [_dot_mark(dot, scale, colours) for dot in dots]
    spots = [scale(c["x"], c["y"]) for c in clusters]
    taken = [(x - 10.0, y, 20.0) for x, y in spots]
    largest = sorted(clusters, key=lambda c: -c["size"])
    marks += [_cluster_mark(cluster, scale, colours, taken) for cluster in largest]
    shown = [m for m in colours if colours[m] != OTHER] + ["others"] * (OTHER in colours.values())
    legend = "".join(
        f'<li><i style="background:{colours.get(m, OTHER)}"></i>{page.escape(m)}</li>'
        for m in shown
    )
    svg = page.svg("".join(marks), page.WIDTH, page.HEIGHT, "Map of the questions")
    return (
        "<section><h2>Where each member is best</h2><p>Each dot is a question, near similar ones; "
        "its colour is the member with the best expected answer. Numbers are clusters."
        f'</p><ul class="legend">{legend}</ul><div class="card">{svg}</div></section>'
    )


def _dot_mark(dot: dict[str, Any], scale: page.Scale, colours: dict[str, str]) -> str:
    """A question: a dot that shows its text under the pointer."""
    x, y = scale(dot["x"], dot["y"])
    title = f"<title>{page.escape(dot['member'])}: {page.escape(dot['text'])}</title>"
    fill = colours[dot["member"]]
    return f'<circle class="q" cx="{x}" cy="{y}" r="2.6" fill="{fill}">{title}</circle>'


def _cluster_mark(
    cluster: dict[str, Any],
    scale: page.Scale,
    colours: dict[str, str],
    taken: list[tuple[float, float, float]],
) -> str:
    """A numbered disc, with its words if there is room for them."""
    x, y = scale(cluster["x"], cluster["y"])
    best = next(iter(cluster["members"]), "")
    words = ", ".join(cluster["words"][:3])
    title = f"cluster {cluster['id']} ({cluster['size']} questions): {', '.join(cluster['words'])}"
    disc = (
        f'<g class="c"><title>{page.escape(title)}; best: {page.escape(best)}</title>'
        f'<circle cx="{x}" cy="{y}" r="9" stroke="{colours.get(best, OTHER)}"/>'
        f'<text x="{x}" y="{y + 3.5}">{cluster["id"]}</text></g>'
    )
    width = 6.3 * sum(2 if ord(letter) > 0x2E80 else 1 for letter in words) + 10
    side = 12 if x + 12 + width < page.WIDTH else -12 - width
    box = (x + side, y, width)
    if not words or any(page.overlap(box, other) for other in taken):
        return disc
    taken.append(box)
    return f'{disc}<text class="w" x="{x + side + 2:.1f}" y="{y + 4}">{page.escape(words)}</text>'


def _heat(profile: Any) -> str:
    clusters = sorted(profile.clusters, key=lambda c: -c["size"])
    head = "".join(f"<th><span>{page.escape(page.short(m))}</span></th>" for m in profile.members)
    rows = "".join(_heat_row(c, profile.members) for c in clusters)
    return (
        "<section><h2>What each member achieves</h2><p>Expected accuracy in percent by cluster; a "
        "frame marks the best. Blue is above the cluster's mean, orange below; hold the pointer "
        'over a cell for its 95% interval.</p><div class="card scroll"><table><thead><tr>'
        f"<th>#</th><th>questions</th><th>telling words</th>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _heat_row(cluster: dict[str, Any], members: Sequence[str]) -> str:
    cards = cluster["members"]
    mean = float(np.mean([cards[m]["mean"] for m in members]))
    best = max(members, key=lambda m: cards[m]["mean"])
    cells = []
    for member in members:
        one = cards[member]
        gap = max(-1.0, min(1.0, (one["mean"] - mean) / 0.2))
        side = "up" if gap >= 0 else "down"
        title = f"{member}: {one['low']:.0%} to {one['high']:.0%}, {one['n']} questions"
        cells.append(
            f'<td class="h {side}{" best" if member == best else ""}" '
            f'style="--g:{abs(gap):.2f}" title="{page.escape(title)}">{100 * one["mean"]:.0f}</td>'
        )
    words = page.escape(", ".join(cluster["words"][:6]))
    example = page.escape(cluster["examples"][0]) if cluster["examples"] else ""
    return (
        f'<tr><td class="n">{cluster["id"]}</td><td class="n">{cluster["size"]}</td>'
        f'<td class="words" title="{example}">{words}</td>{"".join(cells)}</tr>'
    )
