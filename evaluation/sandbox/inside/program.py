"""The process of the program under test: run its text, then do what the tests ask of it."""

from __future__ import annotations

import operator
import os
import sys
import types
from collections.abc import Callable
from typing import Any

from .start import begin
from .wire import Channel, ClosedError, decode, encode


class Objects:
    """The objects that the tests know by number."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._kept: list[Any] = []

    def out(self, value: Any) -> Any:
        """A value for the tests."""
        return encode(value, self._keep)

    def into(self, data: Any) -> Any:
        """A value from the tests."""
        return decode(data, self._find)

    def _keep(self, value: Any) -> Any:
        self._kept.append(value)
        return ["h", len(self._kept) - 1]

    def _find(self, mark: str, number: int) -> Any:
        return self._kept[number] if mark == "h" else self._callback(number)

    def _callback(self, number: int) -> Callable[..., Any]:
        """A function of the tests, which they run themselves."""

        def callback(*args: Any) -> Any:
            self._channel.send({"callback": number, "args": self.out(list(args))})
            reply = self._channel.receive()
            if "error" in reply:
                raise RuntimeError(reply["error"])
            return self.into(reply["value"])

        return callback


def state(value: Any) -> Any:
    """Class and attributes of an object, by which the tests compare two of them."""
    slots = [s for kind in type(value).__mro__ for s in vars(kind).get("__slots__", ())]
    held = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    return [type(value).__qualname__, {**getattr(value, "__dict__", {}), **held}]


def call(function: Any, args: list[Any], named: dict[str, Any]) -> Any:
    """What a function returns, and its arguments afterwards, which it may have changed."""
    return [function(*args, **named), args]


DEEDS: dict[str, Callable[..., Any]] = {
    "call": call, "state": state, "getattr": getattr, "setattr": setattr, "isinstance": isinstance,
    "iter": iter, "next": next, "len": len, "str": str, "repr": repr, "bool": bool, "int": int,
    "float": float, "abs": abs, "round": round, "reversed": reversed,
    "setitem": operator.setitem, "delitem": operator.delitem,
}  # fmt: skip


def serve(channel: Channel, program: types.ModuleType) -> None:
    """Answer the tests until they end."""
    objects = Objects(channel)
    while True:
        request = channel.receive()
        try:
            channel.send(_answer(objects, program, request))
        except ClosedError:
            raise
        except Exception as error:
            names = [kind.__name__ for kind in type(error).__mro__]
            channel.send({"raised": names, "text": _text(error)})


def _answer(objects: Objects, program: types.ModuleType, request: dict[str, Any]) -> Any:
    if "name" in request:
        if request["name"] not in vars(program):
            return {"missing": True}
        value = vars(program)[request["name"]]
        if isinstance(value, type) and issubclass(value, Exception):
            return {"exception": [kind.__name__ for kind in value.__mro__]}
        return {"value": objects.out(value)}
    deed = DEEDS.get(request["do"]) or getattr(operator, request["do"])
    return {"value": objects.out(deed(*objects.into(request["args"])))}


def _text(error: BaseException) -> str:
    try:
        return str(error)[:200]
    except Exception:
        return ""


def execute(text: str, program: types.ModuleType) -> None:
    """Run a program's text as the content of a module."""
    exec(compile(text, "program.py", "exec"), vars(program))  # noqa: S102 (it is what this is for)


def main() -> None:
    """Run the program of the job as a module, or as a script with its own input and output."""
    channel, job = begin()
    name = "__main__" if job["script"] else "solution"
    program = types.ModuleType(name)
    sys.modules[name] = program
    sys.argv[:] = ["program.py"]
    if job["script"]:
        execute(job["program"], program)
        return
    try:
        execute(job["program"], program)
    except BaseException as error:
        channel.send({"raised": [type(error).__name__], "text": _text(error)})
        os._exit(1)
    channel.send({"value": True})
    serve(channel, program)


if __name__ == "__main__":
    try:
        main()
    except ClosedError:
        sys.exit(1)
