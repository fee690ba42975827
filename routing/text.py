"""Text to countable pieces, for any script: the tokens behind the lexical embedder and its words.

Digits are masked (a sum is a sum whatever its numbers), letters case-folded. Scripts that write no
spaces between words are cut into single characters, so that pairs of them play the part of words.
"""

import re
import unicodedata
from itertools import pairwise

#: Characters read from one question: a limit on time spent, far beyond what tells its topic.
MAX_CHARS = 20_000

# Scripts without spaces: kana, Han, Hangul, Thai, Lao, Myanmar, Khmer, Tibetan and their kin.
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s]", re.UNICODE)
_PIECE = re.compile(rf"\n|{_TOKEN.pattern}", re.UNICODE)
_DIGITS = re.compile(r"\d+")


def normalise(text: str) -> str:
    """Fold case and width, and mask every number as ``0``.

    Example:
        >>> normalise("Ａ costs 12 EUR")
        'a costs 0 eur'
    """
    text = text[:MAX_CHARS].encode("utf-8", "replace").decode("utf-8")  # no lone surrogates
    return _DIGITS.sub("0", unicodedata.normalize("NFKC", text).casefold())


def tokens(text: str) -> list[str]:
    """Words, marks of punctuation, and single characters of scripts that use no spaces.

    Example:
        >>> tokens("Is 7 prime? 质数")
        ['is', '0', 'prime', '?', '质', '数']
    """
    return _TOKEN.findall(normalise(text))


def ngrams(text: str) -> list[str]:
    """Every token and every pair of neighbours, line breaks and both ends of the text included.

    How a question is laid out (options on lines of their own, a colon at the end, code) tells its
    kind as much as its words do: inside the calibration data this adds more than longer n-grams.

    Example:
        >>> ngrams("is 7 prime")
        ['<s>', 'is', '0', 'prime', '</s>', '<s> is', 'is 0', '0 prime', 'prime </s>']
    """
    found = ["<s>", *_PIECE.findall(normalise(text)), "</s>"]
    return found + [f"{a} {b}" for a, b in pairwise(found)]
