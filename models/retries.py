"""Which failed calls are retried, and after which pause.

The clients' own retries are off, so that every request is counted, paid from the budget, and ended
by the deadline.
"""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Mapping
from typing import Any

_FIRST_PAUSE, _AT_LIMIT, _LONGEST_PAUSE = 0.25, 0.5, 8.0
"""Seconds before the first retry, and before that of a rate limit, doubled each time, and their
maximum."""
_LONGEST_WISH = 60.0
"""The largest number of seconds of a server's `Retry-After`."""
_WORTH_ANOTHER = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_OUT_OF_CREDIT = ("insufficient_quota", "billing", "credit balance", "exceeded your current quota")
_NO_REPLY = ("No generation chunks were returned", "Unexpected response type", "null value for")
"""Texts of LangChain's ValueErrors and TypeErrors for unreadable replies."""
_BROKEN_BODY = (
    "JSONDecodeError",
    "APIResponseValidationError",
    "RemoteProtocolError",
    "BrokenReplyError",
    "KeyError",
    "TypeError",
    "AttributeError",
    "IndexError",
    "ValidationError",
)
"""Errors of client libraries for unreadable replies."""


def pause(error: BaseException, attempt: int) -> float | None:
    """Seconds until the next try; None if a retry cannot help.

    Errors that would occur again are not retried: a refused key, an unknown model, a bad request,
    an empty account, a server that does not exist.

    Args:
        error: The error of the last try.
        attempt: Number of earlier tries, from 0.

    Example:
        >>> pause(ValueError("no"), 0) is None
        True
        >>> pause(ConnectionResetError(), 0) < 1
        True
    """
    if _refused_connection(error):
        return None
    status = status_of(error)
    if status is not None:
        if status not in _WORTH_ANOTHER or out_of_credit(error):
            return None
        wish = _wished(error)
        if wish is not None:
            return wish if wish <= _LONGEST_WISH else None
    elif not _broken(error):
        return None
    first = _AT_LIMIT if status == 429 else _FIRST_PAUSE
    longest = min(_LONGEST_PAUSE, first * 2**attempt)
    # Random pauses, so that callers that were refused together do not retry together.
    return longest * (0.75 + random.random() / 4)


def turned_away(error: BaseException) -> bool:
    """Whether a request failed before a model started to answer, so that it cost nothing."""
    return status_of(error) is not None or _refused_connection(error)


def status_of(error: BaseException) -> int | None:
    """The HTTP status of an error, under the names of the client libraries."""
    for holder in (error, getattr(error, "response", None)):
        for name in ("status_code", "status", "code"):
            if isinstance(found := getattr(holder, name, None), int):
                return found
    return None


def _broken(error: BaseException) -> bool:
    """Whether the connection or the reply broke, by the error or its causes."""
    if any(words in str(error) for words in _NO_REPLY):
        return True
    names = {kind.__name__ for each in causes(error) for kind in type(each).__mro__}
    return bool(
        names & {"APIConnectionError", "TransportError", "ConnectionError", "SilentError"}
        or names & {*_BROKEN_BODY}
    )


def _refused_connection(error: BaseException) -> bool:
    return any(
        isinstance(each, ConnectionRefusedError)
        or (type(each).__name__ == "ConnectError" and "refused" in str(each).casefold())
        or "name or service not known" in str(each).casefold()
        for each in causes(error)
    )


def causes(error: BaseException | None) -> list[BaseException]:
    """An error and its causes, outermost first."""
    errors: list[BaseException] = []
    while error is not None and error not in errors:
        errors.append(error)
        error = error.__cause__ or error.__context__
    return errors


def out_of_credit(error: BaseException) -> bool:
    """Whether an account is empty, which no pause mends."""
    said = str(error).casefold()
    return any(words in said for words in _OUT_OF_CREDIT)


def _wished(error: BaseException) -> float | None:
    """Seconds that the server asks to wait in `Retry-After`, as a number or as a date."""
    headers: Any = getattr(getattr(error, "response", None), "headers", None)
    given = headers.get("retry-after") if isinstance(headers, Mapping) else None
    if given is None:
        return None
    try:
        return max(0.0, float(given))
    except ValueError:
        parsed = email.utils.parsedate_tz(given)
    return max(0.0, email.utils.mktime_tz(parsed) - time.time()) if parsed else None
