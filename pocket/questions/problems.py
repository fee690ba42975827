"""Small word problems and expressions of several steps."""

from __future__ import annotations

import random
from typing import Any

from .base import Phrasings, Question, Split, build, phrase
from .names import NAMES
from .numerals import spelled
from .working import Worked, working

THINGS = (
    "apples oranges bananas pears cookies cakes candies sweets marbles balls books pens pencils "
    "eggs cards stickers coins stamps toys cars flowers roses shells stones balloons tickets cats "
    "dogs birds fish hens cows sheep chairs tables cups plates bottles shirts hats socks shoes "
    "keys lemons grapes cherries chocolates muffins pies pizzas sandwiches buttons beads bricks "
    "blocks dollars euros coins crayons notebooks magazines photos mangoes peaches plums nuts "
    "carrots potatoes tomatoes onions donuts lollipops games dolls kites boats leaves bags kids "
    "friends points hours pages"
).split()
GROUPS = (
    "boxes bags baskets packs packets rows shelves teams groups jars plates tables trays crates "
    "cartons buckets rooms classes cars buses drawers piles"
).split()
PEOPLE = "friends children kids people students pupils boys girls players brothers sisters workers".split()
_HAS = "(has|had|have|owns|got)"
_LEFT = (
    "(how many|how many {o}) (are left|does {n} have left|does {n} have now|remain|left|are there now"
    "|does {n} still have|do i have left)"
)
_NOW = (
    "(how many|how many {o}) (does {n} have|does {n} have now|are there|are there now|in total|"
    "altogether|are there altogether|does {n} have in total|in all)"
)
_I = "how many (do i have|do i have left|do i have now|are left|remain|left|{o} do i have|{o} are left)"
_T = (
    "how many (do i have|do i have now|do i have in total|{o} do i have|in total|altogether|"
    "{o} in total|{o} do i have now|are there)"
)

PHRASINGS: Phrasings = {
    "+": (
        f"(i|we) (have|had|own) {{a}} {{o}} and (i |)(buy|get|find|receive|bought|got|found|win) {{b}} more(.|,) {_T}",
        f"if i have {{a}} {{o}} and (get|buy|find|add) {{b}} more(,|) {_T}",
        f"{{n}} {_HAS} {{a}} {{o}} and (gets|buys|finds|receives|bought|got|found|is given) {{b}} more(.|,| {{o}}.) {_NOW}",
        f"{{n}} {_HAS} {{a}} {{o}}(.|,) (he|she|they|{{m}}) (gets|buys|finds|bought|got) {{b}} more. {_NOW}",
        f"{{n}} {_HAS} {{a}} {{o}}(.|,) {{m}} (gives|gave) (him|her|them) {{b}} (more|{{o}}). {_NOW}",
        f"{{n}} {_HAS} {{a}} {{o}} and {{m}} {_HAS} {{b}}(.|,| {{o}}.) how many (do they have|{{o}} do they have|are there) (together|altogether|in total|in all)",
        "there are {a} (boys|men|red {o}|big {o}) and {b} (girls|women|blue {o}|small {o})(.|,| in a class.) how many (are there|in total|altogether|are there altogether|children are there)",
        "(i|we) (spent|paid|earned|saved) {a} dollars (yesterday|on monday|on food) and {b} (today|dollars today|on tuesday|on drinks)(.|,) how much (in total|altogether|is that)",
        "{n} is {a} years old(.|,) how old will (he|she|{n}) be in {b} years",
        "(i am|i'm) {a}(| years old)(.|,) how old will i be in {b} years",
        "{n} is {a}(| years old) and {m} is {b} years older(.|,) how old is {m}",
        "a (pen|book|cake) costs {a} and a (cup|bag|ball) costs {b}(.|,) (how much|what) do (both|they|the two) cost(| together)",
        "(i|{n}) (read|walked|ran|drove) {a} (pages|miles|km) (yesterday|on monday) and {b} (today|on tuesday)(.|,) how (many|far) in total",
        "a (bus|train) has {a} people and {b} (more |)get on(.|,) how many (people |)are (on it|there) now",
    ),
    "-": (
        f"(i|we) (have|had) {{a}} {{o}} and (i |)(eat|lose|give away|sell|gave away|lost|ate|sold|use|break|drop) {{b}}(.|,| of them.) {_I}",
        f"if i have {{a}} {{o}} and (give away|lose|eat|sell|give you|take away) {{b}}(,|) {_I}",
        f"{{n}} {_HAS} {{a}} {{o}} and (eats|loses|gives away|sells|gave away|lost|ate|sold|uses|gives {{m}}) {{b}}(.|,| of them.) {_LEFT}",
        f"{{n}} {_HAS} {{a}} {{o}}(.|,) (he|she|they) (eats|loses|gives away|sells|gave away|lost|ate|sold) {{b}}(.|,| of them.) {_LEFT}",
        f"{{n}} {_HAS} {{a}} {{o}}(.|,) (he|she) (gives|gave) {{b}} to {{m}}. {_LEFT}",
        f"{{n}} (gives|gave) {{m}} {{b}} of (his|her|the) {{a}} {{o}}(.|,) {_LEFT}",
        "there (are|were) {a} {o} (on the table|in a box|in the bag|in a tree|in the room)(.|,|and) {b} (are taken|fall off|fly away|leave|are eaten|are sold)(.|,) how many (are left|remain|are still there)",
        "(i|{n}) had {a} dollars and spent {b}(.|,) how much (is left|do i have left|money is left|remains)",
        "(i|we) pay with {a} (dollars|euros) for (a book|something|food) that costs {b}(.|,) (how much|what) change (do i get|do we get)",
        "(a book|a shirt|it) costs {b} dollars(.|,) i pay with {a}(.|,) how much change (do i get|is it)",
        "{n} is {a}(| years old) and {m} is {b}(.|,| years old.) how much older is {n}",
        "{n} is {a}(| years old) and {m} is {b} years younger(.|,) how old is {m}",
        f"{{n}} {_HAS} {{a}} {{o}} and {{m}} {_HAS} {{b}}(.|,) how many more (does {{n}} have|{{o}} does {{n}} have)",
        "a (bus|train) has {a} people and {b} get off(.|,) how many (people |)are (left|still on it)",
        "(a book has|a book with) {a} pages(.|,) i (have |)read {b}(.|,) how many (pages |)are left",
    ),
    "*": (
        "(i have|there are|{n} has|we have) {a} {g} (of|with|and each has|each with|each holds) {b} {o}(| each| in each)(.|,) how many {o} (are there|do i have|in total|altogether|are there in total|in all)",
        "{a} {g} (of|with) {b} {o}(| each)(.|,) how many {o}(| in total| altogether| are there)",
        "(each|one|every) (box|bag|child|person|team|row) has {b} {o}(.|,) how many {o} (are in|do|have|in) {a} (boxes|bags|children|people|teams|rows)(| have)",
        "(one|a|each) (book|ticket|apple|pen|cake|ball) costs {b} (dollars|euros|cents|)(.|,) (how much|what) do {a} (cost|books cost|of them cost)",
        "(what do|how much do|how much are) {a} (books|tickets|apples|pens|cakes) (cost|) (at|for) {b} (dollars|euros|cents) each",
        "{a} {o} (cost|at) {b} (dollars|euros|cents) each(.|,) (how much|what) (is that|do they cost|in total|altogether|is it)",
        "(i|{n}) (buy|buys|bought) {a} {o} (for|at) {b} (dollars|euros|cents) each(.|,) how much (do i pay|is it|in total|does it cost|altogether)",
        "(i|{n}) (run|runs|read|reads|walks|save) {b} (km|miles|pages|dollars) (a|every|each|per) day(.|,) how (many|much|far) in {a} days",
        "(a car|a train|{n}) (drives|goes|travels) {b} (km|miles) (an hour|per hour|each hour)(.|,) how far in {a} hours",
        "how many legs do {a} (dogs|cats|cows) have if each has {b}",
        "(how many|what is the number of) {o} in {a} {g} of {b}(| each| {o})",
        "{n} (earns|makes|gets|saves) {b} dollars (an hour|a day|a week|per hour)(.|,) how much in {a} (hours|days|weeks)",
        "there are {a} {g}(.|,|and) each (has|holds|contains) {b} {o}. how many {o} (are there|in total|altogether)",
    ),
    "/": (
        "(i have|there are|we have) {a} {o} (to share|shared|and share them|divided|to divide) (equally |evenly |)(among|between|by) {b} {p}(.|,) how many (does each get|each|for each|does everyone get)",
        "{n} (shares|splits|divides|gives) {a} {o} (equally |evenly |)(among|between|with) {b} {p}(.|,) how many (does each get|{o} does each get|each|does each one get)",
        "{b} {p} share {a} {o}(| equally| evenly)(.|,) how many (does each get|{o} does each get|each|for each)",
        "(share|split|divide) {a} {o} (equally |evenly |)(among|between) {b} {p}",
        "{a} {o} (in|into|are put into|are packed in|fit in) {b} {g}(| equally| evenly)(.|,) how many (in each|are in each|{o} in each|per box)",
        "how many (boxes|bags|teams|groups|rows) of {b} (can i make from|can you make with|in|do i get from) {a} {o}",
        "{b} {o} cost {a} (dollars|euros|cents)(.|,) (how much|what) (does|is) one(| cost)",
        "{a} {o} for {b} {p}(.|,) how many (each|for each|does each get|per person)",
        "(i|{n}) (read|drive|drove|walk) {a} (pages|km|miles) in {b} (days|hours)(.|,) how (many|far) (per|a|each|every) (day|hour)",
        "how many {o} does each (get|person get|child get) if {b} {p} share {a}(| equally| {o})",
        "if {a} {o} are (shared|split|divided) (equally |evenly |)(among|between) {b} {p}(,|) how many (does each get|each|for each)",
    ),
    "two": (
        f"(i|we) have {{a}} {{o}}(.|,|and) (i |)(buy|get|find) {{b}} (more |)and (eat|lose|give away|sell) {{c}}(.|,) {_I}",
        f"{{n}} {_HAS} {{a}} {{o}}(.|,) (he|she) (buys|gets|finds) {{b}} (more |)and (eats|loses|gives away|sells) {{c}}(.|,) {_LEFT}",
    ),
}  # fmt: skip

_WEIGHTS = {"+": 5, "-": 5, "*": 5, "/": 5, "two": 1}


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """A word problem of one step, seldom two."""
    operation = rng.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]
    n, m = rng.sample(NAMES, 2)
    slots: dict[str, Any] = {
        "n": n,
        "m": m,
        "o": rng.choice(THINGS),
        "g": rng.choice(GROUPS),
        "p": rng.choice(PEOPLE),
    }
    if operation == "two":
        a, b = rng.randint(2, 50), rng.randint(1, 30)
        c = rng.randint(1, a + b)
        worked = Worked(f"{a}+{b}-{c}: {a}+{b}={a + b};{a + b}-{c}={a + b - c}", str(a + b - c))
        slots |= {"a": a, "b": b, "c": c}
    else:
        a, b = _numbers(rng, operation)
        worked = working(operation, a, b)
        slots |= {"a": a, "b": b}
    if rng.random() < 0.12:
        slots |= {
            key: spelled(value)
            for key, value in slots.items()
            if isinstance(value, int) and value <= 20
        }
    text = phrase(rng, PHRASINGS, operation, split, noise, **slots)
    return build("arithmetic", text, worked.answer, worked.work)


def _numbers(rng: random.Random, operation: str) -> tuple[int, int]:
    most = rng.choice((10, 20, 20, 100, 100, 999))
    if operation in ("+", "-"):
        a, b = rng.randint(2, most), rng.randint(1, most)
        return (max(a, b), min(a, b)) if operation == "-" else (a, b)
    if operation == "*":
        return rng.randint(2, 12 if rng.random() < 0.8 else 60), rng.randint(
            2, 12 if rng.random() < 0.7 else 60
        )
    b = rng.randint(2, 12)
    return b * rng.randint(1, 12 if rng.random() < 0.8 else 50), b


def chain(rng: random.Random) -> tuple[str, Worked]:
    """An expression of three numbers as people type it, and its working."""
    a, b, c = (rng.randint(1, 12 if rng.random() < 0.7 else 40) for _ in range(3))
    form = rng.choice(("a+b+c", "a+b+c", "a+b-c", "a-b-c", "a*b+c", "a+b*c", "(a+b)*c", "a*b-c"))
    if "*" in form:
        a, b, c = a % 12 + 1, b % 12 + 1, c % 12 + 1
    value: int = _value(form, a, b, c)
    if value < 0:
        a, form = a + b + c, "a+b+c"
        value = a + b + c
    if form == "a+b*c":
        steps = f"{b}*{c}={b * c};{a}+{b * c}={value}"
    else:
        op, last = form.replace("(", "").replace(")", "")[1::2]
        first = _value(f"a{op}b", a, b, c)
        steps = f"{a}{op}{b}={first};{first}{last}{c}={value}"
    shown = "".join(str({"a": a, "b": b, "c": c}.get(sign, sign)) for sign in form)
    typed = shown
    if rng.random() < 0.5:
        typed = shown.replace("+", " + ").replace("-", " - ").replace("*", " * ")
    if rng.random() < 0.3:
        typed = typed.replace("*", "x")
    return typed, Worked(f"{shown}: {steps}", str(value))


def _value(form: str, a: int, b: int, c: int) -> int:
    values = {
        "a+b": a + b, "a-b": a - b, "a*b": a * b, "a+b+c": a + b + c, "a+b-c": a + b - c,
        "a-b-c": a - b - c, "a*b+c": a * b + c, "a+b*c": a + b * c, "(a+b)*c": (a + b) * c,
        "a*b-c": a * b - c,
    }  # fmt: skip
    return values[form]
