"""The one room that calls models.

Limits, timeouts, top-ups, usage, cost, events, and turning every failure into a failed draft live
here and nowhere else. A node says what it wants with `Ask` and gets a `Reply`; it never sees an
exception of a provider.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, BaseMessage

from ..pool import Stage, secrets_of
from ..redact import redact
from .events import Emit, Event, listening
from .gate import Gate, gate_of
from .request import Options, Raw, add_usage, request, takes_n, visible_text
from .seeds import derive
from .state import Call, Draft, Status, Usage

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from ..pool import Member


@dataclass(frozen=True)
class Ask:
    """What is asked of one member.

    `seconds` bounds the whole call beside the member's own timeout. Calls with the same `gate`
    share a quorum. `visible` is for the final answer alone: its tokens go to the message stream.
    """

    member: Member
    messages: Sequence[BaseMessage]
    stage: Stage
    layer: int = 0
    role: str | None = None
    n: int = 1
    first_index: int = 0
    temperature: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    seconds: float | None = None
    gate: str | None = None
    quorum: int | None = None
    visible: bool = False
    response_format: dict[str, Any] | None = None


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


@dataclass
class Reply:
    """All samples of one ask, with an account of every request that was made for them."""

    samples: list[Sample]
    calls: list[Call]

    @property
    def first(self) -> Sample:
        """The first sample; there always is one."""
        return self.samples[0]


async def ask(what: Ask, emit: Emit) -> Reply:
    """Ask a member for `what.n` samples.

    One request where the server honours `n`, topped up by single requests in parallel where fewer
    come back. Never raises for what a provider does; cancellation from outside passes through.

    Args:
        what: The member, the prompt and the limits.
        emit: Where events go.

    Returns:
        Exactly `what.n` samples in a fixed order, and the calls made.
    """
    _tell(emit, what, "started")
    gate = gate_of(what.gate) if what.gate else None
    model = await _model(what)
    if isinstance(model, Sample):
        reply = Reply([model] * what.n, [_record(what, model, what.n)])
    else:
        reply = await _all_samples(model, what, gate, emit)
    if gate is not None:
        gate.arrived(sum(s.status == "ok" for s in reply.samples), what.quorum)
    for index, sample in enumerate(reply.samples):
        kind = "done" if sample.status == "ok" else "failed"
        _tell(emit, what, kind, what.first_index + index, text=sample.text, error=sample.error)
    return reply


def drafts(what: Ask, reply: Reply) -> list[Draft]:
    """The samples of a reply as drafts for the state."""
    return [
        {
            "id": f"{what.layer}.{what.member.name}.{what.first_index + index}",
            "member": what.member.name,
            "role": what.role,
            "layer": what.layer,
            "index": what.first_index + index,
            "status": sample.status,
            "text": sample.text,
            "answer": None,
            "usage": sample.usage,
            "cost_usd": sample.cost_usd,
            "latency_ms": sample.latency_ms,
            "error": sample.error,
        }
        for index, sample in enumerate(reply.samples)
    ]


async def _model(what: Ask) -> Runnable | Sample:
    try:
        return what.member.live.model(what.member)
    except Exception as error:
        return Sample("failed", error=_reason(error, what.member))


async def _all_samples(model: Runnable, what: Ask, gate: Gate | None, emit: Emit) -> Reply:
    if what.n == 1 or not takes_n(model, what.member):
        return await _singly(model, what, range(what.n), gate, emit)
    first, record = await _limited(model, what, what.n, 0, gate, emit)
    if first[0].status in ("failed", "cancelled"):
        return Reply(first * what.n, [record])
    if len(first) == 1:
        what.member.live.native_n = False
    missing = range(len(first), what.n)
    if not missing:
        return Reply(first[: what.n], [record])
    rest = await _singly(model, what, missing, gate, emit)
    return Reply(first + rest.samples, [record, *rest.calls])


async def _singly(
    model: Runnable, what: Ask, indexes: Sequence[int], gate: Gate | None, emit: Emit
) -> Reply:
    pairs = await asyncio.gather(*(_limited(model, what, 1, i, gate, emit) for i in indexes))
    return Reply([samples[0] for samples, _ in pairs], [record for _, record in pairs])


async def _limited(
    model: Runnable, what: Ask, n: int, index: int, gate: Gate | None, emit: Emit
) -> tuple[list[Sample], Call]:
    """One request under all limits: its samples (one, if it failed) and its record."""
    began = time.perf_counter()
    work = asyncio.ensure_future(_within_limits(model, what, n, index, emit))
    try:
        if gate is None or what.quorum is None:
            samples = await work
        else:
            samples = await _or_quorum(work, gate)
    except asyncio.CancelledError:
        work.cancel()
        raise
    latency = round((time.perf_counter() - began) * 1000, 1)
    samples = [replace(sample, latency_ms=latency) for sample in samples]
    return samples, _record(what, samples[0], n, samples)


async def _or_quorum(work: asyncio.Future[list[Sample]], gate: Gate) -> list[Sample]:
    opened = asyncio.ensure_future(gate.opened.wait())
    try:
        await asyncio.wait({work, opened}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        work.cancel()
        await asyncio.wait({work})
        return [Sample("cancelled", error="the quorum was reached without it")]
    finally:
        opened.cancel()


async def _within_limits(
    model: Runnable, what: Ask, n: int, index: int, emit: Emit
) -> list[Sample]:
    member = what.member
    seconds = min(member.timeout, what.seconds or member.timeout)
    try:
        async with asyncio.timeout(seconds):
            async with member.live.slot(member):
                return await _attempts(model, what, n, index, emit)
    except TimeoutError:
        if what.seconds is not None and what.seconds <= member.timeout:
            return [Sample("cancelled", error=f"not done within the deadline of {seconds:g} s")]
        return [Sample("failed", error=f"timed out after {seconds:g} s")]
    except Exception as error:
        return [Sample("failed", error=_reason(error, member))]


async def _attempts(model: Runnable, what: Ask, n: int, index: int, emit: Emit) -> list[Sample]:
    """Ask once; once more where a refused response format or a broken stream is to blame."""
    options = _options(what, n, index, emit)
    try:
        raw = await request(model, what.member, what.messages, options)
    except Exception as error:
        if options.response_format is not None and _refused_format(error):
            what.member.live.structured = False
            options = replace(options, response_format=None, partial=[])
        elif not options.partial:
            raise
        else:
            # The client library retries what fails before the first token, but not a stream that
            # breaks off: half an answer is no answer.
            options = replace(options, partial=[])
        raw = await request(model, what.member, what.messages, options)
    return _samples(raw, what.member)


def _options(what: Ask, n: int, index: int, emit: Emit) -> Options:
    temperature = what.member.temperature
    if temperature is None or what.stage != "propose":
        temperature = what.temperature

    def tell_token(text: str) -> None:
        _tell(emit, what, "token", what.first_index + index, text=text)

    streamed = not what.visible and n == 1 and what.stage == "propose" and listening(emit)
    return Options(
        n=n,
        temperature=temperature,
        max_tokens=what.max_tokens or what.member.tokens(what.stage),
        seed=None if what.seed is None else derive(what.seed, what.first_index + index),
        response_format=what.response_format if what.member.live.structured else None,
        visible=what.visible,
        on_token=tell_token if streamed else None,
    )


def _samples(raw: Raw, member: Member) -> list[Sample]:
    shares = _shares(raw.usage, len(raw.texts))
    found = []
    for text, usage in zip(raw.texts, shares, strict=True):
        shown = visible_text(text)
        cost = member.price.of(usage) if member.price and usage else None
        if cost is None and raw.cost_usd is not None:
            cost = raw.cost_usd / len(raw.texts)
        if shown:
            found.append(Sample("ok", shown, usage, cost, message=raw.message))
        else:
            found.append(Sample("empty", "", usage, cost, error="the answer was empty"))
    return found


def _shares(usage: Usage | None, count: int) -> list[Usage | None]:
    """The usage of one request, shared among its samples so that the sum stays exact."""
    if usage is None:
        return [None] * count
    shares: list[Usage | None] = []
    for i in range(count):
        inputs = usage["input_tokens"] // count + (i < usage["input_tokens"] % count)
        outputs = usage["output_tokens"] // count + (i < usage["output_tokens"] % count)
        shares.append(
            {"input_tokens": inputs, "output_tokens": outputs, "total_tokens": inputs + outputs}
        )
    return shares


def _record(what: Ask, sample: Sample, n: int, samples: Sequence[Sample] | None = None) -> Call:
    each = list(samples or [sample])
    usages = [s.usage for s in each if s.usage is not None]
    costs = [s.cost_usd for s in each if s.cost_usd is not None]
    return {
        "stage": what.stage,
        "member": what.member.name,
        "layer": what.layer,
        "samples": n,
        "status": sample.status,
        "usage": add_usage(usages) if len(usages) == len(each) else None,
        "cost_usd": sum(costs) if len(costs) == len(each) else None,
        "latency_ms": sample.latency_ms,
        "error": sample.error,
    }


def _reason(error: Exception, member: Member) -> str:
    """One line about an error, fit to be stored: no secret, no stack trace, not endless."""
    lines = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return redact(text, secrets_of(member))[:300]


def _refused_format(error: Exception) -> bool:
    status = getattr(error, "status_code", None)
    return status in (400, 404, 415, 422, 501)


def _tell(
    emit: Emit,
    what: Ask,
    kind: Any,
    index: int | None = None,
    *,
    text: str | None = None,
    error: str | None = None,
) -> None:
    event: Event = {
        "type": kind,
        "stage": what.stage,
        "layer": what.layer,
        "member": what.member.name,
        "role": what.role,
        "index": what.first_index if index is None else index,
    }
    if text:
        event["text"] = text
    if error:
        event["error"] = error
    emit(event)
