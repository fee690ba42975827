"""What tests share: one provider process, pools on it, and a clean slate for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from langgraph_ensemble import Member, Pool
from provider import Provider
from simulated import Model


@pytest.fixture(scope="session")
def provider_process() -> Iterator[Provider]:
    with Provider([]) as provider:
        yield provider


@pytest.fixture
def provider(provider_process: Provider) -> Provider:
    """The provider with its log emptied and the usual four models in good health."""
    provider_process.set(*(Model(name) for name in ("ann", "ben", "cat", "dan")))
    provider_process.reset()
    return provider_process


@pytest.fixture
def pool(provider: Provider) -> Pool:
    """Three members at the provider."""
    return Pool([member(provider, name) for name in ("ann", "ben", "cat")])


def member(provider: Provider, name: str, **more: object) -> Member:
    """A member called as its simulated model."""
    options = {"price": {"input": 1.0, "output": 2.0}, "retries": 0, **more}
    return Member(name=name, model=name, base_url=provider.url, **options)  # pyright: ignore
