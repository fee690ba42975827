"""The words and numbers of a report: one sentence on what won, and units that people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .comparison import Comparison
from .finished import SINGLE

FEW = 50
"""Below this number of questions a report says that there are too few."""

Fragment = tuple[str, bool]
"""A piece of a sentence, and whether it stands out."""


@dataclass(frozen=True)
class Lead:
    """What a report says first.

    Attributes:
        sentence: The sentence in pieces.
        verdict: Whether the difference is beyond chance, in a few words; empty if none is tested.
        beyond: The same as a truth value.
    """

    sentence: tuple[Fragment, ...]
    verdict: str = ""
    beyond: bool = False

    @property
    def text(self) -> str:
        """The sentence."""
        return "".join(text for text, _ in self.sentence)


def lead(compared: Comparison) -> Lead:
    """One sentence: what won, by how much, with which interval, at which cost.

    Example:
        >>> from langgraph_ensemble.evaluation.comparison import compare
        >>> right, wrong = {"score": 1.0}, {"score": 0.0}
        >>> lead(compare({"single:a": [right, wrong]}, [{"query": "x"}, {"query": "y"}])).text
        'a is right on 50.0% of 2 questions (95% interval 0.0 to 100.0).'
    """
    rows = compared.contenders
    first = rows[0]
    name = first["system"].removeprefix(SINGLE)
    told = f" is right on {percent(first['accuracy']['mean'])} of {compared.questions:,} questions"
    whole = f"{told} (95% interval {interval(first['accuracy'])})"
    if first["best_single"]:
        return _member_leads(compared, whole)
    if first["gain"] is None:
        return Lead(((name, True), (f"{whole}{_at(first)}.", False)))
    best = next(row for row in rows if row["best_single"])
    gain = first["gain"]
    more = f"{_apart(gain['mean'])} the best single member, "
    sentence = (
        (name, True),
        (f"{told}: {more}", False),
        (best["system"].removeprefix(SINGLE), False),
        (f" (95% interval {interval(gain, sign='+')}){_at(first, best)}.", False),
    )
    return Lead(sentence, *_verdict(compared, gain, larger=True))


def _member_leads(compared: Comparison, whole: str) -> Lead:
    """No ensemble is better than the best single member."""
    first = compared.contenders[0]
    name = first["system"].removeprefix(SINGLE)
    other = next((r for r in compared.contenders if not r["system"].startswith(SINGLE)), None)
    if other is None:
        return Lead(((name, True), (f"{whole}{_at(first)}.", False)))
    gain = other["gain"]
    sentence = (
        ("No ensemble beats the best single member: ", False),
        (name, True),
        (f"{whole}{_at(first)}. The best ensemble, ", False),
        (other["system"], False),
        (f", is right on {_apart(gain['mean'])} that (95% interval {interval(gain, '+')}).", False),
    )
    return Lead(sentence, *_verdict(compared, gain, larger=False))


def _verdict(compared: Comparison, gain: Mapping[str, Any], *, larger: bool) -> tuple[str, bool]:
    chance = f"p {_equals(gain['p'])}"
    tested = sum(bool(row["gain"] and row["gain"]["p_adjusted"]) for row in compared.systems)
    if tested > 1:
        chance += f"; {p_value(gain['p_adjusted'])} adjusted for {tested} ensembles"
    if compared.questions < FEW:
        return f"Too few questions to tell: {compared.questions}", False
    beyond = gain["p_adjusted"] < 0.05 and (gain["low"] > 0 or gain["high"] < 0)
    told = "Within chance" if not beyond else "Beyond chance" if larger else "Worse beyond chance"
    return f"{told} ({chance})", beyond and larger


def _equals(p: float) -> str:
    text = p_value(p)
    return text if text.startswith("<") else f"= {text}"


def _apart(gain: float) -> str:
    """A difference in words, in percentage points."""
    size = f"{abs(100 * gain):.1f}"
    if size == "0.0":
        return "as many as"
    return f"{size} points {'more' if gain > 0 else 'fewer'} than"


def _at(row: Mapping[str, Any], best: Mapping[str, Any] | None = None) -> str:
    """What it costs, or the calls that it makes where no price is known."""
    if row["cost_usd"]:
        text = f", at {money(row['cost_usd'])} per 1,000 questions"
        if best and best["cost_usd"]:
            text += f", {times(row['cost_usd'] / best['cost_usd'])} the member's cost"
        return text
    if row["calls"] is not None:
        text = f", with {row['calls']:.1f} calls a question"
        return f"{text} instead of {best['calls']:.1f}" if best and best["calls"] else text
    return ""


def percent(share: float | None, digits: int = 1) -> str:
    """A share in percent.

    Example:
        >>> percent(0.7149), percent(None)
        ('71.5%', '–')
    """
    return "–" if share is None else f"{100 * share:.{digits}f}%".replace("-", "−")


def mark(share: float) -> str:
    """A mark of an axis, in percent, with no more digits than it needs.

    Example:
        >>> mark(0.725), mark(0.7)
        ('72.5%', '70%')
    """
    return f"{round(100 * share, 4):g}%".replace("-", "−")


def points(share: float) -> str:
    """A difference of shares in percentage points, with its sign.

    Example:
        >>> points(0.042), points(-0.001), points(0.0)
        ('+4.2', '−0.1', '0.0')
    """
    return _signed(100 * share)


def interval(estimate: Mapping[str, Any], sign: str = "") -> str:
    """The interval of an estimate, in percent or in percentage points.

    Example:
        >>> interval({"low": -0.01, "high": 0.094}, "+")
        '−1.0 to +9.4'
    """
    low, high = 100 * estimate["low"], 100 * estimate["high"]
    return f"{_signed(low)} to {_signed(high)}" if sign else f"{low:.1f} to {high:.1f}"


def estimated(found: Mapping[str, Any] | None) -> str:
    """An accuracy with its interval; a dash where there is none.

    Example:
        >>> estimated({"mean": 0.5, "low": 0.4, "high": 0.6})
        '50.0% (40.0 to 60.0)'
    """
    return "–" if found is None else f"{percent(found['mean'])} ({interval(found)})"


def gained(found: Mapping[str, Any] | None) -> str:
    """A difference in percentage points with its interval; a dash where there is none.

    Example:
        >>> gained({"mean": 0.02, "low": -0.01, "high": 0.05})
        '+2.0 (−1.0 to +5.0)'
    """
    return "–" if found is None else f"{points(found['mean'])} ({interval(found, '+')})"


def _signed(value: float) -> str:
    text = f"{abs(value):.1f}"
    return text if text == "0.0" else f"{'−' if value < 0 else '+'}{text}"


def money(cost: float | None) -> str:
    """The cost of a question as that of 1,000 questions.

    Example:
        >>> money(0.00234), money(0.0000004), money(None)
        ('$2.34', '$0.0004', 'unknown')
    """
    if cost is None:
        return "unknown"
    if cost == 0:
        return "$0"
    dollars = 1000 * cost
    return f"${dollars:,.0f}" if dollars >= 100 else f"${dollars:.{2 if dollars >= 0.0995 else 4}f}"


def number(value: float | None, digits: int = 0) -> str:
    """A number with thousands separated; a dash where it is unknown."""
    return "–" if value is None else f"{value:,.{digits}f}"


def times(ratio: float) -> str:
    """A ratio in words.

    Example:
        >>> times(14.2), times(0.5)
        ('14 times', '0.50 times')
    """
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.{1 if ratio >= 1 else 2}f} times"


def p_value(p: float | None) -> str:
    """A p-value.

    Example:
        >>> p_value(0.0001), p_value(0.034), p_value(None)
        ('< 0.001', '0.034', '–')
    """
    return "–" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def notes(compared: Comparison) -> list[str]:
    """What a reader must know before reading the numbers."""
    found = []
    if compared.questions < FEW:
        found.append(
            f"{compared.questions} questions are too few: intervals are wide, and almost no "
            "difference is beyond chance. 200 questions tell an accuracy to about 7 points."
        )
    if compared.left_out:
        who = ", ".join(f"{name} {count}" for name, count in compared.unfinished.items())
        found.append(
            f"{compared.left_out} questions are left out, because not every system finished them "
            f"({who})."
        )
    if compared.absent:
        found.append(f"Not compared, without any outcome: {', '.join(compared.absent)}.")
    failed = {row["system"]: row["failures"] for row in compared.systems if row["failures"]}
    if failed:
        listed = ", ".join(f"{n.removeprefix(SINGLE)} {count}" for n, count in failed.items())
        found.append(f"Runs without an answer count as wrong: {listed}.")
    return found


METHOD = (
    "Intervals are 95% bootstrap intervals over questions; differences are paired on the same "
    "questions, and p is that of a two-sided sign-flip test, adjusted by Holm's method where that "
    "is said. The best single member is chosen on these very questions, in hindsight, which "
    "favours it: gains over it are understated rather than overstated. Gain, gap to the oracle and "
    "cost saved follow LLMRouterBench (arXiv 2601.07206): shares of the best single member's "
    "accuracy, of the oracle's accuracy and of the best single member's cost. The oracle is right "
    "where any single member is. Seconds are what a user would have waited: the slowest call "
    "of each step, summed. What is unknown is shown as unknown, and never counted as zero."
)
