"""Objects of the program, as the tests see them: what they do happens in the program's process.

A test compares plain values. So that the program cannot answer the comparison itself, an object is
never equal to, nor ordered or subtracted against, a plain value; two objects are equal if class and
attributes are.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from typing import Any

from .wire import Channel, ClosedError, decode, encode


class ProgramError(Exception):
    """An exception of the program that no built-in one describes."""


class Program:
    """The program under test, over a channel."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._callbacks: list[Callable[..., Any]] = []
        self._exceptions: dict[str, type[Exception]] = {}

    def ready(self) -> None:
        """Wait until the program's text has run.

        Raises:
            Exception: What its text raised.
        """
        self._value(self._channel.receive())

    def name(self, name: str) -> Any:
        """A global of the program.

        Raises:
            NameError: It has none of this name.
        """
        self._channel.send({"name": name})
        reply = self._reply()
        if "missing" in reply:
            raise NameError(f"name '{name}' is not defined")
        if "exception" in reply:
            return self._exception(_names(reply["exception"]))
        return self._value(reply)

    def do(self, deed: str, *args: Any) -> Any:
        """Do one thing in the program's process."""
        self._channel.send({"do": deed, "args": encode(list(args), self._keep)})
        return self._value(self._reply())

    def call(self, function: Proxy, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Call a function; lists and the like that it changed in place change here too."""
        returned = self.do("call", function, list(args), named)
        if not isinstance(returned, list) or len(returned) != 2:
            raise ClosedError("it sent what is no value")
        value, after = returned
        for before, now in zip(args, after, strict=False):
            if type(before) is not type(now):
                continue
            if isinstance(before, list | bytearray):
                before[:] = now
            elif isinstance(before, dict | set):
                before.clear()
                before.update(now)
        return value

    def _reply(self) -> dict[str, Any]:
        """The reply to a request, after the functions of the tests that the program calls."""
        while True:
            reply = self._channel.receive()
            if not isinstance(reply, dict):
                raise ClosedError("it sent what is no message")
            if "callback" not in reply:
                return reply
            try:
                function = self._callbacks[int(reply["callback"])]
                value = function(*decode(reply["args"], self._find))
                answer = {"value": encode(value, self._keep)}
            except ClosedError:
                raise
            except Exception as error:
                answer = {"error": type(error).__name__}
            self._channel.send(answer)

    def _value(self, reply: dict[str, Any]) -> Any:
        if "raised" in reply:
            raise self._exception(_names(reply["raised"]))(str(reply.get("text", ""))[:200])
        if "value" not in reply:
            raise ClosedError("it sent what is no message")
        return decode(reply["value"], self._find)

    def _exception(self, names: list[str]) -> type[Exception]:
        """The exception of the first name that is known, or a new one below a built-in."""
        for place, name in enumerate(names):
            kind = self._exceptions.get(name) or getattr(builtins, name, None)
            if isinstance(kind, type) and issubclass(kind, Exception):
                if place:
                    kind = self._exceptions[names[0]] = type(names[0], (kind,), {})
                return kind
        return ProgramError

    def _keep(self, value: Any) -> Any:
        if isinstance(value, Proxy):
            return ["h", value._number]
        if not callable(value) or isinstance(value, type):
            raise TypeError(f"a {type(value).__name__} of the tests cannot be given to a program")
        self._callbacks.append(value)
        return ["k", len(self._callbacks) - 1]

    def _find(self, mark: str, number: int) -> Any:
        if mark != "h":
            raise ClosedError("it sent what is no value")
        return Proxy(self, number)


def _names(given: Any) -> list[str]:
    return [str(name)[:80] for name in given[:20]] if isinstance(given, list) else []


class Proxy:
    """An object of the program."""

    def __init__(self, program: Program, number: int) -> None:
        object.__setattr__(self, "_program", program)
        object.__setattr__(self, "_number", number)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call it in the program's process."""
        return self._program.call(self, args, named)

    def __getattr__(self, name: str) -> Any:
        return self._program.do("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._program.do("setattr", self, name, value)

    def __iter__(self) -> Iterator[Any]:
        return self._program.do("iter", self)

    def __next__(self) -> Any:
        return self._program.do("next", self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Proxy):
            return False
        if self._number == other._number:
            return True
        mine, its = self._program.do("state", self), self._program.do("state", other)
        return bool(mine[1]) and mine == its

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._number)

    def __contains__(self, item: Any) -> bool:
        return any(item == each for each in self)

    def __instancecheck__(self, other: Any) -> bool:
        return isinstance(other, Proxy) and bool(self._program.do("isinstance", other, self))


def _one(name: str) -> Callable[..., Any]:
    def method(self: Proxy, *args: Any) -> Any:
        return self._program.do(name, self, *args)

    return method


def _two(name: str, *, turned: bool, plain: bool) -> Callable[..., Any]:
    def method(self: Proxy, other: Any) -> Any:
        if not plain and not isinstance(other, Proxy):
            return NotImplemented
        return self._program.do(name, *((other, self) if turned else (self, other)))

    return method


for _name in (
    "len", "str", "repr", "bool", "int", "float", "abs", "round", "reversed", "getitem", "setitem",
    "delitem", "neg", "invert",
):  # fmt: skip
    setattr(Proxy, f"__{_name}__", _one(_name))
for _name in ("lt", "le", "gt", "ge", "sub", "truediv", "floordiv", "add", "mul", "mod", "matmul"):
    # With these, a plain operand says nothing of the value that a test expects.
    _plain = _name in ("add", "mul", "mod", "matmul")
    setattr(Proxy, f"__{_name}__", _two(_name, turned=False, plain=_plain))
    if _name not in ("lt", "le", "gt", "ge"):
        setattr(Proxy, f"__r{_name}__", _two(_name, turned=True, plain=_plain))
