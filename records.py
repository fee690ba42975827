"""Records of drafts, calls and trust in a run: plain JSON, shared by all rooms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

Status = Literal["ok", "cut", "degenerate", "failed", "empty", "cancelled", "skipped"]
"""How a draft ended. `cut`: at its token limit. `degenerate`: it repeated itself, left the
question's script, or only repeated the question. Both keep their sound beginning as text, and
`error` says why."""


Failure = Literal["passing", "setup", "request", "overflow"]
"""What a failed call means for the same request later; see `models.failures`."""


class Usage(TypedDict):
    """Tokens of one or more calls.

    `estimated` is there and true where the tokens of a call were counted here, by the length of its
    texts, because its server did not report them.
    """

    input_tokens: int
    output_tokens: int
    total_tokens: int
    estimated: NotRequired[bool]


class Draft(TypedDict):
    """One model's answer before aggregation or a vote.

    `calls` are the draft's tool calls, if it has any: each with `name`, `args` (a text if they are
    not JSON) and the `id` that the model gave it. `instead` is there if a fallback of the member
    answered, and says why. `failure` is there if it failed. `logprobs` are the probabilities of its
    tokens, if they were wanted, in the form of the OpenAI protocol.
    """

    id: str
    member: str
    role: str | None
    layer: int
    index: int
    status: Status
    text: str
    answer: str | None
    usage: Usage | None
    cost_usd: float | None
    latency_ms: float
    error: str | None
    calls: NotRequired[list[dict[str, Any]]]
    instead: NotRequired[str]
    failure: NotRequired[Failure]
    logprobs: NotRequired[list[dict[str, Any]]]


class Call(TypedDict):
    """One call of a member, in any stage.

    `requests` counts its requests, including retries and all calls of an ensemble in a pool. The
    bounds are upper bounds of its usage, and equal the usage where that is known. `failure` is
    there if it failed; `without` names the sampling options that it was answered without.
    """

    stage: str
    member: str
    layer: int
    samples: int
    status: Status
    usage: Usage | None
    cost_usd: float | None
    latency_ms: float
    error: str | None
    requests: int
    bound_tokens: int
    bound_usd: float
    failure: NotRequired[Failure]
    without: NotRequired[list[str]]


class Trust(TypedDict):
    """The confidence in an answer, and the step that follows from it."""

    confidence: float | None
    parts: dict[str, float | None]
    wanted: float
    unsure: bool
    then: Literal["answer", "escalate", "decline"]


def storable(text: str) -> str:
    r"""Remove null characters and replace lone surrogates, which many systems refuse.

    Example:
        >>> storable("a\0b\ud800")
        'ab�'
    """
    if text.isascii():
        return text.replace("\0", "")
    # A surrogate without its partner cannot be encoded, sent or stored.
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# Controls but for tab and newline; what turns the direction of text; halves of characters.
_CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    r"""Text that a terminal shows and does not obey: no escape sequences, no hidden order.

    Piece by piece it gives the same, so that a stream can be printed as it comes.

    Example:
        >>> printable("a\x1b[31mb\u202ec\r")
        'a�[31mb�c'
    """
    return _CONTROLS.sub("�", text.replace("\r", ""))


def usable(draft: Draft) -> bool:
    """Whether a draft is whole and sound."""
    return draft["status"] == "ok"


def best_of(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts that another model may read or a vote may count.

    The complete drafts; if there are none, the drafts that were cut at their token limit; without
    those, the sound beginnings of the others.

    Example:
        >>> best_of([])
        []
    """
    for statuses in (("ok",), ("cut",), ("degenerate", "cancelled")):
        chosen = [d for d in drafts if d["status"] in statuses and (d["text"] or d.get("calls"))]
        if chosen:
            return chosen
    return []


def of_layer(drafts: Sequence[Draft], layer: int) -> list[Draft]:
    """The drafts of one layer or round that may be read; see `best_of`."""
    return best_of([draft for draft in drafts if draft["layer"] == layer])
