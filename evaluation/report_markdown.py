"""A comparison as Markdown: the same numbers as the HTML report, as tables.

Texts of models, members and questions are data: what Markdown or HTML would read as markup is
escaped.
"""

from __future__ import annotations

from . import report_markdown_members as members
from .comparison import Comparison
from .report_markdown_parts import plain, table
from .report_words import (
    METHOD,
    estimated,
    gained,
    lead,
    money,
    notes,
    number,
    p_value,
    percent,
)


def markdown_report(compared: Comparison, *, title: str = "Systems side by side") -> str:
    """The report as Markdown.

    Args:
        compared: What `compare` found.
        title: Its heading.

    Example:
        >>> from langgraph_ensemble.evaluation.comparison import compare
        >>> right, wrong = {"score": 1.0}, {"score": 0.0}
        >>> compared = compare({"single:a": [right, wrong]}, [{"query": "x"}, {"query": "y"}])
        >>> print(markdown_report(compared).splitlines()[0])
        # Systems side by side
    """
    told = lead(compared)
    verdict = [f"**{plain(told.verdict)}.**"] if told.verdict else []
    parts = [
        f"# {plain(title)}",
        plain(told.text),
        *verdict,
        *(f"> {plain(note)}" for note in notes(compared)),
        _systems(compared),
        _use(compared),
        _budget(compared),
        _datasets(compared),
        members.members(compared),
        members.samples(compared),
        members.clusters(compared),
        members.aptitude(compared),
        members.routing(compared),
        members.reliability(compared),
        members.drafts(compared),
        _failures(compared),
        _cases(compared),
        "## Method",
        plain(METHOD),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _systems(compared: Comparison) -> str:
    rows = []
    for row in compared.systems:
        gain = row["gain"]
        name = plain(row["system"]) + (" (best member)" if row["best_single"] else "")
        rows.append([
            name,
            estimated(row["accuracy"]),
            gained(gain),
            p_value(gain["p"]) if gain else "–",
            p_value(gain["p_adjusted"]) if gain else "–",
            percent(row["gain_share"]),
            percent(row["gap_share"]),
            percent(row["gap_closed"]),
            percent(row["declined"]),
        ])  # fmt: skip
    if compared.oracle:
        own = estimated(compared.oracle)
        rows.append(["oracle", own, *["–"] * 7])
    head = (
        "system", "accuracy", "gain over the best member, points", "p", "p adjusted", "gain",
        "gap to the oracle", "gap closed", "declined",
    )  # fmt: skip
    return f"## Accuracy\n\n{table(head, rows)}"


def _use(compared: Comparison) -> str:
    front = set(compared.front["systems"])
    rows = [
        [
            plain(row["system"]),
            "yes" if row["system"] in front else "",
            money(row["cost_usd"]),
            percent(row["cost_saved"]),
            number(row["tokens"]),
            number(row["calls"], 1),
            number(row["seconds_p50"], 1),
            number(row["seconds_p95"], 1),
            str(row["failures"]),
        ]
        for row in compared.systems
    ]
    axis = "cost" if compared.front["axis"] == "cost_usd" else "calls, since no price is known"
    head = (
        "system", "on the Pareto front", "$ per 1,000 questions", "cost saved", "tokens", "calls",
        "seconds p50", "seconds p95", "failures",
    )  # fmt: skip
    return f"## Cost\n\nThe front is that of accuracy over {axis}.\n\n{table(head, rows)}"


def _budget(compared: Comparison) -> str:
    unit, rows = compared.equal_budget["unit"], []
    for row in compared.equal_budget["rows"]:
        for key in ("single", "self_consistency", "self_fusion"):
            rival = row[key]
            if not rival:
                continue
            count = f", {rival['samples']} samples" if rival["samples"] else ""
            gap = rival["difference"]
            rows.append([
                plain(row["system"]), plain(f"{rival['system']}{count}"),
                plain(rival["member"] or "–"), number(row["used"], 1), number(rival["used"], 1),
                gained(gap), p_value(gap["p"]),
            ])  # fmt: skip
    if not rows:
        return ""
    head = ("ensemble", "against", "member", unit, f"its {unit}", "difference, points", "p")
    return f"## At the same budget\n\n{table(head, rows)}"


def _datasets(compared: Comparison) -> str:
    if len(compared.datasets) < 2:
        return ""
    head = ("system", *(f"{plain(d['name'])} ({d['questions']})" for d in compared.datasets))
    rows = [
        [
            plain(row["system"]),
            *(percent(d["accuracy"][row["system"]]["mean"]) for d in compared.datasets),
        ]
        for row in compared.systems
    ]
    return f"## By data set\n\n{table(head, rows)}"


def _failures(compared: Comparison) -> str:
    rows = [
        [plain(name), ", ".join(f"{plain(status)} {count}" for status, count in each.items())]
        for name, each in compared.failures["members"].items()
        if set(each) != {"ok"}
    ]
    rows += [
        [plain(name), f"{each['runs']} runs without an answer: {plain(each['example'][:160])}"]
        for name, each in compared.failures["systems"].items()
    ]
    return f"## Failures\n\n{table(('member or system', 'drafts by status'), rows)}" if rows else ""


def _cases(compared: Comparison) -> str:
    rows = [
        [
            plain(case["question"][:200]),
            plain(", ".join(case["accepted"])),
            ", ".join(plain(one["system"]) for one in case["systems"] if one["score"] >= 0.5),
        ]
        for case in compared.disagreements
    ]
    head = ("question", "accepted", "right")
    return f"## Where systems disagree\n\n{table(head, rows)}" if rows else ""
