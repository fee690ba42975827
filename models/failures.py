"""What a failed call means for whoever asked: whether the same request may succeed later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import InputError
from ..records import Failure
from .budget import cap_in
from .retries import out_of_credit, status_of

_TOO_LONG = (
    "context_length_exceeded",
    "context length",
    "context window",
    "context size",
    "prompt is too long",
    "input is too long",
    "too many tokens",
    "maximum number of tokens",
)
"""Texts of servers for a conversation that does not fit into a model's context."""
_REFUSED = (400, 413, 415, 422)
_NOT_SET_UP = (401, 402, 403, 404, 405, 410, 501)
_WORST_FIRST: tuple[Failure, ...] = ("passing", "setup", "request", "overflow")


def failure_of(error: BaseException) -> Failure:
    """The kind of a provider's error.

    `overflow`: the conversation is longer than the model's context. `request`: the server refuses
    what was asked. `setup`: a wrong key, no credit, an unknown model; the pool has to be mended.
    `passing`: anything else, which may be over at the next try.

    Example:
        >>> failure_of(InputError("the key is missing")), failure_of(TimeoutError())
        ('setup', 'passing')
    """
    if isinstance(error, InputError | ImportError):
        return "setup"
    status, said = status_of(error), str(error).casefold()
    if status in _REFUSED:
        return "overflow" if any(words in said for words in _TOO_LONG) else "request"
    if status in _NOT_SET_UP or (status == 429 and out_of_credit(error)):
        return "setup"
    return "passing"


def together(records: Iterable[Mapping[str, Any]]) -> Failure:
    """The kind of a run's failure, from its failed drafts or calls.

    It is `passing` if one of them may succeed at the next try.

    Example:
        >>> together([{"failure": "overflow"}, {"failure": "setup"}])
        'setup'
    """
    kinds = {_kind(each) for each in records}
    for kind in _WORST_FIRST:
        if kind in kinds:
            return kind
    return "passing"


def _kind(record: Mapping[str, Any]) -> Failure:
    if cap_in(record.get("error")) or record.get("status") == "cancelled":
        # The request's own budget or time does not suffice.
        return "request"
    return record.get("failure") or "passing"
