"""The request to a member and its reply: samples, and a record of each request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

from ..member import Member, Stage
from ..records import Call, Draft, Failure, Status, Usage
from ..redact import redact
from ..thoughts import never_answers
from .budget import Limits, Spend
from .clients import secrets_of
from .raw import Raw, add_usage, at_limit, visible_text
from .soundness import Fault, fault, sound_beginning


@dataclass(frozen=True)
class Ask:
    """A request to one member.

    `limits` apply to the whole call; the member's own timeout starts when the call starts.
    `question` is the user's question if the text answers it; a text that runs away is stopped
    (`models.soundness`). Calls with the same `gate` share a quorum, after which the others have
    `grace` seconds more. With `spare` another member can take the place of one that hangs
    (`models.patience`). `visible` is only for the final
    answer, whose tokens go to the message stream. Without `top_up` a server that ignores `n`
    returns fewer samples, so that the caller can store paid samples before it requests more. A
    `response_format` is dropped if a server refuses it, unless the ask `insists`. With `letters`
    the server also returns the probability of each letter as first token. If `unable` gives a
    reason, the member is not called. A `journal` (`models.journal`) keeps each of several requests
    when it ends. `sampling` holds further options (`models.sampling`), which are dropped if a
    server refuses them.
    """

    member: Member
    messages: Sequence[BaseMessage]
    stage: Stage
    layer: int = 0
    role: str | None = None
    question: str = ""
    n: int = 1
    first_index: int = 0
    temperature: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    sampling: dict[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    gate: str | None = None
    quorum: int | None = None
    grace: float = 0.0
    spare: bool = False
    visible: bool = False
    response_format: dict[str, Any] | None = None
    insists: bool = False
    letters: bool = False
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    top_up: bool = True
    unable: str | None = None
    journal: Any = None


@dataclass
class Sample:
    """One text of a reply, or the reason why there is none."""

    status: Status
    text: str = ""
    usage: Usage | None = None
    cost_usd: float | None = None
    latency_ms: float = 0.0
    error: str | None = None
    message: AIMessage | None = None
    instead: str | None = None
    """Why a fallback of the member wrote it."""
    failure: Failure | None = None
    without: tuple[str, ...] = ()
    """Sampling options that were wanted, and that the model does not take."""


@dataclass
class Reply:
    """All samples of one ask, with an account of all its requests."""

    samples: list[Sample]
    calls: list[Call]

    @property
    def first(self) -> Sample:
        """The first sample, which always exists."""
        return self.samples[0]


def drafts(what: Ask, reply: Reply) -> list[Draft]:
    """The samples of a reply as drafts for the state."""
    return [_draft(what, what.first_index + i, s) for i, s in enumerate(reply.samples)]


def _draft(what: Ask, index: int, sample: Sample) -> Draft:
    draft: Draft = {
        "id": f"{what.layer}.{what.member.name}.{index}",
        "member": what.member.name,
        "role": what.role,
        "layer": what.layer,
        "index": index,
        "status": sample.status,
        "text": sample.text,
        "answer": None,
        "usage": sample.usage,
        "cost_usd": sample.cost_usd,
        "latency_ms": sample.latency_ms,
        "error": sample.error,
    }
    if what.tools and (calls := calls_of(sample.message)):
        draft["calls"] = calls
    if sample.instead:
        draft["instead"] = sample.instead
    if sample.failure:
        draft["failure"] = sample.failure
    if "logprobs" in what.sampling and (scores := logprobs_of(sample.message)):
        draft["logprobs"] = scores
    return draft


def samples_of(raw: Raw, what: Ask) -> list[Sample]:
    """The texts of one request as samples, with status, usage and cost."""
    member = what.member
    ended = [*raw.ended, *[None] * (len(raw.texts) - len(raw.ended))]
    alone = [raw.message] * len(raw.texts)
    messages = raw.messages if len(raw.messages) == len(raw.texts) else alone
    samples = []
    for text, message, reason, usage in zip(
        raw.texts, messages, ended, _shares(raw.usage, len(raw.texts)), strict=True
    ):
        cost = member.price.of(usage) if member.price and usage else None
        if cost is None and raw.cost_usd is not None:
            cost = raw.cost_usd / len(raw.texts)
        sample = _judged(text, message, reason, raw.fault, what)
        took = 0.0 if raw.seconds is None else round(raw.seconds * 1000, 1)
        told = {"usage": usage, "cost_usd": cost, "latency_ms": took}
        samples.append(replace(sample, **told, without=raw.without))
    return samples


def _judged(
    text: str, message: AIMessage | None, ended: str | None, stopped: Fault | None, what: Ask
) -> Sample:
    """A text as a sample, with its fault if it has one."""
    shown = visible_text(text)
    if calls_of(message):
        return Sample("ok", shown, message=message)
    if stopped is not None and stopped.kind == "end":
        stopped = None
    wrong = stopped or fault(shown, what.question)
    if wrong is not None:
        return Sample("degenerate", visible_text(wrong.sound), error=wrong.reason)
    if not shown:
        return Sample("empty", error=_why_empty(text, ended))
    if at_limit(ended):
        # The user has already read the last words; another model need not read them.
        kept = shown if what.visible else sound_beginning(shown)
        return Sample("cut", kept, error="it ended at its token limit", message=message)
    return Sample("ok", shown, message=message)


def _why_empty(text: str, ended: str | None) -> str:
    """Why a text has nothing to show."""
    if not never_answers(text):
        return "the answer was empty"
    if at_limit(ended):
        return "it reached its token limit while it was still thinking: raise max_tokens"
    return "it ended while it was still thinking: its <think> is never closed"


def calls_of(message: AIMessage | None) -> list[dict[str, Any]]:
    """The tool calls of a model's message; arguments that are not JSON stay text.

    Example:
        >>> calls_of(AIMessage("", tool_calls=[{"name": "stop", "args": {}, "id": "1"}]))
        [{'name': 'stop', 'args': {}, 'id': '1'}]
    """
    if message is None:
        return []
    each = [*message.tool_calls, *message.invalid_tool_calls]
    return [{"name": c["name"], "args": c["args"] or {}, "id": c["id"]} for c in each]


def logprobs_of(message: AIMessage | None) -> list[dict[str, Any]] | None:
    """The probabilities of a message's tokens, in the form of the OpenAI protocol.

    Example:
        >>> scored = {"logprobs": {"content": [{"token": "4", "logprob": -0.1}]}}
        >>> logprobs_of(AIMessage("4", response_metadata=scored))
        [{'token': '4', 'logprob': -0.1}]
    """
    told = message.response_metadata.get("logprobs") if message is not None else None
    content = told.get("content") if isinstance(told, dict) else None
    return content if isinstance(content, list) and content else None


def _shares(usage: Usage | None, count: int) -> list[Usage | None]:
    """The usage of one request, divided among its samples with an exact sum."""
    if usage is None:
        return [None] * count
    shares: list[Usage | None] = []
    for i in range(count):
        inputs = usage["input_tokens"] // count + (i < usage["input_tokens"] % count)
        outputs = usage["output_tokens"] // count + (i < usage["output_tokens"] % count)
        share: Usage = {
            "input_tokens": inputs,
            "output_tokens": outputs,
            "total_tokens": inputs + outputs,
        }
        if usage.get("estimated"):
            share["estimated"] = True
        shares.append(share)
    return shares


def record_of(
    what: Ask,
    sample: Sample,
    n: int,
    samples: Sequence[Sample] | None = None,
    spent: Spend | None = None,
) -> Call:
    """The account of one request with its retries and their usage `spent`."""
    spent = spent or Spend()
    each = list(samples or [sample])
    usages = [s.usage for s in each if s.usage is not None]
    costs = [s.cost_usd for s in each if s.cost_usd is not None]
    call: Call = {
        "stage": what.stage,
        "member": what.member.name,
        "layer": what.layer,
        "samples": n,
        "status": sample.status,
        "usage": add_usage(usages) if len(usages) == len(each) else None,
        "cost_usd": sum(costs) if len(costs) == len(each) else None,
        "latency_ms": sample.latency_ms,
        "error": sample.error,
        "requests": spent.calls,
        "bound_tokens": spent.tokens,
        "bound_usd": spent.usd,
    }
    if sample.failure:
        call["failure"] = sample.failure
    if sample.without:
        call["without"] = list(sample.without)
    return call


def reason(error: Exception, member: Member) -> str:
    """One line about an error for storage: without secrets or stack trace, and bounded."""
    lines = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {lines[0][:4000]}" if lines else type(error).__name__
    return redact(text, secrets_of(member))[:300]
