"""Stored responses have an end: over a real socket, and in both databases."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import openai
import pytest
from langgraph.checkpoint.base.id import uuid6
from langgraph_ensemble.studio.data.databases import opened
from langgraph_ensemble.studio.endpoint import responses_life
from langgraph_ensemble.studio.endpoint.responses_life import DAY, forget, written_at
from langgraph_ensemble.studio.endpoint.responses_store import NoSuchResponseError, ResponseStore
from langgraph_ensemble.testing import Provider
from langgraph_ensemble.testing.serving import app_server
from services import postgres

SECONDS = 4.0


@pytest.fixture
def process(
    provider: Provider, files: dict[str, Path], tmp_path: Path
) -> Iterator[tuple[openai.OpenAI, Path]]:
    settings = {"ENSEMBLE_RESPONSE_DAYS": str(SECONDS / DAY)}
    with (
        app_server(tmp_path, files["pool"], files["profile"], settings) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client,
    ):
        yield client, next(tmp_path.rglob("*.sqlite"))


def rows(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as db:
        query = f"SELECT COUNT(*) FROM {table} WHERE thread_id LIKE 'response-%'"  # noqa: S608
        return db.execute(query).fetchone()[0]


def test_a_server_forgets_old_responses(process: tuple[openai.OpenAI, Path]):
    client, file = process
    first = client.responses.create(model="avengers/cheap", input="One.")
    begun = time.monotonic()
    given: Any = {"model": "avengers/cheap", "input": "Two."}
    client.responses.create(**given, previous_response_id=first.id)
    assert time.monotonic() - begun < SECONDS
    assert rows(file, "checkpoints") == 2
    time.sleep(SECONDS + 1)
    for call in (
        lambda: client.responses.create(**given, previous_response_id=first.id),
        lambda: client.responses.retrieve(first.id),
        lambda: client.responses.input_items.list(first.id),
        lambda: client.responses.delete(first.id),
    ):
        with pytest.raises(openai.NotFoundError, match=r"older than .* days") as caught:
            call()
        assert caught.value.code == "previous_response_not_found"
        assert caught.value.param == "previous_response_id"
    deadline = time.monotonic() + 20
    while rows(file, "checkpoints") or rows(file, "writes"):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@asynccontextmanager
async def database(kind: str, folder: Path) -> AsyncIterator[Any]:
    if kind == "sqlite":
        async with opened(str(folder / "data.sqlite")) as memory:
            yield memory
        return
    pytest.importorskip("psycopg_pool", reason="pip install 'langgraph-ensemble[postgres]'")
    with postgres() as address:
        async with opened(address) as memory:
            yield memory


def checkpoint_of(moment: float) -> str:
    ticks = int(moment * 1e7) + 0x01B21DD213814000
    number = (ticks >> 12) << 80 | 6 << 76 | (ticks & 0xFFF) << 64 | 0x8000 << 48
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def test_the_time_of_a_checkpoint():
    assert written_at(checkpoint_of(1e9 + 0.25)) == pytest.approx(1e9 + 0.25, abs=1e-6)
    assert written_at(str(uuid6())) == pytest.approx(time.time(), abs=5)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_only_old_responses_are_deleted(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(responses_life, "_PAGE", 3)
    async with database(kind, tmp_path) as memory:
        store = ResponseStore(memory, days=30)
        now = time.time()
        ages = {f"resp_{n:02}": 31.0 if n % 2 else 29.0 for n in range(11)}
        for name, age in ages.items():
            made = now - age * DAY
            reply = {"created_at": int(made), "output": [], "previous_response_id": None}
            await store.keep(name, [{"role": "user", "content": name}], reply)
            await memory.run(
                (
                    "UPDATE checkpoints SET checkpoint_id = ? WHERE thread_id = ?",
                    (checkpoint_of(made), f"response-{name}"),
                )
            )
        # A conversation of the page is no response, however old it is.
        old = checkpoint_of(now - 90 * DAY)
        await store._graph.aupdate_state(  # pyright: ignore[reportPrivateUsage]
            {"configurable": {"thread_id": "somebody's"}}, {"response": {}}, as_node="keep"
        )
        await memory.run(
            ("UPDATE checkpoints SET checkpoint_id = ? WHERE thread_id = 'somebody''s'", (old,))
        )
        # Nothing is found for longer than it lives, whether it is deleted yet or not.
        with pytest.raises(NoSuchResponseError):
            await store.find("resp_01")
        assert await forget(memory, 30) == 5
        left = await memory.rows("SELECT DISTINCT thread_id FROM checkpoints")
        young = {f"response-{name}" for name, age in ages.items() if age < 30}
        assert {row["thread_id"] for row in left} == {*young, "somebody's"}
        tables = ("writes",) if kind == "sqlite" else ("checkpoint_writes", "checkpoint_blobs")
        for table in tables:
            query = f"SELECT DISTINCT thread_id FROM {table}"  # noqa: S608 - our own names
            kept = {row["thread_id"] for row in await memory.rows(query)}
            assert kept <= {*young, "somebody's"}
        assert (await store.find("resp_02"))["input"][0]["content"] == "resp_02"
        assert await forget(memory, 30) == 0


async def test_a_database_that_fails_for_a_while_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(responses_life, "EVERY", 0.01)
    async with opened(str(tmp_path / "data.sqlite")) as memory:
        await memory.run(("ALTER TABLE checkpoints RENAME TO away", ()))
        async with responses_life.forgetting(memory, 30):
            await asyncio.sleep(0.05)
            await memory.run(("ALTER TABLE away RENAME TO checkpoints", ()))
            store = ResponseStore(memory)
            await store.keep("resp_1", [], {"created_at": 0})
            await memory.run(("UPDATE checkpoints SET checkpoint_id = ?", (checkpoint_of(1e9),)))
            left: list[Any] = []
            for _ in range(1000):
                left = await memory.rows("SELECT thread_id FROM checkpoints")
                if not left:
                    break
                await asyncio.sleep(0.02)
            assert not left
