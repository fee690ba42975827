"""Read the answer out of a small model's draft, which often marks none.

Used where drafts are chosen among: a model below a billion parameters follows "end with a line
Answer: …" only now and then. What the question asks for tells what to look for.
"""

from __future__ import annotations

import re

from .answers import options, short_answer

_NAMED = re.compile(r"(?:answer|choice|option|correct)\b[^\n]{0,30}?\b\(?([A-J])(?=[).:,\s]|$)")
_LETTER = re.compile(r"(?:^|[\s(*\"'])\(?([A-J])[).:]")
_MARKED = re.compile(r"answer|\\boxed", re.IGNORECASE)
_ALONE = re.compile(r"^\W*([A-J])\W*$")
_OPTION = re.compile(r"^\s*\(?([A-J])[).:]\s+(\S.*?)\s*$", re.MULTILINE)
_NUMBER = re.compile(r"(?<![\w.])[-−]?\$?\d[\d,]*(?:\.\d+)?%?")
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|far|old|long|tall|fast|heavy|big|large)\b|\bwhat (?:is|was|will be) the "
    r"(?:\w+ ){0,3}(?:number|sum|total|average|cost|price|amount|product|difference|percent\w*"
    r"|distance|area|perimeter|volume|speed|age|value|profit|ratio)\b|\bcalculate\b|\d\s*[-+*/x×÷]\s*\d",
    re.IGNORECASE,
)


def read_answer(text: str, question: str) -> str | None:
    r"""The short answer of a draft: marked, or else what the question asks for.

    A multiple-choice question: the last option that is named by its letter, or the one option
    whose words the draft holds. A question for a number: the last number. None where nothing of
    that is there.

    Example:
        >>> read_answer("The mammal is C) trout.", "Which is a mammal?\nA) shark\nC) trout")
        'C'
        >>> read_answer("So she has 3 + 4 = 7 apples.", "How many apples has she?")
        '7'
    """
    choices = options(question)
    if choices:
        return _choice(text, question, choices)
    marked = short_answer(text)
    if not _ASKS_NUMBER.search(question):
        return marked
    numbers = _NUMBER.findall(marked if marked is not None else text)
    return numbers[-1].strip("$%").replace(",", "") if numbers else marked


def _choice(text: str, question: str, choices: set[str]) -> str | None:
    # "A shark is a fish" begins with an article, not with an option.
    if _MARKED.search(text) and (found := short_answer(text, choices)):
        return found
    for pattern in (_ALONE, _NAMED, _LETTER):
        letters = [letter for letter in pattern.findall(text) if letter in choices]
        if letters:
            return letters[-1]
    said = text.casefold()
    held = [letter for letter, words in _OPTION.findall(question) if words.casefold() in said]
    return held[0] if len(held) == 1 else None
