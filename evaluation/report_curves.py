"""Sections of a report on numbers of things: members, samples, clusters; and on the members' parts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..routing.picture_page import escape
from . import report_parts as parts
from .charts import Axis, Frame, line_marks, place_labels
from .comparison import Comparison
from .report_words import interval, percent, points, told_aptitude, told_clusters


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
    if members and len(members["order"]) > 2:
        rows = parts.difference_rows(
            members["contributions"], lambda row: escape(row["member"]), parts.side
        )
        figures.append(
            parts.figure(
                "What is lost without a member",
                "Majority of all members minus the majority without this one, in percentage "
                "points. Right of the line the vote needs it; blue and orange are beyond chance.",
                f'<div class="compact">{rows}</div>',
            )
        )
    if not figures:
        return ""
    counted = [
        each["questions"] for each in (members, *compared.samples, compared.clusters) if each
    ]
    told = "Counted from the recorded answers; nobody was asked again."
    if min(counted) < compared.questions:
        told += f" Only {min(counted):,} of the questions count, spread evenly."
    return parts.section(
        "How many are enough", told, f'<div class="grid2">{"".join(figures)}</div>'
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
        write=(lambda v: f"{v:.0f}", lambda v: percent(v, 0)),
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
        write=(lambda v: f"{2**v:.0f}", lambda v: percent(v, 0)),
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
    rows = [
        [
            escape(row["member"]),
            *(_estimate(row[part]) for part in ("alone", "proposer", "aggregator")),
            *(_points(row[part]) for part in ("adds", "gap")),
        ]
        for row in found["rows"]
    ]
    head = (
        "member", "alone", "as proposer", "as aggregator", "adds to the vote, points",
        "aggregator minus proposer, points",
    )  # fmt: skip
    plot = _parts_plot(found) if "aggregator" in found["measured"] else ""
    return parts.section(title, told, plot, parts.folded("Numbers", parts.table(head, rows)))


def _parts_plot(found: dict[str, Any]) -> str:
    """Aggregator over proposer, a dot for each member; above the diagonal it aggregates better."""
    across = "proposer" if "proposer" in found["measured"] else "alone"
    rows = [row for row in found["rows"] if row[across] and row["aggregator"]]
    every = [
        row[part][b] for row in rows for part in (across, "aggregator") for b in ("low", "high")
    ]
    if not rows:
        return ""
    axis = Axis.of(every)
    plots = []
    for style, width, height in (("wide broad", 760, 480), ("narrow", 400, 380)):
        frame = Frame(axis, axis, width, height)
        at = [(frame.x(row[across]["mean"]), frame.y(row["aggregator"]["mean"])) for row in rows]
        low, high = axis.low, axis.high
        marks = [
            f'<line class="diagonal" x1="{frame.x(low)}" y1="{frame.y(low)}" '
            f'x2="{frame.x(high)}" y2="{frame.y(high)}"/>'
        ]
        marks += [_part(frame, row, across, *place) for row, place in zip(rows, at, strict=True)]
        named = [(*place, row["member"]) for row, place in zip(rows, at, strict=True)]
        marks += [
            f'<text class="label" x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
            for x, y, anchor, text in filter(None, place_labels(frame, named))
        ]
        told = "; ".join(
            f"{row['member']} {percent(row[across]['mean'])} and {percent(row['aggregator']['mean'])}"
            for row in rows
        )
        name = "accuracy as proposer" if across == "proposer" else "accuracy alone (its drafts)"
        picture = frame.draw(
            "".join(marks),
            f"Accuracy as aggregator over {name}: {told}",
            names=(name, "accuracy as aggregator; above the dashed line the better part"),
            write=(lambda v: percent(v, 0), lambda v: percent(v, 0)),
        )
        plots.append(f'<div class="{style}">{picture}</div>')
    return "".join(plots)


def _part(frame: Frame, row: dict[str, Any], across: str, x: float, y: float) -> str:
    one, other = row[across], row["aggregator"]
    told = f"{row['member']}: {percent(one['mean'])} ({interval(one)}) and as aggregator "
    told += f"{percent(other['mean'])} ({interval(other)})"
    return (
        f'<line class="span member" x1="{x}" x2="{x}" y1="{frame.y(other["low"])}" '
        f'y2="{frame.y(other["high"])}"/><line class="span member" x1="{frame.x(one["low"])}" '
        f'x2="{frame.x(one["high"])}" y1="{y}" y2="{y}"/><circle class="dot ensemble" cx="{x}" '
        f'cy="{y}" r="6"><title>{escape(told)}</title></circle>'
    )


def _estimate(found: Mapping[str, Any] | None) -> str:
    return "–" if found is None else f"{percent(found['mean'])} ({interval(found)})"


def _points(found: Mapping[str, Any] | None) -> str:
    return "–" if found is None else f"{points(found['mean'])} ({interval(found, '+')})"
