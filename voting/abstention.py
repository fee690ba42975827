"""When a draft says that it does not know: the one rule, which votes and `result` follow.

A draft abstains if what it gives for an answer (the last box, the last "Answer: …", else the whole
text where that is short) is

- nothing but a word for not knowing: "not sure", "unsure", "unknown", "no idea", "n/a"; or
- a sentence that begins with not knowing or refusing: "I don't know …", "I am not sure …",
  "I cannot answer …", "I'm sorry, but I can't …", "As an AI, I cannot …", and does not go on to
  answer after all ("…, but it may be Paris").

"Unknown" within a sentence, or as the text of a lettered option, is an answer. English only: what a
model says in another language is read as an answer.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 300
"""Characters of the longest text without a marked answer that can be a mere refusal."""

_WORDS = re.compile(
    r"(?:i am |i'm |it is |it's |still )?(?:really |quite |completely )?"
    r"(?:not (?:at all )?(?:sure|certain)|unsure|uncertain|unknown|undecided)"
    r"|(?:i have |i've )?(?:got )?no (?:idea|clue)|don't know|dunno|idk|n/?a"
    r"|(?:the )?answer is (?:unknown|not known)(?: to me)?"
    r"|can(?:not|'t| not) (?:answer|say|tell|help)(?: (?:this|that))?(?: question)?"
)
_NEGATIVE = (
    r"(?:can(?:not|'t| not)|could(?: not|n't)|(?:am|'m) (?:not able|unable) to|won't|will not"
    r"|(?:do not|don't) feel able to)"
)
_SENTENCE = re.compile(
    r"(?:(?:i(?:'m| am)|we(?:'re| are)) (?:very |so |truly )?(?:sorry|afraid)"
    r"|sorry|unfortunately|apologies|i apologi[sz]e|as an? (?:ai|language|large)[\w -]*)?"
    r"[\s,.;:!-]*(?:but |that |however,? )?"
    r"(?:i (?:really |simply |honestly |just )?(?:do not|don't|did not|didn't) "
    r"(?:know|have (?:an|the|enough|any)\b)"
    r"|i(?: am|'m) (?:really |quite )?(?:not (?:sure|certain)|unsure|uncertain)"
    rf"|i(?: simply| just)? ?{_NEGATIVE} (?:answer|say|tell|help|assist|provide|determine|give"
    r"|respond|find|know|do|fulfil+|comply|be sure))\b"
)
_AFTER_ALL = re.compile(
    r"\b(?:but|however|though|yet|still|although|probably|maybe|perhaps)\b(?! i (?:can|do|am|'m))"
    r"|\bi (?:think|believe|guess|would say)\b|\banswer\s*(?:is|:)",
)


def says_nothing(answer: str) -> bool:
    """Whether an answer, read out of a draft, is an abstention by the rule above.

    Example:
        >>> says_nothing("Not sure."), says_nothing("The author is unknown, says the plaque")
        (True, False)
    """
    text = _folded(answer)
    if _WORDS.fullmatch(text):
        return True
    opening = _SENTENCE.match(text)
    return opening is not None and _AFTER_ALL.search(text, opening.end()) is None


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
    return re.sub(r"\s+", " ", text).strip(" \t\n.!,;:*_`\"'()[]…")
