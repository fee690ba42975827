"""The kind of answer that a question wants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, get_args

from ..errors import InputError
from .calls import is_calls
from .choices import choices
from .marked import formal

Kind = Literal[
    "choice", "number", "math", "literal", "json", "tool_calls", "code", "classification", "text"
]
KINDS: tuple[str, ...] = get_args(Kind)

_MARGIN = 4000
_LITERAL = re.compile(
    r"\[PYTHON\]|==\s*\?\?|\bpython literal\b|\b(?:output|return value|value) of (?:the |this )?"
    r"(?:following |given )?(?:python )?(?:code|program|function|expression|snippet)"
    r"|what (?:does|will) (?:the |this )"
    r"(?:following |given )?(?:python )?(?:code|program|function|snippet) (?:print|return|output)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\b(?:write|implement|complete|give)\b[^.?!\n]{0,60}"
    r"\b(?:function|program|class|script|code|query|method)\b",
    re.IGNORECASE,
)
_MATH = re.compile(
    r"\\(?:frac|sqrt|sum|int|le|ge|cdot|begin|text|pi|theta|angle|triangle)|\$[^$\n]+\$"
    r"|\b(?:simplify|factor(?:i[sz]e)?|expand|integrate|differentiate|derivative|integral"
    r"|polynomial|solve for|equation|matrix|determinant|inequality|interval notation)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\bwhat per\s?cent|\bhow (?:many|much|far|old|long|tall|fast|heavy|big|large)\b"
    r"|\bwhat (?:is|was|will be) the (?:\w+ ){0,3}"
    r"(?:number|sum|total|average|cost|price|amount|product|difference|percent\w*"
    r"|distance|area|perimeter|volume|speed|age|value|profit|ratio)\b|\bcalculate\b"
    r"|\d\s*[-+*/x×÷]\s*\d",
    re.IGNORECASE,
)
_TEXT = re.compile(
    r"\b(?:essay|story|poem|letter|e-?mail|article|summari[sz]e|explain|describe|discuss|translate"
    r"|rewrite"
    r"|write (?:a|an|me|some)|why|how (?:do|does|can|should|would|to))\b",
    re.IGNORECASE,
)


def kind_of(question: str, drafts: Sequence[Any] = ()) -> Kind:
    """The kind of answer that a question wants, or that the drafts give if the question is open.

    It is the first that applies of: tool calls among the drafts; options; a literal; code; JSON, if
    most drafts are objects; mathematics; a number; a text; a short answer (`classification`).

    Args:
        question: The question.
        drafts: The drafts, each a text or tool calls.

    Example:
        >>> kind_of("How many legs has a spider?"), kind_of("Is it? A) yes B) no")
        ('number', 'choice')
    """
    if any(is_calls(said) for said in drafts):
        return "tool_calls"
    if choices(question):
        return "choice"
    asked = question if len(question) <= 2 * _MARGIN else question[:_MARGIN] + question[-_MARGIN:]
    texts = [said for said in drafts if isinstance(said, str)]
    if _LITERAL.search(asked):
        return "literal"
    if _CODE.search(asked) and (not texts or 2 * sum("```" in text for text in texts) > len(texts)):
        return "code"
    if texts and 2 * sum(map(_object, texts)) > len(texts):
        return "json"
    if _MATH.search(asked):
        return "math"
    if _NUMBER.search(asked):
        return "number"
    if _TEXT.search(asked) and not (texts and 2 * sum(map(_marks, texts)) > len(texts)):
        return "text"
    return "classification"


def _marks(text: str) -> bool:
    """Whether a text marks a short answer."""
    return formal(text[-20_000:]) is not None


def checked(kind: str) -> str:
    """`kind`, if it exists.

    Raises:
        InputError: There is no such kind.
    """
    if kind not in (*KINDS, "auto"):
        raise InputError(f"kind must be one of auto, {', '.join(KINDS)}, not {kind!r}")
    return kind


def _object(text: str) -> bool:
    """Whether a text is a JSON object that is not a wrapped short answer."""
    bare = text.strip().removeprefix("```json").removeprefix("```").strip()
    return bare.startswith("{") and not re.search(r"[\"']\w*answer[\"']\s*:", bare[:20_000], re.I)
