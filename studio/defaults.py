"""The servers' default pool, task map and database."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from .data.file import default_file

if TYPE_CHECKING:
    from ..pool import Pool
    from ..profiles import Profile

POOL = "ENSEMBLE_POOL"
PROFILE = "ENSEMBLE_PROFILE"
DATA = "ENSEMBLE_DATA"
"""Environment variable of the database of conversations: a SQLite file or `postgresql://…`."""
HOSTS = "ENSEMBLE_HOSTS"
ORIGINS = "ENSEMBLE_ORIGINS"
STUDIO = "https://smith.langchain.com"
"""The origin of LangGraph Studio's page."""
PROBLEM = "ENSEMBLE_PROBLEM"
"""Environment variable of the file in which a server reports a bad pool or task map."""

_READING = threading.Lock()
_POCKET_PROFILE = Path(__file__).parent.parent / "pocket" / "profile"


def load_pool(path: str | Path | None = None) -> Pool:
    """The pool of `path`, of `ENSEMBLE_POOL`, or the bundled models.

    Raises:
        InputError: The file cannot be used; one line says what to change.
    """
    from ..pool import Pool

    chosen = path or os.environ.get(POOL)
    if chosen:
        return Pool.from_file(chosen)
    pocket = getattr(Pool, "pocket", None)
    if pocket is None:
        raise InputError(f"no pool is named; set {POOL} to a pool.yaml")
    return pocket()


def load_profile(path: str | Path | None = None, *, own_pool: bool = False) -> Profile | None:
    """The task map of `path`, of `ENSEMBLE_PROFILE`, or of the bundled models.

    Args:
        path: A profile's folder.
        own_pool: Whether the pool is not the bundled one, whose map does not know its members.

    Returns:
        None if there is no task map for this pool; the Avengers then ask all of it.

    Raises:
        InputError: The folder cannot be used.
    """
    from ..profiles import Profile

    chosen = path or os.environ.get(PROFILE)
    if chosen:
        return Profile.load(chosen)
    if own_pool or os.environ.get(POOL) or not _POCKET_PROFILE.is_dir():
        return None
    return Profile.load(_POCKET_PROFILE)


def has_map(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment has a task map for its pool, without reading either.

    Example:
        >>> has_map({"ENSEMBLE_POOL": "pool.yaml"})
        False
    """
    own = bool(environment.get(POOL))
    return bool(environment.get(PROFILE)) or (not own and _POCKET_PROFILE.is_dir())


def resources() -> tuple[Pool, Profile | None]:
    """The environment's pool and task map, read once per process.

    Raises:
        InputError: One of them cannot be used; this is also reported to `ensemble serve`.
    """
    with _READING, told():
        return _read()


@cache
def _read() -> tuple[Pool, Profile | None]:
    return load_pool(), load_profile()


@contextmanager
def told() -> Iterator[None]:
    """Report an `InputError` to `ensemble serve`, if that has started this process."""
    try:
        yield
    except InputError as error:
        if path := os.environ.get(PROBLEM):
            Path(path).write_text(str(error))
        raise


def hosts(names: Sequence[str] | None = None) -> list[str]:
    """The names under which the server answers: `names`, those of `ENSEMBLE_HOSTS`, or any.

    Example:
        >>> hosts(["localhost"])
        ['localhost']
    """
    return list(names or os.environ.get(HOSTS, "").split() or ["*"])


def origins(names: Sequence[str] | None = None) -> list[str]:
    """Origins whose pages may call the server: `names`, `ENSEMBLE_ORIGINS`, or Studio's.

    Example:
        >>> origins(["http://localhost:3000"])
        ['http://localhost:3000']
    """
    return list(os.environ.get(ORIGINS, STUDIO).split() if names is None else names)


def database(path: str | Path | None = None) -> str:
    """Where conversations are kept: `path`, `ENSEMBLE_DATA`, or a file in the user's data folder.

    Args:
        path: A SQLite file, or the address of a PostgreSQL database: `postgresql://…`.

    Example:
        >>> database("postgresql://localhost/ensemble")
        'postgresql://localhost/ensemble'
    """
    return str(path or os.environ.get(DATA) or default_file())


def is_address(text: str | Path) -> bool:
    """Whether a database is an address of PostgreSQL and not a file.

    Example:
        >>> is_address("conversations.sqlite")
        False
    """
    return str(text).startswith(("postgresql://", "postgres://"))


def data_file(path: str | Path | None = None) -> Path:
    """The SQLite file of conversations; beside it are the server's log and its calibrations.

    Where PostgreSQL has the conversations, this is the unused file in the user's data folder.
    """
    chosen = database(path)
    return default_file() if is_address(chosen) else Path(chosen)
