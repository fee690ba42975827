"""How people type: openers and closers, case, punctuation, typing errors, neutral words."""

from __future__ import annotations

import random
import re

OPENERS = (
    "hey", "hi", "hello", "please", "pls", "plz", "ok", "okay", "so", "quick question", "quick one",
    "one question", "a question", "question", "just wondering", "hey there", "hi there", "well",
    "excuse me", "um", "good morning", "good evening", "help me", "i need help", "can you help me",
    "could you help me", "a quick question", "one more", "next", "now", "hey can you help",
    "sorry to bother you", "i have a question", "task", "here is one", "try this", "homework",
    "hello friend", "hey bot", "tell me please", "simple question", "easy one",
)  # fmt: skip
ASKING = (
    "can you tell me", "could you tell me", "please tell me", "do you know", "i was wondering",
    "tell me", "i want to know", "i'd like to know", "i would like to know", "any idea",
    "can you please tell me", "pls tell me", "i need to know", "would you tell me",
    "do you happen to know", "let me know", "i wonder", "could you please tell me",
    "may i ask", "can i ask", "i'm curious", "remind me", "i forgot", "does anyone know",
)  # fmt: skip
CLOSERS = (
    "please", "pls", "thanks", "thank you", "thx", "plz", "for me", "for me please", "thank you!",
    "thanks a lot", "thanks in advance", "if you can", "quickly", "ty", "cheers", "now please",
    "just the answer", "i need it for school", "i forgot", "kindly", "my friend", "right now",
)  # fmt: skip
_QUESTIONS = "what whats what's which who whos who's where when how in is are does do name".split()

# Words that never decide what is asked. Training inserts and drops them, so that a model attends to
# the other words and understands unseen phrasings.
NEUTRAL = (
    "please could you tell me now then just would like to know i need want for the this that here "
    "is give find out work show and so us my can will should get help with what let say of a an "
    "it do your see how be are we in on"
).split()
_NEUTRAL = frozenset(NEUTRAL)

_BEFORE = re.compile(
    r"^(?:(?:" + "|".join(sorted(map(re.escape, OPENERS + ASKING), key=len, reverse=True)) + r")"
    r"\b\s*[,.!:\-]*\s+)+"
)
_AFTER = re.compile(
    r"(?:[,.!?]*\s+(?:" + "|".join(sorted(map(re.escape, CLOSERS), key=len, reverse=True)) + r"))+$"
)
_NEAR = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj",
    "i": "uo", "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o",
    "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc",
    "y": "tu", "z": "x",
}  # fmt: skip


def undress(text: str) -> str:
    """A phrasing without the words that `dress` puts around it.

    Example:
        >>> undress("Hey, can you tell me the capital of {k}? thanks")
        'the capital of {k}'
    """
    text = re.sub(r"\s+", " ", text.lower()).strip().rstrip("?!. ")
    text = _AFTER.sub("", text).rstrip("?!., ")
    return _BEFORE.sub("", text)


def disturb(rng: random.Random, bare: str) -> str:
    """Drop and insert neutral words around the other words and the fields."""
    words = [word for word in bare.split(" ") if word not in _NEUTRAL or rng.random() < 0.75]
    for _ in range(rng.randint(0, 3)):
        words.insert(rng.randint(0, len(words)), rng.choice(NEUTRAL))
    return " ".join(words) or bare


def dress(rng: random.Random, bare: str) -> tuple[str, bool]:
    """Type a phrasing carefully or sloppily, and return which."""
    sloppy = rng.random() < 0.55
    text = bare
    if rng.random() < 0.07:
        text = slip(rng, text)
    first = text.split(" ", 1)[0]
    if rng.random() < 0.12 and first in _QUESTIONS:
        text = f"{rng.choice(ASKING)}{rng.choice((' ', ' ', ', ', ': '))}{text}"
    if rng.random() < 0.16:
        text = f"{rng.choice(OPENERS)}{rng.choice((' ', ', ', ': ', '! ', '. ', ' - '))}{text}"
    mark = "?" if first in _QUESTIONS and rng.random() < 0.9 else rng.choice(("", ".", "?"))
    if sloppy:
        mark = rng.choice(("", "", "", "?", " ?", "??"))
    if text.endswith(("}", "=")) and "\n" not in text and mark in (".", "??"):
        mark = ""
    closer = f"{rng.choice((' ', ', '))}{rng.choice(CLOSERS)}" if rng.random() < 0.08 else ""
    text = text + (mark + closer if rng.random() < 0.5 else closer + mark)
    if not sloppy:
        # A field's name must not change.
        text = text[:1].upper() + text[1:]
        text = re.sub(r"\bi\b(?![^{]*})", "I", text)
    return text, sloppy


def slip(rng: random.Random, text: str) -> str:
    """Make one typing error in a word of four letters or more; fields do not change."""
    words = text.split(" ")
    places = [i for i, word in enumerate(words) if len(word) > 3 and word.isalpha()]
    if not places:
        return text
    i = rng.choice(places)
    word, at = words[i], rng.randint(1, len(words[i]) - 2)
    kind = rng.random()
    if kind < 0.35:
        word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    elif kind < 0.65:
        word = word[:at] + word[at + 1 :]
    elif kind < 0.8:
        word = word[:at] + word[at] + word[at:]
    else:
        word = word[:at] + rng.choice(_NEAR.get(word[at], word[at])) + word[at + 1 :]
    words[i] = word
    return " ".join(words)
