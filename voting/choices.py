"""Multiple choice: the options of a question, and the option that a draft chooses."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from .marked import formal
from .texts import plain

_AT_LINE = re.compile(r"^[ \t>*-]*\(?\[?([A-Z]|[a-z])[).:\]][ \t]*(\S[^\n]*)?$", re.MULTILINE)
_IN_LINE = re.compile(r"(?:(?<=[\s,;:?.])|^)\(?([A-Z])[).:][ \t]+(?=\S)")
_REASONS = (
    r"because|since|as|and|or|for|given|which|is|are|with|due|by|if|but|so|where|not|would|was|has"
)
_LETTER = re.compile(
    r"(?:the\s+)?(?:correct\s+)?(?:option|choice|answer|letter|statement)?\s*(?:is\s*)?[:#]?\s*"
    rf"[(\[{{*_\"'`]*([A-Z])(?:[)\]}}.:,;*_\"'`\\]|\s*$|\s*[-–—\n]|\s+(?:{_REASONS})\b)",
)
_STATED = re.compile(
    r"\b(?:[Aa]nswer|ANSWER|[Oo]ption|[Cc]hoice)\s+is\s*:?\s*[*_`\"'$]*(?:option\s+)?"
    r"(?:\(([A-Z])\)|\[([A-Z])\]|([A-Z])(?=[).:,;*_`\"'$\s]*(?:$|\n)|[).:]))",
    re.MULTILINE,
)
_SECOND_THOUGHT = re.compile(
    r"\b(?:wait|correction|oops|on second thought|(?:i|i've|i have) made an? (?:mistake|error)"
    r"|actually,|scratch that)\b",
    re.IGNORECASE,
)
_SMALL = re.compile(r"[(\[]([a-z])[)\]]|([a-z])(?:[).]|$)")
_BRACKETED = re.compile(r"[(\[{*]{1,3}([A-Z])[)\]}*]{1,3}")
_SPOKEN = re.compile(
    r"\b(?:option|choice|letter)\s*[:(\[*_]*\s*([A-Z])(?![A-Za-z])"
    r"|\b([A-Z])\)?\s+is\s+(?:the\s+)?(?:correct|right|best|true)\b"
    r"|\b(?:choose|select|pick|chose|go with|going with)\s+(?:option\s+)?"
    r"[(\[*_]*([A-Z])(?![A-Za-z])"
)
_AT_START = re.compile(r"^[ \t>*_-]*\(?([A-Z])[).:](?=\s|$|\*)", re.MULTILINE)
_LONGEST_QUESTION = 20_000


@lru_cache(maxsize=512)
def choices(question: str) -> dict[str, str]:
    r"""The options of a question by letter; empty if it offers none.

    Options stand on lines of their own or in one line, as `A)`, `A.`, `(A)` or `A:`; numbered
    statements before them are not options.

    Example:
        >>> choices("Which two? I. x II. y\nA) I only B) II only C) both")
        {'A': 'I only', 'B': 'II only', 'C': 'both'}
    """
    text = question if len(question) <= _LONGEST_QUESTION else question[-_LONGEST_QUESTION:]
    found = [(m[1], (m[2] or "").strip()) for m in _AT_LINE.finditer(text)]
    for lower in (False, True):
        case = [(letter, said) for letter, said in found if letter.islower() == lower]
        run = _run([(letter.upper(), said) for letter, said in case])
        # "A) one B) two" in a first line would hide the others of that line.
        if len(run) >= 3 or (len(run) == 2 and not any(map(_IN_LINE.search, run.values()))):
            return run
    places = list(_IN_LINE.finditer(text))
    ends = [*(later.start() for _, later in pairwise(places)), len(text)][: len(places)]
    parts = [
        (place[1], text[place.end() : end].strip(" ,;\n\t"))
        for place, end in zip(places, ends, strict=True)
    ]
    run = _run(parts)
    return run if len(run) >= 2 else {}


def _run(options: list[tuple[str, str]]) -> dict[str, str]:
    """The last gapless run of letters that starts with A."""
    best: dict[str, str] = {}
    now: dict[str, str] = {}
    for letter, said in options:
        if letter == "A":
            best, now = (now if len(now) >= 2 else best), {"A": said}
        elif now and letter == chr(ord("A") + len(now)):
            now[letter] = said
    return now if len(now) >= 2 else best


def chosen(text: str, offered: dict[str, str], mark: str | None = None) -> str | None:
    """The letter that a prepared text chooses among `offered`; None if it chooses none.

    The rules in order: the first "the answer is (B)", unless the text corrects itself after it
    (later statements without a correction are more often wrong, by measurement); the marked answer;
    a text that is a single letter; an option that is called correct or chosen; a line that begins
    with an option; the one option whose words it repeats. If a rule matches several times, the last
    match counts.

    Args:
        text: The text, prepared by `prepared`.
        offered: The options by letter.
        mark: The marked answer of the text (`marked`).

    Example:
        >>> chosen("A shark is a fish, so it is (B).", {"A": "shark", "B": "whale"})
        'B'
    """
    if formal(text) is None and (letter := _stated(text, offered)):
        return letter
    if mark is not None and (letter := _in_mark(mark, offered)):
        return letter
    if len(text) < 200 and (letter := _opening(text, offered)) and "\n" not in text.strip():
        return letter
    for pattern in (_SPOKEN, _AT_START, _BRACKETED):
        letters = [next(filter(None, match.groups())) for match in pattern.finditer(text)]
        if letters := [letter for letter in letters if letter in offered]:
            return letters[-1]
    return _by_words(text, offered)


def _stated(text: str, offered: dict[str, str]) -> str | None:
    """The letter of the first statement, or of the first one after a correction."""
    found, end = None, 0
    for match in _STATED.finditer(text):
        letter = next(filter(None, match.groups()))
        if letter not in offered:
            continue
        if found is None or _SECOND_THOUGHT.search(text, end, match.start()):
            found, end = letter, match.end()
    return found


def _in_mark(mark: str, offered: dict[str, str]) -> str | None:
    if letter := _opening(mark, offered):
        return letter
    for pattern in (_BRACKETED, _SPOKEN):
        for match in pattern.finditer(mark):
            letter = next(filter(None, match.groups()))
            if letter in offered:
                return letter
    if letter := _by_words(mark, offered):
        return letter
    alone = re.findall(r"(?<![A-Za-z'])[B-HJ-Z](?![A-Za-z'])", mark[:200])
    alone = [letter for letter in alone if letter in offered]
    return alone[0] if alone else None


def _opening(text: str, offered: dict[str, str]) -> str | None:
    """The letter with which a text begins; "A shark" begins with an article."""
    match = _LETTER.match(plain(text).lstrip("([{*_\"'`$ "))
    if match and match[1] in offered:
        return match[1]
    bare = plain(text)
    small = _SMALL.match(bare)
    if small and (letter := (small[1] or small[2]).upper()) in offered:
        return letter
    # "B Paris" is a letter with the words of its option.
    first, _, rest = bare.partition(" ")
    words, said = _folded(offered.get(first, "")), _folded(rest)
    if not words:
        return None
    return first if said == words or (first not in "AI" and said.startswith(words[:20])) else None


def _by_words(text: str, offered: dict[str, str]) -> str | None:
    said = f" {_folded(text)} "
    held = [
        letter
        for letter, words in offered.items()
        if (folded := _folded(words)) and f" {folded} " in said
    ]
    if len(held) > 1:
        # "New York City" also holds "New York": an option that is part of another does not count.
        whole = [
            letter
            for letter in held
            if not any(
                other != letter
                and f" {_folded(offered[letter])} " in f" {_folded(offered[other])} "
                for other in held
            )
        ]
        held = whole
    return held[0] if len(held) == 1 else None


def _folded(text: str) -> str:
    return re.sub(r"[^\w.+/*=<>%$-]+|(?<=\D)\.|\.(?!\d)", " ", plain(text).casefold()).strip()
