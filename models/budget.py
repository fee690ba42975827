"""Hard caps: a call is made only if the most that it can use still fits.

Each call reserves its worst case before it begins and gives back what it did not use. Budgets
nest: a call made inside several of them, such as an ensemble in a pool, has to fit all of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context, ContextVar, Token
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from langchain_core.messages import BaseMessage

from ..records import Usage

if TYPE_CHECKING:
    from ..member import Member

_OVERHEAD = 16
"""Tokens that a chat template may add to a message."""
_ATTACHMENT = 4096
"""Tokens that an image or another attachment may count for."""


NOT_MADE = "the budget does not allow this call"


@dataclass(frozen=True)
class Spend:
    """What calls used, or may use: how many they are, their tokens, and US dollars."""

    calls: int = 0
    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: Spend) -> Spend:
        """The sum of both."""
        return Spend(self.calls + other.calls, self.tokens + other.tokens, self.usd + other.usd)

    def __sub__(self, other: Spend) -> Spend:
        """What is left without `other`."""
        return Spend(self.calls - other.calls, self.tokens - other.tokens, self.usd - other.usd)


class OverBudgetError(RuntimeError):
    """A call that was not made, because the most that it can use does not fit."""

    def __init__(self, cap: str) -> None:
        super().__init__(f"{cap}: {NOT_MADE}")


def cap_in(error: str | None) -> str | None:
    """The cap that forbade a call, from the error that its draft keeps; None for other errors.

    Example:
        >>> cap_in(str(OverBudgetError("max_calls")))
        'max_calls'
    """
    cap, _, rest = (error or "").partition(": ")
    return cap if rest == NOT_MADE else None


class Budget:
    """Caps that are never passed, shared by all runs inside the `with` block.

    Every call, retries and nested ensembles included, is checked with the most that it can use: a
    token for each byte of the prompt, and its token limit as its answer. Thread-safe; runs of
    several event loops may share one.

    Args:
        max_calls: Most requests.
        max_total_tokens: Most tokens, prompts included.
        budget_usd: Most US dollars; members without a price count as free.
        spent: What was used before.

    Example:
        >>> from langgraph_ensemble import Budget
        >>> with Budget(max_calls=20, budget_usd=0.01) as budget:
        ...     pass  # graph.invoke(...), in as many threads and tasks as you like
        >>> budget.spent.calls
        0
    """

    def __init__(
        self,
        *,
        max_calls: int | None = None,
        max_total_tokens: int | None = None,
        budget_usd: float | None = None,
        spent: Spend | None = None,
    ) -> None:
        self.max_calls = max_calls
        self.max_total_tokens = max_total_tokens
        self.budget_usd = budget_usd
        self._spent = spent or Spend()
        self._lock = threading.Lock()
        self._entered: list[Token[tuple[Budget, ...]]] = []

    @property
    def spent(self) -> Spend:
        """What was used, and what calls under way may use at most."""
        return self._spent

    def take(self, most: Spend, keep: float = 0.0) -> str | None:
        """Reserve `most`; the name of the cap that forbids it, or None.

        Args:
            most: What a call can use.
            keep: Share of tokens and dollars to leave, and one call with them, unless nothing was
                spent yet.
        """
        with self._lock:
            after = self._spent + most
            if not self._spent.calls:
                keep = 0.0
            room = 1 - keep
            if self.max_calls is not None and after.calls + (keep > 0) > self.max_calls:
                return "max_calls"
            if (
                self.max_total_tokens is not None
                and most.tokens
                and after.tokens > room * self.max_total_tokens
            ):
                return "max_total_tokens"
            if self.budget_usd is not None and most.usd and after.usd > room * self.budget_usd:
                return "budget_usd"
            self._spent = after
            return None

    def give_back(self, unused: Spend) -> None:
        """Return what a call had reserved and did not use."""
        with self._lock:
            self._spent = self._spent - unused

    def at_least(self, known: Spend) -> None:
        """Count no less than what is known to be spent."""
        with self._lock:
            now = self._spent
            self._spent = Spend(
                max(now.calls, known.calls), max(now.tokens, known.tokens), max(now.usd, known.usd)
            )

    def __enter__(self) -> Budget:
        """Let the budget bound every run that begins in this context."""
        self._entered.append(_around.set((*_around.get(), self)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Bound no further run."""
        _around.reset(self._entered.pop())


@dataclass(frozen=True)
class Limits:
    """What one ask may take.

    Attributes:
        seconds: For the whole call, waiting for a free place included.
        budget: A call that it cannot pay at its worst is not made.
        keep: Share of the budget that is left to later steps.
    """

    seconds: float | None = None
    budget: Budget | None = None
    keep: float = 0.0


_around: ContextVar[tuple[Budget, ...]] = ContextVar("budgets", default=())
_until: ContextVar[float | None] = ContextVar("until", default=None)


def budgets() -> tuple[Budget, ...]:
    """The budgets of whoever calls, the outermost first."""
    return _around.get()


@contextmanager
def within(more: Sequence[Budget], seconds: float | None = None) -> Iterator[None]:
    """Bound what is called inside by `more` budgets, and by the seconds its caller has left."""
    around = _around.set((*_around.get(), *more))
    ends = [time.monotonic() + seconds] if seconds is not None else []
    if (outer := _until.get()) is not None:
        ends.append(outer)
    until = _until.set(min(ends, default=None))
    try:
        yield
    finally:
        _until.reset(until)
        _around.reset(around)


def apart() -> Context:
    """A context in which nothing of the caller's is set but what bounds its calls."""
    found, around, until = Context(), _around.get(), _until.get()
    found.run(_around.set, around)
    found.run(_until.set, until)
    return found


def seconds_outside() -> float | None:
    """Seconds that the caller of a nested ensemble still waits; None where nobody limits it."""
    until = _until.get()
    return None if until is None else max(0.0, until - time.monotonic())


def reserve(from_each: Sequence[Budget], most: Spend, keep: float = 0.0) -> str | None:
    """Reserve `most` from all budgets or from none; the cap that forbids it, or None.

    Args:
        from_each: The innermost first; `keep` concerns only that one.
        most: What the call can use.
        keep: See `Budget.take`.
    """
    taken: list[Budget] = []
    for budget in from_each:
        cap = budget.take(most, 0.0 if taken else keep)
        if cap is not None:
            release(taken, most)
            return cap
        taken.append(budget)
    return None


def release(from_each: Sequence[Budget], unused: Spend) -> None:
    """Give back to all budgets."""
    for budget in from_each:
        budget.give_back(unused)


def worst(member: Member, messages: Sequence[BaseMessage], answer: int, n: int, more: Any) -> Spend:
    """The most that one request can use.

    No tokenizer makes more tokens of a text than it has bytes.

    Args:
        member: Who is asked; without a price it is free.
        messages: The prompt.
        answer: Token limit of one sample.
        n: Samples.
        more: What else is sent: tools, a response format.
    """
    prompt = sum(map(_tokens_of, messages)) + (
        len(str(more).encode(errors="replace")) if more else 0
    )
    usage: Usage = {
        "input_tokens": prompt,
        "output_tokens": answer * n,
        "total_tokens": prompt + answer * n,
    }
    return Spend(1, usage["total_tokens"], member.price.of(usage) if member.price else 0.0)


def _tokens_of(message: BaseMessage) -> int:
    blocks = message.content if isinstance(message.content, list) else [message.content]
    found = _OVERHEAD + _bytes(str(getattr(message, "tool_calls", None) or ""))
    for block in blocks:
        text = block if isinstance(block, str) else block.get("text")
        if isinstance(text, str):
            found += _bytes(text)
        else:
            found += _ATTACHMENT
    return found


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))
