"""Hard caps: a call is made only if its worst case still fits.

Each call reserves its worst case before it begins and returns the unused part. Budgets nest: a call
inside several budgets, such as a call of an ensemble in a pool, must fit into all of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context, ContextVar, Token
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from langchain_core.messages import BaseMessage

from ..records import Usage
from .observers import hand_on

if TYPE_CHECKING:
    from ..member import Member

_OVERHEAD = 16
"""Number of tokens that a chat template may add to a message."""
_ATTACHMENT = 4096
"""Number of tokens of an image or another attachment in the worst case."""


NOT_MADE = "the budget does not allow this call"


@dataclass(frozen=True)
class Spend:
    """The usage of calls, or its upper bound: their number, their tokens, and US dollars."""

    calls: int = 0
    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: Spend) -> Spend:
        """The sum of both."""
        return Spend(self.calls + other.calls, self.tokens + other.tokens, self.usd + other.usd)

    def __sub__(self, other: Spend) -> Spend:
        """The difference of both."""
        return Spend(self.calls - other.calls, self.tokens - other.tokens, self.usd - other.usd)


Settle = Callable[[Spend], None]
"""What ends a reservation: it is told once what the call has used."""


class OverBudgetError(RuntimeError):
    """A call was not made, because its worst case does not fit into a budget."""

    def __init__(self, cap: str) -> None:
        super().__init__(f"{cap}: {NOT_MADE}")
        self.cap = cap


def cap_in(error: str | None) -> str | None:
    """The cap that forbade a call, from the error of its draft; None for other errors.

    Example:
        >>> cap_in(str(OverBudgetError("max_calls")))
        'max_calls'
    """
    cap, _, rest = (error or "").partition(": ")
    return cap if rest == NOT_MADE else None


class Budget:
    """Caps that are never exceeded, shared by all runs inside the `with` block.

    Every call, including retries and nested ensembles, is checked with its worst case: one token
    for each byte of the prompt, and the token limit for the answer. A budget is thread-safe, and
    runs in several event loops may share it.

    Args:
        max_calls: The largest number of requests.
        max_total_tokens: The largest number of tokens, including prompts.
        budget_usd: The largest cost in US dollars; members without a price count as free.
        spent: Usage before this budget.

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
        """The usage so far, with the worst case of calls in flight."""
        return self._spent

    def take(self, most: Spend, keep: float = 0.0) -> str | None:
        """Reserve `most`; the name of the cap that forbids it, or None.

        Args:
            most: The worst case of a call.
            keep: Share of tokens and dollars to leave for later, with one call, unless nothing was
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

    async def hold(self, most: Spend, keep: float = 0.0) -> Settle:
        """Reserve `most`, as `take` does; a budget that is kept elsewhere waits for its answer.

        Raises:
            OverBudgetError: A cap forbids it.
        """
        if cap := self.take(most, keep):
            raise OverBudgetError(cap)
        return lambda used: self.give_back(most - used)

    def give_back(self, unused: Spend) -> None:
        """Return the unused part of a call's reservation."""
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
        """Apply the budget to every run that begins in this context."""
        self._entered.append(_around.set((*_around.get(), self)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop applying the budget to new runs."""
        _around.reset(self._entered.pop())


@dataclass(frozen=True)
class Limits:
    """Limits of one ask.

    Attributes:
        seconds: Time limit of the whole call, including the wait for a free slot.
        budget: The budget; a call whose worst case does not fit is not made.
        keep: Share of the budget that is reserved for later steps.
    """

    seconds: float | None = None
    budget: Budget | None = None
    keep: float = 0.0


_around: ContextVar[tuple[Budget, ...]] = ContextVar("budgets", default=())
_until: ContextVar[float | None] = ContextVar("until", default=None)


def budgets() -> tuple[Budget, ...]:
    """The budgets of the current context, the outermost first."""
    return _around.get()


@contextmanager
def within(more: Sequence[Budget], seconds: float | None = None) -> Iterator[None]:
    """Apply `more` budgets, and the caller's remaining seconds, to the calls inside."""
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
    """A context that takes only the caller's budgets, time limit and observers."""
    context, around, until = Context(), _around.get(), _until.get()
    context.run(_around.set, around)
    context.run(_until.set, until)
    hand_on(context)
    return context


def seconds_outside() -> float | None:
    """Seconds that the caller of a nested ensemble still waits; None if there is no limit."""
    until = _until.get()
    return None if until is None else max(0.0, until - time.monotonic())


async def reserve(from_each: Sequence[Budget], most: Spend, keep: float = 0.0) -> Settle:
    """Reserve `most` from all budgets or from none, until the call is settled.

    Args:
        from_each: The budgets, the innermost first; `keep` applies only to that one.
        most: The worst case of the call.
        keep: See `Budget.take`.

    Raises:
        OverBudgetError: A cap forbids it.
    """
    held: list[Settle] = []

    def settle(used: Spend) -> None:
        for each in held:
            each(used)

    try:
        for budget in from_each:
            held.append(await budget.hold(most, 0.0 if held else keep))
    except BaseException:
        settle(Spend())
        raise
    return settle


def worst(member: Member, messages: Sequence[BaseMessage], answer: int, n: int, more: Any) -> Spend:
    """The worst case of one request.

    A text has at most as many tokens as bytes.

    Args:
        member: The member; without a price it is free.
        messages: The prompt.
        answer: Token limit of one sample.
        n: Number of samples.
        more: Other content of the request: tools, a response format.
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
    tokens = _OVERHEAD + _bytes(str(getattr(message, "tool_calls", None) or ""))
    for block in blocks:
        text = block if isinstance(block, str) else block.get("text")
        if isinstance(text, str):
            tokens += _bytes(text)
        else:
            tokens += _ATTACHMENT
    return tokens


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))
