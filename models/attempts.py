"""One request with its retries, each paid from the budgets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .arguments import Options
from .budget import OverBudgetError, Spend, budgets, release, reserve, worst
from .clients import clients_of
from .control import passes
from .exchange import Ask
from .loops import of_another_loop
from .raw import Raw
from .request import request
from .retries import pause, turned_away
from .soundness import Watch

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable


_GONE = 8
"""Tries that may meet a connection of an event loop that ended: each takes one from its pool.

The server gets such a request, and only its reply is lost: it counts."""


async def attempts(model: Runnable[Any, Any], what: Ask, options: Options) -> Raw:
    """Make a request, with the member's retries, and again without an option that was refused.

    Raises:
        OverBudgetError: The first try does not fit into a budget.
    """
    failed: Exception | None = None
    tried = gone = 0
    while True:
        try:
            raw = await _paid(model, what, options)
            _learn(raw, what, options)
            return raw
        except OverBudgetError:
            if failed is not None:
                raise failed from None
            raise
        except Exception as error:
            if passes(error):
                raise
            failed = error
        if options.response_format is not None and not what.insists and _refused_format(failed):
            clients_of(what.member).structured = False
            options = replace(options, response_format=None)
            continue
        if options.reports_usage and _refused_usage(failed, what, options):
            options = replace(options, reports_usage=False)
            continue
        if of_another_loop(failed) and gone < _GONE:
            gone += 1
            options = _anew(options, what)
            continue
        seconds = _pause(failed, what, options, tried)
        if seconds is None:
            raise failed
        tried += 1
        options = _anew(options, what)
        await asyncio.sleep(seconds)


def _learn(raw: Raw, what: Ask, options: Options) -> None:
    """Remember whether the server reports the tokens of a stream."""
    if options.streamed and not options.reports_usage:
        clients_of(what.member).reports_usage = False
    elif options.streamed and raw.usage and not raw.usage.get("estimated"):
        clients_of(what.member).reports_usage = True


def _refused_usage(error: Exception, what: Ask, options: Options) -> bool:
    """Whether a stream may have been refused because it was to end with its tokens.

    Somebody's own model object was not asked for them before, so a server that never reported any
    is asked once more, whatever it says.
    """
    if not options.streamed or not _refused_format(error):
        return False
    unknown = clients_of(what.member).reports_usage is None
    return "stream_options" in str(error) or (unknown and not isinstance(what.member.model, str))


def _anew(options: Options, what: Ask) -> Options:
    """The options of another try: nothing of the last one is left in them."""
    options.partial.clear()
    return options if options.watch is None else replace(options, watch=Watch(what.question))


def _pause(error: Exception, what: Ask, options: Options, tried: int) -> float | None:
    """Seconds until the next try; None if this was the last one."""
    broke_off = bool(options.partial)
    # A user's model object has its own retries; only a broken stream is requested again.
    ours = isinstance(what.member.model, str) and clients_of(what.member).health.worth_retrying
    retries = what.member.retries if ours else 0
    if tried >= max(retries, int(broke_off)):
        return None
    return 0.0 if broke_off and tried == 0 else pause(error, tried)


async def _paid(model: Runnable[Any, Any], what: Ask, options: Options) -> Raw:
    """One request whose worst case fits into every budget; the unused part is returned."""
    if counts_its_calls(model):
        return await request(model, what.member, what.messages, options)
    # The innermost first, because the run's own budget reserves a part for later steps.
    payers = tuple(reversed(budgets()))
    more = [each for each in (options.tools, options.response_format) if each]
    most = worst(what.member, what.messages, options.max_tokens or 0, options.n, more)
    if cap := reserve(payers, most, what.limits.keep):
        raise OverBudgetError(cap)
    try:
        raw = await request(model, what.member, what.messages, options)
    except Exception as error:
        if passes(error):
            # It goes on, and is paid for, when the run does.
            release(payers, most)
        elif turned_away(error):
            release(payers, most - Spend(most.calls))
        raise
    release(payers, most - _used(raw, what, most))
    return raw


def counts_its_calls(model: Any) -> bool:
    """Whether `model` is an ensemble, whose calls are counted one by one."""
    return bool(getattr(getattr(model, "builder", model), "counts_calls", False))


def _used(raw: Raw, what: Ask, most: Spend) -> Spend:
    """The usage of a request; its worst case if the provider does not report it.

    A server may have written on after a stream was ended here, so its estimate does not count.
    """
    known = raw.usage and not raw.usage.get("estimated")
    tokens = raw.usage["total_tokens"] if raw.usage and known else most.tokens
    if raw.cost_usd is not None:
        return Spend(most.calls, tokens, raw.cost_usd)
    price = what.member.price
    return Spend(
        most.calls, tokens, price.of(raw.usage) if price and raw.usage and known else most.usd
    )


def _refused_format(error: Exception) -> bool:
    status = getattr(error, "status_code", None)
    return status in (400, 404, 415, 422, 501)
