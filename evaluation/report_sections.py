"""Sections of a report on accuracy, cost, budgets and data sets."""

from __future__ import annotations

from typing import Any

from ..routing.picture_page import escape
from . import report_parts as parts
from .charts import Axis, Frame, place_labels
from .comparison import Comparison
from .log_axis import across
from .report_words import estimated, interval, mark, money, number, p_value, percent, points

_MOST_COLUMNS = 12
_FEWEST = 5
_MOST_BUDGETS = 6


def accuracy(compared: Comparison) -> str:
    """Accuracy of each system with its interval."""
    rows = [{"system": row["system"], **row["accuracy"]} for row in compared.contenders]
    marks, told = {}, ""
    if compared.best:
        best = next(row for row in rows if row["system"] == compared.best)
        marks["ref"] = best["mean"]
        told += " The line is the best single member."
    if compared.oracle:
        rows.insert(0, {"system": "", **compared.oracle})
    return parts.section(
        "Accuracy",
        "Share of questions that are right, with 95% intervals; ensembles are blue, members grey."
        + told,
        parts.accuracy_rows(
            rows,
            lambda row: _name(row["system"], compared.best) if row["system"] else _ORACLE,
            lambda row: parts.kind(row["system"], compared.best) if row["system"] else "soft",
            marks=marks,
        ),
    )


def declined(compared: Comparison) -> str:
    """Right, declined and wrong answers, if a system declined any."""
    if not any(row["declined"] for row in compared.contenders):
        return ""
    known = {"right": "good", "declined": "others", "wrong": "bad"}
    rows = {
        row["system"].removeprefix("single:"): {
            "right": row["accuracy"]["mean"],
            "declined": row["declined"],
            "wrong": row["wrong"],
        }
        for row in compared.contenders
    }
    return parts.section(
        "Right, declined, wrong",
        "Share of the questions in percent. Who says that it does not know is not right, but "
        "misleads nobody; an ensemble may ask another member instead.",
        parts.legend(known, others=False),
        parts.share_rows(rows, known),
    )


_ORACLE = 'oracle <span class="tag">right where any member is</span>'


def _name(system: str, best: str | None) -> str:
    return parts.named(system, "best member" if system == best else "")


def cost(compared: Comparison) -> str:
    """Accuracy over cost, with the Pareto front."""
    axis = compared.front["axis"]
    rows = [row for row in compared.contenders if row[axis] is not None]
    if len({row[axis] for row in rows}) < 2:
        return ""
    what = "cost" if axis == "cost_usd" else "calls"
    unknown = compared.front["unknown"]
    told = (
        f"Up and to the left is better. The dotted line joins the systems that no other one beats "
        f"in both accuracy and {what} (the Pareto front)."
    )
    if axis == "calls":
        free = any(row["cost_usd"] == 0 for row in compared.contenders)
        told += (
            f" {'All prices are zero' if free else 'No price is known'}, so calls stand for cost."
        )
    elif unknown:
        told += f" Without a known price, and not shown: {', '.join(unknown)}."
    plots = "".join(
        f'<div class="{style}">{_scatter(compared, rows, axis, width, height)}</div>'
        for style, width, height in (("wide broad", 1020, 430), ("narrow", 400, 380))
    )
    return parts.section(f"Accuracy over {what}", told, plots)


def _scatter(
    compared: Comparison, rows: list[dict[str, Any]], axis: str, width: int, height: int
) -> str:
    factor = 1000 if axis == "cost_usd" else 1
    spent = {row["system"]: factor * row[axis] for row in rows}
    level = {row["system"]: row["accuracy"]["mean"] for row in rows}
    marks = 8 if width > 600 else 4
    frame = Frame(
        across(list(spent.values()), marks),
        Axis.of([b for row in rows for b in (row["accuracy"]["low"], row["accuracy"]["high"])]),
        width,
        height,
    )
    at = {name: (frame.x(spent[name]), frame.y(level[name])) for name in spent}
    front = [name for name in compared.front["systems"] if name in at]
    ranked = [*front, *(n for n in at if n == compared.best), *at]
    ranked = list(dict.fromkeys(ranked))
    line = " ".join(f"{at[name][0]},{at[name][1]}" for name in front)
    drawn = [f'<polyline class="front" points="{line}"/>'] if len(front) > 1 else []
    drawn += [_point(row, frame, at[row["system"]], compared.best, axis) for row in reversed(rows)]
    labels = place_labels(frame, [(*at[name], name.removeprefix("single:")) for name in ranked])
    for name, label in zip(ranked, labels, strict=True):
        if label:
            x, y, anchor, text = label
            drawn.append(
                f'<text class="label {parts.kind(name, compared.best)}" x="{x}" y="{y}" '
                f'text-anchor="{anchor}">{escape(text)}</text>'
            )
    named = "US dollars per 1,000 questions" if axis == "cost_usd" else "calls a question"
    named += frame.across.note
    return frame.draw(
        "".join(drawn),
        f"Accuracy over {named}; on the Pareto front: {', '.join(front)}",
        names=(named, "accuracy"),
        write=(lambda v: _dollars(v) if axis == "cost_usd" else f"{v:g}", mark),
    )


def _dollars(value: float) -> str:
    return f"${value:,.10g}"


def _point(
    row: dict[str, Any], frame: Frame, at: tuple[float, float], best: str | None, axis: str
) -> str:
    style = parts.kind(row["system"], best)
    estimate = row["accuracy"]
    spent = money(row[axis]) if axis == "cost_usd" else number(row[axis], 1)
    told = f"{row['system']}: {estimated(estimate)}, {spent}"
    return (
        f'<line class="span {style}" x1="{at[0]}" x2="{at[0]}" y1="{frame.y(estimate["low"])}" '
        f'y2="{frame.y(estimate["high"])}"/><circle class="dot {style}" cx="{at[0]}" '
        f'cy="{at[1]}" r="5.5"><title>{escape(told)}</title></circle>'
    )


def budget(compared: Comparison) -> str:
    """Ensembles against the best member at the same tokens."""
    unit = compared.equal_budget["unit"]
    rows, rest = compared.equal_budget["rows"][:_MOST_BUDGETS], compared.equal_budget["rows"]
    rest = [row["system"] for row in rest[_MOST_BUDGETS:]]
    rivals = (
        ("single", "one sample"),
        ("self_consistency", "self-consistency"),
        ("self_fusion", "self-fusion"),
    )
    if not any(row[key] for row in rows for key, _ in rivals[1:]):
        return ""
    found = []
    for row in rows:
        against = [
            {"name": _rival(row[key], words, unit, row["used"]), **row[key]["difference"]}
            for key, words in rivals
            if row[key]
        ]
        found.append((row, against))
    every = [bound for _, each in found for r in each for bound in (r["low"], r["high"])]
    axis = Axis.of(every, zero=True)
    groups = "".join(
        f'<div class="group"><h3>{escape(row["system"])} <span class="tag">'
        f"{number(row['used'], 0 if unit == 'tokens' else 1)} {unit} a question</span></h3>"
        + parts.difference_rows(each, lambda r: r["name"], parts.side, axis=axis,
                                foot=row is found[-1][0])
        + "</div>"
        for row, each in found
    )  # fmt: skip
    return parts.section(
        "At the same budget",
        f"Accuracy of each ensemble minus that of one member that uses as many {unit} by itself, "
        "in percentage points. Right of the line the ensemble is better; blue and orange are "
        f"beyond chance. Where no run has as many {unit}, the nearest one is shown."
        + (f" Not shown: {', '.join(rest)}." if rest else ""),
        groups,
    )


def _rival(found: dict[str, Any], words: str, unit: str, used: float) -> str:
    name = _samples(found["samples"]) if found["samples"] else words
    ratio = found["used"] / used if used else 0
    spent = f"{percent(ratio, 0)} of the {unit}"
    if not 0.8 <= ratio <= 1.25:
        spent += ", not the same budget"
    who = f" of {found['member']}" if found["member"] else ""
    return f'{escape(name + who)} <span class="tag">{spent}</span>'


def _samples(count: int) -> str:
    return "one sample" if count == 1 else f"{count} samples, one vote each"


def datasets(compared: Comparison) -> str:
    """Accuracy by data set, as a heat table."""
    shown = [each for each in compared.datasets if each["questions"] >= _FEWEST][:_MOST_COLUMNS]
    if len(shown) < 2:
        return ""
    rest = len(compared.datasets) - len(shown)
    base = compared.best or compared.contenders[-1]["system"]
    head = ["system", *(f"{d['name']} ({d['questions']})" for d in shown)]
    body = []
    for row in compared.contenders:
        name = row["system"]
        cells = "".join(_cell(d["accuracy"], name, base) for d in shown)
        style = f' class="{parts.kind(name, compared.best)}"'
        body.append(f"<tr{style}><td>{_name(name, compared.best)}</td>{cells}</tr>")
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    against = f"the best single member, {base.removeprefix('single:')}" if compared.best else base
    return parts.section(
        "By data set",
        f"Accuracy in percent (number of questions in brackets). Blue is above, orange below "
        f"{against}; a frame marks the best of a column."
        + (f" {rest} smaller data sets are not shown." if rest else ""),
        f'<div class="scroll" tabindex="0" role="region" aria-label="By data set">'
        f'<table class="heat"><thead><tr>{top}</tr></thead><tbody>{"".join(body)}</tbody></table>'
        "</div>",
    )


def _cell(levels: dict[str, Any], name: str, base: str) -> str:
    one = levels[name]
    gap = max(-1.0, min(1.0, (one["mean"] - levels[base]["mean"]) / 0.2))
    side = "up" if gap > 0 else "down" if gap < 0 else ""
    every = [each["mean"] for each in levels.values()]
    # A frame around most of a column would mark nothing.
    rare = every.count(max(every)) <= max(1, len(every) // 3)
    most = " most" if rare and one["mean"] == max(every) else ""
    return (
        f'<td class="{side}{most}" style="--g:{abs(gap):.2f}" '
        f'title="95% interval {interval(one)}">{100 * one["mean"]:.1f}</td>'
    )


def numbers(compared: Comparison) -> str:
    """Every number of every system."""
    head = (
        "system", "accuracy", "95% interval", "gain, points", "95% interval", "p", "p adjusted",
        "gain", "gap to the oracle", "gap closed", "$ per 1,000", "cost saved", "tokens", "calls",
        "seconds p50", "seconds p95", "failures", "declined", "wrong",
    )  # fmt: skip
    rows = []
    for row in compared.systems:
        gain = row["gain"]
        rows.append([
            _name(row["system"], compared.best),
            percent(row["accuracy"]["mean"]), interval(row["accuracy"]),
            points(gain["mean"]) if gain else "–", interval(gain, "+") if gain else "–",
            p_value(gain["p"]) if gain else "–", p_value(gain["p_adjusted"]) if gain else "–",
            percent(row["gain_share"]), percent(row["gap_share"]), percent(row["gap_closed"]),
            money(row["cost_usd"]), percent(row["cost_saved"]), number(row["tokens"]),
            number(row["calls"], 1), number(row["seconds_p50"], 1), number(row["seconds_p95"], 1),
            str(row["failures"]), percent(row["declined"]), percent(row["wrong"]),
        ])  # fmt: skip
    return parts.section(
        "All numbers",
        "Tokens, calls and costs are means of a question, over runs that did not fail.",
        parts.table(head, rows),
    )
