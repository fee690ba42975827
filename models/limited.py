"""One request of an ask, under all its limits: a draft, or the reason why there is none."""

from __future__ import annotations

import asyncio
import time
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
from .control import passes
from .elsewhere import slot_of
from .exchange import Ask, Sample, reason, record_of, samples_of
from .failures import failure_of
from .observers import tell_observers
from .patience import HungError, Patience
from .provider import provider_of
from .quorum import Gate
from .raw import visible_text
from .soundness import Watch, sound_beginning
from .threads import blocks

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

WATCHED = 200
"""Token limit from which on a text is streamed to detect loops; shorter texts cannot run away."""


async def limited(
    model: Runnable[Any, Any], what: Ask, n: int, index: int, gate: Gate | None, emit: Emit
) -> tuple[list[Sample], list[Call]]:
    """One request under all limits: its samples (one, if it failed), and its record, if made."""
    began = time.perf_counter()
    meter = Budget()
    options = _options(what, n, index, emit)
    options.patience = _patience(model, what, options, gate)
    work = asyncio.ensure_future(_within_limits(model, what, options, meter))
    try:
        if gate is None or what.quorum is None:
            samples = await work
        else:
            samples = await _or_quorum(work, gate, what.grace)
    except asyncio.CancelledError:
        work.cancel()
        raise
    latency = round((time.perf_counter() - began) * 1000, 1)
    samples = [replace(sample, latency_ms=sample.latency_ms or latency) for sample in samples]
    made = (
        []
        if samples[0].status == "skipped"
        else [record_of(what, samples[0], n, samples, meter.spent)]
    )
    for record in made:
        tell_observers(what, samples, record, nested=counts_its_calls(model))
    return samples, made


async def _or_quorum(work: asyncio.Future[list[Sample]], gate: Gate, grace: float) -> list[Sample]:
    opened = asyncio.ensure_future(gate.opened.wait())
    try:
        await asyncio.wait({work, opened}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done() and grace:
            await asyncio.wait({work}, timeout=grace)
        if work.done():
            return work.result()
        work.cancel()
        await asyncio.wait({work})
        return [Sample("cancelled", error="the quorum was reached without it")]
    finally:
        opened.cancel()


async def _within_limits(
    model: Runnable[Any, Any], what: Ask, options: Options, meter: Budget
) -> list[Sample]:
    member, began = what.member, time.monotonic()
    whole, health = asyncio.timeout(what.limits.seconds), clients_of(member).health
    try:
        # The wait for a free slot is not the member's fault, so its timeout starts after it.
        async with whole, slot_of(member):
            await turnstile.one_by_one()
            began = time.monotonic()
            ends = whole.when()
            left = None if ends is None else ends - asyncio.get_running_loop().time()
            own = [meter, what.limits.budget] if what.limits.budget else [meter]
            async with asyncio.timeout(member.timeout):
                with within(own, left):
                    raw = await attempts(model, what, options)
        if raw.spent is not None:
            meter.at_least(raw.spent)
        if not raw.replayed:
            health.answered()
        return samples_of(raw, what)
    except OverBudgetError as error:
        return [Sample("skipped", error=str(error))]
    except TimeoutError:
        if not whole.expired():
            health.timed_out(began)
            return [Sample("failed", error=f"timed out after {member.timeout:g} s")]
        begun = sound_beginning(visible_text("".join(options.partial)))
        return [
            Sample(
                "cancelled",
                begun,
                error=f"not done within the deadline of {what.limits.seconds:.3g} s",
            )
        ]
    except HungError as error:
        health.timed_out(began)
        return [Sample("failed", error=str(error))]
    except Exception as error:
        if passes(error):
            raise
        health.failed()
        return [Sample("failed", error=reason(error, member), failure=failure_of(error))]


def _patience(
    model: Runnable[Any, Any], what: Ask, options: Options, gate: Gate | None
) -> Patience | None:
    """How long the member is waited for while it is silent; None for what is never given up.

    Agents and other ensembles are silent while they work, a model's weights may have to be loaded
    first, and nobody but its author knows what a chat model of somebody's own does.
    """
    member = what.member
    clients = clients_of(member)
    if isinstance(member.model, str):
        waits = provider_of(member).loads_weights
    else:
        waits = not type(model).__module__.startswith("langchain_") or counts_its_calls(model)
        waits = waits or type(model).__module__.startswith("langchain_core.")
    if not isinstance(model, BaseChatModel) or waits or clients.blocking or blocks(model):
        return None
    size = sum(len(str(message.content)) for message in what.messages)
    whole = options.n > 1 or not options.streamed
    return Patience(member, clients.health, gate, spare=what.spare, size=size, whole=whole)


def _options(what: Ask, n: int, index: int, emit: Emit) -> Options:
    temperature = what.member.temperature
    if temperature is None or what.stage in ("judge", "moderate"):
        temperature = what.temperature

    def tell_token(text: str) -> None:
        tell(emit, what, "token", what.first_index + index, text=text)

    wished = what.insists or clients_of(what.member).structured
    told = not what.visible and n == 1 and what.stage == "propose" and listening(emit)
    limit = what.max_tokens or what.member.tokens(what.stage)
    watched = n == 1 and (told or what.visible or limit >= WATCHED)
    return Options(
        n=n,
        temperature=temperature,
        max_tokens=limit,
        seed=None if what.seed is None else derive(what.seed, what.first_index + index),
        sampling=dict(what.sampling),
        sample=what.first_index + index,
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


def tell(
    emit: Emit,
    what: Ask,
    kind: Any,
    index: int | None = None,
    *,
    text: str | None = None,
    error: str | None = None,
) -> None:
    """Emit an event of an ask."""
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
