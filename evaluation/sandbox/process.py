"""A confined process: start it, watch what it uses, end it with everything that it started."""

from __future__ import annotations

import json
import math
import os
import select
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from . import bubblewrap, seccomp
from .outcome import Limits, Status

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_SPARE = 4
"""Processes of the sandbox itself."""
_FILE = 1024
"""Bytes of memory that the kernel takes for a file in memory, empty ones included."""


def hard_limits(limits: Limits) -> dict[str, int]:
    """The limits that the kernel keeps, by their names in `resource`."""
    seconds = math.ceil(limits.seconds)
    return {
        "RLIMIT_AS": limits.memory,
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": seconds,
        "RLIMIT_FSIZE": limits.files,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_NOFILE": 64,
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_STACK": 8 << 20,
    }


class Confined:
    """A module of `inside` in its own sandbox; a context manager that leaves no process."""

    def __init__(
        self,
        module: str,
        ends: Sequence[int],
        limits: Limits,
        mode: bubblewrap.Mode,
        *,
        out: int = subprocess.DEVNULL,
        err: int = subprocess.DEVNULL,
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        """Start it.

        Args:
            module: A name such as `program`.
            ends: The file descriptors that it inherits; closed here.
            limits: What it may use.
            mode: How the sandbox loses its rights.
            out: Where its standard output goes, closed here if it is a file descriptor.
            err: Where its standard error goes, as `out`.
            stdin: Its standard input, as `out`.
        """
        #: A file descriptor of the first process of its namespace; None where that is not known.
        self.first: int | None = None
        filter_end, fill = os.pipe()
        os.write(fill, seccomp.program())
        os.close(fill)
        info, tell = os.pipe()
        user = bubblewrap.fresh_user(mode)
        line = bubblewrap.command(mode, limits, module, user, ends, filter_end)
        line[1:1] = ["--info-fd", str(tell)]
        given = [*ends, filter_end, tell]
        try:
            # bubblewrap's own environment could be read in the sandbox, so it gets none.
            self._outer = subprocess.Popen(  # noqa: S603
                line, env={}, stdin=stdin, stdout=out, stderr=err, pass_fds=given,
                start_new_session=True, cwd="/",
            )  # fmt: skip
        finally:
            for end in (*given, *(end for end in (out, err, stdin) if end >= 0)):
                os.close(end)
        self._inside = Path("/nowhere")
        self._room = max(limits.files, bubblewrap.SHARED)
        with os.fdopen(info, "rb") as told, suppress(ValueError, OSError, KeyError):
            first = int(json.loads(told.read())["child-pid"])
            self._inside = Path(f"/proc/{first}/root")
            self.first = os.pidfd_open(first)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()

    def ended(self) -> bool:
        """Whether its main process has ended."""
        return self._outer.poll() is not None

    def code(self) -> int:
        """The exit code of its main process, once it has ended."""
        return self._outer.wait()

    def kill(self) -> None:
        """End it and everything that it started, and wait until nothing is left."""
        if self.first is not None:
            # The first process of the namespace: the kernel ends all others with it.
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.first, signal.SIGKILL)
            select.select([self.first], [], [], 10)
            os.close(self.first)
            self.first = None
        with suppress(subprocess.TimeoutExpired):
            self._outer.wait(2)
        if self._outer.poll() is None:
            self._outer.kill()
            self._outer.wait()

    def usage(self) -> tuple[int, int]:
        """Bytes of memory and number of processes and threads at this moment."""
        memory, tasks = self._files() * _FILE, 0
        waiting = [self._outer.pid]
        while waiting:
            place = Path(f"/proc/{waiting.pop()}")
            with suppress(OSError, ValueError, IndexError):
                memory += int((place / "statm").read_text().split()[1]) * _PAGE
                for task in (place / "task").iterdir():
                    tasks += 1
                    waiting += map(int, (task / "children").read_text().split())
        return memory, tasks - _SPARE

    def _files(self) -> int:
        """The number of files in its file systems in memory."""
        count = 0
        for place in ("tmp", "dev/shm"):
            with suppress(OSError):
                told = os.statvfs(self._inside / place)
                # Until the sandbox stands, its root is that of this machine.
                if told.f_blocks * told.f_frsize <= self._room + _PAGE:
                    count += told.f_files - told.f_ffree
        return count


def follow(
    processes: Sequence[Confined], ends: Sequence[int], limits: Limits, until: float
) -> tuple[Status | None, list[bytes]]:
    """Read what processes write until the last of them ends, or until one goes over a limit.

    Args:
        processes: The last of them is the one that is waited for.
        ends: File descriptors to read.
        limits: The limits.
        until: When to give up, by `time.monotonic`.

    Returns:
        The limit that was passed, and what each file descriptor gave.
    """
    gave = {end: bytearray() for end in ends}
    status, pause = None, 0.005
    with selectors.DefaultSelector() as selector:
        for end in ends:
            selector.register(end, selectors.EVENT_READ)
        if processes[-1].first is not None:
            selector.register(processes[-1].first, selectors.EVENT_READ, data="end")
        while status is None and not processes[-1].ended():
            pause = min(pause * 1.5, 0.05)
            _read(selector, gave, pause)
            status = _over(processes, gave, limits, until)
        if processes[-1].first is not None:
            selector.unregister(processes[-1].first)
        for process in processes:
            process.kill()
        while selector.get_map() and _read(selector, gave, 0) and _kept(gave, limits):
            pass  # what was still in the pipes
    if status is None and not _kept(gave, limits):
        status = "output"
    return status, [bytes(gave[end]) for end in ends]


def _read(selector: selectors.BaseSelector, gave: dict[int, bytearray], pause: float) -> bool:
    if not selector.get_map():
        time.sleep(pause)
        return False
    ready = selector.select(pause)
    for key, _ in ready:
        if key.data == "end":
            time.sleep(0.001)  # It is gone, and bubblewrap ends next.
            continue
        data = os.read(key.fd, 65536)
        gave[key.fd] += data
        if not data:
            selector.unregister(key.fd)
    return bool(ready)


def _kept(gave: dict[int, bytearray], limits: Limits) -> bool:
    return sum(map(len, gave.values())) <= limits.output


def _over(
    processes: Sequence[Confined], gave: dict[int, bytearray], limits: Limits, until: float
) -> Status | None:
    """The limit that is passed."""
    if time.monotonic() > until:
        return "timeout"
    if not _kept(gave, limits):
        return "output"
    for process in processes:
        memory, tasks = process.usage()
        if memory > limits.memory:
            return "memory"
        if tasks > limits.processes:
            return "processes"
    return None


def job(limits: Limits, **content: Any) -> bytes:
    """A job as the modules of `inside` read it."""
    return json.dumps({**content, "limits": hard_limits(limits)}).encode() + b"\n"
