"""Tell a text that runs away from a sound one, while it streams and when it has ended.

Small models repeat themselves until their token limit, slip into another script, or hand the
question back. Nothing of that may reach another model, a vote, or a person at length.

What is looked for, in this order:

- `end`: marks of a turn's end that a server passes on as text, one after the other. What stands
  before them is a whole text.
- `loop`: the end of the text repeats itself exactly, or nearly all its word 4-grams have been there
  twice before (numbers of list items do not count as new; saying all once again is no loop yet).
- `script`: the text is written in another script than the question, and the question does not
  ask for it.
- `echo`: the text is the question again and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Literal

Kind = Literal["end", "loop", "script", "echo"]

_STEP = 64
"""Characters between two looks at a growing text."""
_TAIL = 1600
"""Characters at the end in which an exact repetition is looked for."""
_SHORTEST_LOOP = 160
"""Characters that repeat themselves before a text counts as looping; refrains are shorter."""
_LOOP_WITHOUT_LETTERS = 400
"""The same for rows of digits and signs, as tables and matrices have them."""
_GRAM = 4
_WINDOW = 60
"""Words over which new 4-grams are counted."""
_TURNS = 2
"""How often a 4-gram was there before it is old. Of recorded answers to GSM8K that say all once
again, eight of eleven are right; of those that say it a third time, one of four."""
_RECENT = 5000
"""Characters at the end in which 4-grams are compared, so that a look has a bounded cost."""
_STALE = 0.8
"""Share of 4-grams in the window that were there before, from which on it is a loop."""

_MARGIN = 4000
"""Characters of a long question's beginning, and of its end, that tell what it asks for."""
_LONG_QUESTION = 20_000
"""Characters from which on a text half as long is not compared with the question word by word."""

_TURN_END = r"(?:</s>|<\|(?:eot_id|eom_id|im_end|endoftext|end)\|>|<end_of_turn>|<eos>)"
_TURN_ENDS = re.compile(rf"(?:{_TURN_END}\s*){{2,}}\Z")
_LAST_TURN_END = re.compile(rf"(?:{_TURN_END}\s*)+\Z")
_WORD = re.compile(r"\S+")
_NUMBERING = re.compile(r"^\s*(?:[-*•#]+|\(?\d{1,4}[.):])\s+", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]*_]*(?=\s|$)|\n|\\\]|\}")
_ASKS_FOR_SCRIPT = re.compile(
    r"translat|language|alphabet|script|pronounc|transliterat|emoji|symbol|character"
    r"|chinese|japanese|korean|russian|ukrainian|greek|arabic|hebrew|hindi|thai|persian|urdu"
    r"|bulgarian|serbian|bengali|tamil|mandarin|kanji|hiragana|katakana|cyrillic|unicode|\bsay\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a text.

    Attributes:
        kind: which of the four; `end` alone is no fault of the text.
        reason: one line for `result`.
        sound: the beginning of the text that is fit to be read; empty where nothing is.
    """

    kind: Kind
    reason: str
    sound: str


class Watch:
    """Looks at one text while it grows.

    Args:
        question: the person's question: its script, and whether it asks for another one.

    Example:
        >>> watch = Watch("Why is the sky blue?")
        >>> fault = None
        >>> for _ in range(50):
        ...     fault = fault or watch.add("It is blue because it is blue. ")
        >>> fault.kind
        'loop'
    """

    def __init__(self, question: str = "") -> None:
        self.text: str = ""
        self.question = question
        self._margins = margins(question)
        self._looked = 0

    def add(self, piece: str) -> Fault | None:
        """Take in the next piece; a fault as soon as there is one."""
        self.text += piece
        if len(self.text) - self._looked < _STEP:
            return None
        self._looked = len(self.text)
        if _TURN_ENDS.search(self.text[-_STEP - len("<|endoftext|>") :]):
            return Fault("end", "its turn had ended", without_turn_ends(self.text))
        return looping(self.text) or foreign(self.text, self._margins, least=80)

    def end(self) -> Fault | None:
        """A fault of the whole text, once nothing more comes."""
        return fault(self.text, self.question)


def fault(text: str, question: str = "") -> Fault | None:
    """What is wrong with a whole text, if anything is.

    Args:
        text: the text.
        question: the question that it answers; without it only loops are found.

    Example:
        >>> fault("Because of Rayleigh scattering.", "Why is the sky blue?") is None
        True
        >>> fault("why is the sky blue", "Why is the sky blue?").kind
        'echo'
    """
    return looping(text) or foreign(text, margins(question), least=12) or echo(text, question)


def without_turn_ends(text: str) -> str:
    """`text` without the marks of a turn's end that a server has left at its end.

    Example:
        >>> without_turn_ends("Answer: 4</s></s>"), without_turn_ends("<s>wrong</s>")
        ('Answer: 4', '<s>wrong</s>')
    """
    start = len(text)
    # Many of them can follow each other, and searching each of them for all would take long.
    while start and (last := _LAST_TURN_END.search(text, max(0, start - 200), start)):
        if last[0].strip() == "</s>" and "<s>" in text:
            break
        start = last.start()
    return text[:start]


def margins(question: str) -> str:
    """The beginning and the end of a long question, where it says what is asked for.

    What stands between them is matter to work on, and a megabyte of it would be searched anew for
    every draft.

    Example:
        >>> len(margins("Translate this. " * 100_000))
        8001
    """
    if len(question) <= 2 * _MARGIN:
        return question
    return f"{question[:_MARGIN]}\n{question[-_MARGIN:]}"


def looping(text: str) -> Fault | None:
    """A loop at the end of `text`: an exact repetition, or words that bring nothing new."""
    start = _periodic(text)
    if start is None:
        start = _stale(text)
    if start is None:
        return None
    return Fault("loop", "it repeated itself", sound_beginning(text[:start]))


def foreign(text: str, question: str, *, least: int) -> Fault | None:
    """Another script than the question's, in a text of at least so many letters.

    Latin letters are at home everywhere: names, formulas and code are written in them.
    """
    if not question or _ASKS_FOR_SCRIPT.search(question):
        return None
    written = _scripts(text)
    total = sum(written.values())
    if total < least:
        return None
    asked = _scripts(question)
    strange = {name: n for name, n in written.items() if name != "Latin" and not asked[name]}
    if {"Han", "Kana"} & {*asked}:
        strange = {name: n for name, n in strange.items() if name not in ("Han", "Kana")}
    if 2 * sum(strange.values()) <= total:
        return None
    script = max(strange, key=lambda name: strange[name])
    return Fault("script", f"it is written in another script than the question ({script})", "")


def echo(text: str, question: str) -> Fault | None:
    """The question again and nothing else; a short reply such as an option's letter is none."""
    if len(question) > _LONG_QUESTION and 2 * len(text) < len(question):
        return None
    said, asked = _words(text), _words(question)
    if len(asked) < 4 or len(said) * 5 < len(asked) * 4:
        return None
    if f" {' '.join(said)} " not in f" {' '.join(asked)} ":
        return None
    return Fault("echo", "it only repeats the question", text.strip())


def sound_beginning(text: str) -> str:
    """`text` up to its last whole sentence, line or formula; all of it where it has none.

    Example:
        >>> sound_beginning("One holds. Two holds. Three is cut of")
        'One holds. Two holds.'
    """
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    return text[: ends[-1]].strip() if ends and text[: ends[-1]].strip() else text.strip()


def _periodic(text: str) -> int | None:
    """Where the second turn of an exact repetition at the end of `text` begins."""
    tail = text[-_TAIL:].rstrip()
    backwards = tail[::-1]
    border = [0] * (len(backwards) + 1)
    k, found = 0, None
    # The prefix function of Knuth, Morris and Pratt: a beginning of i characters has the
    # smallest period i - border[i].
    for i in range(1, len(backwards)):
        while k and backwards[i] != backwards[k]:
            k = border[k]
        k += backwards[i] == backwards[k]
        border[i + 1] = k
        length, period = i + 1, i + 1 - k
        if length >= _SHORTEST_LOOP and length >= (3 if period >= 20 else 6) * period:
            found = (length, period)
    if found is None:
        return None
    length, period = found
    unit = tail[-period:]
    if length < _LOOP_WITHOUT_LETTERS and not any(c.isalpha() for c in unit):
        return None
    return len(text[: len(text) - len(text[-_TAIL:])]) + len(tail) - length + period


def _stale(text: str) -> int | None:
    """Where words begin that bring nothing new up to the end of `text`."""
    # List numbers are blanked, not removed, so that places stay those of the text.
    before = max(0, len(text) - _RECENT)
    plain = _NUMBERING.sub(lambda match: " " * len(match[0]), text[before:])
    # Rows of numbers are alike without being a loop; an exact one is found all the same.
    words = [
        (match[0].casefold(), before + match.start())
        for match in _WORD.finditer(plain)
        if any(c.isalpha() for c in match[0])
    ]
    if len(words) < _WINDOW + _GRAM:
        return None
    seen: Counter[tuple[str, ...]] = Counter()
    old: list[bool] = []
    for i in range(len(words) - _GRAM + 1):
        gram = tuple(word for word, _ in words[i : i + _GRAM])
        old.append(seen[gram] >= _TURNS)
        seen[gram] += 1
    if sum(old[-_WINDOW:]) < _STALE * _WINDOW:
        return None
    first, count = len(old), 0
    for i in range(len(old) - 1, -1, -1):
        count += old[i]
        if count < _STALE * (len(old) - i):
            break
        if old[i]:
            first = i
    return words[first][1]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+|[+*/=<>-]", text.casefold())


def _scripts(text: str) -> Counter[str]:
    return Counter(script for c in text if c.isalpha() and (script := _script(c)))


def _script(c: str) -> str | None:
    code = ord(c)
    if code < 0x250:
        return "Latin"
    if 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0xF900 <= code <= 0xFAFF:
        return "Han"
    if 0x3040 <= code <= 0x30FF:
        return "Kana"
    if 0xAC00 <= code <= 0xD7AF:
        return "Hangul"
    first = unicodedata.name(c, "").split(" ", 1)[0]
    # Mathematical letters and modifiers belong to no script.
    known = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW", "DEVANAGARI", "THAI")
    return first.title() if first in known else ("Other" if code > 0x600 and first else None)
