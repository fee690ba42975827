r"""Read the answer out of what a member said, by the kind of answer that the question wants.

One reader for votes, for `result`, for the judge's and the moderator's facts, for fallbacks and for
calibration. Every kind reads first what the text marks (`marked.py`); what it reads where nothing
is marked, and when two answers are the same:

| kind | where nothing is marked | the same are |
|---|---|---|
| `choice` | an option called correct, or that begins a line, or whose words stand there | letters |
| `number` | the last number | equal values |
| `math` | a text that is short as a whole, else the last formula | equal values, sets, formulas |
| `literal` | what is asserted, the last code, a text short as a whole | equal values |
| `json` | the last object or list, mended where it is broken | equal values |
| `tool_calls` | – | equal names and arguments, in any order |
| `code` | the last block of code, else all | equal syntax trees, else equal texts |
| `classification` | a text that is short as a whole | equal numbers, else equal words |
| `text` | all | equal words |

What says that it does not know, or refuses, abstains (`abstention.py`), as does a text in which
nothing can be read.
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
"""Characters of a line that may be an answer as a whole."""

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
    r"""The answer that a text gives; None where it gives none, or says that it does not know.

    Args:
        text: What a member wrote.
        question: What it was asked: for its options, and for the kind.
        kind: One of `choice`, `number`, `math`, `literal`, `json`, `code`, `classification`,
            `text`, or `auto`: as the question tells.

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
    found = mark if mark is not None else _whole(text)
    return plain(found).strip() or None if found else None


def key(answer: str, kind: str = "auto") -> str:
    """A text that is equal for answers that are the same, so that equality is transitive.

    Args:
        answer: As `read` gives it.
        kind: See `read`; `auto` compares numbers, mathematics, and else words.

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
    r"""Whether two answers are the same.

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
    found = mark if mark is not None else text
    return 0 < len(found) <= LONGEST and says_nothing(plain(found))


def words_key(text: str) -> str:
    """The words of a text, without case, articles and stops at its ends."""
    # "A" is an option, not an article: articles go only where words follow.
    bare = _ARTICLE.sub("", plain(text).casefold())
    return re.sub(r"\s+", " ", bare).strip(" .,;:!'\"")


def _whole(text: str) -> str | None:
    """A text that is short as a whole."""
    return text if len(text) <= SHORT and "\n" not in text else None


def _number(mark: str | None, text: str, question: str) -> str | None:
    per_cent = _PER_CENT.search(question) is not None
    for place in (mark, text):
        if place is None:
            continue
        found = plain(place).rpartition("=")[2].strip() if place is mark else None
        if found is None or number(found) is None:
            # "3 apples and 4 pears" is no number: of a mark the first, of a text the last counts.
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
    # "16 - 7 = 9 eggs": what stands behind the last sign of equality.
    said = line.rpartition("=")[2]
    first = re.search(
        r"[-−]?\s*(?:US\$|\\?\$|€|£|¥)?\s*[-−]?\d[\d,]*(?:\.\d+)?(?:/\d+)?\s?\\?%?", said
    )
    return first[0].strip().rstrip(",") if first else None


def _formula(found: str | None) -> str | None:
    if not found:
        return None
    first = found.strip().partition("\n")[0].strip()
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
    """A literal; a string that a JSON field holds bare is quoted where its ends would be lost."""
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
    """The last object or list of a text as strict JSON; None where there is none."""
    blocks = [*(_FENCED.findall(text) if "```" in text else []), text]
    for block in blocks[-4:]:
        starts = [place for place in (block.find("{"), block.find("[")) if place >= 0]
        if not starts or len(block) > _LARGEST_CODE:
            continue
        if (value := mended(block[min(starts) :])) not in (None, "", [], {}):
            return json.dumps(value, ensure_ascii=False)
    return None


def mended(text: str) -> object:
    """The value of JSON that may be broken; None where nothing can be made of it."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except (ValueError, RecursionError):
        pass
    # Deep or long rubbish costs a repair its time.
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
