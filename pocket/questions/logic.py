"""Logic: syllogisms, orders, formulas, and knights and knaves (knaves always lie)."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from .base import Phrasings, Question, Split, build, phrase
from .facts import invented
from .names import NAMES

DOMAIN = "logic"

_G = "(if |given that |suppose |)"
_I = "(is|then is|so is|does it follow that|can we say|is it true that)"
PHRASINGS: Phrasings = {
    "all": (
        f"{_G}all {{a}} are {{b}}(,| and|.) (and |)(all |){{b}} are {{c}}(.|,) (are|then are|so are|does it follow that|is it true that) (all |){{s}} {{t}}",
        f"{_G}(all|every) {{a}} are {{b}} and all {{b}} are {{c}}(.|,) are {{s}} {{t}}", "all {a} are {b}. all {b} are {c}. (are|therefore are|so are) all {s} {t}", "(every one of the |)all {a} are {b}, all {b} are {c}, (true or false|yes or no): all {s} are {t}",
    ),
    "one": (
        f"{_G}all {{a}} are {{b}}(,| and|.) {{x}} is {{i}}(.|,) {_I} {{x}} {{j}}", f"{_G}every {{y}} is {{j}}(,| and|.) {{x}} is {{i}}(.|,) {_I} {{x}} {{j}}", "{x} is {i}. all {a} are {b}. (is|so is) {x} {j}", "all {a} are {b} and {x} is {i}. (yes or no|true or false): {x} is {j}",
    ),
    "none": (
        f"{_G}no {{a}} are {{b}}(,| and|.) {{x}} is {{i}}(.|,) {_I} {{x}} {{j}}", "{x} is {i}. no {a} are {b}. (is|so is|can) {x} (be |){j}", "no {a} are {b} and {x} is {i}. (yes or no|true or false): {x} is {j}",
    ),
    "most": (
        "{o}(.|,) (who|which one|which of them) is (the |){w}", "{o}(.|,) who (of them |among them |)is the {w}(| of all| one| person)", "{o}(.|,) (tell me|name) (who is |)the {w}(| one)", "(who|which one) is the {w} if {o}", "(if|suppose|given that) {o}, (who|then who) is (the |){w}", "who is {w}? {o}", "{o}(.|,) the {w}(| one| person) is",
    ),
    "than": (
        "{o}(.|,) (is|so is|then is|is it true that) {x} {c} than {y}", "(if|suppose|given that) {o}, (is|then is) {x} {c} than {y}", "is {x} {c} than {y} if {o}", "{o}(.|,) (yes or no|true or false): {x} is {c} than {y}", "{o}(.|,) does that mean {x} is {c} than {y}",
    ),
    "if": (
        "(if|when|whenever) it (rains|is raining) the (street|ground|grass|road) (is|gets) wet(.|,) it (rains|is raining)(.|,| now.) is the (street|ground|grass|road) wet",
        "if {p} then {q}(.|,| and) {p}(.|,) (is it true that|does it follow that|so|then) {q}", "(if|when) {p}, {q}. {p}. (does|is it so that|is it true that|can we conclude that) {q}",
    ),
    "if not": (
        "if {p} then {q}(.|,| and) {n}(.|,) (is it true that|does it follow that|can we say that) {p}", "(if|when) {p}, {q}. {n}. (is it so that|is it true that|can we conclude that) {p}", "if {p} then {q}. {n}. (yes or no|true or false): {p}",
    ),
    "formula": (
        "(what is|what's|whats|evaluate|calculate|compute|find|work out|solve|) {f}", "(is|does) {f}(| true or false| true)", "{f}(, true or false| true or false| is what| =| evaluates to| gives)", "(what is|find|give me) the (value|result|truth) of {f}", "(true or false|boolean|logic)(:| -) {f}", "(evaluate|what is) the (formula|expression|logic formula) {f}", "{f}",
    ),
    "knights": (
        "(knights tell the truth and knaves lie|knights always tell the truth, knaves always lie|on an island of knights and knaves|a knight tells the truth, a knave lies). {x} says: {p} {y} says: {q} (who is who|what are they|who is a knight|who is a knave|what is each of them|what are {x} and {y})",
        "{x} and {y} are knights or knaves. {x} says: {p} {y} says: {q} (who is who|what are they|who is a knight|who is a knave)", "{x} says: {p} {y} says: {q} (who is a knight and who is a knave|are they knights or knaves|what kind is each of them)", "(you meet|here are|there are) {x} and {y}. {x} says: {p} {y} says: {q} (find out |)who is a (knight|knave)", "(are|which of) {x} and {y} (are |)knights or knaves? {x} says: {p} {y} says: {q}",
    ),
}  # fmt: skip
_WEIGHTS = {
    "all": 4, "one": 4, "none": 2, "most": 8, "than": 4, "if": 2, "if not": 1, "formula": 5, "knights": 4,
}  # fmt: skip

_KINDS = (
    ("cats", "animals"), ("dogs", "animals"), ("birds", "animals"), ("roses", "flowers"), ("tulips", "flowers"),
    ("apples", "fruits"), ("bananas", "fruits"), ("men", "mortal"), ("humans", "mortal"), ("cars", "machines"),
    ("squares", "rectangles"), ("whales", "mammals"), ("dogs", "mammals"), ("mammals", "animals"),
    ("flowers", "plants"), ("trees", "plants"), ("students", "people"), ("teachers", "people"), ("animals", "living things"),
    ("plants", "living things"), ("fish", "animals"), ("lions", "cats"), ("planes", "machines"), ("robots", "machines"),
    ("doctors", "people"), ("poems", "texts"), ("books", "things"), ("penguins", "birds"), ("kings", "men"), ("mammals", "warm-blooded"),
    ("birds", "beautiful"), ("cakes", "sweet"), ("snakes", "dangerous"), ("ravens", "black"), ("swans", "white"),
)  # fmt: skip
_THINGS = sorted({kind for pair in _KINDS for kind in pair})
_SAID = (
    ("the sun shines", "we go out", "we do not go out"), ("it rains", "the street is wet", "the street is not wet"),
    ("it snows", "the road is white", "the road is not white"), ("{x} is hungry", "{x} eats", "{x} does not eat"),
    ("{x} is tired", "{x} sleeps", "{x} does not sleep"), ("the light is red", "cars stop", "cars do not stop"),
    ("it is cold", "{x} wears a coat", "{x} does not wear a coat"), ("the bell rings", "school starts", "school does not start"),
    ("{x} studies", "{x} passes", "{x} does not pass"), ("the dog barks", "the cat runs", "the cat does not run"),
)  # fmt: skip
ORDERS = (
    ("taller", "tallest", "shortest", "shorter"), ("older", "oldest", "youngest", "younger"),
    ("faster", "fastest", "slowest", "slower"), ("stronger", "strongest", "weakest", "weaker"),
    ("richer", "richest", "poorest", "poorer"), ("heavier", "heaviest", "lightest", "lighter"),
    ("bigger", "biggest", "smallest", "smaller"), ("smarter", "smartest", "dumbest", "dumber"),
)  # fmt: skip

Claim = tuple[str, Callable[[bool, bool], bool]]
# The truth of a claim as a function of (speaker is a knight, other is a knight).
CLAIMS: tuple[Claim, ...] = (
    ("{o} is a knight.", lambda s, o: o),
    ("{o} is a knave.", lambda s, o: not o),
    ("We are both knights.", lambda s, o: s and o),
    ("We are both knaves.", lambda s, o: not s and not o),
    ("We are the same kind.", lambda s, o: s == o),
    ("We are different kinds.", lambda s, o: s != o),
    ("At least one of us is a knave.", lambda s, o: not s or not o),
    ("At least one of us is a knight.", lambda s, o: s or o),
    ("I am a knight.", lambda s, o: s),
)


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """A puzzle with exactly one solution."""
    operation = rng.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]
    slots, answer, work = _MAKERS[operation](rng)
    return build(DOMAIN, phrase(rng, PHRASINGS, operation, split, noise, **slots), answer, work)


Made = tuple[dict[str, Any], str, str]


def _plural(rng: random.Random) -> str:
    return f"{invented(rng)}s" if rng.random() < 0.25 else rng.choice(_THINGS[:])


def _a(word: str) -> str:
    """A noun with its article, or an adjective: `a cat`, `mortal`."""
    if not word.endswith("s") and word not in ("men", "people", "fish"):
        return word
    one = {"men": "man", "people": "person", "fish": "fish"}.get(word, word.removesuffix("s"))
    return f"{'an' if one[0] in 'aeiou' else 'a'} {one}"


def _all(rng: random.Random) -> Made:
    a, b, c = (_plural(rng) for _ in range(3))
    if rng.random() < 0.4:
        a, b = rng.choice(_KINDS)
    turned = rng.random() < 0.3
    s, t = (c, a) if turned else (a, c)
    return {"a": a, "b": b, "c": c, "s": s, "t": t}, "no" if turned else "yes", ""


def _one(rng: random.Random) -> Made:
    a, b = rng.choice(_KINDS) if rng.random() < 0.6 else (_plural(rng), _plural(rng))
    x = rng.choice((*NAMES, "Socrates", "Socrates", "Rex", "Tweety", "Felix"))
    i, j = _a(a), _a(b)
    return {"a": a, "b": b, "x": x, "i": i, "j": j, "y": i.split(" ", 1)[-1]}, "yes", ""


def _none(rng: random.Random) -> Made:
    slots, _, _ = _one(rng)
    return slots, "no", ""


def _order(rng: random.Random) -> tuple[list[str], tuple[str, str, str, str], str]:
    """Names from the most to the least, the words of the order, and the sentences."""
    names: list[str] = rng.sample(NAMES, 3 if rng.random() < 0.8 else 2)
    words = rng.choice(ORDERS)
    facts = []
    for one, two in pairwise(names):
        facts.append(
            f"{one} is {words[0]} than {two}"
            if rng.random() < 0.7
            else f"{two} is {words[3]} than {one}"
        )
    if rng.random() < 0.4:
        facts.reverse()
    return names, words, rng.choice((" and ", ", ", ". ")).join(facts)


def _most(rng: random.Random) -> Made:
    names, words, told = _order(rng)
    top = rng.random() < 0.6
    return (
        {"o": told, "w": words[1 if top else 2]},
        names[0 if top else -1],
        ">".join(f" {n}" for n in names),
    )


def _than(rng: random.Random) -> Made:
    names, words, told = _order(rng)
    x, y = rng.sample(names, 2) if rng.random() < 0.4 else rng.sample((names[0], names[-1]), 2)
    word = words[0 if rng.random() < 0.7 else 3]
    more = names.index(x) < names.index(y)
    work = ">".join(f" {n}" for n in names)
    return (
        {"o": told, "x": x, "y": y, "c": word},
        "yes" if more == (word == words[0]) else "no",
        work,
    )


def _if(rng: random.Random) -> Made:
    said = [text.format(x=name) for name in [rng.choice(NAMES)] for text in rng.choice(_SAID)]
    return {"p": said[0], "q": said[1]}, "yes", ""


def _if_not(rng: random.Random) -> Made:
    said = [text.format(x=name) for name in [rng.choice(NAMES)] for text in rng.choice(_SAID)]
    return {"p": said[0], "q": said[1], "n": said[2]}, "no", ""


def _formula(rng: random.Random) -> Made:
    left, left_value = _pair(rng)
    if rng.random() < 0.45:
        return {"f": left}, _word(left_value), ""
    right, right_value = _pair(rng)
    joint = rng.choice(("and", "or"))
    value = left_value and right_value if joint == "and" else left_value or right_value
    work = f"{_word(left_value)} {joint} {_word(right_value)}"
    return {"f": f"({left}) {joint} ({right})"}, _word(value), work


def _pair(rng: random.Random) -> tuple[str, bool]:
    (a, x), (b, y) = _term(rng), _term(rng)
    if rng.random() < 0.15:
        return a, x
    joint = rng.choice(("and", "or"))
    return f"{a} {joint} {b}", (x and y if joint == "and" else x or y)


def _term(rng: random.Random) -> tuple[str, bool]:
    value, negated = rng.random() < 0.5, rng.random() < 0.35
    return (f"not {_word(value)}" if negated else _word(value)), value != negated


def _word(value: bool) -> str:
    return "true" if value else "false"


def _knights(rng: random.Random) -> Made:
    while True:
        p, q = rng.randrange(len(CLAIMS)), rng.randrange(len(CLAIMS))
        worlds = solutions(p, q)
        if len(worlds) == 1:
            break
    x, y = rng.sample(NAMES, 2)
    first, second = (("knave", "knight")[kind] for kind in worlds[0])
    slots = {"x": x, "y": y, "p": CLAIMS[p][0].format(o=y), "q": CLAIMS[q][0].format(o=x)}
    return slots, f"{x} {first}, {y} {second}", ""


def solutions(p: int, q: int) -> list[tuple[bool, bool]]:
    """Every (first is a knight, second is a knight) that satisfies the two claims."""
    worlds = [(x, y) for x in (False, True) for y in (False, True)]
    return [(x, y) for x, y in worlds if CLAIMS[p][1](x, y) == x and CLAIMS[q][1](y, x) == y]


_MAKERS: dict[str, Callable[[random.Random], Made]] = {
    "all": _all, "one": _one, "none": _none, "most": _most, "than": _than, "if": _if, "if not": _if_not,
    "formula": _formula, "knights": _knights,
}  # fmt: skip
