"""Programs and tests under bubblewrap, each in a sandbox of its own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache

from . import bubblewrap, seccomp
from .outcome import Limits, Outcome
from .process import Confined, follow, job


@cache
def mode() -> bubblewrap.Mode | None:
    """The first way to isolate that works on this machine; None if none does."""
    if os.name != "posix" or not seccomp.supported() or bubblewrap.find() is None:
        return None
    drops = (True, False) if os.geteuid() == 0 else (False,)
    modes = [bubblewrap.Mode(drop, proc) for drop in drops for proc in (True, False)]
    return next((each for each in modes if _works(each)), None)


def _works(mode: bubblewrap.Mode) -> bool:
    try:
        # On a busy machine a start may take long, and the result is kept.
        return script("print(6 * 7)", "", Limits(seconds=60), mode).output == "42\n"
    except (OSError, subprocess.SubprocessError):
        return False


def script(program: str, stdin: str, limits: Limits, mode: bubblewrap.Mode) -> Outcome:
    """Run a program's text as a script; `passed` if it ends by itself with exit code 0."""
    started = time.monotonic()
    with ExitStack() as stack:
        given = stack.enter_context(tempfile.TemporaryFile())
        given.write(stdin.encode("utf-8", "replace"))
        given.seek(0)
        reading, fill = os.pipe()
        out, out_end = os.pipe()
        err, err_end = os.pipe()
        for end in (out, err):
            stack.callback(os.close, end)
        writing = os.open(os.devnull, os.O_WRONLY)
        process = stack.enter_context(
            Confined(
                "program",
                [reading, writing],
                limits,
                mode,
                out=out_end,
                err=err_end,
                stdin=os.dup(given.fileno()),
            )
        )
        _give(fill, job(limits, program=program, script=True))
        status, (said, errors) = follow([process], [out, err], limits, started + limits.seconds)
        code = process.code()
    text = said.decode("utf-8", "replace")[: limits.output]
    seconds = time.monotonic() - started
    if status:
        return Outcome(status, detail=_limit(status, limits), output=text, seconds=seconds)
    if code:
        last = errors.decode("utf-8", "replace").strip().rpartition("\n")[2][:300]
        return Outcome("failed", detail=last or f"exit code {code}", output=text, seconds=seconds)
    return Outcome("passed", 1, output=text, seconds=seconds)


def tests(
    program: str, setup: str, checks: Sequence[str], limits: Limits, mode: bubblewrap.Mode
) -> Outcome:
    """Run tests in one sandbox on the functions of a program in another."""
    started = time.monotonic()
    with ExitStack() as stack:
        ask_read, ask_write = os.pipe()
        answer_read, answer_write = os.pipe()
        job_read, job_write = os.pipe()
        verdict, verdict_write = os.pipe()
        stack.callback(os.close, verdict)
        asked = os.dup(ask_write)
        under_test = stack.enter_context(
            Confined("program", [ask_read, answer_write], limits, mode)
        )
        tester = stack.enter_context(
            Confined("checks", [job_read, verdict_write, answer_read, ask_write], limits, mode)
        )
        _give(asked, job(limits, program=program, script=False))
        _give(job_write, job(limits, setup=setup, tests=list(checks)))
        both = [under_test, tester]
        status, (said,) = follow(both, [verdict], limits, started + limits.seconds)
    seconds = time.monotonic() - started
    if status:
        return Outcome(status, detail=_limit(status, limits), seconds=seconds)
    try:
        told = json.loads(said)
    except ValueError:
        return Outcome("failed", detail="the tests ended without a verdict", seconds=seconds)
    passed, error = int(told["passed"]), told["error"]
    right = error is None and passed == len(checks)
    return Outcome(
        "passed" if right else "failed", passed, " ".join(str(error or "").split()), "", seconds
    )


def _give(end: int, content: bytes) -> None:
    try:
        with os.fdopen(end, "wb") as pipe:
            pipe.write(content)
    except BrokenPipeError:
        pass  # It has ended, and what came of it says so.


def _limit(status: str, limits: Limits) -> str:
    return {
        "timeout": f"it ran for more than {limits.seconds:g} s",
        "memory": f"it took more than {limits.memory >> 20} MiB of memory",
        "processes": f"it started more than {limits.processes} processes",
        "output": f"it wrote more than {limits.output} bytes",
    }[status]
