"""Call a member, and turn every failure into a failed draft.

Limits, timeouts, top-ups, usage, cost, events, and turning every failure into a failed draft are
handled here and nowhere else. A node makes an `Ask` and gets a `Reply`; it never sees an exception
of a provider, only those with which LangGraph steers a run (`models.control`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel

from ..events import Emit
from .attempts import counts_its_calls
from .budget import cap_in
from .clients import clients_of
from .control import side_by_side
from .exchange import Ask, Reply, Sample, drafts, reason, record_of
from .failures import failure_of
from .journal import Made
from .limited import limited, tell
from .quorum import Gate, gate_of
from .request import takes_n

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable


__all__ = ["Ask", "Reply", "ask", "drafts"]

ALL = "all"
"""Name of a request for all samples in a step's journal; the others have their sample's number."""


async def ask(what: Ask, emit: Emit) -> Reply:
    """Ask a member for `what.n` samples, and its fallbacks in order where it fails.

    It makes one request if the server supports `n`, topped up by parallel single requests if fewer
    samples come back. Errors of a provider are never raised; cancellation from outside and
    interrupts of a member agent pass through.

    Args:
        what: The member, the prompt and the limits.
        emit: Receives the events.

    Returns:
        Exactly `what.n` samples in a fixed order (without `top_up`: at most), and the calls.
    """
    if what.unable:
        tell(emit, what, "failed", error=what.unable)
        return Reply([Sample("skipped", error=what.unable)] * what.n, [])
    gate = gate_of(what.gate) if what.gate else None
    reply = await _asked(what, gate, emit)
    for fallback in what.member.fallbacks:
        if not (why := _failed(reply)):
            break
        more = await _asked(replace(what, member=fallback), gate, emit)
        samples = [replace(sample, instead=why) for sample in more.samples]
        reply = Reply(samples, reply.calls + more.calls)
    if gate is not None:
        gate.arrived(sum(s.status == "ok" for s in reply.samples), what.quorum)
    for index, sample in enumerate(reply.samples):
        kind = "done" if sample.status == "ok" else "failed"
        tell(emit, what, kind, what.first_index + index, text=sample.text, error=sample.error)
    return reply


def _failed(reply: Reply) -> str | None:
    """Why no sample of a reply can be used, if another server could have answered."""
    if any(s.status not in ("failed", "skipped") or cap_in(s.error) for s in reply.samples):
        return None
    return reply.first.error


async def _asked(what: Ask, gate: Gate | None, emit: Emit) -> Reply:
    """Ask one place of a member."""
    if why := clients_of(what.member).health.resting():
        return Reply([Sample("skipped", error=why)] * what.n, [])
    tell(emit, what, "started")
    model = await _model(what)
    if isinstance(model, Sample):
        return Reply([model] * what.n, [record_of(what, model, what.n)])
    return await _all_samples(model, what, gate, emit)


async def _model(what: Ask) -> Runnable[Any, Any] | Sample:
    try:
        return clients_of(what.member).model(what.member)
    except Exception as error:
        return Sample("failed", error=reason(error, what.member), failure=failure_of(error))


async def _all_samples(
    model: Runnable[Any, Any], what: Ask, gate: Gate | None, emit: Emit
) -> Reply:
    what = replace(what, journal=what.journal if what.n > 1 and _may_be_kept(model) else None)
    known = await what.journal.made() if what.journal else {}
    if ALL not in known and (what.n == 1 or not takes_n(model, what.member)):
        return await _singly(model, what, range(what.n), gate, emit, known)
    first, record = known.get(ALL) or await limited(model, what, what.n, 0, gate, emit)
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
        samples, record = await limited(model, what, 1, index, gate, emit)
        if what.journal:
            # The step is recorded when its last request ends, which may be much later.
            await what.journal.keep(str(index), samples, record)
        return samples, record

    pairs = await side_by_side(one(index) for index in indexes)
    return Reply(
        [samples[0] for samples, _ in pairs], [each for _, record in pairs for each in record]
    )
