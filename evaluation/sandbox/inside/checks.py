"""The process of the tests: run them on the program's functions, and tell how many pass.

The verdict goes through a pipe of this process, which the program in its own sandbox never sees.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from .names import wanted
from .proxies import Program
from .start import begin
from .wire import Channel, ClosedError


def run(program: Program, setup: str, tests: list[str]) -> dict[str, Any]:
    """Run tests in their order until one fails."""
    passed = 0
    space: dict[str, Any] = {"__name__": "tests"}
    try:
        program.ready()
        for name in sorted(wanted("\n".join([setup, *tests]))):
            try:
                space[name] = program.name(name)
            except NameError:
                continue  # The test that needs it fails.
        exec(compile(setup, "setup.py", "exec"), space)  # noqa: S102 (this is a sandbox)
        for test in tests:
            exec(compile(test, "tests.py", "exec"), space)  # noqa: S102
            passed += 1
    except ClosedError as error:
        return {"passed": passed, "error": f"the program did not answer: {error}"}
    except BaseException as error:
        return {"passed": passed, "error": f"{type(error).__name__}: {error}"[:300]}
    return {"passed": passed, "error": None}


def main() -> None:
    """Run the tests of the job, and tell the verdict."""
    channel, job = begin()
    ends = [int(end) for end in sys.argv[4:6]]
    with os.fdopen(ends[0], "rb") as reading, os.fdopen(ends[1], "wb") as writing:
        channel.send(run(Program(Channel(reading, writing)), job["setup"], job["tests"]))
    os._exit(0)


if __name__ == "__main__":
    main()
