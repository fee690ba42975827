"""Letters of words: reversing, spelling, counting, case, first and last letters."""

from __future__ import annotations

import random
import string
from typing import Any

from .base import NOT_SURE, Phrasings, Question, Split, build, phrase
from .words import EVERYDAY, INSTRUCTIONS

DOMAIN = "strings"

_W = "(the word |the string |the text |)"
_WL = "(the word |the string |the letters of |)"
_V = "(write|put|change|convert|turn|make|say|type|print|spell)"
PHRASINGS: Phrasings = {
    "reverse": (
        f"(reverse|flip|invert|turn around|mirror) {_WL}{{s}}", f"(write|spell|say|type|print|put|read) {_WL}{{s}} (backwards|backward|in reverse|from back to front|the other way around|reversed|from right to left)", f"(what is|what's|whats|give me|show me) {_W}{{s}} (backwards|backward|in reverse|reversed|spelled backwards|written backwards|spelled in reverse)", "{s} (backwards|reversed|in reverse|backward|spelled backwards)", f"(what is|what's|give me) the reverse of {_W}{{s}}", f"how (do you|is|would you) (spell|write|spelled|written) {_W}{{s}} backwards", "reverse of {s}", "(the letters|letters) of {s} (from last to first|in reverse order)", "reverse: {s}", "{s} reverse", "reverse this(:|) {s}", "reverse this word(:|) {s}", "spell backwards(:|) {s}",
    ),
    "upper": (
        f"{_V} {_WL}{{s}} (in|to|into|in all) (capitals|capital letters|upper case|uppercase|caps|big letters|all caps)", "{s} (in|to|into|in all) (capitals|capital letters|upper case|uppercase|caps|big letters|all caps)", f"(what is|what's) {_W}{{s}} in (capitals|capital letters|upper case|uppercase|caps)", f"(uppercase|capitalize all of|upper case) {_W}{{s}}", "make {s} (uppercase|upper case|capital|all caps)", "uppercase: {s}",
    ),
    "lower": (
        f"{_V} {_WL}{{u}} (in|to|into) (lower case|lowercase|small letters|lower-case letters|lower case letters)", "{u} (in|to|into) (lower case|lowercase|small letters)", f"(what is|what's) {_W}{{u}} in (lower case|lowercase|small letters)", f"(lowercase|lower case) {_W}{{u}}", "make {u} (lowercase|lower case|small)", "lowercase: {u}",
    ),
    "spell": (
        f"(spell|spell out) {_W}{{s}}", f"how (do you|do i|is|to|would you) (spell|spelled) {_W}{{s}}", "{s} (spelled out|letter by letter|spelling)", f"spell {_W}{{s}} (letter by letter|for me|with dashes)", f"(what are|list|give me|name|say) (all |)the letters (of|in) {_W}{{s}}", "spelling of {s}", f"(write|say) {_W}{{s}} letter by letter", "how is {s} (spelled|spelt)",
    ),
    "length": (
        f"how many (letters|characters) (are there |are |is |)in {_W}{{s}}", f"how many (letters|characters) (does|do|has) {_W}{{s}} (have|has|contain)", f"(count|number of|count all) (the |)(letters|characters) (in|of) {_W}{{s}}", f"(what is|what's) the (length|number of letters) (of|in) {_W}{{s}}", "(length|letter count) of {s}", f"how long is {_W}{{s}}", "{s} (how many letters|number of letters|length)", "letters in {s}", "count letters(:| in|) {s}", "{s} has how many letters",
    ),
    "count letter": (
        f"how many {{c}}(s|'s|) (are there |are |is |)in {_W}{{s}}", f"how many (times |)(does |is |)(the letter |){{c}} (appear|occur|in|there in|come up) (in |){_W}{{s}}", f"(count|number of) (the |)(letter |){{c}}(s|'s|) in {_W}{{s}}", f"how (often|many times) (does|is) (the letter |){{c}} (appear in|in|occur in) {_W}{{s}}", f"count (how many |the |)(letter |){{c}}(s|'s|) in {_W}{{s}}", f"how many {{c}}(s|'s|) does {_W}{{s}} (have|contain)", "{s} how many {c}", f"how many letters {{c}} (are |)in {_W}{{s}}", f"how many {{c}} letters (are |)in {_W}{{s}}",
    ),
    "first": (
        f"(what is|what's|whats|give me|tell me|which is|) (the |)(first|1st|starting|initial) (letter|character) (of|in) {_W}{{s}}", f"(what|which) letter (does|is) {_W}{{s}} (start|begin|starts) with", "{s} (starts|begins) with (what|which) letter", f"(with |)(what|which) letter (does|is) {_W}{{s}} (begin|start)(| with)", "first letter {s}", "{s} first letter",
    ),
    "last": (
        f"(what is|what's|whats|give me|tell me|which is|) (the |)(last|final|ending) (letter|character) (of|in) {_W}{{s}}", f"(what|which) letter (does|is) {_W}{{s}} (end|ends) with", "{s} ends with (what|which) letter", f"(with |)(what|which) letter does {_W}{{s}} end(| in| with)", "last letter {s}", "{s} last letter",
    ),
    "nth": (
        f"(what is|what's|give me|tell me|which is|) (the |){{n}} (letter|character) (of|in) {_W}{{s}}", "(what|which) letter is {n} in {s}", "{n} letter {s}", "{s} {n} letter", f"(what|which) is (the |){{n}} letter (of|in) {_W}{{s}}", "name the {n} letter (of|in) {s}",
    ),
    "sort": (
        f"(sort|order|arrange|alphabetize) (the |all |)letters (of|in) {_W}{{s}}(| alphabetically| in alphabetical order| from a to z| by the alphabet)", f"(put|write) (the |)letters of {_W}{{s}} in (alphabetical |)order", "(the |)letters of {s} (sorted|in alphabetical order|from a to z)", f"(write|put) {_W}{{s}} with its letters (in alphabetical order|sorted)", f"what are the letters of {_W}{{s}} in alphabetical order", "sort {s} by (letter|letters)",
    ),
    "vowels": (
        f"(remove|delete|drop|take|strip) (the |all |all the |)vowels (from|in|of|out of) {_W}{{s}}", "{s} (without|with no) (the |its |any |)vowels", f"(write|say|spell|type) {_W}{{s}} without (the |its |any |)vowels", f"(what is|what's) {_W}{{s}} without (the |its |any |)vowels", "remove vowels(:|) {s}",
    ),
    "count vowels": (
        f"how many vowels (are there |are |is |)in {_W}{{s}}", f"how many vowels (does|has) {_W}{{s}} (have|contain)", f"(count|number of) (the |)vowels in {_W}{{s}}", "{s} how many vowels", "vowels in {s}, how many", "vowel count (of|for) {s}", f"(what is|what's) the number of vowels in {_W}{{s}}",
    ),
    "double": (
        f"(double|repeat) (every|each|the|all the|all) (letter|letters|character) (of|in) {_W}{{s}}", f"(write|say|type) (every|each) letter of {_W}{{s}} (twice|two times)", "{s} with (every|each) letter (doubled|twice|repeated)", f"(what is|what's) {_W}{{s}} with (every|each) letter (doubled|twice)",
    ),
    "repeat": (
        f"(repeat|write|say|type|print) {_W}{{s}} {{k}} times", "{s} {k} times", f"(repeat|write|say|type) {{k}} times {_W}{{s}}", f"(can you |)(say|write|repeat) {_W}{{s}} {{k}} times in a row", "say {s} {k} times",
    ),
    "join": (
        "(join|concatenate|combine|glue|merge|put together|stick together) {s} and {t}", "(what do|what) (you|i|we) get (if|when) (you|i|we) join {s} and {t}", "{s} and {t} (joined|put together|together as one word|as one word)", "(write|put) {s} and {t} (together|as one word|without a space)", "{s} + {t} as one word",
    ),
    "palindrome": (
        f"is {_W}{{s}} a palindrome", "{s} (palindrome|is a palindrome)(|, yes or no|, right)", f"is {_W}{{s}} the same (backwards|in reverse|forwards and backwards)", f"does {_W}{{s}} read the same backwards", f"(check|tell me|say) (if|whether) {_W}{{s}} is a palindrome",
    ),
    "has": (
        f"(does|is) {_W}{{s}} (contain|have|with|include) (the letter |an |a |){{c}}", f"is there (an |a |the letter |){{c}} in {_W}{{s}}", f"is (the letter |){{c}} in {_W}{{s}}", "{s} (has|contains) (the letter |){c}(, right|, yes or no|)", f"can you find (the letter |an |){{c}} in {_W}{{s}}",
    ),
}  # fmt: skip
_WEIGHTS = {
    "reverse": 10, "upper": 4, "lower": 3, "spell": 4, "length": 8, "count letter": 7, "first": 3,
    "last": 3, "nth": 2, "sort": 4, "vowels": 3, "count vowels": 3, "double": 2, "repeat": 2, "join": 2,
    "palindrome": 2, "has": 1,
}  # fmt: skip
_ORDINALS = ("second", "third", "fourth", "2nd", "3rd", "4th")

VOWELS = "aeiou"
_OPERANDS = {
    most: [word for word in EVERYDAY if len(word) <= most and word not in INSTRUCTIONS]
    for most in (4, 6, 10)
}


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One word, seldom a short phrase, with an operation on it."""
    operation = rng.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]
    word = _word(rng, 6 if operation in ("double", "repeat", "join") else 10)
    if operation == "palindrome" and rng.random() < 0.6:
        half = _word(rng, 4)[:4]
        word = rng.choice(
            (half + half[::-1], half + half[-2::-1], "racecar", "level", "radar", "noon", "madam")
        )
    if operation == "vowels" and not set(word) - set(VOWELS):
        word += "t"  # an empty answer would look like a missing one
    if rng.random() < 0.12 and operation not in (
        "join",
        "double",
        "palindrome",
        "nth",
        "sort",
        "vowels",
    ):
        word = word.capitalize()
    letter = rng.choice(word) if rng.random() < 0.8 else rng.choice(string.ascii_lowercase)
    letter = letter.lower()
    if operation == "nth":
        n = rng.randrange(len(_ORDINALS))
        word = word if len(word) > 4 else word + "ther"
        letter = _ORDINALS[n]
    times = rng.randint(2, 4)
    other = _word(rng, 6)
    typed = _quoted(rng, word)
    mark = typed[0] if not typed[0].isalnum() else ""
    slots: dict[str, Any] = {
        "s": typed, "c": rng.choice((letter, letter, letter.upper(), f"'{letter}'")), "k": times,
        "t": f"{mark}{other}{mark}", "u": _quoted(rng, word.upper() if rng.random() < 0.85 else word.capitalize()),
        "n": letter,
    }  # fmt: skip
    answer, work = apply(operation, word, letter, times, other)
    text = phrase(rng, PHRASINGS, operation, split, noise, lower=False, **slots)
    return build(DOMAIN, text, answer, work)


def _word(rng: random.Random, longest: int) -> str:
    """An everyday word, or letters at random so that any word can be spelled."""
    if rng.random() < 0.5:
        return rng.choice(_OPERANDS[longest])
    length = rng.randint(3, longest)
    word = ""
    while len(word) < length:
        word += rng.choice(string.ascii_lowercase)
        if rng.random() < 0.7:
            word += rng.choice(VOWELS)
        if rng.random() < 0.1:
            word += word[-1]
    return word[:length]


def _quoted(rng: random.Random, word: str) -> str:
    mark = rng.choice(("", "", "", "'", '"'))
    return f"{mark}{word}{mark}"


def apply(operation: str, word: str, letter: str, times: int, other: str) -> tuple[str, str]:
    """The result of the operation on the word, and the working."""
    low = word.lower()
    spelled = "-".join(low)
    if operation == "reverse":
        return word[::-1], spelled
    if operation == "upper":
        return word.upper(), ""
    if operation == "lower":
        return low, ""
    if operation == "spell":
        return "-".join(word.upper()), ""
    if operation == "length":
        return str(len(word)), _numbered(low)
    if operation == "count letter":
        return str(low.count(letter)), "-".join(
            f"{c}{low[: i + 1].count(letter)}" for i, c in enumerate(low)
        )
    if operation == "count vowels":
        seen = "-".join(f"{c}{sum(x in VOWELS for x in low[: i + 1])}" for i, c in enumerate(low))
        return str(sum(c in VOWELS for c in low)), seen
    if operation in ("first", "last"):
        return word[0 if operation == "first" else -1], spelled
    if operation == "nth":
        return low[_ORDINALS.index(letter) % 3 + 1], _numbered(low)
    if operation == "sort":
        return "".join(sorted(low)), spelled
    if operation == "vowels":
        return "".join(c for c in word if c not in VOWELS), spelled
    if operation == "double":
        return "".join(c * 2 for c in word), ""
    if operation == "repeat":
        return " ".join([word] * times), ""
    if operation == "join":
        return word + other, ""
    if operation == "palindrome":
        return ("yes" if low == low[::-1] else "no"), f"{spelled}={'-'.join(low[::-1])}"
    return ("yes" if letter in low else "no"), spelled


def _numbered(word: str) -> str:
    return "-".join(f"{c}{i}" for i, c in enumerate(word, 1))


def negative(rng: random.Random, split: Split) -> Question:
    """An operation on a whole sentence, which is too long for these models."""
    operation = rng.choice(("reverse", "length", "upper", "spell", "count vowels"))
    words = " ".join(rng.sample(EVERYDAY, rng.randint(6, 9)))
    text = phrase(rng, PHRASINGS, operation, split, s=f'"{words}"')
    return build(DOMAIN, text, NOT_SURE)
