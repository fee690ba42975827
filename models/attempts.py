"""One request with its retries, each paid from the budgets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from langchain_core.messages import HumanMessage

from . import sampling
from .arguments import Options
from .budget import OverBudgetError, Spend, budgets, reserve, worst
from .clients import clients_of
from .control import passes
from .elsewhere import placed
from .exchange import Ask
from .loops import of_another_loop
from .patience import HungError, LostError
from .raw import Raw
from .recorder import is_recording, recorded
from .request import request
from .retries import pause, turned_away
from .soundness import Watch

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable


_TEST = [HumanMessage("Hi")]
"""The prompt of a test call."""
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
    clients, wanted = clients_of(what.member), {*options.sampling}
    taken = sampling.sendable(model, what.member, options.sampling)
    taken = {name: value for name, value in taken.items() if name not in clients.refuses}
    options = replace(options, sampling=taken)
    while True:
        try:
            raw = await _patiently(model, what, options, tried)
            raw.without = tuple(sorted(wanted - {*options.sampling}))
            _learn(raw, what, options)
            return raw
        except OverBudgetError:
            if failed is not None:
                raise failed from None
            raise
        except HungError:
            raise
        except Exception as error:
            if passes(error):
                raise
            failed = error
        if options.response_format is not None and not what.insists and _refused_format(failed):
            clients.structured = False
            options = replace(options, response_format=None)
            continue
        if names := sampling.refused(failed, options.sampling):
            clients.refuses |= names
            kept = {k: v for k, v in options.sampling.items() if k not in names}
            options = replace(options, sampling=kept)
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


async def _patiently(model: Runnable[Any, Any], what: Ask, options: Options, tried: int) -> Raw:
    """One try, given up early where the member hangs, and perhaps a second one beside it."""
    if options.patience is None:
        return await _paid(model, what, options)
    tiny = replace(what, messages=_TEST, max_tokens=1, visible=False)
    return await options.patience.wait(
        lambda: _paid(model, what, options),
        lambda: _paid(
            model, tiny, Options(temperature=options.temperature, max_tokens=1, is_test=True)
        ),
        again=tried < _retries(what),
        # The tokens of two answers must not be mixed on their way to the user.
        hedge=what.member.hedge and not options.visible,
    )


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
    if tried >= max(_retries(what), int(broke_off)):
        return None
    if (broke_off and tried == 0) or isinstance(error, LostError):
        return 0.0
    return pause(error, tried)


def _retries(what: Ask) -> int:
    """Number of retries: a user's model object has its own, and a dead member is not worth any."""
    ours = isinstance(what.member.model, str) and clients_of(what.member).health.worth_retrying
    return what.member.retries if ours else 0


async def _paid(model: Runnable[Any, Any], what: Ask, options: Options) -> Raw:
    """One request whose worst case fits into every budget; the unused part is returned."""
    if counts_its_calls(model):
        raw = await request(model, what.member, what.messages, options)
        if is_recording():
            raw.seconds = raw.waited
        return raw
    # The innermost first, because the run's own budget reserves a part for later steps.
    payers = tuple(reversed(budgets()))
    more = [each for each in (options.tools, options.response_format) if each]
    most = worst(what.member, what.messages, options.max_tokens or 0, options.n, more)
    settle = await reserve(payers, most, what.limits.keep)
    spent = most
    try:
        raw = await recorded(
            what.member,
            what.messages,
            options,
            most,
            lambda: placed(model, what.member, what.messages, options),
            lambda raw: _used(raw, what, most),
        )
        spent = _used(raw, what, most)
    except Exception as error:
        if passes(error):
            # It goes on, and is paid for, when the run does.
            spent = Spend()
        elif turned_away(error):
            spent = Spend(most.calls)
        raise
    finally:
        settle(spent)
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
