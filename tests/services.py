"""PostgreSQL for tests, where its binaries are; a test that wants it is skipped elsewhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import langgraph_ensemble
import pytest

_POSTGRES = Path(str(langgraph_ensemble.__file__)).parent / "benchmarks/killing/postgres.py"


@cache
def _postgres() -> Any:
    spec = importlib.util.spec_from_file_location("killing_postgres", _POSTGRES)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a new PostgreSQL server; skips the test where there is none."""
    module = _postgres()
    if (missing := module.missing()) is not None:
        pytest.skip(f"PostgreSQL: {missing}")
    with module.postgres() as address:
        yield address
