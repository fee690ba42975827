"""Record every call of a run, and answer later runs from the record.

Within `recording(recorder)` each request is first looked up by its content: the model, the prompt
and all options but the number of samples. A record of more samples also answers a request for
fewer. What is replayed counts in `result` as if it had been asked now, so that a replayed run has
the same result; only calls that are really made count against `recorder.budget`. Of several runs
that make the same call at the same moment one makes it, and the others wait for its reply.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

from langchain_core.messages import BaseMessage

from .arguments import Options
from .budget import Budget, OverBudgetError, Spend, reserve
from .control import MissingCallError
from .flights import Flights, alone
from .raw import Raw
from .retries import turned_away

if TYPE_CHECKING:
    from ..member import Member


class Recorder(Protocol):
    """Where calls are recorded.

    Attributes:
        live: Whether calls that are missing are made.
        budget: What the calls that are made may use.
        flying: The calls that are being made, by key.
    """

    live: bool
    budget: Budget
    flying: Flights

    def find(self, key: str, n: int) -> Raw | None:
        """The recorded reply of `n` samples; None if there is none."""
        ...

    def keep(self, key: str, n: int, member: str, raw: Raw) -> None:
        """Record a reply."""
        ...

    def miss(self, key: str, member: str, most: Spend) -> None:
        """Note a call that is missing, with its worst case."""
        ...


_recorder: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Record and replay the calls inside."""
    around = _recorder.set(recorder)
    try:
        yield
    finally:
        _recorder.reset(around)


def is_recording() -> bool:
    """Whether calls are recorded, so that times are those of the record."""
    return _recorder.get() is not None


async def recorded(
    member: Member,
    messages: Sequence[BaseMessage],
    options: Options,
    most: Spend,
    ask: Callable[[], Awaitable[Raw]],
    used: Callable[[Raw], Spend],
) -> Raw:
    """The recorded reply to a request, or that of `ask`, which is recorded.

    Args:
        member: The member that is asked.
        messages: The prompt.
        options: The options of the request.
        most: Its worst case.
        ask: Makes the request.
        used: What a reply used.

    Raises:
        MissingCallError: It is not recorded, and none may be made.
    """
    recorder = _recorder.get()
    if recorder is None:
        return await ask()
    if getattr(member.model, "replays", False):
        raw = await ask()
        raw.seconds, raw.replayed = 0.0, True
        return raw
    if options.is_test:
        return await _made(recorder, most, ask, used)
    key = call_key(member, messages, options)
    async with alone(recorder.flying, key):
        if (known := recorder.find(key, options.n)) is not None:
            known.replayed = True
            return known
        if not recorder.live:
            recorder.miss(key, member.name, most)
            raise MissingCallError(f"no recorded reply of {member.name!r}")
        raw = await _made(recorder, most, ask, used)
        recorder.keep(key, options.n, member.name, raw)
        return raw


async def _made(
    recorder: Recorder,
    most: Spend,
    ask: Callable[[], Awaitable[Raw]],
    used: Callable[[Raw], Spend],
) -> Raw:
    """The reply to a request that is made now, paid from the recording's budget."""
    try:
        settle = await reserve([recorder.budget], most)
    except OverBudgetError as over:
        said = f"{over.cap}: the budget of the recording is used up"
        raise MissingCallError(said) from None
    began, spent = time.perf_counter(), most
    try:
        raw = await ask()
        spent = used(raw)
    except Exception as error:
        if turned_away(error):
            spent = Spend(most.calls)
        raise
    finally:
        settle(spent)
    raw.seconds = round(time.perf_counter() - began, 4)
    return raw


def call_key(member: Member, messages: Sequence[BaseMessage], options: Options) -> str:
    """A hash of all that decides a reply: the model, its parameters, the prompt, the options.

    The address is not part of it, so that a server may move; nor is how many samples are wanted.
    """
    asked = [
        (m.type, m.content, getattr(m, "tool_calls", []), getattr(m, "tool_call_id", None))
        for m in messages
    ]
    seed = options.seed if member.send_seed else None
    known: dict[str, Any] = {
        "model": [member.provider, member.model_name, member.params],
        "prompt": asked,
        "temperature": options.temperature,
        "max_tokens": options.max_tokens,
        "seed": seed,
        # Samples that no seed tells apart are still several samples.
        "sample": options.sample if seed is None else None,
        "format": options.response_format,
        "tools": [options.tools, options.tool_choice],
        "letters": options.letters,
        # Only where there are any, so that older records keep their keys.
        **({"sampling": options.sampling} if options.sampling else {}),
    }
    text = json.dumps(known, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
