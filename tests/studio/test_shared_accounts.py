"""Keys at several servers on one PostgreSQL database: one budget, one rate, one account."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from helpers import ensemble
from langgraph_ensemble.models.budget import OverBudgetError, Spend
from langgraph_ensemble.studio.access.keys import Key, digest
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import app_command, free_port, process_serving
from operated import Server, bearer
from services import postgres

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a server is killed")
ROOT, DAN, EVE, FAY = (f"ens-{name}-0123456789abcdef" for name in ("root", "dan", "eve", "fay"))
KEYS = f"""
- {{name: root, sha256: {digest(ROOT)}, admin: true}}
- {{name: dan, sha256: {digest(DAN)}, max_calls: 10, period: total}}
- {{name: eve, sha256: {digest(EVE)}, budget_usd: 0.007, period: total}}
- {{name: fay, sha256: {digest(FAY)}, runs_per_minute: 3}}
"""


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgres() as address:
        yield address


@contextmanager
def serving(
    database: str, files: dict[str, Path], folder: Path
) -> Iterator[tuple[Server, Callable[[], None]]]:
    """A server, and what kills it as a machine that fails does."""
    port, keys = free_port(), folder / "keys.yaml"
    keys.write_text(KEYS)
    env = {"ENSEMBLE_POOL": str(files["pool"]), "ENSEMBLE_DATA": database}
    env |= {"ENSEMBLE_API_KEYS": str(keys), "XDG_DATA_HOME": str(folder)}
    log = folder / f"{uuid.uuid4().hex}.log"
    with process_serving(app_command(port), port, env, "/live", log) as (url, process):
        yield Server(url, folder), lambda: os.kill(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def pair(
    database: str, files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Server]]:
    folder = tmp_path_factory.mktemp("pair")
    with serving(database, files, folder) as (one, _), serving(database, files, folder) as (two, _):
        yield [one, two]


def account(server: Server, key: str) -> dict[str, Any]:
    (found,) = server.send("GET", "/v1/usage", **bearer(key)).json["keys"]
    return found


def together(asks: list[Callable[[], Any]]) -> list[Any]:
    """What all of them give, asked at the same moment."""
    given: list[Any] = []
    threads = [threading.Thread(target=lambda ask=ask: given.append(ask())) for ask in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def until(true: Callable[[], Any], seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.mark.timeout(300)
def test_two_servers_have_one_budget_and_one_account(
    pair: list[Server], provider: Provider, database: str, tmp_path: Path
) -> None:
    asks = [lambda server=server: server.ask(DAN, model="moa-lite") for server in pair * 4]
    replies = together(asks)
    # Eight runs of four calls each; all ten calls of the key are made, and no further one.
    assert provider.calls() == 10
    assert any(reply.status == 200 for reply in replies)
    for server in pair:
        over = server.ask(DAN)
        assert (over.status, over.json["error"]["code"]) == (429, "insufficient_quota")
        until(lambda server=server: account(server, DAN)["used"]["calls"] == 10)
        (row,) = server.send("GET", "/v1/usage", **bearer(ROOT)).json["graphs"]
        assert (row["key"], row["graph"], row["calls"]) == ("dan", "moa-lite", 10)
    # The servers need not be asked.
    done = ensemble("keys", "usage", "--data", database, "--json", folder=tmp_path)
    assert [(r["key"], r["calls"]) for r in json.loads(done.stdout)] == [("dan", 10)]


def test_two_servers_have_one_rate(pair: list[Server], provider: Provider) -> None:
    replies = together([lambda server=server: server.ask(FAY) for server in pair * 4])
    found = sorted(reply.status for reply in replies)
    assert found == [200] * 3 + [429] * 5
    refused = [reply for reply in replies if reply.status == 429]
    assert {reply.json["error"]["code"] for reply in refused} == {"rate_limit_exceeded"}
    assert all(1 <= int(reply.headers["retry-after"]) <= 60 for reply in refused)
    assert provider.calls() == 3


@pytest.mark.timeout(300)
def test_what_a_killed_server_had_reserved_is_settled(
    database: str, files: dict[str, Path], tmp_path: Path, provider: Provider
) -> None:
    provider.replace(*(Model(name, says="Paris.") for name in ("ann", "ben", "cat")))
    with (
        serving(database, files, tmp_path) as (one, kill),
        serving(database, files, tmp_path) as (two, _),
    ):
        assert one.ask(EVE).status == 200
        until(lambda: account(two, EVE)["used"]["runs"] == 1)
        spent = account(two, EVE)
        assert spent["used"]["calls"] == 1
        assert 0 < spent["used"]["cost_usd"] == pytest.approx(0.007 - spent["left_usd"])
        slow = [Model(name, first_token_ms=20_000) for name in ("ann", "ben", "cat")]
        provider.replace(*slow)

        def ask() -> None:
            with suppress(OSError, HTTPException):  # Its server is killed.
                one.ask(EVE)

        asking = threading.Thread(target=ask)
        asking.start()
        until(lambda: provider.calls() == 2)
        provider.replace(*(Model(name, says="Paris.") for name in ("ann", "ben", "cat")))
        # The call in flight has the rest of the budget.
        assert account(two, EVE)["left_usd"] < spent["left_usd"] / 2
        assert two.ask(EVE).status != 200
        assert provider.calls() == 2
        kill()
        asking.join()
        # PostgreSQL notices that the server is gone.
        until(lambda: account(two, EVE)["left_usd"] == pytest.approx(spent["left_usd"]))
        after = account(two, EVE)
        # It was sent, and nobody knows what it cost.
        used = {name: after["used"][name] for name in ("calls", "failed", "unpriced")}
        assert used == {"calls": 2, "failed": 1, "unpriced": 1}
        assert two.ask(EVE).status == 200
        # The one that had no budget for its call is a run, too.
        until(lambda: account(two, EVE)["used"]["runs"] == 3)
        last = account(two, EVE)
    # All of them stop; what was used stays.
    with serving(database, files, tmp_path) as (again, _):
        assert account(again, EVE)["used"] == last["used"]
        assert last["used"]["calls"] == provider.calls() == 3


@pytest.fixture
def accounts(database: str) -> Iterator[list[Any]]:
    from langgraph_ensemble.studio.access.accounts_postgres import SharedAccounts

    opened = [SharedAccounts(database) for _ in range(2)]
    yield opened
    for each in opened:
        each.close()


def a_key(**limits: Any) -> Key:
    return Key(name=f"key-{uuid.uuid4().hex[:8]}", period="total", **limits)


async def test_no_dollar_is_reserved_twice(accounts: list[Any]) -> None:
    key, most = a_key(budget_usd=1.0), Spend(1, 100, 0.01)

    async def take(number: int) -> Any:
        with suppress(OverBudgetError):
            return await accounts[number % 2].budget(key, "moa").hold(most)

    settles = [s for s in await asyncio.gather(*map(take, range(400))) if s is not None]
    assert len(settles) in (99, 100)  # A sum of hundredths may be a little above one.
    assert (await accounts[0].spent(key)).usd <= 1.0
    # A part of the calls was cheaper than their worst case, and others fit then.
    for settle in settles[:50]:
        settle(Spend(1, 10, 0.0))
    await asyncio.gather(*(each.spent(key) for each in accounts))
    again = [s for s in await asyncio.gather(*map(take, range(400))) if s is not None]
    assert 49 <= len(again) <= 51
    assert (await accounts[1].spent(key)).usd <= 1.0


async def test_a_call_that_is_given_up_while_it_waits_keeps_nothing(accounts: list[Any]) -> None:
    key = a_key(max_calls=1)
    for _ in range(20):
        waiting = asyncio.create_task(accounts[0].budget(key, "moa").hold(Spend(1)))
        await asyncio.sleep(0)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            (await waiting)(Spend())
    settle = await accounts[1].budget(key, "moa").hold(Spend(1))
    with pytest.raises(OverBudgetError, match="max_calls"):
        await accounts[0].budget(key, "moa").hold(Spend(1))
    settle(Spend())


def cut_off(database: str) -> None:
    """End all connections that the accounts have."""
    import psycopg

    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND query LIKE '%langgraph-ensemble accounts%' "
        "OR query LIKE '%ensemble_%' AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(database, autocommit=True) as connection:
        assert connection.execute(query).rowcount > 0


async def test_a_lost_connection_loses_no_account(database: str, accounts: list[Any]) -> None:
    one, two = accounts
    key = a_key(budget_usd=1.0, max_calls=10)
    settle = await one.budget(key, "moa").hold(Spend(1, 0, 0.9))
    cut_off(database)
    one.add(key.name, "moa", {"calls": 1, "cost_usd": 0.5, "bound_usd": 0.5})
    # The other one takes it for dead, and gives the dollars back.
    with suppress(OverBudgetError):
        (await two.budget(key, "moa").hold(Spend(1, 0, 0.2)))(Spend())
    settle(Spend(1, 0, 0.5))
    assert await one.spent(key) == Spend(1, 0, 0.5)
    assert one.total(key.name)["cost_usd"] == 0.5


async def test_a_database_that_is_away_is_told_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from langgraph_ensemble.studio.access import accounts_postgres

    monkeypatch.setattr(accounts_postgres, "ANSWERS_WITHIN", 0.5)
    monkeypatch.setattr("langgraph_ensemble.studio.data.line.PATIENCE", 0.5)
    key = a_key(max_calls=5, runs_per_minute=5)
    with postgres() as address:
        accounts = accounts_postgres.SharedAccounts(address)
        assert await accounts.start(key) == 0
    with pytest.raises(TimeoutError):
        await accounts.spent(key)
    with pytest.raises(TimeoutError):
        await accounts.start(key)
    await asyncio.to_thread(accounts.close)
