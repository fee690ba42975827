"""Sections of a Markdown report on members: how many, who was asked, what drafts became."""

from __future__ import annotations

from .comparison import Comparison
from .report_curve_words import PARTS, parts_of, told_aptitude, told_clusters
from .report_markdown_parts import plain, table
from .report_words import estimated, gained, number, percent


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
            estimated(point),
            gained(lost[point["added"]]),
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
        rows = [[str(point["k"]), estimated(point)] for point in each["curve"]]
        name = f"{plain(each['system'])}, samples of {plain(each['member'])}"
        made.append(f"## {name}\n\n{table(('first k', 'accuracy of the vote'), rows)}")
    return "\n\n".join(made)


def clusters(compared: Comparison) -> str:
    """Accuracy over K."""
    found = compared.clusters
    if not found:
        return ""
    rows = [[str(point["k"]), estimated(point)] for point in found["curve"]]
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
    rows = [[plain(row["member"]), *parts_of(row)] for row in found["rows"]]
    return f"{told}\n\n{table(PARTS, rows)}"


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
                gained(each["difference"]),
            ]
            for each in compared.smoa
        ]
        head = ("", "SMoA tokens", "MoA tokens", "share", "difference, points")
        made.append(f"## SMoA against MoA\n\n{table(head, rows)}")
    return "\n\n".join(made)
