r"""Calls of tools: name and arguments against those of the data set (MMAU, arXiv 2407.18961).

The published rule compares strings without spaces and without any of ``,./-_*?+^``, and takes for
each call the first target that it matches. Here words and numbers are compared, signs and decimal
points included, and calls are assigned to targets as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from ...voting.numbers import number
from ...voting.reading import read
from ...voting.texts import prepared

Call = tuple[str, dict[str, Any]]
"""The name of a function, and its arguments."""

_DROPPED = re.compile(r"[ ,./\-_*?+^]")
_TOKEN = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?|\w+")
_WORDS = re.compile(r"(?<=[^\W\d]) (?=[^\W\d])")
_DATES = (
    *("%Y-%m-%d", "%m/%d/%Y", "%Y/%m/%d", "%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y"),
    *("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"),
)
_START = re.compile(r"[\[{]\s{0,20}[{\"]")
_JSON = json.JSONDecoder(strict=False)
_LONGEST = 2000
_MOST = 50


def calls_in(text: str) -> list[Call] | None:
    r"""The calls of a text: its last JSON list or object of them; None if it makes none.

    Example:
        >>> calls_in('I look it up.\n[{"name": "weather", "arguments": {"city": "Oslo"}}]')
        [('weather', {'city': 'Oslo'})]
        >>> calls_in("It is sunny in Oslo.") is None
        True
    """
    text = prepared(text)
    found, end = None, 0
    for start in [match.start() for match in _START.finditer(text)][:_MOST]:
        if start < end:
            continue
        with suppress(ValueError, RecursionError):
            value, end = _JSON.raw_decode(text, start)
            found = _calls(value) or found
    if found is None and (said := read(text, "", "json")):
        found = _calls(json.loads(said))  # Broken JSON, mended.
    return found


def _calls(value: Any) -> list[Call] | None:
    if isinstance(value, dict):
        inner = next((value[key] for key in ("tool_calls", "calls") if key in value), None)
        value = [value] if inner is None else inner
    calls = [_call(each) for each in value] if isinstance(value, list) else []
    return [call for call in calls if call is not None] if calls and None not in calls else None


def _call(value: Any) -> Call | None:
    """A call in the form of OpenAI's messages, or plain; None if it is none."""
    if isinstance(value, Mapping) and isinstance(value.get("function"), Mapping):
        value = value["function"]
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        return None
    given = next((value[k] for k in ("arguments", "args", "parameters") if k in value), {})
    if isinstance(given, str):
        with suppress(ValueError, RecursionError):
            given = json.loads(given or "{}")
    return (value["name"], dict(given)) if isinstance(given, Mapping) else None


def targets_in(message: Mapping[str, Any]) -> list[Call]:
    """The calls of an accepted message; empty if it answers in words.

    Raises:
        ValueError: A call of it has no name, or no arguments that can be read.
    """
    found = [_call(each) for each in message.get("tool_calls") or ()]
    if None in found:
        raise ValueError("a call of the accepted message cannot be read")
    return [call for call in found if call is not None]


def tool_calls(
    message: Mapping[str, Any], text: str, rules: Sequence[Mapping[str, Any]] = ()
) -> float:
    r"""1 if a text makes the calls of the accepted message, in any order; otherwise 0.

    Where the accepted message makes no call, a text is right if it makes none either.

    Args:
        message: The accepted message, as in OpenAI's interface.
        text: The text of a model, with its calls as JSON.
        rules: For each accepted call its `target_message_match_rules`, if there are any.

    Example:
        >>> call = {"function": {"name": "add", "arguments": '{"a": 1, "b": -2}'}}
        >>> tool_calls({"tool_calls": [call]}, '{"name": "add", "arguments": {"b": "-2", "a": 1}}')
        1.0
        >>> tool_calls({"tool_calls": [call]}, '{"name": "add", "arguments": {"a": 1, "b": 2}}')
        0.0
    """
    wanted, given = targets_in(message), calls_in(text)
    if not wanted:
        return float(bool(text.strip()) and given is None)
    if given is None or len(given) != len(wanted) or len(wanted) > _MOST:
        return 0.0
    fits = np.array([[_fits(one, *goal, same) for goal in _ruled(wanted, rules)] for one in given])
    rows, columns = linear_sum_assignment(~fits)
    return float(fits[rows, columns].all())


def published_tool_calls(
    message: Mapping[str, Any], text: str, rules: Sequence[Mapping[str, Any]] = ()
) -> float:
    """The published rule, on calls that a text writes as JSON.

    An answer in words is right if it is the accepted one to the letter.

    Example:
        >>> call = {"function": {"name": "add", "arguments": '{"a": "-2.5"}'}}
        >>> said = '{"name": "add", "arguments": {"a": "25"}}'
        >>> published_tool_calls({"tool_calls": [call]}, said)
        1.0
    """
    wanted, given = targets_in(message), calls_in(text)
    if message.get("content") and message["content"] == text:
        return 1.0
    if not wanted or given is None or len(given) != len(wanted):
        return 0.0
    left = list(_ruled(wanted, rules))
    for one in given:
        place = next((n for n, goal in enumerate(left) if _fits(one, *goal, _published)), None)
        if place is None:
            return 0.0
        del left[place]
    return 1.0


def _ruled(
    wanted: list[Call], rules: Sequence[Mapping[str, Any]]
) -> list[tuple[Call, Mapping[str, Any]]]:
    if rules and len(rules) != len(wanted):
        raise ValueError("each accepted call has its rules")
    whole = rules or [{}] * len(wanted)
    return [(call, rule.get("arguments") or {}) for call, rule in zip(wanted, whole, strict=True)]


def _fits(
    one: Call, goal: Call, rules: Mapping[str, Any], equal: Callable[[Any, Any], bool]
) -> bool:
    """Whether a call is the accepted one; an argument that is null is as one that is missing."""
    (name, given), (wanted_name, wanted) = one, goal
    if name != wanted_name or any(key not in given for key in rules):
        return False
    return all(
        _ruled_fit(given[key], wanted.get(key), rule, equal) for key, rule in rules.items()
    ) and all(
        equal(given.get(key), wanted.get(key)) for key in (given | wanted).keys() - rules.keys()
    )


def _ruled_fit(
    given: Any, wanted: Any, rule: Mapping[str, Any], equal: Callable[[Any, Any], bool]
) -> bool:
    if "regex_match" in rule:
        pattern = re.compile(rule["regex_match"], re.IGNORECASE)
        return isinstance(given, str) and pattern.match(given[:_LONGEST]) is not None
    if "multi_choices" in rule:
        return any(equal(given, choice) for choice in rule["multi_choices"])
    if rule.get("date_match") is True:
        dates = date(given), date(wanted)
        return dates[0] is not None and dates[0] == dates[1]
    if "date_match" in rule:
        return equal(given, wanted)
    raise ValueError("a rule is regex_match, multi_choices or date_match")


def date(value: Any) -> datetime | None:
    """A date in one of the usual forms; months come before days, as in the data set.

    Example:
        >>> date("April 2, 2024") == date("4/2/2024") == date("2024-04-02")
        True
    """
    if not isinstance(value, str) or len(value) > 50:
        return None
    plain = " ".join(re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|[,.]", " ", value).split())
    for form in _DATES:
        with suppress(ValueError):
            return datetime.strptime(plain, form)
    return None


def same(one: Any, other: Any) -> bool:
    """Whether two arguments are equal: numbers by value, texts by their words.

    Example:
        >>> same("April 1, 2024", "april 1 2024"), same("1.5", "15"), same("5", 5.0)
        (True, False, True)
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(same(one.get(key), other.get(key)) for key in one.keys() | other.keys())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return str(one).casefold() == str(other).casefold()
    return (
        not isinstance(one, list | Mapping)
        and not isinstance(other, list | Mapping)
        and (_words(str(one)) == _words(str(other)))
    )


def _words(text: str) -> str:
    tokens = _TOKEN.findall(text[:_LONGEST].casefold())
    if not tokens:
        return text[:_LONGEST].strip()
    values = [str(value) if (value := number(token)) is not None else token for token in tokens]
    # "New York" is "NewYork", but "1 1" is not "11".
    return _WORDS.sub("", " ".join(values))


def _published(one: Any, other: Any) -> bool:
    sides = [
        _DROPPED.sub("", side).lower().replace("'", '"') if isinstance(side, str) else side
        for side in (one, other)
    ]
    return sides[0] == sides[1]
