"""Arithmetic as people type it; the reply restates it, works it out and answers.

The first part of a reply is the expression as it was understood, such as `12*13`; the runtime
compares it with the question and checks the answer by the inverse operation (`..inverse`).
"""

from __future__ import annotations

import random
from typing import Any

from . import problems
from .base import NOT_SURE, Phrasings, Question, Split, build, phrase
from .numerals import number, spelled
from .working import Worked, compare, parity, power, prime, root, working

DOMAIN = "arithmetic"

_Q = "(what is|what's|whats|how much is|calculate|compute|work out|solve|evaluate|find|)"
_E = "(| =| = ?| =?| equals| equals what| is what| is how much| makes| gives)"
_W = "(what is|what's|whats|find|give me|calculate|compute|work out|tell me|i need|)"

PHRASINGS: Phrasings = {
    "+": (
        f"{_Q} {{a}}( + |+|+ | +| plus | and | added to ){{b}}{_E}",
        f"{_Q} {{a}}( + |+| plus ){{b}}{_E}",
        "{a}(+| + | plus ){b}(|=|=?)",
        f"{_W} (the |)(sum|total) of {{a}} (and|+|plus) {{b}}",
        "(add|add up|add together|sum|sum up) {a} (and|to|plus|with|,) {b}",
        "(if i add|when you add|adding) {a} (and|to) {b} (what do i get|gives what|how much is it)",
        "(how much|what) (do|would) (you|i|we) get (if|when) (you|i|we) add {a} (and|to) {b}",
        "{a} (plus|and|added to) {b} (makes|is|gives|equals) (what|how much|what number)",
        "what (number|result) is {a} (+|plus) {b}", "(what is|what's) {b} more than {a}",
        "(increase|raise) {a} by {b}", "{a} increased by {b}",
    ),
    "-": (
        f"{_Q} {{a}}( - |-|- | -| minus | − | – | less | take away | subtract ){{b}}{_E}",
        f"{_Q} {{a}}( - |-| minus ){{b}}{_E}",
        "{a}(-| - | minus ){b}(|=|=?)",
        f"{_W} (the |)difference (of|between) {{a}} and {{b}}",
        "(subtract|take|take away|deduct|remove) {b} (from|off) {a}",
        "(take|subtract) {b} (away |)from {a}",
        "(how much|what) (do|would) (you|i|we) get (if|when) (you|i|we) (take|subtract) {b} from {a}",
        "{a} (minus|take away|less) {b} (makes|is|gives|equals) (what|how much|what number)",
        "(what is|what's) {b} less than {a}", "{b} subtracted from {a}", "{a} decreased by {b}",
        "(what is|what's|how much is) left (if|when) (i|you) take {b} from {a}",
        "(reduce|decrease|lower) {a} by {b}", "how much more is {a} than {b}",
    ),
    "*": (
        f"{_Q} {{a}}( * |*|* | *| x |x| × |×| times | multiplied by | X ){{b}}{_E}",
        f"{_Q} {{a}}( * |*| x | times ){{b}}{_E}",
        "{a}(*| * | x |x| times | times){b}(|=|=?)",
        f"{_W} (the |)product of {{a}} and {{b}}",
        "(multiply|multiplying|times) {a} (by|with|and|times|x) {b}",
        "(how much|what) (do|would) (you|i|we) get (if|when) (you|i|we) multiply {a} (by|and|with) {b}",
        "{a} (times|multiplied by|multiplied with) {b} (makes|is|gives|equals) (what|how much)",
        "what (number|result) is {a} (x|times) {b}", "how (much|many) (is|are) {a} times {b}",
        "{a} (lots|groups|sets) of {b}", "{b} multiplied by {a}",
    ),
    "/": (
        f"{_Q} {{a}}( / |/|/ | /| ÷ |÷| divided by | over | : | divide by ){{b}}{_E}",
        f"{_Q} {{a}}( / |/| divided by ){{b}}{_E}",
        "{a}(/| / | ÷ | divided by ){b}(|=|=?)",
        f"{_W} (the |)(quotient|ratio) of {{a}} and {{b}}", "{a} split by {b}",
        "(divide|dividing|split) {a} (by|into) {b}(| equal parts)",
        "(how much|what) (do|would) (you|i|we) get (if|when) (you|i|we) divide {a} by {b}",
        "{a} (divided by|over) {b} (makes|is|gives|equals) (what|how much|what number)",
        "how many times does {b} (go|fit) into {a}", "how many {b}s (are|fit) in {a}",
        "how (often|many times) is {b} (contained |)in {a}",
        "what (number|result) is {a} (/|divided by) {b}",
    ),
    "%": (
        f"{_Q} {{b}}(%| %| percent| per cent| pct) of {{a}}{_E}",
        "{b}(%| %| percent) (of|from|off) {a}", "(take|find|calculate) {b}(%| percent) of {a}",
        "how (much|many) (is|are) {b}(%| percent) of {a}", "{b}(%| percent) (tip|tax) on {a}",
        "(if|when) i (take|have) {b}(%| percent) of {a} (how much|what) is (it|that)",
        "what (is|would be) {b}(%| percent) (tip|discount|tax) on {a}",
    ),
    "half": (
        f"{_Q} (half|a half|one half|1/2) (of|the number|) {{a}}{_E}", "(halve|cut in half|half) {a}",
        "(what number |what |)is half of {a}", "{a} (halved|cut in half|split in half)",
        "half of {a}",
    ),
    "third": (f"{_Q} (a third|one third|1/3|the third part) of {{a}}{_E}", "a third of {a}"),
    "quarter": (
        f"{_Q} (a quarter|one quarter|quarter|1/4|one fourth|a fourth) of {{a}}{_E}",
        "a quarter of {a}",
    ),
    "double": (
        f"{_Q} (double|twice|the double of|double of|two times|2 times|2x) {{a}}{_E}",
        "(double|double the number) {a}", "twice {a}", "{a} doubled", "{a} times two",
        "what do (i|you) get (if|when) (i|you) double {a}",
    ),
    "triple": (
        f"{_Q} (triple|three times|the triple of|3 times|thrice) {{a}}{_E}", "(triple|treble) {a}",
        "{a} tripled", "three times {a}",
    ),
    "square": (
        f"{_Q} {{a}}( squared|²|^2| ^ 2| **2| ** 2| to the power of (2|two)| to the second power){_E}",
        f"{_W} (the |)square of {{a}}", "square {a}", "{a} squared", "{a} (by|times) itself",
        "(multiply|times) {a} by itself",
    ),
    "cube": (
        f"{_Q} {{a}}( cubed|³|^3| ^ 3| **3| to the power of (3|three)| to the third power){_E}",
        f"{_W} (the |)cube of {{a}}", "{a} cubed",
    ),
    "power": (
        f"{_Q} {{a}}(^| ^ |**| ** | to the power of | to the power | to the | raised to ){{b}}{_E}",
        f"{_Q} (the |){{b}}th power of {{a}}", "raise {a} to the power (of |){b}",
    ),
    "root": (
        f"{_Q} (the |)(square root|squareroot|sqrt|root|√) (of |){{a}}{_E}", "(√|sqrt |sqrt){a}",
        "what number (squared|times itself) (is|gives|makes) {a}", "square root of {a}",
        "which number squared is {a}",
    ),
    "bigger": (
        "(which|what|which one|which number|what number) is (bigger|larger|greater|higher|more)"
        "(,|:|) {a} or {b}",
        "(is|whats|what is) (bigger|larger|greater|more)(,|:|) {a} or {b}", "{a} or {b} which is (bigger|larger|more)",
        "(bigger|larger|greater|higher) (number|of|one|) {a} (or|and) {b}",
        "(which|what) is the (bigger|larger|greater) (number|one|) (of|,|between|) {a} (and|or) {b}",
    ),
    "smaller": (
        "(which|what|which one|which number|what number) is (smaller|less|lower|lesser)"
        "(,|:|) {a} or {b}",
        "(is|whats|what is) (smaller|less|lower)(,|:|) {a} or {b}", "{a} or {b} which is (smaller|less|lower)",
        "(smaller|lower|lesser) (number|of|one|) {a} (or|and) {b}",
        "(which|what) is the (smaller|lower) (number|one|) (of|,|between|) {a} (and|or) {b}",
    ),
    "more?": (
        "is {a} (really |)(bigger|larger|greater|more|higher) than {b}", "(is|is it true that|true or false:|) {a} > {b}",
        "{a} is (bigger|larger|greater|more|higher) than {b}(, right|, true or false|, yes or no|)", "{a}>{b}",
        "(check|tell|say|find out) (if|whether) {a} is (bigger|larger|greater|more|higher) than {b}", "(yes or no|true or false)(:|,) {a} is (bigger|larger|greater|more|higher) than {b}",
    ),
    "less?": (
        "is {a} (really |)(smaller|less|lower) than {b}", "(is|is it true that|true or false:|) {a} < {b}",
        "{a} is (smaller|less|lower) than {b}(, right|, true or false|, yes or no|)", "{a}<{b}",
        "(check|tell|say|find out) (if|whether) {a} is (smaller|less|lower) than {b}", "(yes or no|true or false)(:|,) {a} is (smaller|less|lower) than {b}",
    ),
    "even?": (
        "is (the number |number |){a} (really |)(even|an even number|an even num)", "{a} is (even|an even number|an even num)(, right|, yes or no|, true or false|)",
        "(check|tell|say|determine|find out) (if|whether) (the number |){a} is (even|an even number|an even num)", "(would|could) you say {a} is (even|an even number|an even num)",
        "{a} (even|an even number|an even num)(| yes or no)", "(yes or no|true or false)(:|,) (is |){a} (is |)(even|an even number|an even num)",
        "is it true that {a} is (even|an even number|an even num)", "(can|could) {a} be (even|an even number|an even num)",
    ),
    "odd?": (
        "is (the number |number |){a} (really |)(odd|an odd number|an odd num)", "{a} is (odd|an odd number|an odd num)(, right|, yes or no|, true or false|)",
        "(check|tell|say|determine|find out) (if|whether) (the number |){a} is (odd|an odd number|an odd num)", "(would|could) you say {a} is (odd|an odd number|an odd num)",
        "{a} (odd|an odd number|an odd num)(| yes or no)", "(yes or no|true or false)(:|,) (is |){a} (is |)(odd|an odd number|an odd num)",
        "is it true that {a} is (odd|an odd number|an odd num)", "(can|could) {a} be (odd|an odd number|an odd num)",
    ),
    "parity": (
        "is (the number |number |){a} (really |)(even or odd|odd or even|an even or an odd number|an odd or an even number)", "{a} is (even or odd|odd or even|an even or an odd number|an odd or an even number)(, right|, yes or no|, true or false|)",
        "(check|tell|say|determine|find out) (if|whether) (the number |){a} is (even or odd|odd or even|an even or an odd number|an odd or an even number)", "(would|could) you say {a} is (even or odd|odd or even|an even or an odd number|an odd or an even number)",
        "{a} (even or odd|odd or even|an even or an odd number|an odd or an even number)(| yes or no)", "(yes or no|true or false)(:|,) (is |){a} (is |)(even or odd|odd or even|an even or an odd number|an odd or an even number)",
        "is it true that {a} is (even or odd|odd or even|an even or an odd number|an odd or an even number)", "(can|could) {a} be (even or odd|odd or even|an even or an odd number|an odd or an even number)",
    ),
    "prime": (
        "is (the number |number |){a} (really |)(a prime|prime|a prime number|prime number)", "{a} is (a prime|prime|a prime number|prime number)(, right|, yes or no|, true or false|)",
        "(check|tell|say|determine|find out) (if|whether) (the number |){a} is (a prime|prime|a prime number|prime number)", "(would|could) you say {a} is (a prime|prime|a prime number|prime number)",
        "{a} (a prime|prime|a prime number|prime number)(| yes or no)", "(yes or no|true or false)(:|,) (is |){a} (is |)(a prime|prime|a prime number|prime number)",
        "is it true that {a} is (a prime|prime|a prime number|prime number)", "(can|could) {a} be (a prime|prime|a prime number|prime number)",
    ),
    "chain": (
        f"{_Q} {{e}}{_E}", "{e}", "{e}(=|=?| =)", "(what is|what's|solve|calculate) {e}",
        "(what is|the|) (result|value) of {e}",
    ),
}  # fmt: skip

_WEIGHTS = {
    "+": 14, "-": 14, "*": 16, "/": 14, "%": 6, "half": 2, "third": 1, "quarter": 1, "double": 2,
    "triple": 1, "square": 2, "cube": 1, "power": 1, "root": 2, "bigger": 2, "smaller": 2,
    "more?": 1, "less?": 1, "even?": 1, "odd?": 1, "parity": 1, "prime": 1, "chain": 4,
}  # fmt: skip


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One calculation of whole numbers, or a small word problem."""
    if rng.random() < 0.22:
        return problems.make(rng, split, noise)
    operation = rng.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]
    slots: dict[str, Any]
    slots, worked = _drawn(rng, operation)
    if rng.random() < 0.1 and all(isinstance(v, int) and v <= 100 for v in slots.values()):
        slots = {key: spelled(int(str(value))) for key, value in slots.items()}
    elif operation in "+-" and rng.random() < 0.03:
        slots = {k: f"{v:,}" if isinstance(v, int) else v for k, v in slots.items()}
    text = phrase(rng, PHRASINGS, operation, split, noise, **slots)
    return build(DOMAIN, text, worked.answer, worked.work)


def _drawn(rng: random.Random, operation: str) -> tuple[dict[str, Any], Worked]:
    """The fields of a question and its reply."""
    if operation in ("+", "-"):
        a, b = number(rng), number(rng)
        if operation == "-" and a < b and rng.random() < 0.85:
            a, b = b, a
        return {"a": a, "b": b}, working(operation, a, b)
    if operation == "*":
        a, b = factors(rng)
        return {"a": a, "b": b}, working("*", a, b)
    if operation == "/":
        a, b = division(rng)
        return {"a": a, "b": b}, working("/", a, b)
    if operation == "%":
        b = rng.choice((5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 80, 90, rng.randint(1, 99)))
        a = rng.choice((10, 20, 25, 40, 50, 60, 80, 90, 100, 120, 150, 200, 250, 300, 400, 500,
                        1000, rng.randint(2, 99), 10 * rng.randint(1, 99)))  # fmt: skip
        return {"a": a, "b": b}, working("%", a, b)
    if operation in ("half", "third", "quarter"):
        b = {"half": 2, "third": 3, "quarter": 4}[operation]
        a = number(rng, 3)
        a = a if operation == "half" and rng.random() < 0.7 else a // b * b or b
        return {"a": a}, working("/", a, b)
    if operation in ("double", "triple"):
        a = number(rng, 3)
        return {"a": a}, working("*", a, 2 if operation == "double" else 3)
    if operation == "square":
        a = rng.randint(1, 99) if rng.random() < 0.4 else rng.randint(1, 20)
        return {"a": a}, working("*", a, a)
    if operation in ("cube", "power"):
        a = rng.randint(2, 10)
        b = 3 if operation == "cube" else rng.randint(2, 10 if a == 2 else 4 if a < 6 else 3)
        return {"a": a, "b": b}, power(a, b)
    if operation == "root":
        a = rng.randint(1, 30) ** 2
        return {"a": a}, root(a)
    if operation in ("bigger", "smaller", "more?", "less?"):
        a, b = number(rng), number(rng)
        if rng.random() < 0.4 and a > 9:
            b = int("".join(rng.sample(str(a), len(str(a)))))
        b += a == b
        return {"a": a, "b": b}, compare(operation, a, b)
    if operation in ("even?", "odd?", "parity"):
        a = number(rng)
        return {"a": a}, parity(operation, a)
    if operation == "prime":
        a = rng.randint(1, 100)
        return {"a": a}, prime(a)
    expression, worked = problems.chain(rng)
    return {"e": expression}, worked


def factors(rng: random.Random) -> tuple[int, int]:
    """Two factors: the times table, or up to three by two digits."""
    kind = rng.random()
    if kind < 0.35:
        return rng.randint(0, 12), rng.randint(0, 12)
    if kind < 0.6:
        a, b = rng.randint(10, 9999 if rng.random() < 0.3 else 999), rng.randint(2, 9)
    elif kind < 0.9:
        a, b = rng.randint(11, 99), rng.randint(11, 99)
    else:
        a, b = rng.randint(100, 999), rng.randint(10, 99)
    return (a, b) if rng.random() < 0.7 else (b, a)


def division(rng: random.Random) -> tuple[int, int]:
    """A dividend and a divisor, mostly without a remainder."""
    b = (
        rng.randint(2, 12)
        if rng.random() < 0.75
        else rng.choice((15, 20, 25, 50, rng.randint(13, 99)))
    )
    if rng.random() < 0.25:
        return rng.randint(1, 9) if rng.random() < 0.3 else rng.randint(1, 200), b
    most = 12 if rng.random() < 0.5 else 9999 // b if rng.random() < 0.4 else 99
    return b * rng.randint(1, max(1, min(most, 9999 // b))), b


def negative(rng: random.Random, split: Split) -> Question:
    """A calculation that is too large or has fractions, which a model must decline."""
    kind = rng.random()
    if kind < 0.4:
        a, b = rng.randint(10**5, 10**9), number(rng)
        operation = rng.choice("+-*/")
    elif kind < 0.6:
        a, b, operation = rng.randint(1000, 99999), rng.randint(100, 99999), "*"
    else:
        a, b = f"{number(rng, 2)}.{rng.randint(1, 99)}", number(rng, 2)
        operation = rng.choice("+-*/")
    if rng.random() < 0.4:
        a, b = b, a
    text = phrase(rng, PHRASINGS, operation, split, a=a, b=b)
    return build(DOMAIN, text, NOT_SURE)
