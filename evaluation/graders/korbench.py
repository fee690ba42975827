r"""KOR-Bench: answers to rules that a question defines (arXiv 2410.06526), by category and rule.

The published checkers of its repository differ by category: answers of `logic` without spaces and
full stops, of some rules as unordered parts, of 45 ids of `operation` as formulas, of `puzzle` by
rule. Here the answer is read once, from the last `[[…]]` (or box, or `[…]`), and formulas are
compared by computer algebra.

The published pipeline of the Avengers reads the answer before the vote and the checker reads it
again. For the 45 ids the first reading takes the brackets off, so that the second finds nothing and
a right answer is wrong.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction

from ...voting.equality import same_mathematics
from ...voting.texts import prepared
from .mathematics import same_text

CATEGORIES = ("cipher", "counterfactual", "logic", "operation", "puzzle")
FORMULAS = frozenset(
    (
        *(18, 73, 74, 77, 94, 115, 116, 117, 121, 122, 123, 125, 131, 132, 134, 135, 136, 141),
        *(143, 145, 146, 147, 149, 151, 152, 153, 154, 155, 156, 160, 161, 162, 164, 165, 166),
        *(170, 206, 209, 211, 212, 213, 214, 215, 217, 218),
    )
)
"""The ids of `operation` whose answers are formulas."""

_BRACKETS = (("[[", "]]"), ("$\\boxed{", "}$"), ("[", "]"))
_OR = re.compile(r"\\text\{\s*or\s*\}|(?<![A-Za-z])or(?![A-Za-z])")
_DONE = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


def korbench(category: str, rule: str, number: str, answer: str, text: str) -> float:
    r"""1 if a text's answer is right under the checker of its category and rule; otherwise 0.

    Args:
        category: One of `CATEGORIES`.
        rule: The row's `rule_id`.
        number: The row's `idx`.
        answer: The accepted answer, such as "[[5]]".
        text: The text of a model.

    Example:
        >>> korbench("operation", "4", "18", "[[2/3]]", "So the result is [[\\frac{2}{3}]].")
        1.0
    """
    given = _inside(prepared(text), last=True)
    return 0.0 if given is None else float(_right(category, rule, number, answer, given))


def published_korbench(category: str, rule: str, number: str, answer: str, text: str) -> float:
    """The published rule: the first `[[…]]`, read twice for the ids of `FORMULAS`.

    Example:
        >>> published_korbench("operation", "4", "18", "[[2/3]]", "So the result is [[2/3]].")
        0.0
    """
    given = _inside(text, last=False)
    if given is None or (category == "operation" and number in map(str, FORMULAS)):
        return 0.0  # The second reading finds no brackets.
    return float(_right(category, rule, number, answer, given))


def _inside(text: str, *, last: bool) -> str | None:
    """The content of the first or the last brackets; None without any."""
    for opening, closing in _BRACKETS:
        if last:
            end = text.rfind(closing)
            start = text.rfind(opening, 0, max(end, 0))
        else:
            start = text.find(opening)
            end = text.find(closing, start + len(opening))
        if 0 <= start < end:
            return text[start + len(opening) : end].strip()
    return None


def _right(category: str, rule: str, number: str, answer: str, given: str) -> bool:
    inner = _inside(answer, last=False)
    wanted = answer if inner is None else inner
    if category == "logic":
        one, other = (re.sub(r'["\s.]', "", side) for side in (given, wanted))
        parts = rule == "5"
        return sorted(one.split(";")) == sorted(other.split(";")) if parts else one == other
    if category == "operation":
        return _operation(rule, number, given, wanted)
    if category == "puzzle":
        return _PUZZLES.get(rule, _letters)(given, wanted)
    return _bare(given) == _bare(wanted)


def _operation(rule: str, number: str, given: str, wanted: str) -> bool:
    if number in ("178", "179"):
        bounds = re.compile(r"(≥|≤)\s*([-]?\d+\.?\d*)")
        return sorted(bounds.findall(_symbols(given))) == sorted(bounds.findall(_symbols(wanted)))
    if rule == "18":
        return sorted(re.sub(r"\W", "", given)) == sorted(re.sub(r"\W", "", wanted))
    if rule in ("23", "24", "25"):
        return re.findall(r"\d+", given) == re.findall(r"\d+", wanted)
    if number in map(str, FORMULAS):
        return _alike(_either(given), _either(wanted), _formula)
    return _alike(_either(given), _either(wanted), lambda one, two: _bare(one) == _bare(two))


def _symbols(text: str) -> str:
    return re.sub(r"\\geq?|>=", "≥", re.sub(r"\\leq?|<=", "≤", text))


def _either(text: str) -> list[str]:
    """The alternatives of an answer such as "2 or -2"."""
    return [part.strip() for part in _OR.split(text)]


def _alike(some: list[str], others: list[str], equal: Callable[[str, str], bool]) -> bool:
    return all(any(equal(one, other) for other in others) for one in some) and all(
        any(equal(one, other) for one in some) for other in others
    )


def _formula(one: str, other: str) -> bool:
    one, other = (side.rpartition("=")[2].strip(' "$[]') for side in (one, other))
    return same_text(one, other) or same_mathematics(one, other)


def _bare(text: str) -> str:
    return re.sub(r'["\s\[\]]', "", text)


def _letters(given: str, wanted: str) -> bool:
    return re.sub(r"\W+", "", given) == re.sub(r"\W+", "", wanted)


def _word(given: str, wanted: str) -> bool:
    return _lower(given) in [_lower(each) for each in wanted.split(",")]


def _lower(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def _words(given: str, wanted: str) -> bool:
    one, other = (sorted(filter(None, re.split(r"\W+", t.lower()))) for t in (given, wanted))
    return one == other


def _items(given: str, wanted: str) -> bool:
    one, other = (sorted(re.sub(r"\s+", "", t).split(",")) for t in (given, wanted))
    return one == other


def _equation(given: str, wanted: str) -> bool:
    """A sum with the operators of the answer, in their order, and its result."""
    left, right = (_ascii(t).partition("=") for t in (given, wanted))
    signs = re.compile(r"[-+*/]")
    value = _value(right[2])
    return (
        signs.findall(left[0]) == signs.findall(right[0]) and value == _value(left[0]) is not None
    )


def _twenty_four(given: str, wanted: str) -> bool:
    """The numbers of the answer, each once, with the result 24."""
    one, other = (_ascii(t).partition("\n")[0].partition("=")[0] for t in (given, wanted))
    return (
        sorted(re.findall(r"\w+", one)) == sorted(re.findall(r"\w+", other)) and _value(one) == 24
    )


def _ascii(text: str) -> str:
    return text.replace("×", "*").replace("−", "-").replace("÷", "/")


def _value(expression: str) -> Fraction | None:
    """The value of an expression of numbers and the four operations; nothing is executed."""
    try:
        return _walk(ast.parse(expression.strip()[:200], mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def _walk(node: ast.AST) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Fraction(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_walk(node.operand)
    if isinstance(node, ast.BinOp):
        one, other = _walk(node.left), _walk(node.right)
        if isinstance(node.op, ast.Div):
            return one / other
        if type(node.op) in _DONE:
            return _DONE[type(node.op)](one, other)
    raise ValueError("no sum")


_PUZZLES: dict[str, Callable[[str, str], bool]] = {
    "1": lambda given, wanted: _lower(given) == _lower(wanted),
    "2": _word,
    "3": _words,
    "4": _word,
    "5": _items,
    "9": _equation,
    "10": _twenty_four,
    "18": lambda given, wanted: re.sub(r"[,\s\[\]]", "", given) == re.sub(r"[,\s\[\]]", "", wanted),
}
