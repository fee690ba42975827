"""Parts that the sections of a report share: rows of intervals, tables, legends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..routing.picture_page import escape
from .charts import Axis, bar, pair, scale, stack, strip
from .finished import SINGLE
from .report_words import estimated, gained, interval, mark, percent, points

Row = Mapping[str, Any]


def kind(system: str, best: str | None) -> str:
    """The class of a system: `best`, `member` or `ensemble`."""
    if system == best:
        return "best"
    return "member" if system.startswith(SINGLE) else "ensemble"


def side(row: Row) -> str:
    """The class of a difference: of an ensemble if it is above zero beyond chance, else `worse`."""
    return "ensemble" if row["low"] > 0 else "worse" if row["high"] < 0 else "member"


def named(system: str, tag: str = "") -> str:
    """A system's name; of a single member the member's, with a tag that says so."""
    short = system.removeprefix(SINGLE)
    words = tag or ("alone" if short != system else "")
    return escape(short) + (f' <span class="tag">{escape(words)}</span>' if words else "")


def section(title: str, text: str, *parts: str) -> str:
    """A part of the page with its heading and a sentence."""
    return f"<section><h2>{escape(title)}</h2><p>{escape(text)}</p>{''.join(parts)}</section>"


def accuracy_rows(
    rows: Sequence[Row],
    name: Callable[[Row], str],
    style: Callable[[Row], str],
    *,
    marks: Mapping[str, float] | None = None,
    axis: Axis | None = None,
) -> str:
    """Estimates of accuracy, one in a row, on one axis.

    Args:
        rows: Estimates with `mean`, `low` and `high`.
        name: The name of a row, as HTML.
        style: Its class.
        marks: Values that are marked in every row.
        axis: The axis; by default the one that holds everything.
    """
    every = [value for row in rows for value in (row["low"], row["high"])]
    axis = axis or Axis.of([*every, *(marks or {}).values()])
    body = "".join(
        _row(name(row), style(row), strip(
            row, axis, estimated(row), kind=style(row), marks=marks
        ), f"{percent(row['mean'])} <small>{interval(row)}</small>")
        for row in rows
    )  # fmt: skip
    foot = scale(axis, mark)
    return f'<div class="rows">{body}{_row("", "foot", foot, "")}</div>'


def difference_rows(
    rows: Sequence[Row],
    name: Callable[[Row], str],
    style: Callable[[Row], str],
    *,
    axis: Axis | None = None,
    foot: bool = True,
) -> str:
    """Differences in percentage points, one in a row, around zero; `foot` draws the axis."""
    every = [value for row in rows for value in (row["low"], row["high"])]
    axis = axis or Axis.of(every, zero=True)
    body = "".join(
        _row(name(row), style(row), strip(
            row, axis, gained(row), kind=style(row),
            marks={"ref": 0.0},
        ), f"{points(row['mean'])} <small>{interval(row, '+')}</small>")
        for row in rows
    )  # fmt: skip
    last = _row("", "foot", scale(axis, lambda value: points(value).removesuffix(".0")), "")
    return f'<div class="rows">{body}{last if foot else ""}</div>'


def pair_rows(rows: Sequence[Row], known: Mapping[str, str]) -> str:
    """Two accuracies of each member in one row, and by how much the second is larger.

    Args:
        rows: Each with `member`, and an estimate under each key of `known`.
        known: The two keys with the colours of their dots.
    """
    first, second = known
    every = [row[key][bound] for row in rows for key in known for bound in ("low", "high")]
    axis = Axis.of(every)
    made = []
    for row in rows:
        told = ", ".join(f"{key} {estimated(row[key])}" for key in known)
        gap = points(row[second]["mean"] - row[first]["mean"])
        made.append(_row(escape(row["member"]), "", pair(
            [(row[key], style) for key, style in known.items()], axis, f"{row['member']}: {told}"
        ), f"{gap} <small>points</small>"))  # fmt: skip
    foot = scale(axis, mark)
    return f'<div class="rows">{"".join(made)}{_row("", "foot", foot, "")}</div>'


def bar_rows(values: Mapping[str, float], write: Callable[[float], str]) -> str:
    """Bars from zero, one in a row, the largest as wide as the chart."""
    most = max(values.values()) or 1.0
    bars = "".join(
        _row(escape(name), "", bar(value / most, f"{name}: {write(value)}"), write(value))
        for name, value in values.items()
    )
    return f'<div class="rows">{bars}</div>'


def _row(name: str, style: str, picture: str, value: str) -> str:
    return (
        f'<div class="row {style}"><span class="name">{name}</span>{picture}'
        f'<span class="value">{value}</span></div>'
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, style: str = "") -> str:
    """A table; cells are HTML, headings are texts."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Table"><table class="{style}">'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def folded(summary: str, body: str) -> str:
    """A part that opens on demand."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"


def figure(title: str, text: str, picture: str) -> str:
    """A picture with its heading."""
    caption = f"<figcaption>{escape(text)}</figcaption>" if text else ""
    return f"<figure><h3>{escape(title)}</h3>{caption}{picture}</figure>"


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for each of the first ten names; the others share one."""
    return {name: f"c{place}" for place, name in enumerate(names[:10])}


def legend(known: Mapping[str, str], others: bool) -> str:
    """What the colours mean."""
    entries = [*known.items(), *([("others", "other")] if others else [])]
    items = "".join(
        f'<li><svg aria-hidden="true"><rect class="{style}" width="11" height="11" rx="2"/></svg>'
        f"{escape(name)}</li>"
        for name, style in entries
    )
    return f'<ul class="legend">{items}</ul>'


def share_rows(rows: Mapping[str, Mapping[str, float]], known: Mapping[str, str]) -> str:
    """Stacked bars of shares, one in a row."""
    made = []
    for name, shares in rows.items():
        ordered = {n: shares[n] for n in [*known, *(s for s in shares if s not in known)] if
                   n in shares}  # fmt: skip
        told = ", ".join(f"{n} {share:.0%}" for n, share in ordered.items())
        made.append(
            _row(escape(name), "broad-picture", stack(ordered, known, f"{name}: {told}"), "")
        )
    return f'<div class="rows">{"".join(made)}</div>'
