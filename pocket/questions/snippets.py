"""Short Python snippets and their output."""

from __future__ import annotations

import contextlib
import io
import random
import re

from . import tracing
from .base import NOT_SURE, Phrasings, Question, Split, build, phrase
from .words import EVERYDAY

DOMAIN = "code"

_P = "(python |)(code|program|snippet|script|line|expression|)"
PHRASINGS: Phrasings = {
    "snippet": (
        f"what (does|will|would) (this |the |){_P}(print|output|return|give|show|do)(:|,|) {{c}}", "what (does|will|would|is) {c} (print|output|return|give|show|evaluate to)(| in python)", f"(what is|what's|give me|tell me|find) the (output|result|value) of (this |the |)(python |){_P}(:|,|) {{c}}", "(in python|python)(:|,| what is|) {c}", "{c}", "{c} (in python|python)", "{c} (what does this print|what is the output|output|prints what|result)", "(run|execute|evaluate|trace)(: | this: | this code: | ){c}", "what is printed by {c}", "(python |)(output|result)(:| of|) {c}", "what is {c}(| in python)", "(predict|guess) the output(:| of|) {c}", "what do i get (from|with|for) {c}(| in python)",
    ),
    "program": (
        "what (does|will|would) (this |the |)(python |)(code|program|snippet|script) (print|output|give|show|do)(|:|?)\n{c}", "(what is|what's|give me|tell me|find) the (output|result) of (this |the |)(python |)(code|program|snippet|script)(|:|.)\n{c}", "{c}\nwhat (does|will) (this|it|this code|the program) (print|output)", "(run|execute|trace|evaluate) (this |the |)(python |)(code|program|snippet)(|:| and tell me what it prints:)\n{c}", "(python|code)(:|)\n{c}", "what is printed(|:|?)\n{c}", "{c}\n(output|what is the output|prints what)", "(here is a|look at this|read this|i have this) (python |)(program|code|snippet)(:|.| what does it print?| what is its output?)\n{c}", "(say|work out|figure out|find out) what this (python |)(code|program) prints(:|.)\n{c}", "(which number|what) does this (python |)(code|program) print(:|)\n{c}",
    ),
}  # fmt: skip


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One expression or print, or a short program of assignments and a loop."""
    if rng.random() < 0.35:
        code, answer, work = tracing.program(rng)
        text = phrase(rng, PHRASINGS, "program", split, noise, lower=False, c=code)
        return build(DOMAIN, text, answer, work)
    code, work = _snippet(rng)
    answer = run(code)
    operation = "program" if "\n" in code or rng.random() < 0.12 else "snippet"
    if (
        operation == "snippet"
        and code.startswith("print(")
        and code.count("\n") == 0
        # A plain calculation without `print` would be arithmetic.
        and not re.fullmatch(r"[\d\s+*/%<>=!()-]+", code[6:-1])
        and rng.random() < 0.25
    ):
        code = code[6:-1]
    text = phrase(rng, PHRASINGS, operation, split, noise, lower=False, c=code)
    return build(DOMAIN, text, answer, work)


def run(code: str) -> str:
    """Python's output, with its lines joined by spaces.

    Example:
        >>> run("for i in range(3): print(i)")
        '0 1 2'
    """
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})  # noqa: S102 - our own text
    return " ".join(out.getvalue().split("\n")).strip()


def _snippet(rng: random.Random) -> tuple[str, str]:
    """A snippet and its working."""
    kind = rng.choices(tuple(_KINDS), [weight for _, weight in _KINDS.values()])[0]
    return _KINDS[kind][0](rng)


_OPERANDS = [word for word in EVERYDAY if len(word) < 9]


def _q(rng: random.Random, text: str) -> str:
    mark = rng.choice("'\"")
    return f"{mark}{text}{mark}"


def _word(rng: random.Random) -> str:
    if rng.random() < 0.6:
        word = rng.choice(_OPERANDS)
    else:
        word = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(1, 6)))
    return word.capitalize() if rng.random() < 0.2 else word


def _math(rng: random.Random) -> tuple[str, str]:
    a, b = rng.randint(1, 20), rng.randint(1, 12)
    op = rng.choice(("+", "+", "-", "*", "*", "//", "%", "**", "/"))
    if op == "**":
        a, b = rng.randint(1, 10), rng.randint(1, 3)
    if op == "/":
        a = b * rng.randint(1, 10)
    if op in ("+", "-") and rng.random() < 0.4:
        a, b = rng.randint(1, 99), rng.randint(1, 99)
    gap = rng.choice((" ", ""))
    if rng.random() < 0.25 and op in "+-*":
        c = rng.randint(1, 9)
        two = rng.choice("+-*")
        code = f"{a}{gap}{op}{gap}{b}{gap}{two}{gap}{c}"
        if op != "*" and two == "*":
            work = f"{b}*{c}={b * c};{a}{op}{b * c}={eval(code)}"  # noqa: S307 - our own text
        else:
            first = eval(f"{a}{op}{b}")  # noqa: S307 - our own text
            work = f"{a}{op}{b}={first};{first}{two}{c}={eval(code)}"  # noqa: S307
        return f"print({code})", work
    code = f"{a}{gap}{op}{gap}{b}"
    return f"print({code})", f"{a}{op}{b}={eval(code)}"  # noqa: S307


def _len(rng: random.Random) -> tuple[str, str]:
    if rng.random() < 0.3:
        numbers = [rng.randint(0, 20) for _ in range(rng.randint(1, 6))]
        return f"print(len({numbers}))", "-".join(f"{n}:{i}" for i, n in enumerate(numbers, 1))
    word = _word(rng)
    return f"print(len({_q(rng, word)}))", "-".join(f"{c}{i}" for i, c in enumerate(word, 1))


def _text(rng: random.Random) -> tuple[str, str]:
    word = _word(rng)
    if rng.random() < 0.4:
        word = f"{word} {_word(rng)}"
    if rng.random() < 0.3:
        name = rng.choice("xyzabs")
        return f"{name} = {_q(rng, word)}\nprint({name})", ""
    return f"print({_q(rng, word)})", ""


def _method(rng: random.Random) -> tuple[str, str]:
    word = _word(rng)
    name = rng.choice(("upper", "lower", "capitalize", "title", "upper", "lower"))
    if name == "lower":
        word = word.upper()
    return f"print({_q(rng, word)}.{name}())", ""


def _join(rng: random.Random) -> tuple[str, str]:
    one, two = _word(rng)[:5], _word(rng)[:5]
    gap = rng.choice((" ", " ", ""))
    if rng.random() < 0.4:
        one, two = str(rng.randint(0, 20)), str(rng.randint(0, 20))
    return f"print({_q(rng, one)}{gap}+{gap}{_q(rng, two)})", ""


def _times(rng: random.Random) -> tuple[str, str]:
    word, n = _word(rng)[:4], rng.randint(2, 4)
    return (
        f"print({_q(rng, word)} * {n})" if rng.random() < 0.8 else f"print({n}*{_q(rng, word)})"
    ), ""


def _index(rng: random.Random) -> tuple[str, str]:
    if rng.random() < 0.5:
        word = _word(rng)
        i = rng.choice((0, 0, 1, 2, -1, -1, -2)) if len(word) > 2 else 0
        spelled = "-".join(f"{c}{n}" for n, c in enumerate(word))
        if rng.random() < 0.3:
            return f"s = {_q(rng, word)}\nprint(s[{i}])", spelled
        return f"print({_q(rng, word)}[{i}])", spelled
    numbers = [rng.randint(0, 30) for _ in range(rng.randint(3, 5))]
    i = rng.choice((0, 1, 2, -1))
    spelled = "-".join(f"{c}:{n}" for n, c in enumerate(numbers))
    if rng.random() < 0.5:
        return f"x = {numbers}\nprint(x[{i}])", spelled
    return f"print({numbers}[{i}])", spelled


def _slice(rng: random.Random) -> tuple[str, str]:
    word = _word(rng) + "ing"
    spelled = "-".join(f"{c}{n}" for n, c in enumerate(word))
    a = rng.randint(0, 2)
    part = rng.choice(
        (f"[{a}:{a + rng.randint(1, 3)}]", f"[:{rng.randint(1, 4)}]", f"[{a + 1}:]", "[::-1]")
    )
    return f"print({_q(rng, word)}{part})", spelled


def _call(rng: random.Random) -> tuple[str, str]:
    name = rng.choice(("max", "min", "sum", "sorted", "abs", "sum", "max"))
    if name == "abs":
        return f"print(abs({rng.randint(-20, 20)}))", ""
    numbers = [rng.randint(0, 20) for _ in range(rng.randint(2, 4))]
    inside = (
        ", ".join(map(str, numbers))
        if name in ("max", "min") and rng.random() < 0.5
        else str(numbers)
    )
    if name != "sum":
        return f"print({name}({inside}))", ""
    steps, value = [], numbers[0]
    for n in numbers[1:]:
        steps.append(f"{value}+{n}={value + n}")
        value += n
    return f"print(sum({numbers}))", ";".join(steps)


def _truth(rng: random.Random) -> tuple[str, str]:
    a, b = rng.randint(0, 20), rng.randint(0, 20)
    if rng.random() < 0.3:
        b = a
    return f"print({a} {rng.choice(('<', '>', '==', '!=', '<=', '>='))} {b})", ""


def _range(rng: random.Random) -> tuple[str, str]:
    a, b = (0, rng.randint(2, 6)) if rng.random() < 0.6 else (rng.randint(1, 3), rng.randint(4, 7))
    inside = str(b) if a == 0 else f"{a}, {b}"
    kind = rng.random()
    if kind < 0.5:
        gap = rng.choice((" ", "\n    "))
        thing = rng.choice(("i", "i", "i * 2", "i + 1"))
        return f"for i in range({inside}):{gap}print({thing})", ""
    if kind < 0.75:
        return f"print(list(range({inside})))", ""
    return f"print(len(range({inside})))", ""


def _variables(rng: random.Random) -> tuple[str, str]:
    a, b = rng.randint(1, 12), rng.randint(1, 12)
    x, y = rng.sample("xyabn", 2)
    op = rng.choice("+-*")
    gap = rng.choice((" ", ""))
    equal = f"{gap}={gap}"
    value = eval(f"{a}{op}{b}")  # noqa: S307 - our own text
    mark = rng.choice(("\n", "; "))
    if rng.random() < 0.5:
        return f"{x}{equal}{a}{mark}print({x}{gap}{op}{gap}{b})", f"{a}{op}{b}={value}"
    return (
        f"{x}{equal}{a}{mark}{y}{equal}{b}{mark}print({x}{gap}{op}{gap}{y})",
        f"{a}{op}{b}={value}",
    )


def _kind(rng: random.Random) -> tuple[str, str]:
    value = rng.choice(
        (str(rng.randint(0, 99)), _q(rng, _word(rng)), "3.5", "True", "[1, 2]", "None")
    )
    return f"print(type({value}).__name__)", ""


def _if(rng: random.Random) -> tuple[str, str]:
    a, b = rng.randint(0, 12), rng.randint(0, 12)
    sign = rng.choice("<>")
    yes, no = rng.choice((("yes", "no"), ("big", "small"), ("a", "b")))
    working = f"{a}{sign}{b}:{a < b if sign == '<' else a > b}"
    return (
        f"x = {a}\nif x {sign} {b}:\n    print({_q(rng, yes)})\nelse:\n    print({_q(rng, no)})",
        working,
    )


_KINDS = {
    "math": (_math, 8), "len": (_len, 6), "text": (_text, 3), "method": (_method, 4), "join": (_join, 4),
    "times": (_times, 3), "index": (_index, 5), "slice": (_slice, 2), "call": (_call, 4),
    "truth": (_truth, 3), "range": (_range, 4), "variables": (_variables, 5), "kind": (_kind, 1), "if": (_if, 2),
}  # fmt: skip


def negative(rng: random.Random, split: Split) -> Question:
    """Code that is not Python or needs knowledge that no bundled model has."""
    code = rng.choice((
        "import random; print(random.random())", "console.log(1 + 1)", "SELECT * FROM users", "print(input())",
        "System.out.println(5);", "import time; print(time.time())", "<b>hi</b>", "open('x.txt').read()",
        "printf('hello');", "requests.get(url).json()", "import os; print(os.getcwd())", "def f(x): return x",
        "std::cout << 5;", "echo $HOME", "class A: pass", "print(undefined_name)", "let x = 5;", "#include <stdio.h>",
    ))  # fmt: skip
    code = code.replace("{", "[").replace("}", "]")
    return build(DOMAIN, phrase(rng, PHRASINGS, "snippet", split, lower=False, c=code), NOT_SURE)
