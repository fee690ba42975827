"""Read the short answer out of a draft, and tell which answers are the same.

A draft whose answer cannot be read has no vote, and neither has one that says it does not know (the
rule for that is in `abstention.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..records import Draft
from .abstention import LONGEST, says_nothing
from .equality import same_mathematics

_MARKED = re.compile(r"(?:^|[\n*_#>\s])(?:final\s+)?answer\s*(?:is|:|=)\s*[:*_]*\s*([^\n]+)", re.I)
_BOXED = re.compile(r"\\boxed\s*\{")
_OPTION_LINE = re.compile(r"^\s*\(?([A-J])[).:]\s+\S", re.MULTILINE)
_LETTER = re.compile(r"^\W*(?:option|choice)?\s*[(\[]?([A-J])(?:[)\].:]|\b)", re.I)
_NUMBER = re.compile(r"^[-+−]?\$?\s*\d[\d,  ]*(?:\.\d+)?\s*%?$")
_FRACTION = re.compile(r"^([-+]?\d+)\s*/\s*(\d+)$")
_TEX_FRACTION = re.compile(r"\\[dt]?frac\s*(?:\{(-?\d+)\}|(\d))\s*(?:\{(-?\d+)\}|(\d))")
_RATIONAL = re.compile(r"-?\d+(?:/\d+)?")
_SHORT = 60


@dataclass
class Ballot:
    """One answer with the drafts that gave it."""

    answer: str
    drafts: list[Draft]


def options(question: str) -> set[str]:
    """The letters a multiple-choice question offers; empty for any other question."""
    found = _OPTION_LINE.findall(question)
    return set(found) if len(found) >= 2 and found[0] == "A" else set()


def short_answer(text: str, choices: set[str] | frozenset[str] = frozenset()) -> str | None:
    r"""The short answer a draft ends in; None if it cannot be read or says that it does not know.

    In this order: the last `\boxed{…}`, the last "Answer: …", a text that is short as a whole. With
    `choices` only one of these letters is an answer.

    Example:
        >>> short_answer("Half of it, so\n**Answer:** \\frac12")
        '\\frac12'
    """
    found = _boxed(text) or _marked(text)
    if found is None and len(text.strip()) <= _SHORT and "\n" not in text.strip():
        found = text.strip()
    if not found or abstains(text):
        return None
    if choices:
        letter = _LETTER.match(_plain(found))
        return letter[1].upper() if letter and letter[1].upper() in choices else None
    return found.strip() or None


def abstains(text: str) -> bool:
    r"""Whether a draft says that it does not know, by the rule in `abstention.py`.

    Example:
        >>> abstains("Hm.\nAnswer: not sure"), abstains("I'm not sure, but probably Paris")
        (True, False)
    """
    found = _boxed(text) or _marked(text)
    if found is None and len(text.strip()) <= LONGEST:
        found = text.strip()
    return bool(found) and says_nothing(_plain(str(found)))


def canonical(answer: str) -> str:
    """An answer in a form that is equal for answers that are obviously the same.

    Example:
        >>> canonical("1,000.50") == canonical("$1000.5") and canonical("50%") == canonical("1/2")
        True
    """
    text = _plain(answer)
    value = _rational(text)
    if value is not None:
        return str(value)
    # "A" is an option, not an article: articles go only where words follow.
    text = re.sub(r"^(?:the|an?)\s+(?=\w{2,})", "", text.casefold())
    return re.sub(r"\s+", " ", text).strip(" .,;:!'\"")


def ballots(drafts: Sequence[Draft]) -> list[Ballot]:
    """Group drafts by equal answer, in the order in which the answers first appear.

    Drafts whose `answer` is None abstain.
    """
    found: dict[str, Ballot] = {}
    for draft in drafts:
        answer = draft["answer"]
        if answer is None:
            continue
        key = canonical(answer)
        if key not in found and not _is_rational(key):
            key = next((known for known in found if same_mathematics(known, key)), key)
        elif key not in found:
            # Two numbers are equal as texts by now, or not at all; only a formula may equal one.
            formulas = (known for known in found if not _is_rational(known))
            key = next((known for known in formulas if same_mathematics(known, key)), key)
        found.setdefault(key, Ballot(answer, [])).drafts.append(draft)
    return list(found.values())


def _is_rational(key: str) -> bool:
    return _RATIONAL.fullmatch(key) is not None


def answered(drafts: Sequence[Draft], question: str) -> list[Draft]:
    """The drafts with the short answer of each, read for this question; None where it has none."""
    choices = options(question)
    return [{**draft, "answer": short_answer(draft["text"], choices)} for draft in drafts]


def plurality(drafts: Sequence[Draft], question: str) -> Draft:
    """The draft that most others agree with; the first of them where several do."""
    groups = ballots(answered(drafts, question))
    if not groups:
        return most_alike(drafts)
    largest = max(groups, key=lambda ballot: len(ballot.drafts))
    return largest.drafts[0]


def most_alike(drafts: Sequence[Draft]) -> Draft:
    """The draft whose words the others share most: a consensus where nothing can be counted."""
    words = [set(re.findall(r"\w+", draft["text"].casefold())) for draft in drafts]

    def shared(i: int) -> float:
        others = (words[i] & w for j, w in enumerate(words) if j != i)
        unions = (words[i] | w for j, w in enumerate(words) if j != i)
        return sum(len(a) / max(len(b), 1) for a, b in zip(others, unions, strict=True))

    return drafts[max(range(len(drafts)), key=shared)]


def _marked(text: str) -> str | None:
    found = _MARKED.findall(text)
    return _plain(found[-1]) if found else None


def _boxed(text: str) -> str | None:
    """The content of the last box, braces balanced."""
    boxes = list(_BOXED.finditer(text))
    if not boxes:
        return None
    last = boxes[-1]
    depth = 1
    for place in range(last.end(), len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[last.end() : place]
    return None


def _plain(text: str) -> str:
    """Without Markdown, dollar signs and LaTeX text commands around it."""
    text = unicodedata.normalize("NFKC", text).replace("−", "-")
    text = re.sub(r"\\(?:text|mathrm|mathbf)\s*\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\[()\[\],!; ]|\\(?:left|right)(?![a-z])", "", text)
    return text.strip().strip("*_`$ ").rstrip(".").strip("*_`$ ")


def _rational(text: str) -> Fraction | None:
    match = _TEX_FRACTION.fullmatch(text.strip())
    if match:
        top, bottom = match[1] or match[2], match[3] or match[4]
        return Fraction(int(top), int(bottom)) if int(bottom) else None
    if match := _FRACTION.match(text.replace(" ", "")):
        return Fraction(int(match[1]), int(match[2])) if int(match[2]) else None
    if len(text) > 40 or not _NUMBER.match(text):
        return None
    percent = text.endswith("%")
    digits = re.sub(r"[,$%\s]", "", text)
    try:
        value = Fraction(digits)
    except ValueError:
        return None
    return value / 100 if percent else value
