"""The lease on a thread of a SQLite database: a lock in one empty file beside it.

Each thread has a byte of that file, so that there is one file however many threads there are. The
operating system keeps the locks, and frees those of a process that is killed.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from dataclasses import dataclass, field

if sys.platform != "win32":
    import fcntl

SUFFIX = "-lease"
"""What the name of the file adds to the database's; SQLite's own files are `-wal` and `-shm`."""


def place_of(thread: str) -> int:
    """The byte of a thread: a number below 2 ** 62, by its name.

    Example:
        >>> place_of("a") == place_of("a") != place_of("b")
        True
    """
    digest = hashlib.blake2b(thread.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 2


@dataclass
class _Locks:
    """An open file, and the bytes of it that this process has locked."""

    file: int
    held: set[int] = field(default_factory=set)


_open: dict[str, _Locks] = {}
_guard = threading.Lock()


class FileLease:
    """The lease on one thread.

    Args:
        database: Path of the database.
        thread: The thread's name.

    Example:
        >>> import tempfile
        >>> database = tempfile.mkdtemp() + "/checkpoints.sqlite"
        >>> one, other = FileLease(database, "t"), FileLease(database, "t")
        >>> one.take(), other.take()
        (True, False)
        >>> one.give_back()
        >>> other.take(), other.give_back()
        (True, None)
    """

    def __init__(self, database: str, thread: str) -> None:
        self._path = os.path.realpath(database) + SUFFIX
        self._place = place_of(thread)

    def take(self) -> bool:
        """Take the lease; False if another run has it."""
        with _guard:
            locks = _open.get(self._path)
            if locks is not None and self._place in locks.held:
                # The system's locks do not tell the runs of one process apart.
                return False
            if locks is None:
                # Its locks go when a process closes the file, so it is opened once.
                locks = _open[self._path] = _Locks(os.open(self._path, _FLAGS, 0o666))
            if _lock(locks.file, self._place):
                locks.held.add(self._place)
            taken = self._place in locks.held
            _close_unused(self._path)
            return taken

    def give_back(self) -> None:
        """Free the thread for other runs."""
        with _guard:
            # A process that was forked in the middle of a run has none of its locks.
            locks = _open.get(self._path)
            if locks is not None and self._place in locks.held:
                locks.held.remove(self._place)
                _unlock(locks.file, self._place)
                _close_unused(self._path)


def _close_unused(path: str) -> None:
    if not _open[path].held:
        os.close(_open.pop(path).file)


_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

if sys.platform == "win32":
    import msvcrt

    # Its places have 31 bits: two threads of a billion may wait for each other.

    def _lock(file: int, place: int) -> bool:
        os.lseek(file, place >> 31, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: int, place: int) -> None:
        os.lseek(file, place >> 31, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:

    def _lock(file: int, place: int) -> bool:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def _unlock(file: int, place: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, place)

    def _begin_anew() -> None:
        """A forked process has the file, but none of its locks."""
        global _guard
        _guard = threading.Lock()
        for locks in _open.values():
            os.close(locks.file)
        _open.clear()

    os.register_at_fork(after_in_child=_begin_anew)
