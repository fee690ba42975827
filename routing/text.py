"""Tokenise text in any script, for the lexical embedder and the words of clusters.

Digits are masked, because the numbers do not matter for the kind of a question, and letters are
case-folded. Scripts without spaces between words are split into characters, so that pairs of
characters act like words.
"""

import re
import unicodedata
from itertools import pairwise

#: Number of characters that are read from a question, which limits time and suffices for its topic.
MAX_CHARS = 20_000

# Scripts without spaces: kana, Han, Hangul, Thai, Lao, Myanmar, Khmer, Tibetan and related ones.
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s]", re.UNICODE)
_PIECE = re.compile(rf"\n|{_TOKEN.pattern}", re.UNICODE)
_DIGITS = re.compile(r"\d+")


def normalise(text: str) -> str:
    """Fold case and width, and mask every number as `0`.

    Example:
        >>> normalise("Ａ costs 12 EUR")
        'a costs 0 eur'
    """
    text = text[:MAX_CHARS].encode("utf-8", "replace").decode("utf-8")  # no lone surrogates
    return _DIGITS.sub("0", unicodedata.normalize("NFKC", text).casefold())


def tokens(text: str) -> list[str]:
    """Words, punctuation marks, and single characters of scripts without spaces.

    Example:
        >>> tokens("Is 7 prime? 质数")
        ['is', '0', 'prime', '?', '质', '数']
    """
    return _TOKEN.findall(normalise(text))


def ngrams(text: str) -> list[str]:
    """Every token and every pair of adjacent tokens, including line breaks and both ends.

    The layout of a question (options on lines of their own, a colon at the end, code) reveals its
    kind as much as its words; inside the calibration data it helps more than longer n-grams.

    Example:
        >>> ngrams("is 7 prime")
        ['<s>', 'is', '0', 'prime', '</s>', '<s> is', 'is 0', '0 prime', 'prime </s>']
    """
    pieces = ["<s>", *_PIECE.findall(normalise(text)), "</s>"]
    return pieces + [f"{a} {b}" for a, b in pairwise(pieces)]
