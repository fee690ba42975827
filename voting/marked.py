r"""Find the marked answer of a draft.

The first rule that matches wins; if it matches several times, the last match counts:

1. `<answer>…</answer>`;
2. a field named `answer` (`final_answer`, `result`, …) of a JSON object, broken ones included;
3. `\boxed{…}`;
4. `#### …`, as in GSM8K;
5. a heading "Final answer", with the answer on the lines below it;
6. "Answer: …", "the answer is …", "the correct option is …", also in Chinese, Russian, German,
   French, Spanish, Italian, Portuguese, Japanese and Korean; the answer may be on the next line.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .texts import braced, plain

_TAG = re.compile(r"<(?:final_)?answer>", re.IGNORECASE)
_TAG_END = re.compile(r"</(?:final_)?answer>", re.IGNORECASE)
_BOX = re.compile(r"\\(?:boxed|fbox)\s*\{")
_HASHES = re.compile(r"^####[ \t]+(\S[^\n]*)$", re.MULTILINE)
_HEADING = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|\*\*[ \t]*)(?:the[ \t]+)?(?:final[ \t]+|correct[ \t]+)?"
    r"(?:answer|solution|result)[ \t]*:?[ \t]*(?:\*\*)?[ \t]*:?[ \t]*\n+[ \t]*(\S[^\n]*)",
    re.MULTILINE | re.IGNORECASE,
)
_WORDS = r"(?:answer|antwort|r[ée]ponse|respuesta|risposta|resposta|ответ|答案|答え|정답|回答)"
_ANSWER = re.compile(
    rf"(?<![A-Za-z]){_WORDS}(?![A-Za-z])"
    r"(?:[ \t]+(?:to|of|for)[ \t][^\n.:]{1,60}?)?"
    r"[ \t]*(?:[*_]{1,2}[ \t]*)?"
    r"(?:\b(?:is|are|would[ \t]be|must[ \t]be|should[ \t]be|ist|est|es|é|è)\b[ \t]*[:：]?"
    r"|[:：=]|是|は|为|-[ \t]|->|→)"
    r"[ \t]*(?:[*_]{1,2})?[ \t]*(?:\n[ \t]*\n?[ \t]*)?([^\n]+)",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"\b(?:correct|right|best|true|chosen)[ \t]+(?:option|choice|answer|one|letter)[ \t]*"
    r"(?:here[ \t]*)?(?:is|would[ \t]be|:)[ \t]*:?[ \t]*(?:[*_]{1,2})?[ \t]*([^\n]+)",
    re.IGNORECASE,
)
_SIGN = re.compile(
    r"answer|antwort|r[ée]ponse|respuesta|risposta|resposta|ответ|答案|答え|정답|回答|solution|result"
    r"|correct|right|best|true|chosen",
    re.IGNORECASE,
)
_SIGNS = 200
"""Number of places that are checked, from the end."""
_FIELD = re.compile(
    r"[\"'](?:final[_ ]?answer|answer|result|output|solution)[\"'][ \t]*:[ \t\n]*", re.IGNORECASE
)
_LONGEST_FIELD = 5000


def marked(text: str) -> str | None:
    r"""The marked answer of a prepared text, unchanged; None if it marks none.

    Example:
        >>> marked("So half of it.\n**Answer**: \\boxed{\\frac12}")
        '\\frac12'
        >>> marked("### Final Answer\n\n42")
        '42'
        >>> marked('{"reasoning": "…", "answer": "18"}'), marked("答案:C")
        ('18', 'C')
    """
    mark = formal(text) or (_worded(text) or "").strip()
    # "Final Answer: The answer is (B)" has two marks; the inner one is more precise.
    inner = _ANSWER.search(mark) if 0 < len(mark) < 500 else None
    return (inner[1].strip() if inner else mark) or mark or None


def formal(text: str) -> str | None:
    """The answer that a format marks: a tag, a JSON field, a box, GSM8K's hashes."""
    for rule in (_tagged, field, _boxed, _hashed):
        if (found := rule(text)) is not None and (found := found.strip()):
            return found
    return None


def _tagged(text: str) -> str | None:
    ends = [match.start() for match in _TAG_END.finditer(text)]
    if not ends:
        return None
    starts = [match.end() for match in _TAG.finditer(text) if match.end() <= ends[-1]]
    return text[starts[-1] : ends[-1]] if starts else None


def _boxed(text: str) -> str | None:
    boxes = list(_BOX.finditer(text))
    return braced(text, boxes[-1].end()) if boxes else None


def _hashed(text: str) -> str | None:
    found = _HASHES.findall(text)
    return found[-1] if found else None


def _worded(text: str) -> str | None:
    """The answer that a heading or a phrase marks, whichever stands last."""
    for start in reversed([match.start() for match in _SIGN.finditer(text)][-_SIGNS:]):
        line = text.rfind("\n", 0, start) + 1
        for pattern, place in ((_HEADING, line), (_OPTION, start), (_ANSWER, start)):
            match = pattern.match(text, place)
            if match and match.end() > start and plain(match[1]):
                return match[1]
    return None


def field(text: str) -> str | None:
    r"""The answer field of the last JSON object; strings unchanged, other values as JSON.

    Broken JSON (a comma, a quote, a line break within a string, a missing end) does not matter:
    only the field's own value must be readable.

    Example:
        >>> field('```json\n{"reasoning": "line\nbreak", "answer": [1, 2]')
        '[1, 2]'
    """
    if "{" not in text:
        return None
    places = list(_FIELD.finditer(text))
    if not places:
        return None
    return _value(text[places[-1].end() : places[-1].end() + _LONGEST_FIELD])


def _value(rest: str) -> str | None:
    """The JSON value at the beginning of a text, repaired if it is broken."""
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(rest)
        return said(value)
    except (ValueError, RecursionError):
        pass
    if rest.startswith(('"', "'")):
        # A quote at the end of a line, or before a comma or a brace, ends the string.
        end = re.search(rf"(?<!\\){rest[0]}\s*(?:,\s*[\"'}}]|\}}|\Z|\n)", rest[1:])
        inner = rest[1 : 1 + end.start()] if end else rest[1:].partition("\n")[0]
        return _unescaped(inner)
    bare = re.match(r"[^,}\n]+", rest)
    if rest.startswith(("[", "(", "{")):
        end = re.search(r"\n\s*\}|\}\s*(?:```|\Z)", rest)
        return rest[: end.start()].strip() if end else rest.partition("\n")[0].strip()
    return bare[0].strip() if bare else None


def _unescaped(text: str) -> str:
    """A JSON string's text; LaTeX without escapes does not change."""
    if "\\\\" in text:
        return text.replace("\\\\", "\\")
    return text.replace('\\"', '"').replace("\\n", "\n")


def said(value: Any) -> str:
    """A JSON value as an answer's text."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
