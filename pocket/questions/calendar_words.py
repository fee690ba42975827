"""Days, months and times: order and durations."""

from __future__ import annotations

import random
from typing import Any

from .base import Phrasings, Question, Split, build, expand, phrase
from .book_nature import pairs
from .numerals import spelled

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
DAYS_IN = dict(zip(MONTHS, (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
)
SHORT = {
    "Monday": "mon", "Tuesday": "tue", "Wednesday": "wed", "Thursday": "thu", "Friday": "fri",
    "Saturday": "sat", "Sunday": "sun",
}  # fmt: skip
LASTING = pairs("""
days (are there in|are in|has|does|in) (a week|one week|the week|1 week|week have|a week have|every week): 7; days (are there in|are in|has|in) (a year|one year|1 year|a normal year|the year): 365; days (does) (a year have|the year have): 365; days (are there in|are in|has|does|in) (a leap year|leap year|a leap year have): 366
months (are there in|are in|has|in) (a year|one year|1 year|the year|every year): 12; months does (a|the) year have: 12; weeks (are there in|are in|has|in) (a year|one year|1 year|the year): 52; weeks does a year have: 52; hours (are there in|are in|has|in) (a day|one day|1 day|every day|the day): 24; hours does a day have: 24; minutes (are there in|are in|has|in) (an hour|one hour|1 hour|every hour): 60; minutes does an hour have: 60
seconds (are there in|are in|has|in) (a minute|one minute|1 minute|every minute): 60; seconds does a minute have: 60; seconds (are there in|are in|has|in) (an hour|one hour|1 hour): 3600; minutes (are there in|are in|has|in) (a day|one day|1 day): 1440; hours (are there in|are in|has|in) (a week|one week|1 week): 168; years (are there in|are in|has|in) (a decade|one decade): 10; years does a decade have: 10; years (are there in|are in|has|in) (a century|one century): 100; years does a century have: 100
years (are there in|are in|has|in) (a millennium|one millennium): 1000; decades (are there in|are in|has|in) (a century|one century): 10; days (are there in|are in|has|in) (a weekend|the weekend): 2; seasons (are there in|are in) (a year|one year|the year): 4; quarters (are there in|are in) a year: 4; minutes (are there in|are in) (half an hour|a half hour): 30; minutes (are there in|are in|is) (a quarter of an hour|quarter of an hour): 15; hours (are there in|are in) (half a day): 12; days (are there in|are in) (two weeks|a fortnight): 14; months (are there in|are in) half a year: 6; seconds (are there in|are in) half a minute: 30
""")  # fmt: skip

_C = "(what|which) (day|weekday|day of the week)"
_M = "(what|which) month"
PHRASINGS: Phrasings = {
    "day after": (
        f"{_C} (comes|is|follows|comes right) after {{d}}", "(the |)day after {d}(| is)", f"{_C} follows {{d}}", "(what|which) comes after {d}", "(what is|what's|whats) the day after {d}", "after {d} comes(| what| which day)", "next day after {d}", "(if |)today is {d}(,| and|) (what|which) day is (it |)tomorrow", "tomorrow if today is {d}", "it is {d} today, what day is tomorrow", "if today is {d} what is tomorrow", "{d} is followed by(| what| which day)", "the day following {d}", "(if |)yesterday was {d}(,|) what (day |)is (it |)today",
    ),
    "day before": (
        f"{_C} (comes|is|comes right|was) before {{d}}", "(the |)day before {d}(| is)", f"{_C} precedes {{d}}", "(what|which) comes before {d}", "(what is|what's|whats) the day before {d}", "before {d} comes(| what| which day)", "(if |)today is {d}(,| and|) (what|which) day was (it |)yesterday", "yesterday if today is {d}", "it is {d} today, what day was yesterday", "if today is {d} what was yesterday", "(if |)tomorrow is {d}(,|) what (day |)is (it |)today", "the day preceding {d}",
    ),
    "days on": (
        f"{_C} (is|comes|will it be|is it) {{n}} days (after|from) {{d}}", "(if |)today is {d}(,| and|) (what|which) day (is it|will it be|is) in {n} days", "(today is|it is|it's) {d}. (what|which) day (is it|will it be|comes) in {n} days", "{n} days (after|from) {d}", "what is {n} days (after|from) {d}", "in {n} days it will be what day if today is {d}", "{d} plus {n} days", "(what|which) day (is it|will it be) in {n} days if today is {d}", "(the |)(day|weekday) {n} days (after|from) {d}",
    ),
    "days ago": (
        f"{_C} (is|comes|was it|was) {{n}} days before {{d}}", "(if |)today is {d}(,| and|) (what|which) day was (it |){n} days ago", "(today is|it is|it's) {d}. (what|which) day was it {n} days ago", "{n} days before {d}", "what is {n} days before {d}", "{d} minus {n} days", "(what|which) day was it {n} days ago if today is {d}", "(the |)(day|weekday) {n} days before {d}",
    ),
    "month after": (
        f"{_M} (comes|is|follows|comes right) after {{m}}", "(the |)month after {m}(| is)", f"{_M} follows {{m}}", "(what|which) comes after {m}", "(what is|what's|whats) the month after {m}", "after {m} comes(| what| which month)", "next month after {m}", "(if |)(this month is|it is) {m}(,| and|) (what|which) is (the |)next month", "{m} is followed by(| what| which month)", "the month following {m}",
    ),
    "month before": (
        f"{_M} (comes|is|comes right|was) before {{m}}", "(the |)month before {m}(| is)", f"{_M} precedes {{m}}", "(what|which) comes before {m}", "(what is|what's|whats) the month before {m}", "before {m} comes(| what| which month)", "(if |)(this month is|it is) {m}(,| and|) (what|which) was (the |)last month", "the month preceding {m}",
    ),
    "months on": (
        f"{_M} (is|comes|will it be|is it) {{n}} months (after|from) {{m}}", "(if |)(it is|it's) {m}(,| and|) (what|which) month (is it|will it be|is) in {n} months", "{n} months (after|from) {m}", "what is {n} months (after|from) {m}", "{m} plus {n} months", "(the |)month {n} months (after|from) {m}", "(the month is|it is) {m}. (what|which) month is it in {n} months",
    ),
    "nth month": (
        "(what|which|what is the|which is the|the) {o} month(| of the year| in the year| in a year)", "(what|which) month is (the |){o}(| month| one)", "name the {o} month(| of the year)", "{o} month of the year", "what is the name of the {o} month", "month number {i}", "(what|which) is month (number |){i}", "{i}th month(| of the year)",
    ),
    "month's number": (
        "(what|which) (number |)month (of the year |)is {m}", "{m} is (what|which) (number |)month(| of the year)", "(what is|what's) the number of (the month |){m}", "(which|what) month number is {m}", "{m} month number", "what number (does|is) (the month |){m}(| have)", "{m} is month number",
    ),
    "days in": (
        "how many days (are there in|are in|does|has|in|is in) {m}(| have)", "(number of|the number of|) days (in|of) {m}", "{m} has how many days", "how many days {m}", "how long is {m}(| in days)", "(what is|what's) the number of days in {m}", "{m} days", "how many days (are there |)in the month of {m}", "how many days does the month (of |){m} have", "{m}, how many days",
    ),
    "lasting": (
        "how many {k}", "how many {k} (exactly|in total|normally|usually)", "number of {k}", "how many {k}, (do you know|any idea)", "(someone|my son|my teacher|a friend) asked (me |)how many {k}", "(answer this|say|guess)(:|,|) how many {k}", "exactly how many {k}", "(what is|what's) the number of {k}",
    ),
    "weekend": (
        "is {d} (a weekend day|on the weekend|part of the weekend|in the weekend|a weekend)", "{d} is (a weekend day|on the weekend)(, right|, yes or no)", "(does|is) {d} (belong to|part of) the weekend", "is it weekend on {d}", "do (i|people) (usually |)have {d} off as weekend", "tell me if {d} is (a weekend day|on the weekend)",
    ),
    "clock on": (
        "(it is|it's|if it is|now it is) {t}(.|,| and|) what time (is it|will it be|is it going to be) in {n} hours", "what (time|hour) is {n} hours after {t}", "{n} hours after {t}", "{t} plus {n} hours", "(what time will it be|what time is it) {n} hours (after|from) {t}", "(a film|the train|the meeting|school|a movie) starts at {t} and (takes|lasts) {n} hours(.|,) when does it end", "{n} hours from {t}", "i sleep at {t} for {n} hours(.|,) when do i wake up",
    ),
    "clock between": (
        "how many hours (are there |are |is it |)(from|between) {t} (to|and|until) {u}", "how long is it from {t} (to|until) {u}", "hours (from|between) {t} (to|and) {u}", "(a film|school|work|the shop|a meeting) (starts|opens|begins) at {t} and (ends|closes|stops) at {u}(.|,) how (long is it|many hours is that|long does it take)", "(number of |)hours between {t} and {u}", "(i work|she works|he works) from {t} to {u}(.|,) how many hours is that", "the time from {t} to {u} is how many hours",
    ),
}  # fmt: skip
_WEIGHTS = {
    "day after": 4, "day before": 4, "days on": 4, "days ago": 2, "month after": 3, "lasting": 4,
    "month before": 3, "months on": 2, "nth month": 2, "month's number": 2, "days in": 4,
    "weekend": 1, "clock on": 3, "clock between": 3,
}  # fmt: skip


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One question about the calendar or the clock."""
    operation = rng.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]
    slots, answer, work = _drawn(rng, operation)
    text = phrase(rng, PHRASINGS, operation, split, noise, **slots)
    return build("units", text, answer, work)


def _drawn(rng: random.Random, operation: str) -> tuple[dict[str, Any], str, str]:
    """The fields, the answer and the working."""
    d, m = rng.randrange(7), rng.randrange(12)
    slots: dict[str, Any] = {"d": WEEKDAYS[d], "m": MONTHS[m]}
    if rng.random() < 0.06:
        slots["d"] = SHORT[WEEKDAYS[d]]
    if operation in ("day after", "day before"):
        return slots, WEEKDAYS[(d + (1 if operation == "day after" else -1)) % 7], ""
    if operation in ("month after", "month before"):
        return slots, MONTHS[(m + (1 if operation == "month after" else -1)) % 12], ""
    if operation in ("days on", "days ago", "months on"):
        n = rng.randint(2, 10) if rng.random() < 0.75 else rng.randint(11, 30)
        names, start = (MONTHS, m) if operation == "months on" else (WEEKDAYS, d)
        slots["n"] = spelled(n) if n < 11 and rng.random() < 0.3 else n
        back = operation == "days ago"
        end = (start + (-n if back else n)) % len(names)
        return slots, names[end], ahead(names, start, n, back=back)
    if operation == "nth month":
        return {"o": ORDINALS[m], "i": m + 1}, MONTHS[m], ""
    if operation == "month's number":
        return slots, str(m + 1), ""
    if operation == "days in":
        return slots, str(DAYS_IN[MONTHS[m]]), ""
    if operation == "weekend":
        return slots, "yes" if d >= 5 else "no", ""
    if operation == "lasting":
        key = rng.choice(tuple(LASTING))
        return {"k": expand(rng, key)}, LASTING[key], ""
    return _clock(rng, operation)


def _clock(rng: random.Random, operation: str) -> tuple[dict[str, Any], str, str]:
    """Hours after a time of day, or between two, on a clock of 12 or 24 hours."""
    start, n = rng.randint(1, 12), rng.randint(1, 9)
    if rng.random() < 0.35:
        start = rng.randint(0, 22)
        end = (start + n) % 24
        texts = f"{start}:00", f"{end}:00"
    else:
        half = rng.choice(("am", "pm"))
        hours = start % 12 + (12 if half == "pm" else 0)
        end = (hours + n) % 24
        other = "am" if end < 12 else "pm"
        gap = rng.choice((" ", ""))
        texts = f"{start}{gap}{half}", f"{end % 12 or 12} {other}"
    work = f"{texts[0]}+{n}={texts[1]}"
    if operation == "clock on":
        shown = spelled(n) if rng.random() < 0.3 else n
        return {"t": texts[0], "n": shown}, texts[1], work
    return {"t": texts[0], "u": texts[1]}, str(n), work


def ahead(names: tuple[str, ...], start: int, n: int, *, back: bool = False) -> str:
    """The working: the numbers of the days or months, from 1, and the remainder of the shift.

    Example:
        >>> ahead(WEEKDAYS, 5, 17)
        ' Saturday=6;17%7=3;6+3=9; Tuesday=2'
        >>> ahead(WEEKDAYS, 0, 3, back=True)
        ' Monday=1;3%7=3;1-3=-2; Friday=5'
    """
    turn, rest, sign = len(names), n % len(names), "-" if back else "+"
    place = start - rest if back else start + rest
    # The space makes a name one token.
    return (
        f" {names[start]}={start + 1};{n}%{turn}={rest};"
        f"{start + 1}{sign}{rest}={place + 1}; {names[place % turn]}={place % turn + 1}"
    )
