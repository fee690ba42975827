"""Sections of a report on members: who was asked, what drafts became, who failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..routing.picture_page import escape
from . import report_parts as parts
from .charts import Axis, Frame
from .comparison import Comparison
from .report_words import FEW, mark, number, percent, points

_MOST_RELIABLE = 4
_MOST_ROUTED = 4


def routing(compared: Comparison) -> str:
    """Who was asked, by data set."""
    if not compared.routing:
        return ""
    total: Counter[str] = Counter()
    for each in compared.routing:
        total.update(each["shares"])
    known = parts.colours([name for name, _ in total.most_common()])
    shown = compared.routing[:_MOST_ROUTED]
    charts = []
    for each in shown:
        rows = {"all questions": each["shares"]}
        if len(each["datasets"]) > 1:
            rows |= dict(list(each["datasets"].items())[:12])
        charts.append(f"<h3>{escape(each['system'])}</h3>{parts.share_rows(rows, known)}")
    rest = [each["system"] for each in compared.routing[_MOST_ROUTED:]]
    return parts.section(
        "Who was asked",
        "Share of the questions, in percent, that each member was picked for; a question for "
        "several members is divided among them."
        + (f" Not shown: {', '.join(rest)}." if rest else ""),
        parts.legend(known, len(total) > len(known)),
        "".join(f'<div class="group">{chart}</div>' for chart in charts),
    )


def reliability(compared: Comparison) -> str:
    """The stated probability against what is right."""
    known = [each for each in compared.reliability if each["n"] >= FEW]
    known = [each for each in known if each["system"] not in compared.tests]
    shown = known[:_MOST_RELIABLE]
    if not shown:
        return ""
    figures = "".join(
        parts.figure(
            each["system"],
            f"Expected calibration error {100 * each['ece']:.1f} points; on average it states "
            f"{percent(each['stated'])} and is right on {percent(each['right'])}.",
            _diagram(each),
        )
        for each in shown
    )
    rest = len(known) - len(shown)
    return parts.section(
        "Does a system know when it is right?",
        "The probability that a system states, in ten bins, against the share that is right. On "
        "the dashed line both are equal; below it the system is overconfident. Larger dots are "
        "more questions." + (f" {rest} systems with a larger error are not shown." if rest else ""),
        f'<div class="grid2">{figures}</div>',
    )


def _diagram(each: dict[str, Any]) -> str:
    frame = Frame(Axis(0, 1, 0.2), Axis(0, 1, 0.2), height=300)
    marks = [
        f'<line class="diagonal" x1="{frame.x(0)}" y1="{frame.y(0)}" x2="{frame.x(1)}" '
        f'y2="{frame.y(1)}"/>'
    ]
    for found in each["bins"]:
        x, size = frame.x(found["stated"]), 3 + 9 * (found["n"] / each["n"]) ** 0.5
        marks.append(
            f'<line class="span ensemble" x1="{x}" x2="{x}" y1="{frame.y(found["low"])}" '
            f'y2="{frame.y(found["high"])}"/><circle class="dot ensemble" cx="{x}" '
            f'cy="{frame.y(found["mean"])}" r="{size:.1f}"><title>{found["n"]} questions: stated '
            f"{percent(found['stated'])}, right {percent(found['mean'])}</title></circle>"
        )
    told = "; ".join(
        f"{percent(b['stated'], 0)}: {percent(b['mean'], 0)} of {b['n']}" for b in each["bins"]
    )
    return frame.draw(
        "".join(marks),
        f"Right against stated {each['field']} of {each['system']}: {told}",
        names=(f"stated {each['field']}", "share that is right"),
        write=(mark, mark),
    )


def drafts(compared: Comparison) -> str:
    """What written answers take from drafts, and SMoA's tokens against MoA's."""
    made = []
    if compared.similarity:
        names = list(dict.fromkeys(m for each in compared.similarity for m in each["members"]))
        head = ("system", "right drafts", "wrong drafts", *names)
        rows = [
            [
                escape(each["system"]),
                *(percent(each[side], 0) for side in ("right", "wrong")),
                *(percent(each["members"].get(name), 0) for name in names),
            ]
            for each in compared.similarity
        ]
        made.append(
            parts.section(
                "What the answer takes from the drafts",
                "Share of the answer's word 3-grams that stand in a draft of the last layer too "
                "(the n-gram precision of BLEU, Papineni et al. 2002), mean over questions; over "
                "right and wrong drafts, and by member.",
                parts.table(head, rows),
            )
        )
    if compared.smoa:
        head = ("", "SMoA tokens", "MoA tokens", "SMoA uses", "accuracy, points", "95% interval")
        rows = [_tokens(each) for each in compared.smoa]
        told = "Tokens of a question, and SMoA's accuracy minus MoA's on the same questions."
        used = {each["smoa"]: each["smoa_tokens"] for each in compared.smoa}
        used |= {each["moa"]: each["moa_tokens"] for each in compared.smoa}
        known = {name: count for name, count in used.items() if count is not None}
        bars = parts.bar_rows(known, number) if len(known) == len(used) else ""
        made.append(parts.section("SMoA against MoA", told, bars, parts.table(head, rows)))
    return "".join(made)


def _tokens(each: dict[str, Any]) -> list[str]:
    gap = each["difference"]
    return [
        f"{escape(each['smoa'])} against {escape(each['moa'])}",
        number(each["smoa_tokens"]),
        number(each["moa_tokens"]),
        percent(each["share"], 0),
        points(gap["mean"]),
        f"{points(gap['low'])} to {points(gap['high'])}",
    ]


def _faults(statuses: Mapping[str, int]) -> int:
    return sum(count for status, count in statuses.items() if status != "ok")


def failures(compared: Comparison) -> str:
    """Drafts by status, and errors of runs."""
    members, systems = compared.failures["members"], compared.failures["systems"]
    every: Counter[str] = Counter()
    for each in members.values():
        every.update(each)
    bad = [status for status, _ in every.most_common() if status != "ok"]
    if not bad and not systems:
        return ""
    made = []
    if bad:
        rows = [
            [escape(name), *(number(each.get(status, 0)) for status in ("ok", *bad))]
            for name, each in sorted(members.items(), key=lambda item: -_faults(item[1]))
            if _faults(each)
        ]
        made.append(parts.table(("drafts of", "ok", *bad), rows))
    if systems:
        rows = [
            [escape(name), number(each["runs"]), escape(each["example"][:160])]
            for name, each in systems.items()
        ]
        head = ("runs without an answer", "number", "most frequent error")
        made.append(parts.table(head, rows, style="words"))
    told = "Drafts of all systems by status; one that several systems share counts in each."
    if bad and (sound := sum(not _faults(each) for each in members.values())):
        told += f" All drafts of the {sound} other members are ok."
    return parts.section("Failures", told, *made)
