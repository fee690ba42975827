r"""Read the answer from a member's text, by the kind of answer that the question wants.

Votes, `result`, the facts of judge and moderator, fallbacks and calibration share this reader.
Every kind first looks for a marked answer (`marked.py`). The table shows what is read if no answer
is marked, and how answers are compared:

| kind | if no answer is marked | what is compared |
|---|---|---|
| `choice` | an option that is called correct, begins a line, or is quoted in words | letters |
| `number` | the last number | values |
| `math` | a short text as a whole, otherwise the last formula | values, sets, formulas |
| `literal` | an asserted value, the last code, or a short text as a whole | values |
| `json` | the last object or list, repaired if it is broken | values |
| `tool_calls` | – | names and arguments, in any order |
| `code` | the last block of code, otherwise the whole text | syntax trees, otherwise texts |
| `classification` | a short text as a whole | numbers, otherwise words |
| `text` | the whole text | words |

A text that says that it does not know, or refuses, abstains (`abstention.py`), and so does a text
in which nothing can be read.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from functools import lru_cache

from .abstention import LONGEST, says_nothing
from .choices import choices, chosen
from .equality import mathematical_key
from .kinds import checked, kind_of
from .literals import NotALiteralError, key_of, literal_in, literal_key, value_of
from .marked import field, marked
from .numbers import decimal_comma, last_number, number
from .texts import plain, prepared

SHORT = 60
"""The largest number of characters of a line that may be an answer as a whole."""

_FENCED = re.compile(r"```[\w+-]*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_DOLLARS = re.compile(r"\$\$?([^$]{1,200})\$\$?")
_ARTICLE = re.compile(r"^(?:the|an?)\s+(?=\w{2,})")
_AFTER = re.compile(
    r"(?:,|;|\.(?=\s)|\s+(?:because|since|which|as the|so that|where))\s.*$", re.DOTALL
)
_PER_CENT = re.compile(r"\bper\s?cent|%", re.IGNORECASE)
_FIRST = re.compile(r"[-−]?\s*(?:US\$|\\?\$|€|£|¥)?\s*[-−]?\d[\d,]*(?:\.\d+)?(?:/\d+)?\s?\\?%?")
_LARGEST_CODE = 20_000


def read(text: str, question: str = "", kind: str = "auto") -> str | None:
    r"""The answer of a text; None if it gives none, or says that it does not know.

    Args:
        text: The text of a member.
        question: The question, for its options and the kind.
        kind: One of `choice`, `number`, `math`, `literal`, `json`, `code`, `classification`,
            `text`, or `auto`, which infers the kind from the question.

    Raises:
        InputError: There is no such kind.

    Example:
        >>> read("It is a fish.\n\n**Answer**: (B)", "Which is it? A) bird B) fish")
        'B'
        >>> read("So she has 3 + 4 = 7 apples.", "How many apples has she?")
        '7'
        >>> read("I don't know.", "How many apples has she?") is None
        True
    """
    sort = kind_of(question, [text]) if checked(kind) == "auto" else kind
    text = prepared(text)
    if not text:
        return None
    mark = None if sort in ("code", "json", "text") else marked(text)
    if sort not in ("code", "json") and _abstains(text, mark):
        return None
    if sort == "choice":
        return chosen(text, choices(question) or dict.fromkeys("ABCDEFGHIJ", ""), mark)
    if sort == "code":
        return _code(text)
    if sort == "json":
        return _json(text)
    if sort == "text":
        return text
    if sort == "literal":
        return _literal(text, mark)
    if sort == "number":
        return _number(mark, text, question)
    if sort == "math":
        return _formula(mark if mark is not None else _whole(text) or _last_formula(text))
    answer = mark if mark is not None else _whole(text)
    return plain(answer).strip() or None if answer else None


def key(answer: str, kind: str = "auto") -> str:
    """A key that equal answers share, so that equality is transitive.

    Args:
        answer: An answer of `read`.
        kind: See `read`; `auto` compares numbers, mathematics, and otherwise words.

    Example:
        >>> key("1,000.50") == key("$1000.5"), key("The Nile") == key("nile")
        (True, True)
    """
    if checked(kind) == "choice":
        return plain(answer).upper()
    if kind == "literal":
        return literal_key(answer)
    if kind == "json":
        return _json_key(answer)
    if kind == "code":
        return _code_key(answer)
    if kind == "number" and (value := number(plain(decimal_comma(answer)))) is not None:
        return str(value)
    if kind not in ("text", "classification") and (found := mathematical_key(answer)) is not None:
        return found
    if (value := number(plain(answer))) is not None:
        return str(value)
    return words_key(answer)


def same(one: str, other: str, kind: str = "auto") -> bool:
    r"""Whether two answers are equal.

    Example:
        >>> same("0.5", "\\frac12"), same("'a'", "'A'", "literal"), same("3 1/2", "7/2")
        (True, False, True)
    """
    return key(one, kind) == key(other, kind)


def abstains(text: str) -> bool:
    r"""Whether a text says that it does not know, by the rule in `abstention.py`.

    Example:
        >>> abstains("Hm.\nAnswer: not sure"), abstains("I'm not sure, but probably Paris")
        (True, False)
    """
    text = prepared(text)
    return _abstains(text, marked(text))


def _abstains(text: str, mark: str | None) -> bool:
    answer = mark if mark is not None else text
    return 0 < len(answer) <= LONGEST and says_nothing(plain(answer))


def words_key(text: str) -> str:
    """The words of a text, without case, articles and final punctuation."""
    # "A" alone is an option, not an article: articles are removed only before other words.
    bare = _ARTICLE.sub("", plain(text).casefold())
    return re.sub(r"\s+", " ", bare).strip(" .,;:!'\"")


def _whole(text: str) -> str | None:
    """The whole text, if it is short."""
    return text if len(text) <= SHORT and "\n" not in text else None


def _number(mark: str | None, text: str, question: str) -> str | None:
    per_cent = _PER_CENT.search(question) is not None
    for place in (mark, text):
        if place is None:
            continue
        found = plain(place).rpartition("=")[2].strip() if place is mark else None
        if found is None or number(found) is None:
            # "3 apples and 4 pears" is not a number: in a mark the first counts, in a text the
            # last.
            found = _first_number(place) if place is mark else last_number(place)
        if found:
            found = decimal_comma(found.strip())
            value = re.sub(r"(?<=\d),(?=\d{3})", "", found.rstrip("%\\ ") if per_cent else found)
            return re.sub(r"^([-+]?)\s*(?:US\$|\\?\$|€|£|¥)", r"\1", value).replace("−", "-")
    return plain(mark) if mark is not None and len(mark) <= SHORT else None


def _first_number(place: str) -> str | None:
    line = plain(place.strip().partition("\n")[0])
    if number(line) is not None:
        return line
    found = re.search(r"\\[dt]?frac\s*\{[^{}]*\}\s*\{[^{}]*\}|\d+\s+\d+/\d+", line)
    if found and number(found[0].strip()) is not None:
        return found[0]
    # "16 - 7 = 9 eggs": the part after the last equality sign counts.
    said = line.rpartition("=")[2]
    first = re.search(
        r"[-−]?\s*(?:US\$|\\?\$|€|£|¥)?\s*[-−]?\d[\d,]*(?:\.\d+)?(?:/\d+)?\s?\\?%?", said
    )
    return first[0].strip().rstrip(",") if first else None


def _formula(text: str | None) -> str | None:
    if not text:
        return None
    first = text.strip().partition("\n")[0].strip()
    inner = _DOLLARS.findall(first)
    if inner and len(re.sub(_DOLLARS, "", first).split()) > 1:
        first = inner[-1]
    bare = plain(first)
    if mathematical_key(bare) is None and (cut := plain(_AFTER.sub("", bare))) != bare:
        bare = cut if mathematical_key(cut) is not None else bare
    return bare or None


def _last_formula(text: str) -> str | None:
    found = _DOLLARS.findall(text[-4000:])
    return found[-1] if found else last_number(text)


def _literal(text: str, mark: str | None) -> str | None:
    """A literal; a bare string of a JSON field is quoted if spaces at its ends would be lost."""
    held = field(text)
    if held is not None and held != held.strip() and not _is_literal(held):
        return repr(held)
    if held == "":
        return "''"
    if mark is None:
        return literal_in(text)
    said = mark.strip()
    fenced = _FENCED.search(said)
    said = (fenced[1] if fenced else said).strip()
    for place in (said, said.strip("`"), said.rpartition("==")[2].strip(), said.rstrip(".")):
        if _is_literal(place):
            return place
    return said.strip("`") or None


def _is_literal(text: str) -> bool:
    try:
        value_of(text)
    except NotALiteralError:
        return False
    return True


def _code(text: str) -> str | None:
    blocks = [block for block in _FENCED.findall(text) if block.strip()] if "```" in text else []
    return blocks[-1].strip() if blocks else text or None


@lru_cache(maxsize=512)
def _code_key(code: str) -> str:
    if len(code) <= _LARGEST_CODE:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.dump(ast.parse(code))
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            pass
    return re.sub(r"\s+", " ", code).strip()


def _json(text: str) -> str | None:
    """The last object or list of a text as strict JSON; None if there is none."""
    blocks = [*(_FENCED.findall(text) if "```" in text else []), text]
    for block in blocks[-4:]:
        starts = [place for place in (block.find("{"), block.find("[")) if place >= 0]
        if not starts or len(block) > _LARGEST_CODE:
            continue
        if (value := mended(block[min(starts) :])) not in (None, "", [], {}):
            return json.dumps(value, ensure_ascii=False)
    return None


def mended(text: str) -> object:
    """The value of JSON that may be broken; None if it cannot be repaired."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except (ValueError, RecursionError):
        pass
    # Repairing deep or long garbage takes too much time.
    if len(text) > _LARGEST_CODE or text.count("{") + text.count("[") > 2000:
        return None
    import json_repair

    try:
        return json_repair.loads(text)
    except (ValueError, RecursionError):
        return None


def _json_key(answer: str) -> str:
    try:
        return key_of(json.loads(answer))
    except (ValueError, RecursionError):
        return literal_key(answer)
