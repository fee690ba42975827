"""Observers of calls: a server counts and traces what is asked on its behalf."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context, ContextVar
from typing import Any, Protocol

from ..records import Call


class Observer(Protocol):
    """What is told of each call when it has ended."""

    def called(self, what: Any, samples: Sequence[Any], call: Call, *, nested: bool) -> None:
        """Take note of a call.

        Args:
            what: What was asked (`models.exchange.Ask`).
            samples: What came back (`Sample`).
            call: The account of it.
            nested: Whether an ensemble was asked, whose own calls are told as well.
        """
        ...


_observers: ContextVar[tuple[Observer, ...]] = ContextVar("observers", default=())


@contextmanager
def observed(by: Observer) -> Iterator[None]:
    """Tell `by` of every call inside.

    Example:
        >>> class Counter:
        ...     calls = 0
        ...     def called(self, what, samples, call, *, nested):
        ...         self.calls += 1
        >>> with observed(Counter()):
        ...     pass  # await ask(...)
    """
    before = _observers.set((*_observers.get(), by))
    try:
        yield
    finally:
        _observers.reset(before)


def hand_on(context: Context) -> None:
    """Give the caller's observers to another context."""
    context.run(_observers.set, _observers.get())


def tell_observers(what: Any, samples: Sequence[Any], call: Call, *, nested: bool) -> None:
    """Tell all observers of a call that has ended."""
    for each in _observers.get():
        each.called(what, samples, call, nested=nested)
