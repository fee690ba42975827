"""Units of measure, days, months and times."""

from __future__ import annotations

import random

from . import calendar_words
from .base import NOT_SURE, Phrasings, Question, Split, build, phrase
from .numerals import spelled

DOMAIN = "units"

_A = "(what is|what's|whats|convert|change|express|give me|how much is|)"
PHRASINGS: Phrasings = {
    "convert": (
        "how many {u} (are|is|are there|make|make up|do i get|fit) (in|from) {n}{v}", "how many {u} in {n}{v}", "how many {u} (are|is) {n}{v}", "how many {u} (has|have|do) {n}{v}",
        f"{_A} {{n}}{{v}} (in|to|into|as|converted to|expressed in) {{u}}", "{n}{v} (in|to|into|as|=) {u}", "{n}{v} = (?|how many|) {u}", "{n}{v} (is|are|equals|equal|makes) (how many|how much|what in) {u}", "(how much|what) is {n}{v} (in|when expressed in) {u}",
        "(turn|convert|change) {n}{v} (to|into) {u}", "number of {u} (in|for) {n}{v}", "{u} in {n}{v}", "{n}{v}, how many {u} is (that|it)", "(if|when) i have {n}{v}(,|) how many {u} (is it|is that|do i have)",
    ),
    **calendar_words.PHRASINGS,
}  # fmt: skip

# larger unit, smaller unit, their ratio; first names, then symbols
RATIOS: tuple[tuple[str, str, int], ...] = (
    ("hours", "minutes", 60), ("minutes", "seconds", 60), ("days", "hours", 24), ("weeks", "days", 7),
    ("years", "months", 12), ("years", "days", 365), ("years", "weeks", 52), ("decades", "years", 10),
    ("centuries", "years", 100), ("hours", "seconds", 3600), ("weeks", "hours", 168),
    ("feet", "inches", 12), ("yards", "feet", 3), ("yards", "inches", 36), ("miles", "feet", 5280),
    ("kilometers", "meters", 1000), ("meters", "centimeters", 100), ("meters", "millimeters", 1000),
    ("centimeters", "millimeters", 10), ("kilometers", "centimeters", 100000),
    ("kilograms", "grams", 1000), ("grams", "milligrams", 1000), ("tons", "kilograms", 1000),
    ("liters", "milliliters", 1000), ("liters", "centiliters", 100), ("liters", "deciliters", 10),
    ("pounds", "ounces", 16), ("gallons", "quarts", 4), ("gallons", "pints", 8), ("quarts", "pints", 2),
    ("pints", "cups", 2), ("tablespoons", "teaspoons", 3), ("cups", "tablespoons", 16),
    ("dollars", "cents", 100), ("euros", "cents", 100), ("pounds sterling", "pence", 100),
    ("dollars", "quarters", 4), ("dollars", "dimes", 10), ("gigabytes", "megabytes", 1000),
    ("megabytes", "kilobytes", 1000), ("terabytes", "gigabytes", 1000), ("bytes", "bits", 8),
    ("dozens", "pieces", 12), ("seconds", "milliseconds", 1000), ("kilowatts", "watts", 1000),
    ("hectares", "square meters", 10000), ("meters", "decimeters", 10), ("decimeters", "centimeters", 10),
)  # fmt: skip
_SIGNS = {
    "hours": ("h", "hrs", "hr"), "minutes": ("min", "mins"), "seconds": ("s", "sec", "secs"),
    "kilometers": ("km", "kms", "kilometres"), "meters": ("m", "metres"), "years": ("yrs",),
    "centimeters": ("cm", "centimetres"), "millimeters": ("mm", "millimetres"), "inches": ("in", "inch"),
    "feet": ("ft", "foot"), "yards": ("yd",), "kilograms": ("kg", "kilos", "kgs"), "grams": ("g", "gr"),
    "milligrams": ("mg",), "tons": ("t", "tonnes"), "liters": ("l", "litres"), "milliliters": ("ml", "millilitres"),
    "centiliters": ("cl",), "deciliters": ("dl",), "pounds": ("lb", "lbs"), "ounces": ("oz",),
    "gigabytes": ("gb",), "megabytes": ("mb",), "kilobytes": ("kb",), "terabytes": ("tb",),
    "milliseconds": ("ms",), "kilowatts": ("kw",), "watts": ("w",), "tablespoons": ("tbsp",),
    "teaspoons": ("tsp",), "decimeters": ("dm",),
}  # fmt: skip
_ONE = {
    "feet": "foot", "inches": "inch", "centuries": "century", "pounds sterling": "pound sterling",
}  # fmt: skip


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One conversion, or one question about the calendar or the clock."""
    if rng.random() < 0.5:
        return calendar_words.make(rng, split, noise)
    if rng.random() < 0.06:
        return _temperature(rng, split)
    large, small, ratio = rng.choice(RATIOS)
    most = 20 if ratio <= 60 or ratio in (100, 1000) else 5
    n = 1 if rng.random() < 0.2 else rng.randint(2, most)
    if rng.random() < 0.1 and ratio % 10 == 0:
        n = rng.choice((10, 25, 50, 100, 30, 40))
    up = rng.random() < 0.35
    typed = str(n)
    if up:
        value, source, target, answer = n * ratio, small, large, str(n)
        typed = str(value)
        work = f"{value}/{ratio}={n}"
    elif rng.random() < 0.08 and ratio % 2 == 0:
        value, source, target = n, large, small
        answer = str(n * ratio + ratio // 2)
        typed, work = f"{n}.5", f"{n}.5*{ratio}={answer}"
        n = 2
    else:
        value, source, target, answer = n, large, small, str(n * ratio)
        work = f"{n}*{ratio}={answer}"
        if n == 1 and rng.random() < 0.6:
            typed = "an" if large == "hours" else rng.choice(("a", "one"))
        elif n <= 12 and rng.random() < 0.1:
            typed = spelled(n)
    name = _one(source) if value == 1 else source
    short = rng.random() < 0.35
    gap = " "
    if short and source in _SIGNS and typed[0].isdigit():
        name = rng.choice(_SIGNS[source])
        gap = rng.choice((" ", ""))
    shown = rng.choice(_SIGNS[target]) if short and target in _SIGNS else target
    text = phrase(rng, PHRASINGS, "convert", split, noise, n=typed, v=f"{gap}{name}", u=shown)
    unit = _one(target) if answer == "1" else target
    return build(DOMAIN, text, f"{answer} {unit}", work)


def _one(unit: str) -> str:
    return _ONE.get(unit, unit.removesuffix("s"))


def _temperature(rng: random.Random, split: Split) -> Question:
    """Celsius and Fahrenheit, where both are whole numbers."""
    c = rng.randrange(-20, 105, 5)
    f = c * 9 // 5 + 32
    names = (
        ("degrees celsius", "degrees fahrenheit")
        if rng.random() < 0.5
        else ("celsius", "fahrenheit")
    )
    if rng.random() < 0.3:
        names = ("c", "f")
    work = f"{c}*9/5+32={f}"
    if rng.random() < 0.6:
        text = phrase(rng, PHRASINGS, "convert", split, n=c, v=f" {names[0]}", u=names[1])
        return build(DOMAIN, text, f"{f} degrees Fahrenheit", work)
    text = phrase(rng, PHRASINGS, "convert", split, n=f, v=f" {names[1]}", u=names[0])
    return build(DOMAIN, text, f"{c} degrees Celsius", work)


_OF = {
    "time": ("hours", "minutes", "days", "weeks", "years"),
    "length": ("meters", "miles", "inches", "kilometers", "feet", "cm"),
    "mass": ("kilograms", "grams", "pounds", "kg", "ounces"),
    "volume": ("liters", "gallons", "ml", "cups"),
    "money": ("dollars", "euros", "cents", "yen"),
    "data": ("megabytes", "gb", "bits"),
}


def negative(rng: random.Random, split: Split) -> Question:
    """A conversion between units of different kinds, or one that is not a whole number."""
    if rng.random() < 0.3:
        one, two = rng.choice((
            ("miles", "kilometers"), ("km", "miles"), ("pounds", "kilograms"), ("kg", "lbs"),
            ("inches", "cm"), ("gallons", "liters"), ("feet", "meters"), ("light years", "km"),
            ("dollars", "euros"), ("yen", "dollars"), ("acres", "hectares"), ("knots", "mph"),
        ))  # fmt: skip
    else:
        kinds = rng.sample(tuple(_OF), 2)
        one, two = (rng.choice(_OF[kind]) for kind in kinds)
    n = rng.randint(1, 99)
    text = phrase(rng, PHRASINGS, "convert", split, n=n, v=f" {one}", u=two)
    return build(DOMAIN, text, NOT_SURE)
