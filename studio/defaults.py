"""Which pool, task map and database the servers use."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from ..pool import Pool
    from ..profiles import Profile

POOL = "ENSEMBLE_POOL"
PROFILE = "ENSEMBLE_PROFILE"
DATA = "ENSEMBLE_DATA"
HOSTS = "ENSEMBLE_HOSTS"
ORIGINS = "ENSEMBLE_ORIGINS"
STUDIO = "https://smith.langchain.com"
"""Where LangGraph Studio's page comes from."""
PROBLEM = "ENSEMBLE_PROBLEM"
"""Names the file in which a server tells `ensemble serve` what is wrong with pool or task map."""

_READING = threading.Lock()
_POCKET_PROFILE = Path(__file__).parent.parent / "pocket" / "profile"


def load_pool(path: str | Path | None = None) -> Pool:
    """The pool of `path`, else of `ENSEMBLE_POOL`, else the bundled models.

    Raises:
        InputError: The file cannot be used; one line that says what to change.
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
    """The task map of `path`, else of `ENSEMBLE_PROFILE`, else the bundled models' one.

    Args:
        path: A profile's folder.
        own_pool: The pool is not the bundled one, so the bundled map would not know its members.

    Returns:
        None where there is no task map for this pool; the Avengers then ask all of it.

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
    """The environment's pool and task map, read once in a process, whoever asks first.

    Raises:
        InputError: One of them cannot be used; `ensemble serve` is told, if it started us.
    """
    with _READING, told():
        return _read()


@cache
def _read() -> tuple[Pool, Profile | None]:
    return load_pool(), load_profile()


@contextmanager
def told() -> Iterator[None]:
    """Tell `ensemble serve`, if it started us, what is wrong with its input."""
    try:
        yield
    except InputError as error:
        if path := os.environ.get(PROBLEM):
            Path(path).write_text(str(error))
        raise


def hosts(names: Sequence[str] | None = None) -> list[str]:
    """The names under which the server answers: `names`, else `ENSEMBLE_HOSTS`, else any.

    Example:
        >>> hosts(["localhost"])
        ['localhost']
    """
    return list(names or os.environ.get(HOSTS, "").split() or ["*"])


def origins(names: Sequence[str] | None = None) -> list[str]:
    """Whose pages may ask the server: `names`, else `ENSEMBLE_ORIGINS`, else Studio's.

    Example:
        >>> origins(["http://localhost:3000"])
        ['http://localhost:3000']
    """
    return list(os.environ.get(ORIGINS, STUDIO).split() if names is None else names)


def data_file(path: str | Path | None = None) -> Path:
    """The SQLite file of conversations: `path`, else `ENSEMBLE_DATA`, else in the user's cache."""
    chosen = path or os.environ.get(DATA)
    if chosen:
        return Path(chosen)
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "langgraph-ensemble" / "conversations.sqlite"
