"""The graphs' checkpoints and the page's conversations in PostgreSQL, for many servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from ...errors import InputError

CONNECTIONS = 10
"""At most so many of one server; PostgreSQL allows 100 of all by default."""
TAKE_TABLES = "SELECT pg_try_advisory_lock(hashtext('langgraph-ensemble tables')) AS taken"
GIVE_BACK_TABLES = TAKE_TABLES.replace("pg_try_advisory_lock", "pg_advisory_unlock")
"""The lock of whoever creates tables."""
STARTS_WITHIN = 15.0
"""Seconds until PostgreSQL must answer at the start."""


class PostgresMemory(AsyncPostgresSaver):
    """An `AsyncPostgresSaver` whose operations use connections of a pool side by side."""

    @classmethod
    @asynccontextmanager
    async def open(cls, address: str) -> AsyncIterator[PostgresMemory]:
        """Connect, and create the tables that are missing.

        Args:
            address: `postgresql://user:password@host:5432/database`.

        Raises:
            InputError: PostgreSQL does not answer there; the message does not hold the password.
        """
        options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
        where = place(address)
        # A connection that the network has dropped is replaced before it is used.
        pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
            address,
            min_size=1,
            max_size=CONNECTIONS,
            kwargs=options,
            open=False,
            check=AsyncConnectionPool.check_connection,
        )
        try:
            # The pool would try for long and tell no reason.
            async with await psycopg.AsyncConnection.connect(address, connect_timeout=10):
                pass
            await pool.open(wait=True, timeout=STARTS_WITHIN)
        except (psycopg.Error, PoolTimeout) as error:
            await pool.close()
            raise InputError(f"{where} cannot be reached: {reason(error)}") from None
        async with pool:
            memory = cls(pool)
            await memory.create()
            yield memory

    def _connection(self) -> Any:
        """A connection of the pool, for `async with`."""
        return self.conn.connection()  # pyright: ignore[reportAttributeAccessIssue, reportCallIssue]

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[Any]:
        """A connection while no other server creates tables.

        The lock is asked for again and again, because an index that is created waits for every
        statement under way, so also for one that waits for the lock.
        """
        async with self._connection() as connection:
            while True:
                cursor = await connection.execute(TAKE_TABLES)
                if (await cursor.fetchone())["taken"]:
                    break
                await asyncio.sleep(0.05)
            try:
                yield connection
            finally:
                await connection.execute(GIVE_BACK_TABLES)

    async def create(self, *statements: str) -> None:
        """Create tables of ours and the checkpointer's that are missing."""
        async with self._alone() as connection:
            await self.setup()
            for statement in statements:
                await connection.execute(statement)

    @asynccontextmanager
    async def _cursor(self, *, pipeline: bool = False) -> AsyncIterator[Any]:
        """A cursor of a connection of its own; with LangGraph's, operations would wait in line."""
        async with AsyncExitStack() as stack:
            connection = await stack.enter_async_context(self._connection())
            cursor = connection.cursor(binary=True, row_factory=dict_row)
            await stack.enter_async_context(cursor)
            if pipeline:
                many = connection.pipeline if self.supports_pipeline else connection.transaction
                await stack.enter_async_context(many())
            yield cursor

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of a query with a `?` for each value."""
        async with self._connection() as connection:
            cursor = await connection.execute(_ours(query), _storable(values))
            return await cursor.fetchall()

    async def search(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """The same for a query that looks at every row of a table."""
        return await self.rows(query, *values)

    async def run(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        """Run statements with a `?` for each value: all of them, or none."""
        async with self._connection() as connection, connection.transaction():
            for statement, values in statements:
                await connection.execute(_ours(statement), _storable(values))


def _ours(query: str) -> str:
    return query.replace("?", "%s")


def _storable(values: tuple[Any, ...]) -> list[Any]:
    """PostgreSQL's text holds no NUL, which a model may write."""
    return [v.replace("\0", "\ufffd") if isinstance(v, str) else v for v in values]


def place(address: str) -> str:
    """The address without its password.

    Raises:
        InputError: It is no address.
    """
    try:
        parts = conninfo_to_dict(address)
    except psycopg.Error:
        raise InputError(
            "the address of PostgreSQL cannot be read; write postgresql://user@host:5432/database"
        ) from None
    port = parts.get("port", 5432)
    return f"PostgreSQL at {parts.get('host', 'localhost')}:{port}/{parts.get('dbname', '')}"


def reason(error: Exception) -> str:
    """The last line of PostgreSQL's words, which hold no password."""
    return str(error).strip().splitlines()[-1].strip() if str(error).strip() else "no answer"
