"""What tests share: one provider process, a pool on it, and a clean slate for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers import member
from langgraph_ensemble import Pool
from provider import Provider
from simulated import Model


@pytest.fixture(scope="session")
def provider_process() -> Iterator[Provider]:
    with Provider([]) as provider:
        yield provider


@pytest.fixture
def provider(provider_process: Provider) -> Provider:
    """The provider with its log emptied and the usual models in good health."""
    provider_process.set(*(Model(name) for name in ("ann", "ben", "cat", "dan")))
    provider_process.reset()
    return provider_process


@pytest.fixture
def pool(provider: Provider) -> Pool:
    """Three members at the provider."""
    return Pool([member(provider, name) for name in ("ann", "ben", "cat")])
