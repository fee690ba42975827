"""What a run in the sandbox may use, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["passed", "failed", "timeout", "memory", "processes", "output"]


class NotGradableError(Exception):
    """A program that cannot be judged here, as the isolation at hand cannot run it.

    Such a program is neither right nor wrong: leave its question out, or grade where bubblewrap
    runs.
    """


@dataclass(frozen=True)
class Limits:
    """What a program may use, its processes together unless it says otherwise.

    Attributes:
        seconds: Wall-clock seconds; also seconds of processor time for each process.
        memory: Bytes of memory, and of address space for each process.
        files: Bytes of the private `/tmp`.
        processes: Processes and threads at a time.
        output: Bytes of standard output and standard error.
    """

    seconds: float = 10.0
    memory: int = 1 << 30
    files: int = 32 << 20
    processes: int = 32
    output: int = 1 << 20


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes:
        status: `passed`; `failed` (a test failed, or the program did); or the limit it went over.
        passed: Number of tests that passed.
        detail: One line that says what went wrong; empty if nothing did.
        output: The standard output of a script.
        seconds: Wall-clock seconds.
    """

    status: Status
    passed: int = 0
    detail: str = ""
    output: str = ""
    seconds: float = 0.0
