"""The resources of a calibration, which its steps share and which never enter the graph's state.

Live objects (members, grader, embedder) and everything that grows with the data stay here or in the
ledger; the state holds only cursors and counts.
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
from ..pool import Member, Pool
from .context import CalibrationContext
from .ledger import Ledger, Question, content_key
from .ledger_checks import usable

#: The largest number of laps of a loop, independent of the data, so that checkpoints stay few.
LAPS = 40


@dataclass
class Resources:
    """The shared objects of one calibration graph's steps.

    Attributes:
        pool: The members to ask; None if all scores are recorded.
        data: The builder's data: the path of a file, or records.
        out: Folder of the profile.
        store: File of the ledger.
        grader: The user's own grader, or None for exact answers.
        embedder: As for `Profile.fit`.
        skip_bad: Whether to leave out bad rows.
        fitting: Further arguments of `Profile.fit`.
        folder: The only folder of which a run may name files; None for any.
        memo: Embedder and vectors of this process; recomputed after a crash.
    """

    pool: Pool | None
    data: str | Path | Sequence[Mapping[str, Any]] | None
    out: Path
    store: Path
    grader: Callable[..., Any] | None
    embedder: Any
    skip_bad: bool = False
    fitting: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    memo: dict[str, Any] = field(default_factory=dict)

    @asynccontextmanager
    async def ledger(self, state: Any = None) -> AsyncIterator[Ledger]:
        """Open the ledger for this run only; SQLite blocks, so threads open and close it.

        A lock of the operating system keeps other processes out. It ends with its process, so a
        killed run does not lock out others.

        Args:
            state: The state of the run, after it has loaded its questions.

        Raises:
            InputError: Another run is using the ledger, or has replaced its questions.
        """
        ledger = await asyncio.to_thread(self._open)
        try:
            with usable(self.store):
                if state is not None and await asyncio.to_thread(ledger.contents) != state["run"]:
                    raise InputError(
                        f"another calibration has replaced the questions in {self.store}: start "
                        "this one again, or give it a folder of its own"
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
        """The lock that a step holds while it uses the ledger; threads may differ."""
        return FileLock(f"{self.store}.lock", timeout=0, thread_local=False)

    @property
    def members(self) -> list[Member]:
        """The members to ask: the pool's proposers."""
        if self.pool is None:
            return []
        return [self.pool.member(name) for name in self.pool.proposers]

    @property
    def grader_name(self) -> str:
        """The grader's identity; another grader grades everything again."""
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
        """The members that must answer a question: those without a recorded score."""
        if not question.answers and self.grader is None:
            return []
        return [m for m in self.members if m.name not in question.scores]

    def pair(self, question: Question, member: Member, knobs: CalibrationContext) -> str:
        """The key of a pair of question and member: a hash of all that decides the answers.

        The address is left out, because a model on another port is still the same model.
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
        """The sampling temperature: the member's own, or the graph's."""
        return knobs.temperature if member.temperature is None else member.temperature

    @staticmethod
    def lap(total: int, least: int) -> int:
        """The amount of work of one lap of a loop."""
        return max(least, -(-total // LAPS))

    @staticmethod
    def tell(run: Run[Any], state: Any, stage: Any, done: int, total: int) -> None:
        """Emit an event with the progress of the calibration."""
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
    built = Pool.of(pool)
    if not built.proposers:
        raise InputError("a calibration needs a member to ask, or recorded scores and no pool")
    return built
