"""Which members answer: by their last calls, and by free requests to their servers.

A server that speaks the OpenAI protocol is asked for its list of models, which costs nothing. What
runs in this process answers, and of others only the calls tell.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ...member import Member
from ...models.clients import secrets_of
from ...pool import Pool
from ...records import Call
from ...redact import redact
from .metrics import MEMBER_UP
from .watch import Run, Sink

if TYPE_CHECKING:
    from ...models.exchange import Ask, Sample

State = Literal["answers", "fails", "unknown"]
PATIENCE = 3.0
"""Seconds that a look at a member's server may take."""
_TOO_OFTEN, _LATELY = 3, 60.0
"""Number of failed calls in a row, and the seconds since the last one, that count as failing."""


@dataclass
class _Known:
    """What is known of one member."""

    look: State = "unknown"
    why: str | None = None
    failures: int = 0
    last: str | None = None
    failed_at: float = float("-inf")

    def now(self) -> tuple[State, str | None]:
        lately = time.monotonic() - self.failed_at < _LATELY
        if self.failures >= _TOO_OFTEN and lately:
            return "fails", self.last
        return self.look, self.why


class Members(Sink):
    """The state of a pool's members.

    Args:
        pool: The members.
        every: Seconds for which a look at their servers holds.

    Example:
        >>> import asyncio
        >>> members = Members(Pool(["ollama:qwen2.5:7b"]))
        >>> asyncio.run(members.report())["status"] in ("ok", "down")
        True
    """

    def __init__(self, pool: Pool, every: float = 15.0) -> None:
        self._pool = pool
        self._every = every
        self._known = {member.name: _Known() for member in pool}
        self._looked = float("-inf")
        self._looking: asyncio.Task[None] | None = None

    def called(
        self, run: Run, what: Ask, samples: Sequence[Sample], call: Call, *, nested: bool
    ) -> None:
        """See `Sink`."""
        known = self._known.get(call["member"])
        if known is None or call["status"] == "cancelled":
            return
        if call["status"] == "failed":
            known.failures += 1
            known.last, known.failed_at = call["error"], time.monotonic()
        else:
            known.failures = 0
            known.look, known.why = "answers", None
        MEMBER_UP.labels(call["member"]).set(known.now()[0] != "fails")

    async def report(self) -> dict[str, Any]:
        """The state of all members, looked at anew if the last look is old.

        Returns:
            `status`: `ok`, `degraded` where some fail, `down` where all do; `members`: for each its
            `status` (`answers`, `fails` or `unknown`), and the `error` if it fails.
        """
        if time.monotonic() - self._looked > self._every:
            # All who ask at the same moment wait for one look.
            self._looking = self._looking or asyncio.create_task(self._look())
            await asyncio.shield(self._looking)
        members: dict[str, Any] = {}
        for name, known in self._known.items():
            state, why = known.now()
            members[name] = {"status": state, **({"error": why} if why else {})}
            MEMBER_UP.labels(name).set(state != "fails")
        failing = sum(each["status"] == "fails" for each in members.values())
        down = failing == len(members)
        status = "down" if down else "degraded" if failing else "ok"
        return {"status": status, "members": members}

    async def _look(self) -> None:
        try:
            looks = await asyncio.gather(*(_look_at_all(member) for member in self._pool))
            for member, (state, why) in zip(self._pool, looks, strict=True):
                known = self._known[member.name]
                if state != "unknown":
                    known.look, known.why = state, why
            self._looked = time.monotonic()
        finally:
            self._looking = None


async def _look_at_all(member: Member) -> tuple[State, str | None]:
    """The state of a member's first place; where that fails, of its fallbacks."""
    state, why = await _look_at(member)
    for fallback in member.fallbacks if state == "fails" else ():
        if (await _look_at(fallback))[0] != "fails":
            return "answers", None
    return state, why


async def _look_at(member: Member) -> tuple[State, str | None]:
    """Whether a member's server is there and takes its key."""
    if member.provider == "pocket":
        return "answers", None
    if not isinstance(member.model, str) or not member.base_url or not member.speaks_openai:
        return "unknown", None
    import httpx

    key = os.environ.get(member.key_variable or "", "")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            reply = await client.get(member.base_url.rstrip("/") + "/models", headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        said = f"{type(error).__name__}: its server does not answer"
        return "fails", redact(said, frozenset(secrets_of(member)))
    if reply.status_code in (401, 403):
        return "fails", f"its server refuses the key ({reply.status_code})"
    if reply.status_code >= 500:
        return "fails", f"its server answers with status {reply.status_code}"
    return "answers", None
