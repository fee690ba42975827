"""Run programs that models wrote, in isolation, and judge them by tests that they cannot touch.

A program and its tests run in two sandboxes. The tests call the program's functions over a pipe and
compare what comes back, which is plain data: a program that ends early, prints a verdict, patches
built-ins or returns objects that equal everything changes its own process and no more. Isolation is
bubblewrap's (`isolated.py`), elsewhere Monty's (`portable.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import InputError
from . import isolated, portable
from .outcome import Limits, NotGradableError, Outcome

__all__ = ["Limits", "NotGradableError", "Outcome", "isolation", "run_script", "run_tests"]


def isolation(wanted: str = "auto") -> str:
    """How programs are isolated on this machine: `bubblewrap` or `monty`.

    Args:
        wanted: One of them, or `auto` for the first that works.

    Raises:
        InputError: Neither, or not the one that is wanted, can isolate here.

    Example:
        >>> isolation() in ("bubblewrap", "monty")
        True
    """
    if wanted not in ("auto", "bubblewrap", "monty"):
        raise InputError(f"isolation must be auto, bubblewrap or monty, not {wanted!r}")
    if wanted != "monty" and isolated.mode() is not None:
        return "bubblewrap"
    if wanted != "bubblewrap" and portable.installed():
        return "monty"
    raise InputError(
        "programs cannot be isolated here, so they are not run: pip install "
        "'langgraph-ensemble[sandbox]' (bubblewrap needs Linux with user namespaces)"
    )


def run_script(
    program: str, stdin: str = "", *, limits: Limits | None = None, isolate: str = "auto"
) -> Outcome:
    r"""Run a program's text as a script, with a standard input.

    Args:
        program: Its text.
        stdin: Its standard input.
        limits: What it may use.
        isolate: As `wanted` of `isolation`.

    Returns:
        `passed` if it ended by itself with exit code 0, with its standard output.

    Raises:
        InputError: It cannot be isolated here.
        NotGradableError: The isolation at hand cannot run it.

    Example:
        >>> run_script("print(int(input()) * 2)", "21\n").output
        '42\n'
    """
    limits = limits or Limits()
    mode = isolated.mode() if isolation(isolate) == "bubblewrap" else None
    if mode is None:
        return portable.script(program, stdin, limits)
    return isolated.script(program, stdin, limits, mode)


def run_tests(
    program: str,
    tests: Sequence[str],
    *,
    setup: str = "",
    limits: Limits | None = None,
    isolate: str = "auto",
) -> Outcome:
    """Run tests on the functions and classes of a program's text, until one fails.

    Args:
        program: Its text.
        tests: Statements such as `assert double(2) == 4`; each is one test. They are of the data
            set, not of a model: they run in a sandbox too, but their verdict counts.
        setup: What the tests need beside the program: imports, functions to compare with.
        limits: What program and tests may use, each.
        isolate: As `wanted` of `isolation`.

    Returns:
        `passed` if every test passed.

    Raises:
        InputError: It cannot be isolated here.
        NotGradableError: The isolation at hand cannot run it.

    Example:
        >>> program = "def double(n): return n + n"
        >>> run_tests(program, ["assert double(2) == 4"]).status
        'passed'
        >>> run_tests(program, ["assert double(2) == 5"]).status
        'failed'
    """
    limits = limits or Limits()
    mode = isolated.mode() if isolation(isolate) == "bubblewrap" else None
    if mode is None:
        return portable.tests(program, setup, tests, limits)
    return isolated.tests(program, setup, tests, limits, mode)
