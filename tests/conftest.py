"""Shared fixtures: one provider process and a pool on it, reset for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers import ensemble, member
from langgraph_ensemble import Pool
from langgraph_ensemble.testing import Model, Provider

# These tests need a server, a model or a process of their own.
_SLOW_FOLDERS = {"calibration", "cli", "pocket", "studio", "testing"}
_SLOW_FILES = {
    "test_readme",
    "test_llamacpp",
    "test_huggingface",
    "test_provider",
    "test_resuming",
    "test_team",
    "test_wheel",
}
_LONGEST = ("test_cli", "test_readme", "test_page_docs", "test_server", "test_canaries")
"""Files that take a process longest: begun first, so that none of them runs alone at the end."""
_SLOW_FIXTURES = {"provider", "provider_process", "two_servers"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need no server and no model, for `make fast`."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        slow = item.get_closest_marker("slow") is not None
        slow |= item.path.parent.name in _SLOW_FOLDERS or item.path.stem in _SLOW_FILES
        # Examples of the test models start a provider process.
        slow |= "langgraph_ensemble.testing." in item.name
        if not slow and not fixtures & _SLOW_FIXTURES:
            item.add_marker("fast")
    # Sorting keeps the order of all others, and of the tests in a file.
    items.sort(key=lambda item: item.path.stem not in _LONGEST)


@pytest.fixture(scope="session")
def provider_process() -> Iterator[Provider]:
    with Provider([]) as provider:
        yield provider


@pytest.fixture(scope="session")
def written_pool(provider_process: Provider, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The pool.yaml that `ensemble pool init` writes of four models of the provider."""
    provider_process.replace(*(Model(name) for name in ("ann", "ben", "cat", "dan")))
    folder = tmp_path_factory.mktemp("written")
    done = ensemble("pool", "init", "--base-url", provider_process.url, folder=folder)
    assert done.returncode == 0, done.stderr
    return (folder / "pool.yaml").read_text()


@pytest.fixture
def provider(provider_process: Provider) -> Provider:
    """The provider with an empty log, and the usual models without faults alone."""
    provider_process.replace(*(Model(name) for name in ("ann", "ben", "cat", "dan")))
    provider_process.reset()
    return provider_process


@pytest.fixture
def pool(provider: Provider) -> Pool:
    """Three members that the provider serves."""
    return Pool([member(provider, name) for name in ("ann", "ben", "cat")])
