"""Charts as inline SVG: intervals in a row, points, lines, stacked bars.

Colours and fonts are those of `report_style`; a chart states none. Positions of rows are shares of
the width, so that texts keep their size on a phone. Every chart has a title that names its values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..routing.picture_page import escape

_LETTER = 7.5
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Axis:
    """A linear axis between two round values.

    Attributes:
        low: The first value.
        high: The last value.
        step: The distance of its marks.
    """

    low: float
    high: float
    step: float

    note = ""
    """What a reader must know about the axis."""

    @classmethod
    def of(cls, values: Sequence[float], marks: int = 5, *, zero: bool = False) -> Axis:
        """The axis that holds these values.

        Args:
            values: The values.
            marks: About how many marks it should have.
            zero: Whether it must hold 0.

        Example:
            >>> Axis.of([0.52, 0.81]).marks
            [0.5, 0.6, 0.7, 0.8, 0.9]
        """
        low, high = min(values), max(values)
        if zero:
            low, high = min(low, 0.0), max(high, 0.0)
        wide = max(high - low, 1e-9 if high == low == 0 else abs(high) * 1e-3, 1e-12)
        size = 10 ** math.floor(math.log10(wide / marks))
        step = next(size * each for each in _STEPS if wide / (size * each) <= marks)
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        return cls(first * step, max(last, first + 1) * step, step)

    @property
    def marks(self) -> list[float]:
        """Its marks."""
        count = round((self.high - self.low) / self.step)
        return [round(self.low + self.step * i, 10) for i in range(count + 1)]

    def share(self, value: float) -> float:
        """Where a value is, from 0 (start) to 1 (end)."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def percent(self, value: float) -> str:
        """The same, as a length of SVG."""
        return f"{100 * self.share(value):.2f}%"


def strip(
    estimate: Mapping[str, Any],
    axis: Axis,
    title: str,
    *,
    kind: str = "member",
    marks: Mapping[str, float] | None = None,
) -> str:
    """One row of a chart of intervals: a thin line with a dot.

    Args:
        estimate: `mean`, `low` and `high`.
        axis: The axis of all rows.
        title: What the row says, for readers of the screen and under the pointer.
        kind: Its class: `member`, `best` or `ensemble`.
        marks: Vertical lines behind it: their class and value.
    """
    lines = "".join(
        f'<line class="{name}" x1="{axis.percent(x)}" x2="{axis.percent(x)}" y1="-60" y2="86"/>'
        for name, x in (marks or {}).items()
    )
    low, high = axis.percent(estimate["low"]), axis.percent(estimate["high"])
    return (
        f'<svg class="strip" role="img" height="26"><title>{escape(title)}</title>{lines}'
        f'<line class="span {kind}" x1="{low}" x2="{high}" y1="13" y2="13"/>'
        f'<circle class="dot {kind}" cx="{axis.percent(estimate["mean"])}" cy="13" r="5"/></svg>'
    )


def pair(estimates: Sequence[tuple[Mapping[str, Any], str]], axis: Axis, title: str) -> str:
    """One row with several dots, each with its interval a little below the other's."""
    means = [axis.percent(each["mean"]) for each, _ in estimates]
    join = f'<line class="join" x1="{means[0]}" x2="{means[-1]}" y1="14" y2="14"/>'
    marks = "".join(
        f'<line class="span s-{style}" x1="{axis.percent(each["low"])}" '
        f'x2="{axis.percent(each["high"])}" y1="{8 + 12 * place}" y2="{8 + 12 * place}"/>'
        f'<circle class="{style}" cx="{axis.percent(each["mean"])}" cy="14" r="6"/>'
        for place, (each, style) in enumerate(estimates)
    )
    return (
        f'<svg class="strip" role="img" height="28"><title>{escape(title)}</title>{join}{marks}'
        "</svg>"
    )


def bar(share: float, title: str) -> str:
    """One bar from the left."""
    return (
        f'<svg class="strip" role="img" height="26"><title>{escape(title)}</title>'
        f'<rect class="c0" x="0" y="4" height="18" rx="2" width="{100 * share:.2f}%"/></svg>'
    )


def scale(axis: Axis, write: Any) -> str:
    """The marks of an axis below rows of `strip`."""
    parts = [
        f'<text class="tick" x="{axis.percent(value)}" y="14" text-anchor="middle">'
        f"{escape(write(value))}</text>"
        for value in axis.marks
    ]
    return f'<svg class="strip" aria-hidden="true" height="20">{"".join(parts)}</svg>'


@dataclass(frozen=True)
class Frame:
    """A plot with two axes, in units of its own width and height."""

    across: Axis
    up: Axis
    width: int = 400
    height: int = 270
    left: int = 46
    right: int = 14
    top: int = 14
    bottom: int = 44

    def x(self, value: float) -> float:
        """The place of a value from the left."""
        room = self.width - self.left - self.right
        return round(self.left + room * self.across.share(value), 1)

    def y(self, value: float) -> float:
        """The place of a value from the top."""
        room = self.height - self.top - self.bottom
        return round(self.top + room * (1 - self.up.share(value)), 1)

    def draw(
        self,
        marks: str,
        title: str,
        *,
        names: tuple[str, str],
        write: tuple[Any, Any],
        across: Sequence[float] | None = None,
    ) -> str:
        """The plot with its grid and axes.

        Args:
            marks: What it shows, as SVG.
            title: What it says.
            names: What the axes mean, with units.
            write: How the values of the axes are written.
            across: Marks of the horizontal axis, if not its own.
        """
        end, base = self.width - self.right, self.height - self.bottom
        grid = "".join(
            f'<line class="grid" x1="{self.left}" x2="{end}" y1="{self.y(v)}" y2="{self.y(v)}"/>'
            f'<text class="tick" x="{self.left - 7}" y="{self.y(v) + 4}" text-anchor="end">'
            f"{escape(write[1](v))}</text>"
            for v in self.up.marks
        )
        ticks = "".join(
            f'<text class="tick" x="{self.x(v)}" y="{base + 17}" text-anchor="middle">'
            f"{escape(write[0](v))}</text>"
            for v in (self.across.marks if across is None else across)
        )
        labels = (
            f'<text class="axis" x="{end}" y="{self.height - 6}" text-anchor="end">'
            f"{escape(names[0])}</text>"
            f'<text class="axis" x="0" y="{self.top - 22}">{escape(names[1])}</text>'
        )
        return (
            f'<svg class="plot" role="img" viewBox="0 -14 {self.width} {self.height + 14}">'
            f"<title>{escape(title)}</title>{grid}{ticks}{labels}{marks}</svg>"
        )


def line_marks(frame: Frame, points: Sequence[Mapping[str, Any]], key: str, kind: str) -> str:
    """A line through estimates, with their intervals as thin lines."""
    spans = "".join(
        f'<line class="span {kind}" x1="{frame.x(p[key])}" x2="{frame.x(p[key])}" '
        f'y1="{frame.y(p["low"])}" y2="{frame.y(p["high"])}"/>'
        for p in points
    )
    path = " ".join(f"{frame.x(p[key])},{frame.y(p['mean'])}" for p in points)
    dots = "".join(
        f'<circle class="dot {kind}" cx="{frame.x(p[key])}" cy="{frame.y(p["mean"])}" r="4"/>'
        for p in points
    )
    return f'{spans}<polyline class="line {kind}" points="{path}"/>{dots}'


def stack(shares: Mapping[str, float], colours: Mapping[str, str], title: str) -> str:
    """A bar of shares that sum to 1; shares of at least 8% are written on it."""
    parts, start = [], 0.0
    for name, share in shares.items():
        parts.append(
            f'<rect class="{colours.get(name, "other")}" x="{100 * start:.2f}%" y="2" height="22" '
            f'width="{max(100 * share - 0.2, 0.1):.2f}%"><title>{escape(name)}: {share:.0%}'
            "</title></rect>"
        )
        if share >= 0.08:
            parts.append(
                f'<text class="on" x="{100 * (start + share / 2):.2f}%" y="17" '
                f'text-anchor="middle">{100 * share:.0f}</text>'
            )
        start += share
    return (
        f'<svg class="strip" role="img" height="26"><title>{escape(title)}</title>'
        f"{''.join(parts)}</svg>"
    )


def shorten(name: str, most: int = 26) -> str:
    """A name without its middle, if it is long.

    Example:
        >>> shorten("single:a-very-long-name-of-a-model-70b", 20)
        'single:a-v…model-70b'
    """
    if len(name) <= most:
        return name
    head = (most - 1) // 2 + (most - 1) % 2
    return f"{name[:head]}…{name[len(name) - (most - 1 - head) :]}"


def place_labels(
    frame: Frame, points: Sequence[tuple[float, float, str]]
) -> list[tuple[float, float, str, str] | None]:
    """Where names of points fit without touching others: x, y, anchor and text, or None.

    Args:
        frame: The plot.
        points: Their places in the plot and names, most important first.
    """
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y, _ in points]
    placed: list[tuple[float, float, str, str] | None] = []
    for x, y, name in points:
        text = shorten(name)
        wide = _LETTER * sum(2 if ord(c) > 0x2E80 else 1 for c in text)
        options = (
            (x + 9, y + 4, "start", x + 9),
            (x - 9, y + 4, "end", x - 9 - wide),
            (x, y - 11, "middle", x - wide / 2),
            (x, y + 20, "middle", x - wide / 2),
            # Beside the edge of the plot a name ends at its point.
            (x + 6, y - 11, "end", x + 6 - wide),
            (x + 6, y + 20, "end", x + 6 - wide),
        )
        for left, base, anchor, start in options:
            box = (start, base - 11, start + wide, base + 3)
            inside = box[0] >= frame.left and box[2] <= frame.width - 2 and box[1] >= -8
            inside = inside and box[3] <= frame.height - frame.bottom + 2
            own = (x - 6, y - 6, x + 6, y + 6)
            if inside and not any(_touch(box, other) for other in taken if other != own):
                taken.append(box)
                placed.append((round(left, 1), round(base, 1), anchor, text))
                break
        else:
            placed.append(None)
    return placed


def _touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    across = one[0] < other[2] and other[0] < one[2]
    return across and one[1] < other[3] and other[1] < one[3]
