"""Grade free answers as right, declined or wrong, for questions that people type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

Grade = Literal["right", "declined", "wrong"]

_NUMBER = re.compile(r"(?<=\d)[, ](?=\d{3}\b)")
_FIRST = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_WORDS = {word: str(number) for number, word in enumerate([*_FIRST, "eleven", "twelve"])}
_YES_NO = {
    "yes": re.compile(r"^\W*(?:answer\W+)?(?:yes|true|yeah|correct|certainly|of course)\b"),
    "no": re.compile(r"^\W*(?:answer\W+)?(?:no|not|nope|false|never)\b"),
}
# Patterns of fitting replies to remarks that have no single right answer.
_PATTERNS = {
    "*greeting": re.compile(r"\b(hi|hello|hey|good (morning|day|evening)|welcome|greetings)\b"),
    "*welcome": re.compile(r"\b(welcome|pleasure|no problem|glad|happy to|any time|anytime)\b"),
    "*who": re.compile(
        r"\bi(?:'m| am)\b|\bwe(?:'re| are)\b|\b(assistant|language models?|ensemble)\b"
    ),
    "*can": re.compile(r"\b(i|we|you) (can|do|know|answer)\b|\bable to\b|\bhelp\b"),
    "*any": re.compile(r"\w"),
}
_DECLINED = re.compile(
    r"\b(not sure|i (?:do not|don't) know|cannot answer|can't answer|beyond (?:me|what)|unsure)\b"
)


def accepted(answers: Sequence[str], text: str) -> bool:
    """Whether `text` holds one of the accepted answers, as whole words.

    Args:
        answers: Accepted answers. Yes and no must begin the text; an answer that starts with `*`
            is a kind of reply, such as `*greeting`.
        text: The text of a model; marks such as `Answer:` are allowed.

    Example:
        >>> accepted(["1,000"], "That makes 1000 in all."), accepted(["yes"], "No, yes is wrong.")
        (True, False)
    """
    said = _plain(text)
    # An answer in capitals must be given in capitals.
    return any(
        answer in text if len(answer) > 4 and answer.isupper() else _holds(said, answer)
        for answer in answers
    )


def grade(answers: Sequence[str], text: str, result: Mapping[str, Any] | None = None) -> Grade:
    """Grade a text as right, declined or wrong.

    Args:
        answers: Accepted answers; empty if only declining is right.
        text: The answer.
        result: The account of the run. If it is `unsure` and was not escalated, the answer counts
            as declined.

    Example:
        >>> grade(["4"], "I am not sure about this one."), grade(["4"], "2+2 is four")
        ('declined', 'right')
    """
    account = result or {}
    # The team was unsure, but the answer is that of another model.
    left = account.get("unsure") and not account.get("escalated_to")
    if left or _DECLINED.search(_plain(text)):
        return "declined"
    return "right" if accepted(answers, text) else "wrong"


def _plain(text: str) -> str:
    """Normalise: lower case, digits for small numbers, no thousands separators, apostrophes."""
    text = _NUMBER.sub("", text.replace("’", "'").replace("−", "-")).casefold()
    return re.sub(r"[a-z]+", lambda word: _WORDS.get(word[0], word[0]), text)


def _holds(said: str, answer: str) -> bool:
    if pattern := _PATTERNS.get(answer):
        return pattern.search(said) is not None
    if pattern := _YES_NO.get(answer.casefold()):
        return pattern.search(said) is not None
    wanted = re.escape(_plain(answer))
    return re.search(rf"(?<![\w.]){wanted}(?!\w|\.\d)", said) is not None
