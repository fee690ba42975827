"""The rule by which a draft abstains, for votes and for `result`.

A draft abstains if its answer (the last box, the last "Answer: …", or the whole text if that is
short) is

- only a phrase for not knowing: "not sure", "unsure", "unknown", "no idea", "n/a"; or
- a sentence that begins with not knowing or refusing ("I don't know …", "I am not sure …",
  "I cannot answer …", "I'm sorry, but I can't …", "As an AI, I cannot …") and gives no answer after
  that ("…, but it may be Paris").

"Unknown" within a sentence, or as the text of a lettered option, is an answer. The rule covers only
English: a text in another language is read as an answer.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 300
"""The largest number of characters of an abstention without a marked answer."""

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
    """Whether an answer that was read from a draft is an abstention by the rule above.

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
