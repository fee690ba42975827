"""The database of conversations and checkpoints: a SQLite file, or PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InputError
from .. import defaults
from .memory import Memory

if TYPE_CHECKING:
    from .memory_postgres import PostgresMemory


@asynccontextmanager
async def opened(database: str) -> AsyncIterator[Memory | PostgresMemory]:
    """Open a database until the block ends.

    Args:
        database: A SQLite file, which is created if it is missing, or `postgresql://…`.

    Raises:
        InputError: It cannot be opened; this is also reported to `ensemble serve`.

    Example:
        >>> import asyncio, tempfile
        >>> async def tables() -> int:
        ...     async with opened(tempfile.mkdtemp() + "/data.sqlite") as memory:
        ...         return len(await memory.rows("SELECT name FROM sqlite_master"))
        >>> asyncio.run(tables()) > 0
        True
    """
    async with AsyncExitStack() as stack:
        with defaults.told():
            memory = await stack.enter_async_context(_of(database))
        yield memory


def _of(database: str):
    if not defaults.is_address(database):
        return Memory.open(Path(database))
    need_postgres()
    from .memory_postgres import PostgresMemory

    return PostgresMemory.open(database)


def need_postgres() -> None:
    """Refuse to go on without PostgreSQL's client.

    Raises:
        InputError: It is not installed.
    """
    if find_spec("psycopg_pool") is None or find_spec("langgraph.checkpoint.postgres") is None:
        raise InputError("PostgreSQL needs: pip install 'langgraph-ensemble[postgres]'")
