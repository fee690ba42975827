"""Values over a pipe as JSON: plain data by value, everything else as the number of an object.

Nothing is unpickled and no class of the program crosses: a value that comes out is a plain Python
value whose comparison the program cannot touch, or a `Handle`.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import IO, Any

LONGEST = 8_000_000
"""Bytes of one message."""

# What holds other values; the methods of the type itself, which a subclass cannot replace.
_MANY: dict[str, Any] = {"l": list, "t": tuple, "s": set, "f": frozenset, "q": deque}
_LARGE = 1 << 1000  # Longer integers are written in hexadecimal, which has no limit of digits.
_DEEPEST = 200


class ClosedError(Exception):
    """The other side has ended, or sent what is no message."""


@dataclass(frozen=True)
class Handle:
    """The number of an object that stays on the other side."""

    number: int


class Channel:
    """JSON lines over two pipes."""

    def __init__(self, reading: IO[bytes], writing: IO[bytes]) -> None:
        self._reading, self._writing = reading, writing

    def send(self, message: Any) -> None:
        """Write a message.

        Raises:
            ClosedError: The other side has gone.
        """
        try:
            self._writing.write(json.dumps(message).encode() + b"\n")
            self._writing.flush()
        except OSError as error:
            raise ClosedError("it has ended") from error

    def receive(self) -> Any:
        """Read a message.

        Raises:
            ClosedError: The other side has gone, or sent no JSON, or too much.
        """
        try:
            line = self._reading.readline(LONGEST + 1)
            if not line.endswith(b"\n"):
                raise ClosedError(
                    "it has ended" if len(line) <= LONGEST else "its value is too long"
                )
            return json.loads(line)
        except (OSError, ValueError, RecursionError) as error:
            raise ClosedError("it sent what is no message") from error


def encode(value: Any, keep: Callable[[Any], Any], depth: int = 0) -> Any:
    """A value as JSON; `keep` gives the form of an object that is not plain.

    Subclasses of plain types (a `Counter`, a named tuple, an `IntEnum`) cross as what they hold.

    Raises:
        ValueError: The value is nested too deeply, or holds itself.
    """
    if depth > _DEEPEST:
        raise ValueError("the value is nested too deeply")
    if value is None or value is True or value is False:
        return value
    if isinstance(value, int):
        whole = int.__index__(value)
        return whole if -_LARGE < whole < _LARGE else ["i", hex(whole)]
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value)
    for mark, kind in _MANY.items():
        if isinstance(value, kind):
            return [mark, [encode(item, keep, depth + 1) for item in kind.__iter__(value)]]
    if isinstance(value, dict):
        pairs = dict.items(value)
        return ["d", [[encode(k, keep, depth + 1), encode(v, keep, depth + 1)] for k, v in pairs]]
    return _scalar(value) or keep(value)


def _scalar(value: Any) -> Any:
    """A less common plain value; None for any other object."""
    if isinstance(value, bytes | bytearray):
        return ["b" if isinstance(value, bytes) else "B", bytes(value).hex()]
    if isinstance(value, complex):
        return ["c", value.real, value.imag]
    if isinstance(value, range):
        return ["r", value.start, value.stop, value.step]
    if isinstance(value, Decimal):
        return ["D", Decimal.__str__(value)]
    if isinstance(value, Fraction):
        return ["F", hex(value.numerator), hex(value.denominator)]
    if isinstance(value, datetime):
        return ["datetime", datetime.isoformat(value)]
    if isinstance(value, date):
        return ["date", date.isoformat(value)]
    if isinstance(value, time):
        return ["time", time.isoformat(value)]
    if isinstance(value, timedelta):
        return ["delta", value.days, value.seconds, value.microseconds]
    return None


_SCALARS: dict[str, Callable[..., Any]] = {
    "i": lambda digits: int(digits, 16),
    "b": bytes.fromhex,
    "B": bytearray.fromhex,
    "c": complex,
    "r": range,
    "D": Decimal,
    "F": lambda top, bottom: Fraction(int(top, 16), int(bottom, 16)),
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "delta": timedelta,
}


def decode(data: Any, find: Callable[[str, int], Any], depth: int = 0) -> Any:
    """The value of JSON from `encode`; `find` gives the object of a mark and a number.

    Raises:
        ClosedError: The data has no such form.
    """
    if data is None or isinstance(data, bool | int | float | str):
        return data
    try:
        if depth > _DEEPEST + 1:
            raise ValueError("nested too deeply")
        mark, *rest = data
        if mark in _MANY:
            return _MANY[mark](decode(item, find, depth + 1) for item in rest[0])
        if mark == "d":
            return {decode(k, find, depth + 1): decode(v, find, depth + 1) for k, v in rest[0]}
        if mark in _SCALARS:
            return _SCALARS[mark](*rest)
        return find(mark, int(rest[0]))
    except ClosedError:
        raise
    except Exception as error:  # Whatever is wrong with it: it is no value.
        raise ClosedError("it sent what is no value") from error
