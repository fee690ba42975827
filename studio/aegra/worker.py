"""The process of a worker: it makes the tables, one worker at a time, and then runs Aegra.

Workers that start together on an empty database would otherwise break each other's start.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
import uvicorn
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.store.postgres import PostgresStore
from redis import Redis, RedisError  # pyright: ignore[reportMissingImports] - the extra `scale`

from ...errors import InputError
from .. import defaults
from ..data.memory_postgres import TAKE_TABLES, place, reason
from .engine import REDIS


def main(host: str, port: int) -> None:
    """Serve until the process is ended.

    Args:
        host: The address to listen on.
        port: The port.

    Raises:
        InputError: PostgreSQL or Redis cannot be reached; `ensemble serve` is told.
    """
    with defaults.told():
        _check_redis(os.environ[REDIS])
        address = os.environ[defaults.DATA]
        try:
            with _alone(address):
                _make_tables(address)
        except psycopg.Error as error:
            raise InputError(f"{place(address)} cannot be reached: {reason(error)}") from None
    os.environ["RUN_MIGRATIONS_ON_STARTUP"] = "false"
    uvicorn.run(_application(), host=host, port=port, log_level="warning")


def _application() -> Any:
    # It reads its settings when it is imported, too.
    from aegra_api.main import app  # pyright: ignore[reportMissingImports]

    from .app import first

    return first(app)


def _check_redis(address: str) -> None:
    try:
        with Redis.from_url(address, socket_connect_timeout=10) as redis:
            redis.ping()
    except (RedisError, ValueError, OSError):
        parts = urlsplit(address)
        where = f"{parts.hostname or ''}:{parts.port or 6379}"
        raise InputError(f"Redis at {where} cannot be reached; {REDIS} names it") from None


@contextmanager
def _alone(address: str) -> Iterator[None]:
    """Wait until no other worker makes tables; see `PostgresMemory`."""
    with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
        while connection.execute(TAKE_TABLES).fetchone() != (True,):
            time.sleep(0.05)
        yield


def _make_tables(address: str) -> None:
    # Aegra reads its settings when it is imported.
    from aegra_api.core.migrations import (  # pyright: ignore[reportMissingImports]
        run_migrations_if_needed,
    )

    run_migrations_if_needed()
    with PostgresSaver.from_conn_string(address) as saver:
        saver.setup()
    with PostgresStore.from_conn_string(address) as store:
        store.setup()


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]))
    except InputError as error:
        sys.exit(f"ensemble: {error}")
