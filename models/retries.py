"""When a call that failed is made again, and how long to wait before.

The clients' own retries are off, so that every request is seen: counted, paid from the budget, and
ended by the deadline.
"""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Mapping
from typing import Any

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
"""Seconds before the first retry, doubled each time, and at most."""
_LONGEST_WISH = 60.0
"""Seconds that a server may ask us to wait."""
_WORTH_ANOTHER = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_OUT_OF_CREDIT = ("insufficient_quota", "billing", "credit balance", "exceeded your current quota")
_NO_REPLY = ("No generation chunks were returned", "Unexpected response type", "null value for")
"""What LangChain says of a reply that is none, as a ValueError or TypeError."""
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
"""What client libraries raise about a reply that is none."""


def pause(error: BaseException, attempt: int) -> float | None:
    """Seconds until another try is worth making; None where it is not.

    Not tried again is what would fail again: a refused key, an unknown model, a bad request, an
    empty account, a server that is not there.

    Args:
        error: What the last try raised.
        attempt: Number of tries before, from 0.

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
        if status not in _WORTH_ANOTHER or _out_of_credit(error):
            return None
        wish = _wished(error)
        if wish is not None:
            return wish if wish <= _LONGEST_WISH else None
    elif not _broken(error):
        return None
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
    # Callers that were refused together do not come back together.
    return longest * (0.75 + random.random() / 4)


def turned_away(error: BaseException) -> bool:
    """Whether a request failed before a model began to answer, so that it cost nothing."""
    return status_of(error) is not None or _refused_connection(error)


def status_of(error: BaseException) -> int | None:
    """The HTTP status that an error carries, under the names of the client libraries."""
    for holder in (error, getattr(error, "response", None)):
        for name in ("status_code", "status", "code"):
            if isinstance(found := getattr(holder, name, None), int):
                return found
    return None


def _broken(error: BaseException) -> bool:
    """Whether the connection or the reply broke, in the error itself or in what it came from."""
    if any(words in str(error) for words in _NO_REPLY):
        return True
    names = {kind.__name__ for each in _chain(error) for kind in type(each).__mro__}
    return bool(
        names & {"APIConnectionError", "TransportError", "ConnectionError", "SilentError"}
        or names & {*_BROKEN_BODY}
    )


def _refused_connection(error: BaseException) -> bool:
    return any(
        isinstance(each, ConnectionRefusedError)
        or (type(each).__name__ == "ConnectError" and "refused" in str(each).casefold())
        or "name or service not known" in str(each).casefold()
        for each in _chain(error)
    )


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _out_of_credit(error: BaseException) -> bool:
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
