"""Sections of a report on how many members, samples and clusters are enough; members' parts."""

from __future__ import annotations

import math
from typing import Any

from ..routing.picture_page import escape
from . import report_parts as parts
from .charts import Axis, Frame, line_marks
from .comparison import Comparison
from .report_curve_words import PARTS, parts_of, told_aptitude, told_clusters
from .report_words import mark, percent

_MOST_BESIDE = 6
"""Members up to which their rows stand beside another picture."""


def sizes(compared: Comparison) -> str:
    """Accuracy over the number of members, samples and clusters; what each member adds."""
    figures = []
    members = compared.members
    if members:
        figures.append(
            parts.figure(
                "Members",
                "Majority of the first k members, most accurate first (an order that is known only "
                f"in hindsight, and decides ties). {_enough(members, 'members')}",
                _curve(members["curve"], "members", f"{members['order'][0]} is first"),
            )
        )
    figures += [
        parts.figure(
            f"Samples of {each['member']}",
            f"Vote over the first k samples of {each['system']}. {_enough(each, 'samples')}",
            _curve(each["curve"], "samples", each["member"]),
        )
        for each in compared.samples
    ]
    if compared.clusters:
        told = f"{told_clusters(compared.clusters)} The line is the best single member."
        figures.append(parts.figure("Clusters of a task map", told, _clusters(compared.clusters)))
    below = ""
    if members and len(members["order"]) > 2:
        # Many rows need the whole width, one line each.
        many = len(members["order"]) > _MOST_BESIDE
        lost = _lost(members["contributions"], compact=not many)
        if many:
            below = f'<div class="group">{lost}</div>'
        else:
            figures.append(lost)
    if not figures:
        return ""
    every = (members, *compared.samples, compared.clusters)
    counted = [each["questions"] for each in every if each]
    told = "Counted from the recorded answers; nobody was asked again."
    if min(counted) < compared.questions:
        told += f" Only {min(counted):,} of the questions count, spread evenly."
    return parts.section(
        "How many are enough",
        told,
        f'<div class="grid2">{"".join(figures)}</div>{below}',
    )


def _lost(rows: list[dict[str, Any]], *, compact: bool) -> str:
    made = parts.difference_rows(rows, lambda row: escape(row["member"]), parts.side)
    return parts.figure(
        "What is lost without a member",
        "Majority of all members minus the majority without this one, in percentage points. Right "
        "of the line the vote needs it; blue and orange are beyond chance.",
        f'<div class="compact">{made}</div>' if compact else made,
    )


def _enough(found: dict[str, Any], what: str) -> str:
    most = len(found["curve"])
    best = max(found["curve"], key=lambda point: point["mean"])
    if found["enough"] == best["k"]:
        return f"Accuracy is largest with {best['k']} of {most} {what}."
    return (
        f"Accuracy is largest with {best['k']} of {most} {what}; that it exceeds that of "
        f"{found['enough']} is within chance."
    )


def _curve(points_: list[dict[str, Any]], what: str, first: str) -> str:
    last = len(points_)
    step = max(1, round(last / 10))
    frame = Frame(
        Axis(1 - 0.3, last + 0.3, 1), Axis.of([b for p in points_ for b in (p["low"], p["high"])])
    )
    told = ", ".join(f"{p['k']}: {percent(p['mean'])}" for p in points_)
    return frame.draw(
        line_marks(frame, points_, "k", "ensemble"),
        f"Accuracy over the number of {what} ({first}): {told}",
        names=(f"number of {what}", "accuracy"),
        write=(lambda v: f"{v:.0f}", mark),
        across=list(range(1, last + 1, step)),
    )


def _clusters(found: dict[str, Any]) -> str:
    points_ = [{**point, "at": math.log2(point["k"])} for point in found["curve"]]
    single, last = found["single"]["mean"], points_[-1]["at"]
    every = [bound for p in points_ for bound in (p["low"], p["high"])]
    frame = Frame(Axis(-0.3, last + 0.3, 1), Axis.of([*every, single]))
    level = frame.y(single)
    line = f'<line class="ref" x1="{frame.left}" x2="{frame.x(last + 0.3)}" y1="{level}" '
    told = ", ".join(f"{p['k']}: {percent(p['mean'])}" for p in points_)
    return frame.draw(
        f'{line}y2="{level}"/>{line_marks(frame, points_, "at", "ensemble")}',
        f"Accuracy over the number of clusters: {told}; best single member {percent(single)}",
        names=("number of clusters, K", "accuracy"),
        write=(lambda v: f"{2**v:.0f}", mark),
        across=[p["at"] for p in points_],
    )


def aptitude(compared: Comparison) -> str:
    """Each member as proposer and as aggregator."""
    found = compared.aptitude
    if not found:
        return ""
    title, told = "Proposer or aggregator?", told_aptitude(found)
    if not found["measured"]:
        return parts.section(title, told)
    rows = [[escape(row["member"]), *parts_of(row)] for row in found["rows"]]
    return parts.section(
        title, told, _parts_plot(found), parts.folded("Numbers", parts.table(PARTS, rows))
    )


def _parts_plot(found: dict[str, Any]) -> str:
    """Two dots for each member, as proposer and as aggregator; the largest difference is first."""
    across = "proposer" if "proposer" in found["measured"] else "alone"
    rows = [row for row in found["rows"] if row[across] and row["aggregator"]]
    if "aggregator" not in found["measured"] or not rows:
        return ""
    rows.sort(key=lambda row: row[across]["mean"] - row["aggregator"]["mean"])
    known = {across: "c1", "aggregator": "c0"}
    return parts.legend(
        {"alone" if across == "alone" else "as proposer": "c1", "as aggregator": "c0"}, others=False
    ) + parts.pair_rows(rows, known)
