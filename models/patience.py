"""How long a run waits for a member that shows no sign of life.

A model that hangs takes a request and never replies. A slow one looks the same for a while, so a
member is given up only if both hold:

- It is silent for longer than it took the others of its layer to answer, twice; or for 10 s, where
  another member can take its place.
- It leaves a test call of one token unanswered, too. No other call to it shows a sign of life.

A member that answers the test is waited for. If it usually begins to answer much sooner, its
request counts as lost and is made again; with `hedge` a second one is made beside it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from .budget import OverBudgetError
from .health import Health
from .quorum import Gate
from .raw import Raw
from .retries import status_of

if TYPE_CHECKING:
    from ..member import Member

LEAST, ALONE = 3.0, 10.0
"""Seconds of silence before a member is given up: at least, and where no other has answered."""
TIMES = 2.0
"""How many times as long as the slowest of the others a member may be silent."""
UNUSUAL = 4.0
"""How many times its longest known silence makes a request a lost one."""
_FIRST_LOOK, _LOOK = 1.0, 0.25
"""Seconds until the first look at a silent call, and between two looks."""

Request = Callable[[], Coroutine[Any, Any, Raw]]


class HungError(RuntimeError):
    """A member was given up: neither its request nor a test call showed a sign of life."""


class LostError(RuntimeError):
    """A request was silent for much longer than usual, while its member answers others."""


class Patience:
    """How long one call of a member is waited for.

    Args:
        member: The member.
        health: Its last signs of life and its usual silence.
        gate: The other calls of its layer, if it has any.
        spare: Whether another member can take its place, so that it may be given up although no
            other has answered.
        size: Length of the prompt, to which the usual silence is scaled.
        whole: Whether the first sign is the whole reply, because nothing is streamed.
    """

    def __init__(
        self,
        member: Member,
        health: Health,
        gate: Gate | None,
        *,
        spare: bool,
        size: int,
        whole: bool,
    ) -> None:
        self._member = member
        self._health = health
        self._gate = gate
        self._spare = spare
        self._size = size
        self._whole = whole
        self._began = 0.0
        self._heard = False
        self._tests = 0
        self._tested = self._stalled = 0.0
        if gate is not None:
            gate.joined += 1

    def heard(self) -> None:
        """Record a sign of life: a piece of a stream, or a whole reply."""
        now = time.monotonic()
        self._health.sign(now)
        if not self._heard:
            self._heard = True
            self._health.silences.add(now - self._began, self._size, whole=self._whole)

    async def wait(self, request: Request, test: Request, *, again: bool, hedge: bool) -> Raw:
        """Make a request and wait for it as long as there is hope.

        Args:
            request: Makes the request.
            test: Makes a test call of one token.
            again: Whether a lost request would be made again.
            hedge: Whether a second request may be made beside a silent one.

        Raises:
            HungError: The member is given up.
            LostError: The request is lost.
        """
        self._began, self._heard, self._stalled = time.monotonic(), False, 0.0
        work: list[asyncio.Future[Raw]] = [asyncio.ensure_future(request())]
        tested: asyncio.Future[None] | None = None
        pause = _FIRST_LOOK
        try:
            while True:
                waiting = None if self._heard else pause
                looked = time.monotonic()
                await asyncio.wait(work, timeout=waiting, return_when=asyncio.FIRST_COMPLETED)
                # A process that gets no processor hears nobody, and blames nobody for that.
                self._stalled += max(0.0, time.monotonic() - looked - pause)
                if any(each.done() for each in work):
                    raw = await _first_of(work)
                    if raw is not None:
                        return self._whole_reply(raw)
                    continue
                pause = _LOOK
                if self._heard:
                    continue
                if hedge and len(work) == 1 and self._is_late():
                    work.append(asyncio.ensure_future(request()))
                if tested is None and self._is_due():
                    tested = asyncio.ensure_future(self._test(test))
                elif tested is not None and tested.done():
                    tested = None
                self._give_up(tested, again=again)
        except Exception as error:
            if status_of(error) is not None:
                self._health.sign(time.monotonic())
            raise
        finally:
            await _ended([*work, *([tested] if tested else [])])

    def _whole_reply(self, raw: Raw) -> Raw:
        took = time.monotonic() - self._began
        if raw.replayed:
            took = max(took, raw.seconds or 0.0)
        else:
            self.heard()
        if self._gate is not None:
            self._gate.paces.append(took)
        return raw

    @property
    def _silent(self) -> float:
        """Seconds without any sign of the member, by whichever call."""
        silent = time.monotonic() - max(self._began, self._health.last_sign)
        return silent - self._stalled

    def _limit(self) -> float | None:
        """Seconds of silence after which the member may be given up; None: never."""
        if self._member.patience is not None:
            return self._member.patience
        if self._gate is not None and 2 * len(self._gate.paces) >= self._gate.joined:
            return max(LEAST, TIMES * max(self._gate.paces))
        return ALONE if self._spare else None

    def _is_due(self) -> bool:
        """Whether a test call is due: half-way to the limit, and each time twice as late."""
        limit = self._limit()
        if limit is None or self._tests >= 3:
            return False
        if self._silent < 2**self._tests * limit / 2:
            return False
        self._tests += 1
        self._tested = time.monotonic()
        return True

    async def _test(self, test: Request) -> None:
        try:
            await test()
        except OverBudgetError:
            # Nothing is known then, and a slow member must not be given up for that.
            self._health.sign(time.monotonic())
        except Exception as error:
            if status_of(error) is not None:
                self._health.sign(time.monotonic())
        else:
            self._health.sign(time.monotonic())

    def _give_up(self, tested: asyncio.Future[None] | None, *, again: bool) -> None:
        silent, limit = self._silent, self._limit()
        waited = time.monotonic() - self._tested - self._stalled
        if limit and tested and not tested.done() and silent >= limit and waited >= limit / 2:
            raise HungError(
                f"gave no sign of life for {silent:.1f} s, nor did a test call of one token"
            )
        usual = self._health.silences.longest(self._size, whole=self._whole)
        own = time.monotonic() - self._began
        alive = self._health.last_sign > self._began
        if again and alive and usual is not None and own >= max(LEAST, UNUSUAL * usual):
            raise LostError(f"silent for {own:.1f} s, which is usually {usual:.1f} s at most")

    def _is_late(self) -> bool:
        """Whether it is silent for longer than 19 of 20 of its calls were."""
        usual = self._health.silences.late(self._size, whole=self._whole)
        return usual is not None and time.monotonic() - self._began >= usual


async def _first_of(work: list[asyncio.Future[Raw]]) -> Raw | None:
    """A reply that is there; None if one of two requests failed and the other goes on."""
    done = [each for each in work if each.done()]
    good = [each for each in done if not each.cancelled() and each.exception() is None]
    if not good and len(done) < len(work):
        work.remove(done[0])
        return None
    return await (good or done)[0]


async def _ended(works: list[asyncio.Future[Any]]) -> None:
    """Cancel what is under way, and wait until it has left its connection."""
    for each in works:
        each.cancel()
    if any(not each.done() for each in works):
        await asyncio.wait(works)
    for each in works:
        if not each.cancelled():
            each.exception()
