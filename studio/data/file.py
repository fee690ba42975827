"""Where conversations are kept: a private file in the user's data folder.

Earlier versions kept it in the cache folder, which people empty. Such a file is moved along once. A
process that is killed meanwhile leaves the file at its old or at its new place, never neither.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from filelock import FileLock
from platformdirs import user_data_dir

from ...errors import InputError

_NAME, _FOLDER = "conversations.sqlite", "calibrations"
_BUSY = 5.0
"""Seconds that another program may have the old file locked, for a backup perhaps."""


def default_file() -> Path:
    """The file of this user.

    Example:
        >>> default_file().name
        'conversations.sqlite'
    """
    return Path(user_data_dir("langgraph-ensemble", appauthor=False)) / _NAME


def old_file() -> Path:
    """The file of this user in earlier versions, in the cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "langgraph-ensemble" / _NAME


def prepare(path: Path) -> None:
    """Make the folder and the file, which only its user can read, or move it from its old place.

    Args:
        path: The SQLite file. Only this user's own is moved; one that exists is left as it is.

    Raises:
        InputError: The folder cannot be written, or the old file is in use.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "new" / "data.sqlite"
        >>> prepare(path)
        >>> oct(path.stat().st_mode)[-3:]
        '600'
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path == default_file():
            move_along(old_file(), path)
        # The file must not be opened if it exists: closing it again would free the locks that
        # SQLite has on it in this process.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise InputError(f"cannot write to {path.parent}: {error.strerror}") from None


def move_along(old: Path, new: Path) -> None:
    """Move the file of an earlier version, and the calibrations beside it, unless that is done.

    Args:
        old: The file's place in the cache folder.
        new: Its place now; if it exists, nothing is moved.

    Raises:
        InputError: A server of an earlier version still uses the old file.
    """
    if new.exists() or not old.exists():
        return
    with FileLock(new.with_name(new.name + "-moving")):
        # Another server may have moved it while this one waited.
        if new.exists() or not old.exists():
            return
        _close_journal(old)
        if (old.parent / _FOLDER).is_dir() and not (new.parent / _FOLDER).exists():
            _move(old.parent / _FOLDER, new.parent / _FOLDER)
        old.chmod(0o600)
        # Last, because it marks the move as done.
        _move(old, new)


def _close_journal(path: Path) -> None:
    """Write SQLite's journal into the file, so that it is whole without its neighbours.

    Raises:
        InputError: Another process has the file open.
    """
    with closing(sqlite3.connect(path, timeout=_BUSY)) as db:
        try:
            (mode,) = db.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError:
            mode = "locked"
        except sqlite3.DatabaseError as error:
            raise InputError(f"{path} cannot be read: {error}; move it away") from None
    if mode != "delete":
        raise InputError(
            f"another server still uses {path}, which moves to the user's data folder: stop that "
            "server first, or name a file with --data"
        )


def _move(old: Path, new: Path) -> None:
    """Move a file or a folder; at each moment one of the two places has all of it."""
    try:
        old.rename(new)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(old, new)


def _copy(old: Path, new: Path) -> None:
    """Move to another file system: under a temporary name, which a killed move leaves behind."""
    part = new.with_name(new.name + ".part")
    if old.is_dir():
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(old, part)
    else:
        part.unlink(missing_ok=True)
        shutil.copy2(old, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
    part.rename(new)
    shutil.rmtree(old) if old.is_dir() else old.unlink()
