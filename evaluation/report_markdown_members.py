"""Sections of a Markdown report on members: how many, who was asked, what drafts became."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .comparison import Comparison
from .report_markdown_parts import plain, table
from .report_words import interval, number, percent, points, told_aptitude, told_clusters


def members(compared: Comparison) -> str:
    """Accuracy of the majority over the number of members."""
    found = compared.members
    if not found:
        return ""
    lost = {each["member"]: each for each in found["contributions"]}
    rows = [
        [
            str(point["k"]),
            plain(point["added"]),
            f"{percent(point['mean'])} ({interval(point)})",
            f"{points(lost[point['added']]['mean'])} ({interval(lost[point['added']], '+')})",
        ]
        for point in found["curve"]
    ]
    head = ("members", "added", "majority of the first k", "lost without it, points")
    told = f"What more than {found['enough']} of them add is within chance."
    return f"## How many members are enough\n\n{told}\n\n{table(head, rows)}"


def samples(compared: Comparison) -> str:
    """Accuracy of the vote over samples."""
    made = []
    for each in compared.samples:
        rows = [
            [str(point["k"]), f"{percent(point['mean'])} ({interval(point)})"]
            for point in each["curve"]
        ]
        name = f"{plain(each['system'])}, samples of {plain(each['member'])}"
        made.append(f"## {name}\n\n{table(('first k', 'accuracy of the vote'), rows)}")
    return "\n\n".join(made)


def clusters(compared: Comparison) -> str:
    """Accuracy over K."""
    found = compared.clusters
    if not found:
        return ""
    rows = [[str(p["k"]), f"{percent(p['mean'])} ({interval(p)})"] for p in found["curve"]]
    told = plain(told_clusters(found))
    return f"## How many clusters are enough\n\n{told}\n\n{table(('K', 'accuracy'), rows)}"


def aptitude(compared: Comparison) -> str:
    """Each member as proposer and as aggregator."""
    found = compared.aptitude
    if not found:
        return ""
    told = f"## Proposer or aggregator\n\n{plain(told_aptitude(found))}"
    if not found["measured"]:
        return told
    rows = [
        [
            plain(row["member"]),
            *(_estimate(row[part]) for part in ("alone", "proposer", "aggregator")),
            *(_points(row[part]) for part in ("adds", "gap")),
        ]
        for row in found["rows"]
    ]
    head = (
        "member", "alone", "as proposer", "as aggregator", "adds to the vote, points",
        "aggregator minus proposer, points",
    )  # fmt: skip
    return f"{told}\n\n{table(head, rows)}"


def _estimate(found: Mapping[str, Any] | None) -> str:
    return "–" if found is None else f"{percent(found['mean'])} ({interval(found)})"


def _points(found: Mapping[str, Any] | None) -> str:
    return "–" if found is None else f"{points(found['mean'])} ({interval(found, '+')})"


def routing(compared: Comparison) -> str:
    """Who was asked, by data set."""
    rows = [
        [plain(each["system"]), plain(name), _shares(shares)]
        for each in compared.routing
        for name, shares in {"all": each["shares"], **each["datasets"]}.items()
    ]
    return f"## Who was asked\n\n{table(('system', 'data set', 'share'), rows)}" if rows else ""


def _shares(shares: dict[str, float]) -> str:
    return ", ".join(f"{plain(name)} {percent(share, 0)}" for name, share in shares.items())


def reliability(compared: Comparison) -> str:
    """Stated probability against what is right."""
    rows = [
        [
            plain(each["system"]),
            each["field"],
            percent(each["stated"]),
            percent(each["right"]),
            f"{100 * each['ece']:.1f}",
        ]
        for each in compared.reliability
    ]
    head = ("system", "field", "stated", "right", "expected calibration error, points")
    return f"## Stated probability\n\n{table(head, rows)}" if rows else ""


def drafts(compared: Comparison) -> str:
    """What answers take from drafts, and SMoA's tokens against MoA's."""
    made = []
    if compared.similarity:
        rows = [
            [
                plain(each["system"]),
                percent(each["right"], 0),
                percent(each["wrong"], 0),
                _shares(each["members"]),
            ]
            for each in compared.similarity
        ]
        head = ("system", "of right drafts", "of wrong drafts", "by member")
        told = "Share of the answer's word 3-grams that a draft of the last layer has, too."
        made.append(f"## Answers and drafts\n\n{told}\n\n{table(head, rows)}")
    if compared.smoa:
        rows = [
            [
                f"{plain(each['smoa'])} against {plain(each['moa'])}",
                number(each["smoa_tokens"]),
                number(each["moa_tokens"]),
                percent(each["share"], 0),
                f"{points(each['difference']['mean'])} ({interval(each['difference'], '+')})",
            ]
            for each in compared.smoa
        ]
        head = ("", "SMoA tokens", "MoA tokens", "share", "difference, points")
        made.append(f"## SMoA against MoA\n\n{table(head, rows)}")
    return "\n\n".join(made)
