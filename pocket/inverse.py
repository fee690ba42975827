"""Check an arithmetic reply by its numbers and by the inverse operation.

A reply restates the expression before it works it out, such as `12*13: …`. This module solves no
question: a reply that fails the check becomes an abstention.
"""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction

from .questions.base import NOT_SURE
from .questions.numerals import WORDS

ABSTENTION = f"Answer: {NOT_SURE}"

_ANSWER = re.compile(r"Answer:\s*(.+?)\s*$")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# Longest first, so that "forty-two" is not read as "forty".
_SPELLED = re.compile(r"\b(?:" + "|".join(sorted(WORDS, key=len, reverse=True)) + r")\b")
_HUNDREDS = re.compile(r"\b(a|\w+) hundred(?: and)?(?: ([a-z-]+))?\b")

# Words that imply a number and the sign of its operation.
_IMPLIED = {
    r"\bhal(?:f|ve|ved|ving)\b|½": "2",
    r"\bthird\b": "3",
    r"\bquarters?\b|\bfourth\b|¼": "4",
    r"\bdoubled?\b|\btwice\b|\bdoubling\b": "2",
    r"\btripled?\b|\bthrice\b|\btreble\b": "3",
    r"\bdozens?\b": "12",
    r"\bcubed?\b|³": "3",
    r"²|\bsquared?\b|\bitself\b": "2",
}
_SIGNS = {
    "+": r"\d\s*\+\s*\d|\bplus\b|\bsum\b|\badded\b|\badd\b",
    "-": r"\d\s*[-−–]\s*\d|\bminus\b|\bsubtract(?:ed)?\b|\bdifference\b|\btake away\b",
    "*": r"\d\s*[*×xX]\s*\d|(?<!many )\btimes\b|\bmultipl|\bproduct\b|\bdoubled?\b|\btwice\b"
    r"|\btripled?\b",
    "/": r"\d\s*[/÷:]\s*\d|\bdivided?\b|\bhal(?:f|ve|ved)\b|\bthird of\b|\bquarter of\b"
    r"|\bquotient\b",
    "%": r"%|\bper ?cent\b",
    "^": r"\^|\*\*|\bpower\b|\bcubed?\b|³",
    "sqrt": r"\broot\b|√|\bsqrt\b",
}
_PLAIN = re.compile(r"^(?P<a>\d+)(?P<op>[-+*/^])(?P<b>\d+)$")
_PERCENT = re.compile(r"^(?P<a>\d+)%\*(?P<b>\d+)$")
_ROOT = re.compile(r"^sqrt(?P<a>\d+)$")
_ORDER = re.compile(r"^(?P<a>\d+)(?P<op>[<>=])(?P<b>\d+)$")
_SORT = re.compile(r"^(?P<a>\d+) (?P<op>odd|even|prime|not prime)$")
_MORE, _LESS = (
    r"\b(?:bigger|larger|greater|more|higher)\b|>",
    r"\b(?:smaller|less|lower|lesser)\b|<",
)
_CHAIN = re.compile(r"^[\d+*()-]+$")


def checked(question: str, reply: str) -> str:
    r"""The reply, or an abstention if it fails the check.

    Args:
        question: The question without drafts.
        reply: The reply of the arithmetic specialist.

    Example:
        >>> checked("what's 2+2", "2+2: 2+2+0=04;\nAnswer: 4")
        '2+2: 2+2+0=04;\nAnswer: 4'
        >>> checked("what's 2+2", "2+2: 2+2+0=04;\nAnswer: 264")
        'Answer: not sure'
    """
    found = _ANSWER.search(reply)
    if not found or found[1] == NOT_SURE:
        return ABSTENTION
    expression = re.split(r":|\n", reply, maxsplit=1)[0].strip()
    sound = (
        _restates(question, expression)
        and _stands(expression, found[1])
        and _answers(question.lower(), expression, found[1])
    )
    return reply if sound else ABSTENTION


def _restates(question: str, expression: str) -> bool:
    """Whether the expression has the question's numbers and, if it names one, its sign."""
    text = question.lower()
    given, implied = numbers(text)
    wanted = Counter(re.findall(r"\d+", expression))
    if _SORT.match(expression) or _ROOT.match(expression):
        return set(wanted) <= set(given)
    spare = wanted - given
    if spare:
        # The numbers that words such as "half" imply; a square uses its number twice.
        extra = implied + (given if _squares(text) else Counter())
        if spare - extra:
            return False
    # "1/2 of", "which one", and the exponent of a square are not operands.
    idle = Counter({"1": 2 if re.search(r"\b1/|\bone\b", text) else 0, "2": int(_squares(text))})
    if given - wanted - idle and not _told(text):
        return False
    return _sign_fits(text, expression)


def _squares(text: str) -> bool:
    return bool(
        re.search(r"squared?\b|²|itself|\^\s*2|\*\*\s*2|power of (?:2|two)|second power", text)
    )


def _told(text: str) -> bool:
    """Whether the text is a story, which may hold irrelevant numbers."""
    return len(text.split()) > 9


def _sign_fits(text: str, expression: str) -> bool:
    """Whether the expression has the question's operation, if the question names exactly one."""
    if _told(text):
        return True
    named = [sign for sign, pattern in _SIGNS.items() if re.search(pattern, text)]
    if len(named) != 1:
        return True
    sign = named[0]
    if sign == "%":
        return "%" in expression
    if sign == "sqrt":
        return expression.startswith("sqrt")
    if sign == "^":
        return "^" in expression or "*" in expression
    return sign in expression


def _answers(text: str, expression: str, answer: str) -> bool:
    """Whether an answer about order or kind fits the question."""
    if match := _ORDER.match(expression):
        up, down = (bool(re.search(words, text)) for words in (_MORE, _LESS))
        if up == down:
            return True
        if answer in ("yes", "no"):
            return (answer == "yes") == (match["op"] == (">" if up else "<"))
        return int(answer) == (max if up else min)(int(match["a"]), int(match["b"]))
    if (match := _SORT.match(expression)) and answer in ("yes", "no"):
        asked = [kind for kind in ("odd", "even", "prime") if re.search(rf"\b{kind}\b", text)]
        return len(asked) != 1 or (answer == "yes") == (match["op"] == asked[0])
    return True


def numbers(text: str) -> tuple[Counter[str], Counter[str]]:
    """The numbers of a question, in digits or words, and those that its words imply.

    Example:
        >>> numbers("half of twenty plus 1,000")
        (Counter({'1000': 1, '20': 1}), Counter({'2': 1}))
    """
    given = Counter(n.replace(",", "").lstrip("0") or "0" for n in _NUMBER.findall(text))
    rest = text
    for match in _HUNDREDS.finditer(text):
        head = 1 if match[1] == "a" else WORDS.get(match[1])
        if head is not None and head < 10:
            given[str(100 * head + WORDS.get(match[2] or "zero", 0))] += 1
            if match[2] in WORDS or not match[2]:
                rest = rest.replace(match[0], " ")
    given.update(str(WORDS[word]) for word in _SPELLED.findall(rest))
    implied: Counter[str] = Counter()
    for pattern, value in _IMPLIED.items():
        if re.search(pattern, text):
            implied[value] += 1
    return given, implied


def _stands(expression: str, answer: str) -> bool:
    """Whether the inverse operation leads exactly from the answer back to the expression."""
    if match := _PLAIN.match(expression):
        return _plain(int(match["a"]), match["op"], int(match["b"]), answer)
    if match := _PERCENT.match(expression):
        value = _exact(answer)
        return value is not None and value * 100 == int(match["a"]) * int(match["b"])
    if match := _ROOT.match(expression):
        return answer.isdigit() and int(answer) * int(answer) == int(match["a"])
    if match := _ORDER.match(expression):
        a, b = int(match["a"]), int(match["b"])
        true = {"<": a < b, ">": a > b, "=": a == b}[match["op"]]
        return true and answer in (str(a), str(b), "yes", "no")
    if match := _SORT.match(expression):
        a, kind = int(match["a"]), match["op"]
        prime = a > 1 and all(a % d for d in range(2, int(a**0.5) + 1))
        true = {"odd": a % 2 == 1, "even": a % 2 == 0, "prime": prime, "not prime": not prime}
        return true[kind] and answer in ("yes", "no", kind)
    if _CHAIN.match(expression):
        value = _exact(answer)
        return value is not None and value == _value(expression)
    return False


def _plain(a: int, sign: str, b: int, answer: str) -> bool:
    if sign == "/" and (parts := re.fullmatch(r"(\d+) remainder (\d+)", answer)):
        whole, rest = int(parts[1]), int(parts[2])
        return whole * b + rest == a and rest < b
    value = _exact(answer)
    if value is None:
        return False
    if sign == "+":
        return value - b == a
    if sign == "-":
        return value + b == a
    if sign == "*":
        return value / b == a if b else value == 0
    if sign == "/":
        return b != 0 and value * b == a
    for _ in range(b):
        value = value / a if a else value
    return value == (1 if a else 0)


def _exact(answer: str) -> Fraction | None:
    return Fraction(answer) if re.fullmatch(r"-?\d+(?:\.\d+)?", answer) else None


def _value(expression: str) -> int | None:
    """The value of sums and products of whole numbers; None if it is not a whole number."""
    pieces = re.findall(r"\d+|[-+*()]", expression)
    try:
        value, rest = _sums(pieces)
    except (IndexError, ValueError):
        return None
    return value if not rest else None


def _sums(pieces: list[str]) -> tuple[int, list[str]]:
    value, rest = _products(pieces)
    while rest and rest[0] in "+-":
        more, after = _products(rest[1:])
        value, rest = (value + more if rest[0] == "+" else value - more), after
    return value, rest


def _products(pieces: list[str]) -> tuple[int, list[str]]:
    value, rest = _factor(pieces)
    while rest and rest[0] == "*":
        more, rest = _factor(rest[1:])
        value *= more
    return value, rest


def _factor(pieces: list[str]) -> tuple[int, list[str]]:
    if pieces[0] == "(":
        value, rest = _sums(pieces[1:])
        if rest[:1] != [")"]:
            raise ValueError("a bracket is open")
        return value, rest[1:]
    return int(pieces[0]), pieces[1:]
