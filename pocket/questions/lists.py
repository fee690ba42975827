"""Lists and sequences: sorting, extremes, counting, the next element, the odd one out."""

from __future__ import annotations

import random
from typing import Any

from .base import Phrasings, Question, Split, build, phrase
from .words import KINDS, WORDS

DOMAIN = "lists"

_L = "(the |these |)(list |numbers |)"
_O = "(the |these |)(numbers |list |values |)"
PHRASINGS: Phrasings = {
    "ascending": (
        f"(sort|order|arrange|put in order|rank) {_O}(: |){{s}}(| ascending| in ascending order| from (smallest to largest|small to large|low to high|lowest to highest|least to greatest)| by size| in increasing order| please)",
        f"(sort|order|arrange) {_O}{{s}} from (smallest to largest|small to large|low to high|least to greatest|smallest to biggest)", "{s} (sorted|in order|in ascending order|from smallest to largest|sorted ascending|in increasing order)",
        f"(put|place) {_O}{{s}} in (ascending |increasing |)order", f"(what is|what are|) {_O}{{s}} (in ascending order|sorted|in order|from small to large)", "sort {s}", "sort: {s}", "sort ascending {s}", "(arrange|order) {s}", "(sort|order) from (smallest to largest|low to high)(:|) {s}",
    ),
    "descending": (
        f"(sort|order|arrange|rank) {_O}(: |){{s}} (descending|in descending order|from (largest to smallest|large to small|high to low|highest to lowest|greatest to least|biggest to smallest)|in decreasing order|in reverse order|backwards by size)",
        f"(put|place) {_O}{{s}} in (descending|decreasing) order", "{s} (in descending order|from largest to smallest|sorted descending|in decreasing order|from high to low)", f"(what is|what are|) {_O}{{s}} (in descending order|from large to small|from largest to smallest)", "sort descending {s}", "(sort|order) from (largest to smallest|high to low)(:|) {s}", "(sort|order) {s} (largest|biggest|highest) first",
    ),
    "reverse": (
        "(reverse|flip|turn around|invert) (the |)(order of |list |numbers |){s}", "(write|list|say|give) (the |)(list |numbers |){s} (backwards|in reverse|in reverse order|from last to first|the other way around)", "{s} (backwards|in reverse|reversed|from last to first)", "(what is|what's) (the |)(list |){s} (backwards|reversed|in reverse)", "(what is|what's) the reverse of (the list |){s}",
    ),
    "maximum": (
        f"(what is|what's|which is|whats|find|tell me|give me|) (the |)(largest|biggest|highest|greatest|maximum|max|top)( number| value| one|) (of|in|among|from|out of) {_L}{{s}}", "(which|which one|which number|which of these|which of these numbers|what) is (the |)(largest|biggest|highest|greatest|max|bigger)(:|,|) {s}", "(max|maximum|largest|biggest|highest)(:| of| in|) {s}", "{s}(:|,|) (which|what) is (the |)(largest|biggest|highest|maximum)(| number| one)", "(largest|biggest|highest) (number|value|of)(:|) {s}", "(max|maximum)\u0028{s}\u0029".replace("\u0028{s}\u0029", " {s}"),
    ),
    "minimum": (
        f"(what is|what's|which is|whats|find|tell me|give me|) (the |)(smallest|lowest|least|minimum|min)( number| value| one|) (of|in|among|from|out of) {_L}{{s}}", "(which|which one|which number|which of these|which of these numbers|what) is (the |)(smallest|lowest|least|min|smaller)(:|,|) {s}", "(min|minimum|smallest|lowest)(:| of| in|) {s}", "{s}(:|,|) (which|what) is (the |)(smallest|lowest|minimum)(| number| one)", "(smallest|lowest) (number|value|of)(:|) {s}",
    ),
    "count": (
        "how many (numbers|items|elements|values|things|entries) (are there |are |)in (the list |this list |)(: |){s}", "how many (numbers|items|elements|values) (does|do) (the list |){s} (have|contain)", "count (the |)(numbers|items|elements|values|entries) (in|of) (the list |){s}", "{s}(:|,|) how many (numbers|items|elements|values)(| are there| is that)", "(what is|what's) the (length|size) of (the list |){s}", "(length|size) of (the list |){s}", "(how long is|how big is) (the list |){s}", "count {s}", "number of (items|elements|numbers) in {s}",
    ),
    "first": (
        "(what is|what's|which is|give me|tell me|) (the |)first (number|item|element|one|value|entry) (of|in|from) (the list |){s}", "first (item|element|number) (of|in)(:|) {s}", "{s}(:|,|) (what is|which is) (the |)first(| one| number)", "which (number|item|one) (is|comes) first (in|of) {s}",
    ),
    "last": (
        "(what is|what's|which is|give me|tell me|) (the |)last (number|item|element|one|value|entry) (of|in|from) (the list |){s}", "last (item|element|number) (of|in)(:|) {s}", "{s}(:|,|) (what is|which is) (the |)last(| one| number)", "which (number|item|one) (is|comes) last (in|of) {s}",
    ),
    "even": (
        f"(keep|find|give me|list|take|show|name|pick|) (only |)(the |all |all the |)even numbers (of|in|from|among|out of) {_L}{{s}}", "(which|what) (numbers |ones |of these |)(are|is) even(:|,| in| of|) {s}", f"(remove|delete|drop) (the |all |)odd numbers (of|in|from) {_L}{{s}}", "even numbers(:|) {s}", "{s}(:|,|) (which are even|which ones are even|only the even ones)",
    ),
    "odd": (
        f"(keep|find|give me|list|take|show|name|pick|) (only |)(the |all |all the |)odd numbers (of|in|from|among|out of) {_L}{{s}}", "(which|what) (numbers |ones |of these |)(are|is) odd(:|,| in| of|) {s}", f"(remove|delete|drop) (the |all |)even numbers (of|in|from) {_L}{{s}}", "odd numbers(:|) {s}", "{s}(:|,|) (which are odd|which ones are odd|only the odd ones)",
    ),
    "unique": (
        f"(remove|delete|drop|take out|eliminate) (the |all |)(duplicates|repeated numbers|repeats|doubles|duplicate numbers) (of|in|from) {_L}{{s}}", "{s} (without duplicates|without repeats|with no duplicates|each number once)", "(keep|list|write) (each|every) number (of|in) {s} (only |)once", "unique (numbers|values|elements) (of|in|from) {s}", "(deduplicate|dedupe) {s}", "(what are|find|give me|) (the |)(unique|distinct|different) (numbers|values) (of|in|from) (the list |){s}",
    ),
    "next": (
        "(what|which) (number |)(comes|is|goes) next(:| in| after|,| in the sequence| in the series| in this sequence|) {s}", "{s}(,|) (what|which) (number |)(comes|is|goes) next", "(continue|complete|finish|extend) (the |this |)(sequence|series|pattern|row|) {s}", "(what is|what's|find|give me|) (the |)next (number|one|term|element) (in|of|after|:|) {s}", "{s}, ?", "{s}, ...", "{s} ...", "next (number|term|in sequence)(:| of|) {s}", "{s}, then(| what| comes)", "after {s} comes", "fill in the next number(:|) {s}",
    ),
    "sum": (
        "(what is|what's|find|give me|calculate|) (the |)(sum|total) of (the list |the numbers |these numbers |){s}", "(add up|sum|add|add together|sum up|total) (the list |the numbers |these numbers |all |all the numbers in |){s}", "{s}(:|,|) (what is the sum|what is the total|sum|total)", "(sum|total)(:|) {s}", "how much is the sum of {s}",
    ),
    "average": (
        "(what is|what's|find|give me|calculate|) (the |)(average|mean|arithmetic mean) of (the list |the numbers |these numbers |){s}", "(average|mean)(:| of|) {s}", "{s}(:|,|) (what is the average|what is the mean|average|mean)", "how much is the average of {s}", "average (the numbers|the list|) {s}",
    ),
    "alphabet": (
        "(sort|order|arrange) (the words |these words |the list |these |)(: |){w} (alphabetically|in alphabetical order|from a to z|by alphabet|by the alphabet)", "(put|place) (the words |these words |)(: |){w} in (alphabetical |abc )order", "{w} (in alphabetical order|alphabetically|sorted alphabetically|from a to z|sorted)", "(sort|order|arrange)(:| the words| these words|) {w}", "(alphabetize|alphabetise)(:| the words| these words|) {w}", "(sort|order) alphabetically(:|) {w}",
    ),
    "word count": (
        "how many (words|items|things|fruits|names) (are there |are |)in (the list |this list |)(: |){w}", "count (the |)(words|items|things)(:| in|) {w}", "{w}(:|,|) how many (words|items|things)(| are there| is that)", "number of (words|items|things) in {w}", "how many (things|items|words) (do i have|are listed|did i name)(:|,| here:|) {w}", "(what is|what's) the number of (words|items) in {w}",
    ),
    "first word": ("(what is|what's|which is|give me|) (the |)first (word|item|one|thing) (of|in|from)(:| the list|) {w}", "first (word|item)(:| of| in|) {w}", "{w}(:|,|) (which is|what is) (the |)first(| one| word)", "which (word|one) comes first in {w}"),
    "last word": ("(what is|what's|which is|give me|) (the |)last (word|item|one|thing) (of|in|from)(:| the list|) {w}", "last (word|item)(:| of| in|) {w}", "{w}(:|,|) (which is|what is) (the |)last(| one| word)", "which (word|one) comes last in {w}"),
    "odd one": (
        "(which|which one|which word|what) (does not|doesn't|does not really) (belong|fit)(:| in| here:|,|) {w}", "(find|pick|name|what is|which is|) (the |)odd one out(:| in| of|,|) {w}", "{w}(:|,|) (which one doesn't belong|odd one out|which does not fit|which is the odd one out)", "(which|what) (one |word |)is (different|not like the others|the odd one out)(:|,|) {w}",
    ),
}  # fmt: skip
_WEIGHTS = {
    "ascending": 7, "descending": 4, "reverse": 3, "maximum": 5, "minimum": 5, "count": 2, "first": 1,
    "last": 1, "even": 2, "odd": 2, "unique": 2, "next": 9, "sum": 3, "average": 2, "alphabet": 3,
    "word count": 1, "first word": 1, "last word": 1, "odd one": 2,
}  # fmt: skip


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One list of numbers or words with an operation on it."""
    operation = rng.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]
    if operation in ("alphabet", "word count", "first word", "last word", "odd one"):
        slots, answer, work = _words(rng, operation)
    elif operation == "next":
        slots, answer, work = _sequence(rng)
    else:
        slots, answer, work = _numbers(rng, operation)
    text = phrase(rng, PHRASINGS, operation, split, noise, **slots)
    return build(DOMAIN, text, answer, work)


def _numbers(rng: random.Random, operation: str) -> tuple[dict[str, Any], str, str]:
    n = rng.randint(3, 5) if rng.random() < 0.75 else rng.randint(6, 8)
    most = rng.choice((9, 20, 99, 99))
    if operation in ("maximum", "minimum", "ascending") and rng.random() < 0.1:
        most = 999
    numbers = [rng.randint(0 if rng.random() < 0.1 else 1, most) for _ in range(n)]
    if operation == "unique":
        for _ in range(rng.randint(1, 2)):
            numbers[rng.randrange(n)] = rng.choice(numbers)
    elif operation in ("even", "odd"):
        wanted = int(operation == "odd")
        if all(number % 2 != wanted for number in numbers):
            numbers[0] += 1
    elif operation in ("sum", "average"):
        numbers = [rng.randint(1, 20) for _ in range(rng.randint(3, 4))]
        if operation == "average":
            numbers[-1] += -sum(numbers) % len(numbers)
    shown, comma = _typed(rng, numbers)
    return {"s": shown}, *apply(operation, numbers, comma)


def _typed(rng: random.Random, numbers: list[int]) -> tuple[str, str]:
    """A list as people type it, and the separator of the numbers in the answer."""
    texts = [str(number) for number in numbers]
    kind = rng.random()
    if kind < 0.25:
        return f"[{', '.join(texts)}]", "[]"
    if kind < 0.6:
        return ", ".join(texts), ", "
    if kind < 0.75:
        return " ".join(texts), ", "
    if kind < 0.85 and len(texts) > 2:
        return f"{', '.join(texts[:-1])} and {texts[-1]}", ", "
    return ",".join(texts), ", "


def apply(operation: str, numbers: list[int], comma: str = "[]") -> tuple[str, str]:
    """The result of the operation on the numbers, and the working."""
    if operation in ("maximum", "minimum"):
        return str((max if operation == "maximum" else min)(numbers)), ""
    if operation in ("first", "last"):
        return str(numbers[0 if operation == "first" else -1]), ""
    if operation == "count":
        return str(len(numbers)), ";".join(f"{i}:{n}" for i, n in enumerate(numbers, 1))
    if operation in ("sum", "average"):
        steps, value = [], numbers[0]
        for number in numbers[1:]:
            steps.append(f"{value}+{number}={value + number}")
            value += number
        if operation == "average":
            steps.append(f"{value}/{len(numbers)}={value // len(numbers)}")
            value //= len(numbers)
        return str(value), ";".join(steps)
    made = {
        "ascending": sorted(numbers),
        "descending": sorted(numbers, reverse=True),
        "reverse": numbers[::-1],
        "even": [number for number in numbers if number % 2 == 0],
        "odd": [number for number in numbers if number % 2],
        "unique": list(dict.fromkeys(numbers)),
    }[operation]
    joined = ", ".join(map(str, made))
    return f"[{joined}]" if comma == "[]" else joined, ""


def _sequence(rng: random.Random) -> tuple[dict[str, Any], str, str]:
    """A sequence of numbers, seldom of letters, by one rule, and its next element."""
    n = rng.randint(3, 5)
    kind = rng.choice(
        ("add",) * 8
        + ("subtract",) * 3
        + ("times",) * 3
        + ("squares", "fibonacci", "letters", "halve")
    )
    start, step = rng.randint(0, 20), rng.randint(1, 12)
    if rng.random() < 0.4:
        start = step
    if kind == "letters":
        first, step = rng.randrange(0, 12), rng.randint(1, 2)
        letters = [chr(97 + first + i * step) for i in range(n + 1)]
        up = rng.random() < 0.5
        letters = [letter.upper() for letter in letters] if up else letters
        return {"s": ", ".join(letters[:-1])}, letters[-1].upper(), ""
    if kind == "subtract":
        start = step * n + rng.randint(0, 30)
        numbers, rule = [start - i * step for i in range(n + 1)], f"-{step}"
    elif kind == "times":
        step, start = rng.choice((2, 2, 3, 10, 5)), rng.randint(1, 5)
        n = min(n, 4)
        numbers, rule = [start * step**i for i in range(n + 1)], f"*{step}"
    elif kind == "halve":
        numbers, rule = [rng.randint(1, 5) * 2**n // 2**i for i in range(1)], "/2"
        numbers = [numbers[0] // 2**i for i in range(n + 1)]
    elif kind == "squares":
        first = rng.randint(1, 4)
        numbers, rule = [(first + i) ** 2 for i in range(n + 1)], "squares"
    elif kind == "fibonacci":
        numbers, rule = [rng.randint(0, 2), rng.randint(1, 3)], "sum"
        while len(numbers) < n + 2:
            numbers.append(numbers[-1] + numbers[-2])
    else:
        numbers, rule = [start + i * step for i in range(n + 1)], f"+{step}"
    joined = rng.choice((", ", ",", " ", ", "))
    last = numbers[-2]
    work = rule if rule in ("squares", "sum") else f"{last}{rule}={numbers[-1]}"
    return {"s": joined.join(map(str, numbers[:-1]))}, str(numbers[-1]), work


def _words(rng: random.Random, operation: str) -> tuple[dict[str, Any], str, str]:
    n = rng.randint(3, 5)
    if operation == "odd one":
        one, two = rng.sample(tuple(KINDS), 2)
        words = rng.sample(KINDS[one], 3)
        other = rng.choice(KINDS[two])
        words.insert(rng.randint(0, 3), other)
        return {"w": ", ".join(words)}, other, f"{one}, {two}"
    words = rng.sample(WORDS, n)
    shown = rng.choice((", ", " ", ",", ", ")).join(words)
    if operation == "word count":
        return {"w": shown}, str(n), ""
    if operation in ("first word", "last word"):
        return {"w": shown}, words[0 if operation == "first word" else -1], ""
    return {"w": shown}, ", ".join(sorted(words)), ""
