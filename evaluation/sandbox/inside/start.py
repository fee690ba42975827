"""The first steps inside the sandbox: give up rights, set limits, open the channel."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import Any

from .wire import Channel


def begin() -> tuple[Channel, dict[str, Any]]:
    """Confine this process, and read the job that it is given.

    The arguments are the two ends of the pipe and the user to become (0 for none).
    """
    reading, writing, user = map(int, sys.argv[1:4])
    channel = Channel(os.fdopen(reading, "rb"), os.fdopen(writing, "wb"))
    job = channel.receive()
    os.chdir("/tmp")  # noqa: S108 (the sandbox's own)
    os.umask(0o077)
    confine(job["limits"])
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    sys.path[:] = [path for path in sys.path if path and not path.startswith("/sandbox")]
    return channel, job


def confine(limits: dict[str, int]) -> None:
    """Set hard limits, which an ordinary user cannot raise again."""
    if Path("/proc/self/oom_score_adj").exists():
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    for name, value in limits.items():
        which = getattr(resource, name)
        _, hard = resource.getrlimit(which)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
