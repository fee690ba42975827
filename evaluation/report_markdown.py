"""A comparison as Markdown: the same numbers as the HTML report, as tables.

Texts of models, members and questions are data: what Markdown or HTML would read as markup is
escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..routing.picture_page import escape as escape_html
from .comparison import Comparison
from .report_words import (
    METHOD,
    interval,
    lead,
    money,
    notes,
    number,
    p_value,
    percent,
    points,
)

_MARKUP = re.compile(r"([\\`*_\[\]|~#$!])")


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
        _members(compared),
        _samples(compared),
        _routing(compared),
        _reliability(compared),
        _drafts(compared),
        _failures(compared),
        _cases(compared),
        "## Method",
        plain(METHOD),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    r"""A text in one line that Markdown shows as it is.

    Example:
        >>> plain("<b> a|b")
        '&lt;b&gt; a\\|b'
    """
    line = " ".join(escape_html(text).split())
    return _MARKUP.sub(r"\\\1", line.replace("&#x27;", "'").replace("&quot;", '"'))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _systems(compared: Comparison) -> str:
    rows = []
    for row in compared.systems:
        gain = row["gain"]
        name = plain(row["system"]) + (" (best member)" if row["best_single"] else "")
        rows.append([
            name,
            f"{percent(row['accuracy']['mean'])} ({interval(row['accuracy'])})",
            f"{points(gain['mean'])} ({interval(gain, '+')})" if gain else "–",
            p_value(gain["p"]) if gain else "–",
            p_value(gain["p_adjusted"]) if gain else "–",
            percent(row["gain_share"]),
            percent(row["gap_share"]),
            percent(row["gap_closed"]),
        ])  # fmt: skip
    if compared.oracle:
        own = f"{percent(compared.oracle['mean'])} ({interval(compared.oracle)})"
        rows.append(["oracle", own, *["–"] * 6])
    head = (
        "system", "accuracy", "gain over the best member, points", "p", "p adjusted", "gain",
        "gap to the oracle", "gap closed",
    )  # fmt: skip
    return f"## Accuracy\n\n{_table(head, rows)}"


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
    return f"## Cost\n\nThe front is that of accuracy over {axis}.\n\n{_table(head, rows)}"


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
                f"{points(gap['mean'])} ({interval(gap, '+')})", p_value(gap["p"]),
            ])  # fmt: skip
    if not rows:
        return ""
    head = ("ensemble", "against", "member", unit, f"its {unit}", "difference, points", "p")
    return f"## At the same budget\n\n{_table(head, rows)}"


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
    return f"## By data set\n\n{_table(head, rows)}"


def _members(compared: Comparison) -> str:
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
    return f"## How many members are enough\n\n{told}\n\n{_table(head, rows)}"


def _samples(compared: Comparison) -> str:
    made = []
    for each in compared.samples:
        rows = [
            [str(point["k"]), f"{percent(point['mean'])} ({interval(point)})"]
            for point in each["curve"]
        ]
        name = f"{plain(each['system'])}, samples of {plain(each['member'])}"
        made.append(f"## {name}\n\n{_table(('first k', 'accuracy of the vote'), rows)}")
    return "\n\n".join(made)


def _routing(compared: Comparison) -> str:
    rows = [
        [plain(each["system"]), plain(name), _shares(shares)]
        for each in compared.routing
        for name, shares in {"all": each["shares"], **each["datasets"]}.items()
    ]
    return f"## Who was asked\n\n{_table(('system', 'data set', 'share'), rows)}" if rows else ""


def _shares(shares: dict[str, float]) -> str:
    return ", ".join(f"{plain(name)} {percent(share, 0)}" for name, share in shares.items())


def _reliability(compared: Comparison) -> str:
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
    return f"## Stated probability\n\n{_table(head, rows)}" if rows else ""


def _drafts(compared: Comparison) -> str:
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
        made.append(f"## Answers and drafts\n\n{told}\n\n{_table(head, rows)}")
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
        made.append(f"## SMoA against MoA\n\n{_table(head, rows)}")
    return "\n\n".join(made)


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
    return (
        f"## Failures\n\n{_table(('member or system', 'drafts by status'), rows)}" if rows else ""
    )


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
    return f"## Where systems disagree\n\n{_table(head, rows)}" if rows else ""
