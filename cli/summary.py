"""A task map in words: clusters, their best members, and the expected gain of routing."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from ..profiles import Profile
from .terminal import line

#: Number of clusters shown, the largest first; the page beside the profile shows them all.
SHOWN = 20
#: Number of members shown for a cluster.
BEST = 3

#: What each system is called in the table.
NAMES = {
    "single": "best member: {}",
    "routed": "routed to one member",
    "majority": "plain vote of all",
    "vote": "learnt vote of all",
    "team": "team: learnt vote, stopped when settled",
}
#: How to use what is recommended.
HOW = {
    "single": "Recommended: ask {} alone; no other system gains more than a standard error.",
    "routed": "Recommended: route each question to one member: "
    "create_avengers(pool, profile, samples=1), or ensemble ask --set samples=1.",
    "team": 'Recommended: the team: create_avengers(pool, profile, strategy="team"), '
    "or ensemble ask --set strategy=team.",
}


def show(profile: Profile, result: dict[str, Any], pictures: list[str]) -> None:
    """Print the summary of a calibration to standard output."""
    # Output to a file has no width.
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
    clusters = sorted(profile.clusters, key=lambda c: -c["size"])
    console.print(_clusters(clusters[:SHOWN]))
    if len(clusters) > SHOWN:
        console.print(f"and {len(clusters) - SHOWN} smaller clusters")
    for each in lines(result):
        console.print(line(each))
    console.print(_systems(result["systems"], result["recommended"]))
    console.print(line(HOW[result["recommended"]].format(result["systems"][0]["member"])))
    console.print(line(f"profile: {result['profile']}; picture: {', '.join(pictures)}"))


def lines(result: dict[str, Any]) -> list[str]:
    """The results and costs of a calibration, in sentences."""
    gain = result["gain"]
    single = gain["best_single"]
    out = [
        f"{result['questions']:,} questions, {result['scores']:,} scores, "
        f"{len(result['members'])} members, {result['clusters']} clusters",
        f"best single member {single['member']}: {percent(single)}",
        f"routed, cross-validated: {percent(gain['routed'])}; oracle: {percent(gain['oracle'])}",
        f"gain of routing over the best single member: {points(gain['gain'])}",
    ]
    for name, each in result.get("failures", {}).items():
        out.append(f"{name}: {each['calls']} calls failed ({each['error']})")
    if result.get("left_out"):
        out.append(f"left out, because they have no score: {', '.join(result['left_out'])}")
    if result.get("stopped"):
        out.append(f"stopped by {result['stopped']}: raise it and run again to complete the scores")
    cost = result["cost_usd"]
    if result["calls"]:
        paid = "cost unknown" if cost is None else f"${cost:.4f}"
        out.append(f"{result['calls']:,} calls, {paid}, earlier runs included")
    return out


def percent(estimate: dict[str, Any]) -> str:
    """An accuracy with its interval.

    Example:
        >>> percent({"mean": 0.5, "low": 0.4, "high": 0.6})
        '50.0% (95% interval 40.0 to 60.0)'
    """
    if estimate["low"] is None:
        return f"{100 * estimate['mean']:.1f}%"
    span = f"{100 * estimate['low']:.1f} to {100 * estimate['high']:.1f}"
    return f"{100 * estimate['mean']:.1f}% (95% interval {span})"


def points(estimate: dict[str, Any]) -> str:
    """A difference of accuracies with its interval.

    Example:
        >>> points({"mean": 0.05, "low": -0.01, "high": 0.11})
        '+5.0 points (95% interval -1.0 to +11.0)'
    """
    if estimate["low"] is None:
        return f"{100 * estimate['mean']:+.1f} points"
    span = f"{100 * estimate['low']:+.1f} to {100 * estimate['high']:+.1f}"
    return f"{100 * estimate['mean']:+.1f} points (95% interval {span})"


def _systems(rows: list[dict[str, Any]], recommended: str) -> Table:
    table = Table(title="Systems, cross-validated on these questions", title_justify="left")
    table.add_column("system")
    table.add_column("right", justify="right")
    table.add_column("over the best member (95% interval)", justify="right")
    table.add_column("members asked", justify="right")
    table.add_column("US dollars for 1,000 questions", justify="right")
    for row in rows:
        gain = {"mean": row["gain"], "low": row["interval"][0], "high": row["interval"][1]}
        cost = row["cost_usd"]
        name = NAMES[row["system"]].format(row["member"])
        table.add_row(
            line(name + " ←" if row["system"] == recommended else name),
            f"{100 * row['accuracy']:.1f}%",
            "" if row["system"] == "single" else points(gain),
            f"{row['asked']:.1f}",
            "unknown" if cost is None else f"{1000 * cost:.4f}",
        )
    return table


def _clusters(clusters: list[dict[str, Any]]) -> Table:
    table = Table(show_lines=True, title="Task map", title_justify="left")
    table.add_column("#", justify="right")
    table.add_column("size", justify="right")
    table.add_column("telling words", ratio=2)
    table.add_column("nearest questions", ratio=3)
    table.add_column("best members, % (95% interval)", ratio=3)
    for cluster in clusters:
        best = [
            f"{name} {100 * one['mean']:.0f} ({100 * one['low']:.0f}-{100 * one['high']:.0f})"
            for name, one in list(cluster["members"].items())[:BEST]
        ]
        examples = [text if len(text) <= 90 else text[:89] + "…" for text in cluster["examples"]]
        table.add_row(
            str(cluster["id"]),
            str(cluster["size"]),
            line(", ".join(cluster["words"])),
            line("\n".join(examples)),
            line("\n".join(best)),
        )
    return table
