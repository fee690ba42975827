"""One application server for all tests of the HTTP side."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import app_server, write_pool
from serving import write_profile

sys.path.insert(0, str(Path(__file__).parent))
from browser import Browser


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory, provider_process: Provider) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("studio")
    provider_process.set(*(Model(name) for name in ("ann", "ben", "cat", "dan")))
    pool = write_pool(folder, provider_process.url)
    return {"folder": folder, "pool": pool, "profile": write_profile(folder)}


@pytest.fixture(scope="session")
def server_process(files: dict[str, Path]) -> Iterator[str]:
    with app_server(files["folder"], files["pool"], files["profile"]) as url:
        yield url


@pytest.fixture
def server(provider: Provider, server_process: str) -> str:
    """The server's address; the provider's models have no faults."""
    return server_process


@pytest.fixture(scope="session")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def page(window: Browser, server: str) -> Browser:
    """The page as a new visitor sees it."""
    window.open(server)
    return window
