"""What one answer costs a server: processor, memory, disk. The basis of the load model.

    python benchmarks/load.py

A MoA-Lite answer of three members (four calls of 150 tokens, streamed), read to its end by as many
clients as `--together`. Processor time is the server's own, so that other work on the machine does
not count; PostgreSQL's and the provider's are apart. Needs Linux; PostgreSQL where it is found.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parent))

from killing.postgres import missing, postgres
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import (
    app_command,
    free_port,
    process_serving,
    write_pool,
)

NAMES = ("ann", "ben", "cat")
HERTZ = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@contextmanager
def server(folder: Path, pool: Path, data: str) -> Iterator[tuple[str, int]]:
    """The address of our application, and its process."""
    port, env = free_port(), {"ENSEMBLE_POOL": str(pool), "ENSEMBLE_DATA": data}
    log = folder / "server.log"
    with process_serving(app_command(port), port, env, "/health", log) as (url, process):
        yield url, process.pid


def processor(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / HERTZ


def memory(pid: int) -> float:
    """MB that a process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6


async def asked(url: str, page: bool, questions: int, together: int, pid: int) -> float:
    """Ask all questions; the most memory that the server had."""
    gate, most = asyncio.Semaphore(together), memory(pid)
    limits = httpx.Limits(max_connections=together)
    async with httpx.AsyncClient(timeout=120, limits=limits) as client:

        async def one(number: int) -> None:
            nonlocal most
            text = f"What is the capital of country {number}?"
            if page:
                place = f"{url}/api/threads/{uuid.uuid4()}/turns"
                body: dict[str, Any] = {"question": text, "model": "moa-lite"}
            else:
                place = f"{url}/v1/chat/completions"
                messages = [{"role": "user", "content": text}]
                body = {"model": "moa-lite", "messages": messages, "stream": True}
            async with gate, client.stream("POST", place, json=body) as reply:
                reply.raise_for_status()
                async for _ in reply.aiter_bytes():
                    pass
            most = max(most, memory(pid))

        await asyncio.gather(*(one(number) for number in range(questions)))
    return most


async def row(name: str, pool: Path, page: bool, data: str, given: Any) -> None:
    """Measure one way to ask, and print its line."""
    with server(pool.parent, pool, data) as (url, pid):
        await asked(url, page, 20, 5, pid)
        before, began = memory(pid), processor(pid)
        most = await asked(url, page, given.questions, given.together, pid)
        spent = (processor(pid) - began) / given.questions
        print(
            f"| {name} | {1000 * spent:.0f} ms | {before:.0f} MB "
            f"| {1000 * max(0, most - before) / given.together:.0f} kB "
            f"| {_size(data) / (given.questions + 20) / 1000:.0f} kB |",
            flush=True,
        )


def _size(data: str) -> float:
    """Bytes of a database."""
    if "://" not in data:
        return sum(file.stat().st_size for file in Path(data).parent.glob(Path(data).name + "*"))
    import psycopg

    tables = "SELECT sum(pg_total_relation_size(relid)) FROM pg_statio_user_tables"
    with psycopg.connect(data) as database:
        return float(database.execute(tables).fetchone()[0])  # pyright: ignore


async def table(given: Any) -> None:
    folder = Path(tempfile.mkdtemp(prefix="load-"))
    models = [Model(name, says="word " * 150, first_token_ms=300, token_ms=10) for name in NAMES]
    with Provider(models) as provider, nullcontext() if missing() else postgres() as address:
        pool = write_pool(folder, provider.url)
        print("| an answer by | processor | server at rest | more for each run | kept on disk |")
        print("|---|---|---|---|---|")
        ways = [
            ("the endpoint", False, str(folder / "endpoint.sqlite")),
            ("the page, SQLite", True, str(folder / "page.sqlite")),
            ("the page, PostgreSQL", True, address),
        ]
        for name, page, data in ways:
            if data and given.only in name:
                await row(name, pool, page, data, given)
        if address and given.only in "the page, PostgreSQL":
            import psycopg

            commits = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
            with psycopg.connect(address) as database:
                (count,) = database.execute(commits).fetchone()  # pyright: ignore
            print(
                f"\nPostgreSQL: {count / (given.questions + 20):.0f} transactions for each answer"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--together", type=int, default=50)
    parser.add_argument("--only", default="", help="part of a row's name")
    asyncio.run(table(parser.parse_args()))


if __name__ == "__main__":
    main()
