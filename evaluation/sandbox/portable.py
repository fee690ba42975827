"""The fallback without bubblewrap: Monty, an interpreter of a part of Python that has no system.

It runs on every platform, in a process of its own, with limits of time and memory. It knows no
inheritance, no generators and a few modules only, so a program that needs more is not gradable
here (`NotGradableError`). Tests and program run in two sessions that share nothing: values cross.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from .inside.names import wanted
from .outcome import Limits, NotGradableError, Outcome

_OBJECT = re.compile(r"<(?:function|bound method|built-in|class|module)\b")


_LACKS = ("Internal error in monty", "PermissionError", "not supported in this environment")


def installed() -> bool:
    """Whether Monty is there."""
    return find_spec("pydantic_monty") is not None


def script(program: str, stdin: str, limits: Limits) -> Outcome:
    """Run a program's text as a script; `passed` if it ends by itself.

    Raises:
        NotGradableError: It needs what Monty cannot run.
    """
    from pydantic_monty import CollectString, MontyError

    started = time.monotonic()
    lines = iter(stdin.splitlines())
    said = CollectString(limits.output)
    with _Session(limits) as session:
        try:
            session.feed(program, {"input": lambda prompt="": _line(lines)}, said)
        except MontyError as error:
            _refuse_unsupported(error, program)
            return _failed(error, 0, started, said.output)
    return Outcome("passed", 1, output=said.output, seconds=time.monotonic() - started)


def tests(program: str, setup: str, checks: Sequence[str], limits: Limits) -> Outcome:
    """Run tests in one session on the functions of a program in another.

    Raises:
        NotGradableError: Program or tests need what Monty cannot run.
    """
    from pydantic_monty import MontyError

    started, passed = time.monotonic(), 0
    with _Session(limits) as under_test, _Session(limits) as tester:
        bridge = _Bridge(under_test)
        try:
            bridge.start(program)
            names = {n: bridge.value(n) for n in wanted("\n".join([setup, *checks]))}
            known = {name: value for name, value in names.items() if value is not _MISSING}
            tester.feed(setup, known)
            for check in checks:
                tester.feed(check, known)
                passed += 1
        except MontyError as error:
            _refuse_unsupported(bridge.trouble or error, program)
            return _failed(error, passed, started)
    return Outcome("passed", passed, seconds=time.monotonic() - started)


_MISSING = object()


class _Session:
    """A session of Monty in a process of its own."""

    def __init__(self, limits: Limits) -> None:
        from pydantic_monty import Monty

        self._limits = limits
        self._pool = Monty(max_processes=1, request_timeout=limits.seconds + 2)

    def __enter__(self) -> _Session:
        self._pool.__enter__()
        self._session = self._pool.checkout(
            limits={
                "max_feed_duration_secs": self._limits.seconds,
                "max_memory": self._limits.memory,
                "max_suspensions": 100_000,
            }
        )
        self._session.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._session.__exit__(*error)
        self._pool.__exit__(*error)

    def feed(self, code: str, known: dict[str, Any], said: Any = None, **inputs: Any) -> Any:
        """Run code; its last value."""
        from pydantic_monty import CollectString

        said = said or CollectString(self._limits.output)
        return self._session.feed_run(
            code, inputs=inputs or None, external_lookup=known, print_callback=said
        )


class _Bridge:
    """The globals of the program, as the tests see them."""

    def __init__(self, session: _Session) -> None:
        self._session = session
        self._functions: set[str] = set()
        self.trouble: Exception | None = None

    def start(self, program: str) -> None:
        """Run the program's text."""
        self._session.feed(program, {})
        for node in ast.walk(ast.parse(program)):
            if isinstance(node, ast.FunctionDef):
                self._functions.add(node.name)

    def value(self, name: str) -> Any:
        """A global; a function calls into the program's session."""
        if name in self._functions:
            return self._function(name)
        try:
            return self._plain(self._session.feed(name, {}))
        except Exception as error:
            if "NameError" in str(error):
                return _MISSING
            raise

    def _function(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            self._plain([args, named])
            try:
                code = f"[{name}(*__args, **__named), __args]"
                value, after = self._session.feed(code, {}, None, __args=args, __named=named)
            except Exception as error:
                self.trouble = error
                raise
            if value is None and after != args:
                raise self._refused("changes of arguments do not cross without bubblewrap")
            return self._plain(value)

        return call

    def _refused(self, reason: str) -> NotGradableError:
        self.trouble = NotGradableError(reason)
        return self.trouble

    def _plain(self, value: Any) -> Any:
        """A value that may cross.

        Raises:
            NotGradableError: It is a function or an object of the program, or of the tests.
        """
        kind = type(value)
        if kind in (list, tuple, set, frozenset):
            for item in value:
                self._plain(item)
        elif kind is dict:
            self._plain([*value.keys(), *value.values()])
        elif kind.__module__ == "pydantic_monty" or (
            isinstance(value, str) and _OBJECT.match(value)
        ):
            raise self._refused("objects and functions do not cross without bubblewrap")
        return value


def _line(lines: Any) -> str:
    try:
        return next(lines)
    except StopIteration:
        raise EOFError("no more input") from None


def _failed(error: Exception, passed: int, started: float, output: str = "") -> Outcome:
    text = " ".join(str(error).split())[:300]
    seconds = time.monotonic() - started
    if "time limit exceeded" in text or getattr(error, "timed_out", False):
        return Outcome("timeout", passed, text, output, seconds)
    if "memory limit exceeded" in text:
        return Outcome("memory", passed, text, output, seconds)
    return Outcome("failed", passed, text, output, seconds)


def _refuse_unsupported(error: Exception, program: str) -> None:
    """Raise if the error says what Monty lacks, rather than what the program does wrong."""
    if isinstance(error, NotGradableError):
        raise error
    text = str(error)
    named = re.search(r"(?:module named|name|module) '(\w+)'", text)
    name = named[1] if named else ""
    lacks = (
        text.startswith(("NotImplementedError", "AttributeError"))
        or (type(error).__name__ == "MontySyntaxError" and _is_python(program))
        or any(lack in text for lack in _LACKS)
        or (text.startswith("ModuleNotFoundError") and name in sys.stdlib_module_names)
        or (text.startswith("NameError") and hasattr(builtins, name))
    )
    if lacks:
        raise NotGradableError(f"not gradable without bubblewrap: {' '.join(text.split())[:200]}")


def _is_python(program: str) -> bool:
    try:
        ast.parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
