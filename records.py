"""What a run keeps of drafts, calls and trust: plain JSON, shared by all rooms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

Status = Literal["ok", "cut", "degenerate", "failed", "empty", "cancelled", "skipped"]
"""How a draft ended. `cut`: at its token limit. `degenerate`: it repeated itself, left the
question's script, or only repeated the question. Both keep their sound beginning as text, and
`error` says why."""


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
    """One model's attempt at an answer.

    `calls`, where it calls tools: each with `name`, `args` (a text where they are no JSON) and the
    `id` that the model gave it.
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


class Call(TypedDict):
    """What was asked of a member at once, whatever it was for.

    `requests` counts what went out for it: retries, and all calls of an ensemble in a pool. The
    bounds say what it may have used at most: what it used, where that is known.
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


class Trust(TypedDict):
    """How much an answer can be trusted, and what comes next."""

    confidence: float | None
    parts: dict[str, float | None]
    wanted: float
    unsure: bool
    then: Literal["answer", "escalate", "decline"]


def storable(text: str) -> str:
    r"""Text that every database, stream and protocol takes: no half characters, no null.

    Example:
        >>> storable("a\0b\ud800")
        'ab�'
    """
    if text.isascii():
        return text.replace("\0", "")
    # A surrogate without its partner is no character; it cannot be encoded, sent or stored.
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def usable(draft: Draft) -> bool:
    """Whether a draft is whole and sound."""
    return draft["status"] == "ok"


def best_of(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts that another model may read, or a vote may count.

    Those that are whole; where there is none, those that were cut at their token limit; where
    there is none either, the sound beginnings of the rest.

    Example:
        >>> best_of([])
        []
    """
    for statuses in (("ok",), ("cut",), ("degenerate", "cancelled")):
        found = [d for d in drafts if d["status"] in statuses and (d["text"] or d.get("calls"))]
        if found:
            return found
    return []


def of_layer(drafts: Sequence[Draft], layer: int) -> list[Draft]:
    """The drafts of one layer or round that may be read; see `best_of`."""
    return best_of([draft for draft in drafts if draft["layer"] == layer])
