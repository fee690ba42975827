"""Call a member, and turn every failure into a failed draft.

Limits, timeouts, top-ups, usage, cost, events, and turning every failure into a failed draft are
handled here and nowhere else. A node makes an `Ask` and gets a `Reply`; it never sees an exception
of a provider, only those with which LangGraph steers a run (`models.control`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel

from ..events import Emit, Event, listening
from ..records import Call
from ..seeds import derive
from . import turnstile
from .arguments import Options
from .attempts import attempts, counts_its_calls
from .budget import Budget, OverBudgetError, within
from .clients import clients_of
from .control import passes, side_by_side
from .exchange import Ask, Reply, Sample, drafts, reason, record_of, samples_of
from .journal import Made
from .quorum import Gate, gate_of
from .raw import visible_text
from .request import takes_n
from .soundness import Watch, sound_beginning

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable


__all__ = ["Ask", "Reply", "ask", "drafts"]

ALL = "all"
"""Name of a request for all samples in a step's journal; the others have their sample's number."""

WATCHED = 200
"""Token limit from which on a text is streamed to detect loops; shorter texts cannot run away."""


async def ask(what: Ask, emit: Emit) -> Reply:
    """Ask a member for `what.n` samples.

    It makes one request if the server supports `n`, topped up by parallel single requests if fewer
    samples come back. Errors of a provider are never raised; cancellation from outside and
    interrupts of a member agent pass through.

    Args:
        what: The member, the prompt and the limits.
        emit: Receives the events.

    Returns:
        Exactly `what.n` samples in a fixed order (without `top_up`: at most), and the calls.
    """
    if why := what.unable or clients_of(what.member).health.resting():
        _tell(emit, what, "failed", error=why)
        return Reply([Sample("skipped", error=why)] * what.n, [])
    _tell(emit, what, "started")
    gate = gate_of(what.gate) if what.gate else None
    model = await _model(what)
    if isinstance(model, Sample):
        reply = Reply([model] * what.n, [record_of(what, model, what.n)])
    else:
        reply = await _all_samples(model, what, gate, emit)
    if gate is not None:
        gate.arrived(sum(s.status == "ok" for s in reply.samples), what.quorum)
    for index, sample in enumerate(reply.samples):
        kind = "done" if sample.status == "ok" else "failed"
        _tell(emit, what, kind, what.first_index + index, text=sample.text, error=sample.error)
    return reply


async def _model(what: Ask) -> Runnable[Any, Any] | Sample:
    try:
        return clients_of(what.member).model(what.member)
    except Exception as error:
        return Sample("failed", error=reason(error, what.member))


async def _all_samples(
    model: Runnable[Any, Any], what: Ask, gate: Gate | None, emit: Emit
) -> Reply:
    what = replace(what, journal=what.journal if what.n > 1 and _may_be_kept(model) else None)
    known = await what.journal.made() if what.journal else {}
    if ALL not in known and (what.n == 1 or not takes_n(model, what.member)):
        return await _singly(model, what, range(what.n), gate, emit, known)
    first, record = known.get(ALL) or await _limited(model, what, what.n, 0, gate, emit)
    if first[0].status == "skipped":
        # The budget does not allow all samples, but may allow some.
        return await _singly(model, what, range(what.n), gate, emit, known)
    if first[0].status in ("failed", "cancelled"):
        return Reply(first * what.n, record)
    if len(first) == 1 or any(sample.status == "degenerate" for sample in first):
        # The server ignores n, or the member may run away, and several samples cannot be watched.
        clients_of(what.member).native_n = False
    missing = range(len(first), what.n)
    if not missing or not what.top_up:
        return Reply(first[: what.n], record)
    if what.journal:
        await what.journal.keep(ALL, first, record)
    rest = await _singly(model, what, missing, gate, emit, known)
    return Reply(first + rest.samples, record + rest.calls)


def _may_be_kept(model: Runnable[Any, Any]) -> bool:
    """Whether LangGraph does not notice if a call of `model` is left out.

    Within a step it tells interrupts and graphs apart by their order, and it records the calls of
    graphs itself.
    """
    return isinstance(model, BaseChatModel) and not counts_its_calls(model)


async def _singly(
    model: Runnable[Any, Any],
    what: Ask,
    indexes: Sequence[int],
    gate: Gate | None,
    emit: Emit,
    known: Mapping[str, Made],
) -> Reply:
    async def one(index: int) -> Made:
        if (made := known.get(str(index))) is not None:
            return made
        samples, record = await _limited(model, what, 1, index, gate, emit)
        if what.journal:
            # The step is recorded when its last request ends, which may be much later.
            await what.journal.keep(str(index), samples, record)
        return samples, record

    pairs = await side_by_side(one(index) for index in indexes)
    return Reply(
        [samples[0] for samples, _ in pairs], [each for _, record in pairs for each in record]
    )


async def _limited(
    model: Runnable[Any, Any], what: Ask, n: int, index: int, gate: Gate | None, emit: Emit
) -> tuple[list[Sample], list[Call]]:
    """One request under all limits: its samples (one, if it failed), and its record, if made."""
    began = time.perf_counter()
    meter = Budget()
    work = asyncio.ensure_future(_within_limits(model, what, n, index, emit, meter))
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
    made = (
        []
        if samples[0].status == "skipped"
        else [record_of(what, samples[0], n, samples, meter.spent)]
    )
    return samples, made


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
    model: Runnable[Any, Any], what: Ask, n: int, index: int, emit: Emit, meter: Budget
) -> list[Sample]:
    member, options = what.member, _options(what, n, index, emit)
    whole, health = asyncio.timeout(what.limits.seconds), clients_of(member).health
    try:
        # The wait for a free slot is not the member's fault, so its timeout starts after it.
        async with whole, clients_of(member).slot(member):
            await turnstile.one_by_one()
            ends = whole.when()
            left = None if ends is None else ends - asyncio.get_running_loop().time()
            own = [meter, what.limits.budget] if what.limits.budget else [meter]
            async with asyncio.timeout(member.timeout):
                with within(own, left):
                    raw = await attempts(model, what, options)
        if raw.spent is not None:
            meter.at_least(raw.spent)
        health.answered()
        return samples_of(raw, what)
    except OverBudgetError as error:
        return [Sample("skipped", error=str(error))]
    except TimeoutError:
        if not whole.expired():
            health.timed_out()
            return [Sample("failed", error=f"timed out after {member.timeout:g} s")]
        begun = sound_beginning(visible_text("".join(options.partial)))
        return [
            Sample(
                "cancelled",
                begun,
                error=f"not done within the deadline of {what.limits.seconds:.3g} s",
            )
        ]
    except Exception as error:
        if passes(error):
            raise
        health.failed()
        return [Sample("failed", error=reason(error, member))]


def _options(what: Ask, n: int, index: int, emit: Emit) -> Options:
    temperature = what.member.temperature
    if temperature is None or what.stage in ("judge", "moderate"):
        temperature = what.temperature

    def tell_token(text: str) -> None:
        _tell(emit, what, "token", what.first_index + index, text=text)

    wished = what.insists or clients_of(what.member).structured
    told = not what.visible and n == 1 and what.stage == "propose" and listening(emit)
    limit = what.max_tokens or what.member.tokens(what.stage)
    watched = n == 1 and (told or what.visible or limit >= WATCHED)
    return Options(
        n=n,
        temperature=temperature,
        max_tokens=limit,
        seed=None if what.seed is None else derive(what.seed, what.first_index + index),
        response_format=what.response_format if wished else None,
        tools=what.tools,
        tool_choice=what.tool_choice,
        letters=what.letters,
        visible=what.visible,
        idle_timeout=what.member.idle_timeout,
        reports_usage=clients_of(what.member).reports_usage is not False,
        on_token=tell_token if told else None,
        watch=Watch(what.question) if watched else None,
    )


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
