"""What a server watches: each request, each run of a graph, and each call of a member.

The runs of our own endpoints and those of LangGraph's queue are told to the same sinks: metrics,
the log, traces, and the usage of keys.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ...errors import InputError
from ...records import Call
from .usage import of_call

if TYPE_CHECKING:
    from ...models.budget import Budget
    from ...models.exchange import Ask, Sample

KEY_HEADER = "x-ensemble-key"
"""Header with the name of a request's key, which only the server itself sets."""
ID_HEADER = "x-request-id"
TRACE_HEADER = "traceparent"
HANDED_ON = (KEY_HEADER, ID_HEADER, TRACE_HEADER)
"""Headers that LangGraph's queue hands on to its runs."""


ITSELF = "/noauth"
"""The `root_path` of requests that LangGraph makes of itself, on behalf of one that has passed."""


def is_its_own(scope: Mapping[str, Any]) -> bool:
    """Whether LangGraph makes a request of itself."""
    return scope.get("root_path") == ITSELF


@dataclass(frozen=True)
class Asker:
    """Who asked: the id of the request, the name of its key, and the trace it belongs to."""

    request: str = ""
    key: str | None = None
    trace: str | None = None
    lease: Any = None
    """Its place among the runs at once (`admission.Lease`)."""


ASKER: ContextVar[Asker | None] = ContextVar("asker", default=None)
"""The request that is being answered."""


@dataclass
class Run:
    """One run of a graph, with the sums of its calls so far."""

    graph: str
    asker: Asker
    watch: Watch
    thread: str | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    began: float = field(default_factory=time.time)
    seconds: float = 0.0
    status: str = "running"
    error: str | None = None
    sums: dict[str, float] = field(default_factory=lambda: {"runs": 1.0})
    question: Any = None
    answer: Any = None
    notes: dict[str, Any] = field(default_factory=dict)
    """What a sink keeps with the run."""

    @property
    def budget(self) -> Budget | None:
        """What its key may still use."""
        return self.watch.budget_of(self.asker.key, self.graph)

    def called(self, what: Ask, samples: Sequence[Sample], call: Call, *, nested: bool) -> None:
        """See `models.observers.Observer`."""
        sums = {} if nested else of_call(call)
        for name, value in sums.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        for sink in self.watch.sinks:
            sink.called(self, what, samples, call, nested=nested)

    def end(self, error: BaseException | None = None) -> None:
        """Tell the sinks that the run has ended."""
        self.seconds = time.time() - self.began
        self.status = _status(error)
        if self.status == "failed" and error is not None:
            self.error = self.watch.words(error)
        for sink in self.watch.sinks:
            sink.ended(self)
        if self.asker.lease is not None:
            self.asker.lease.drop()


class Sink:
    """What is told of runs and their calls; each method does nothing by default."""

    def began(self, run: Run) -> None:
        """A run has begun."""

    def called(
        self, run: Run, what: Ask, samples: Sequence[Sample], call: Call, *, nested: bool
    ) -> None:
        """A call of a run has ended."""

    def ended(self, run: Run) -> None:
        """A run has ended."""


class Budgets(Protocol):
    """Where the budgets of keys are."""

    def budget(self, name: str, graph: str) -> Budget | None:
        """The budget of a key in its current period, for a graph's calls; None if it has none."""
        ...

    def knows(self, name: str | None) -> bool:
        """Whether there is such a key; without keys everybody is known."""
        ...


class Words(Protocol):
    """An error in one line, without secrets."""

    def __call__(self, error: BaseException) -> str:
        """The line."""
        ...


@dataclass
class Watch:
    """The sinks of a server, and the budgets of its keys."""

    sinks: list[Sink] = field(default_factory=list)
    budgets: Budgets | None = None
    words: Words = lambda error: type(error).__name__
    texts: bool = False
    """Whether questions and answers are kept for the sinks."""

    def begin(self, graph: str, configurable: Mapping[str, Any]) -> Run:
        """A run that begins now, of the request that is being answered or that queued it.

        Raises:
            InputError: The server has keys, and the run belongs to none of them.
        """
        asker = ASKER.get() or Asker(
            str(configurable.get(ID_HEADER) or ""),
            configurable.get(KEY_HEADER),
            configurable.get(TRACE_HEADER),
        )
        if self.budgets and not self.budgets.knows(asker.key):
            raise InputError("this run belongs to no key of this server: start it by a request")
        thread = configurable.get("thread_id")
        if asker.lease is not None:
            asker.lease.hold()
        run = Run(graph, asker, self, None if thread is None else str(thread))
        for sink in self.sinks:
            sink.began(run)
        return run

    def budget_of(self, key: str | None, graph: str) -> Budget | None:
        """The budget of a key, for a graph's calls."""
        return self.budgets.budget(key, graph) if self.budgets and key else None


def _status(error: BaseException | None) -> str:
    if error is None:
        return "ok"
    gone = isinstance(error, GeneratorExit | asyncio.CancelledError | KeyboardInterrupt)
    return "cancelled" if gone else "failed"


CURRENT: list[Watch] = []
"""The watch of this process's server, while it is open; the newest is last."""


def current() -> Watch | None:
    """The watch of this process's server; None if there is no server."""
    return CURRENT[-1] if CURRENT else None
