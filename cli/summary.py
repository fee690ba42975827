"""A task map in words: clusters, who is best on them, and what routing should gain."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from ..profiles import Profile
from .terminal import line

#: Clusters shown, the largest first; the page beside the profile shows them all.
SHOWN = 20
#: Members shown for a cluster.
BEST = 3


def show(profile: Profile, result: dict[str, Any], pictures: list[str]) -> None:
    """Print the summary of a calibration to standard output."""
    # What is piped into a file has no width of its own.
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
    clusters = sorted(profile.clusters, key=lambda c: -c["size"])
    console.print(_clusters(clusters[:SHOWN]))
    if len(clusters) > SHOWN:
        console.print(f"and {len(clusters) - SHOWN} smaller clusters")
    for each in lines(result):
        console.print(line(each))
    console.print(line(f"profile: {result['profile']}; picture: {', '.join(pictures)}"))


def lines(result: dict[str, Any]) -> list[str]:
    """What a calibration found and what it took, in sentences."""
    gain = result["gain"]
    single = gain["best_single"]
    out = [
        f"{result['questions']:,} questions, {result['scores']:,} scores, "
        f"{len(result['members'])} members, {result['clusters']} clusters",
        f"best single member {single['member']}: {percent(single)}",
        f"routed, cross-validated: {percent(gain['routed'])}; oracle: {percent(gain['oracle'])}",
        f"gain of routing over the best single member: {points(gain['gain'])}",
    ]
    if vote := result.get("vote"):
        advice = "vote" if vote["choice"] == "vote" else f"take {vote['member']} alone"
        low, high = (100 * end for end in vote["interval"])
        out.append(
            f"learnt vote, cross-validated: {100 * vote['vote']:.1f}%, {100 * vote['gain']:+.1f} "
            f"points over {vote['member']}, 95% interval {low:+.1f} to {high:+.1f}: {advice}"
        )
    for name, each in result.get("failures", {}).items():
        out.append(f"{name}: {each['calls']} calls failed ({each['error']})")
    if result.get("left_out"):
        out.append(f"left out, for nothing is known of them: {', '.join(result['left_out'])}")
    if result.get("stopped"):
        out.append(f"stopped by {result['stopped']}: run again with more to fill the holes")
    cost = result["cost_usd"]
    if result["calls"]:
        paid = "cost unknown" if cost is None else f"${cost:.4f}"
        out.append(f"{result['calls']:,} calls, {paid}, earlier runs included")
    return out


def percent(found: dict[str, Any]) -> str:
    """An accuracy with its interval.

    Example:
        >>> percent({"mean": 0.5, "low": 0.4, "high": 0.6})
        '50.0% (95% interval 40.0 to 60.0)'
    """
    if found["low"] is None:
        return f"{100 * found['mean']:.1f}%"
    span = f"{100 * found['low']:.1f} to {100 * found['high']:.1f}"
    return f"{100 * found['mean']:.1f}% (95% interval {span})"


def points(found: dict[str, Any]) -> str:
    """A difference of accuracies with its interval.

    Example:
        >>> points({"mean": 0.05, "low": -0.01, "high": 0.11})
        '+5.0 points (95% interval -1.0 to +11.0)'
    """
    if found["low"] is None:
        return f"{100 * found['mean']:+.1f} points"
    span = f"{100 * found['low']:+.1f} to {100 * found['high']:+.1f}"
    return f"{100 * found['mean']:+.1f} points (95% interval {span})"


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
