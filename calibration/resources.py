"""The resources of a calibration: what its steps share and what must never enter the graph's state.

Live objects (members, grader, embedder) and everything that grows with the data stay here or in the
ledger; the state holds cursors and counts alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import BaseFileLock, FileLock, Timeout

from ..errors import InputError
from ..events import CalibrationEvent
from ..nodes.base import Run
from ..nodes.context import CalibrationContext
from ..pool import Member, Pool
from .ledger import Ledger, Question, content_key
from .ledger_checks import usable

#: Laps of a loop at most, however much data there is: checkpoints stay few.
LAPS = 40


@dataclass
class Resources:
    """What the steps of one calibration graph share.

    Attributes:
        pool: Who is asked; None with recorded scores alone.
        data: A file's path or records, as the builder was given them.
        out: Folder of the profile.
        store: File of the ledger.
        grader: The user's own, or None for exact answers.
        embedder: As for `Profile.fit`.
        skip_bad: Use the good rows of a file that has bad ones.
        fitting: Further arguments of `Profile.fit`.
        memo: Embedder and vectors while the process lives; made again after a crash.
    """

    pool: Pool | None
    data: str | Path | Sequence[Mapping[str, Any]] | None
    out: Path
    store: Path
    grader: Callable[..., Any] | None
    embedder: Any
    skip_bad: bool = False
    fitting: dict[str, Any] = field(default_factory=dict)
    memo: dict[str, Any] = field(default_factory=dict)

    @asynccontextmanager
    async def ledger(self, state: Any = None) -> AsyncIterator[Ledger]:
        """The open ledger, for this run alone; SQLite blocks, so threads open and close it.

        A lock of the operating system keeps other processes out; it ends with the process that
        holds it, so a killed run locks nobody out.

        Args:
            state: The run's, once it has loaded its questions.

        Raises:
            InputError: Another run is using the ledger, or has put other questions there.
        """
        ledger = await asyncio.to_thread(self._open)
        try:
            with usable(self.store):
                if state is not None and await asyncio.to_thread(ledger.contents) != state["run"]:
                    raise InputError(
                        f"another calibration has put other questions into {self.store}: start "
                        "this one anew, or give it a folder of its own"
                    )
                yield ledger
        finally:
            await asyncio.to_thread(self._close, ledger)

    def _open(self) -> Ledger:
        self.store.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.lock.acquire()
        except Timeout:
            raise InputError(
                f"another calibration is writing to {self.store}: wait for it, or give this one a "
                "folder of its own"
            ) from None
        try:
            return Ledger(self.store)
        except BaseException:
            self.lock.release()
            raise

    def _close(self, ledger: Ledger) -> None:
        try:
            ledger.close()
        finally:
            self.lock.release()

    @cached_property
    def lock(self) -> BaseFileLock:
        """Held while a step uses the ledger; taken in one thread and given back in another."""
        return FileLock(f"{self.store}.lock", timeout=0, thread_local=False)

    @property
    def members(self) -> list[Member]:
        """Who is asked: the pool's proposers."""
        if self.pool is None:
            return []
        return [self.pool.member(name) for name in self.pool.proposers]

    @property
    def grader_name(self) -> str:
        """The grader's identity: with another one everything is graded again."""
        if self.grader is None:
            return "exact"
        named = getattr(self.grader, "__qualname__", type(self.grader).__qualname__)
        return f"{getattr(self.grader, '__module__', '')}.{named}"

    def member(self, name: str) -> Member:
        """A member of the pool by name."""
        if self.pool is None:
            raise InputError(f"no pool to find member '{name}' in")
        return self.pool.member(name)

    def asked(self, question: Question) -> list[Member]:
        """The members that have to answer a question: those without a recorded score."""
        if not question.answers and self.grader is None:
            return []
        return [m for m in self.members if m.name not in question.scores]

    def pair(self, question: Question, member: Member, knobs: CalibrationContext) -> str:
        """Names a pair of question and member by all that decides the answers.

        The address is left out: a model that moves to another port is still the same one.
        """
        return content_key(
            question.query,
            [member.name, member.provider, member.model_name, member.role],
            self.temperature(member, knobs),
            knobs.max_tokens or member.tokens("propose"),
            knobs.seed,
        )

    @staticmethod
    def temperature(member: Member, knobs: CalibrationContext) -> float:
        """The temperature a member is asked at: its own before the graph's."""
        return knobs.temperature if member.temperature is None else member.temperature

    @staticmethod
    def lap(total: int, least: int) -> int:
        """How much one lap of a loop does."""
        return max(least, -(-total // LAPS))

    @staticmethod
    def tell(run: Run[Any], state: Any, stage: Any, done: int, total: int) -> None:
        """Tell how far the calibration is."""
        event: CalibrationEvent = {
            "type": "calibrated",
            "stage": stage,
            "done": done,
            "total": total,
            "calls": state.get("calls", 0),
            "cost_usd": state.get("cost_usd"),
            "failed": sum(each["calls"] for each in state.get("failures", {}).values()),
        }
        run.emit(event)


def calibration_pool(pool: Pool | Iterable[Any] | None) -> Pool | None:
    """The pool, or None; an empty list is an error.

    Raises:
        InputError: The pool is empty.
    """
    if pool is None:
        return None
    found = Pool.of(pool)
    if not found.proposers:
        raise InputError("a calibration needs a member to ask, or recorded scores and no pool")
    return found
